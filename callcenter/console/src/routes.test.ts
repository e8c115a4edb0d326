import { describe, expect, it } from "vitest";
import { addressOf, pageFor, pagesFor, routeOf } from "./routes";

describe("the address", () => {
  it("names a call on the desk", () => {
    expect(routeOf("#call/1700000000.12")).toEqual({ page: "desk", callId: "1700000000.12", part: "" });
    expect(routeOf("#call/a%2Fb").callId).toBe("a/b");
  });

  it("names a page and a part of it, there and back", () => {
    expect(routeOf(addressOf("administration", "not ready/reasons"))).toEqual({
      page: "administration",
      callId: null,
      part: "not ready/reasons",
    });
    expect(routeOf(addressOf("floor")).page).toBe("floor");
  });

  it.each(["", "#", "#nowhere", "#call/", "#call/%E0%A4%A"])("%j is the desk without a call", (hash) => {
    expect(routeOf(hash)).toMatchObject({ page: "desk", callId: null });
  });
});

describe("the pages of a role", () => {
  it("gives leaders everything, operators what they work with, an officer nothing but their responses", () => {
    expect(pagesFor("admin")).toContain("administration");
    // A supervisor may look and try out; the service lets only administrators save.
    expect(pagesFor("supervisor")).toContain("administration");
    expect(pagesFor("operator")).toEqual(["desk", "floor", "tasks", "responses", "incidents"]);
    expect(pagesFor("officer")).toEqual(["responses"]);
  });

  it("lead an officer to the responses, and to a call", () => {
    expect(pageFor("officer", routeOf(""))).toBe("responses");
    expect(pageFor("officer", routeOf("#administration"))).toBe("responses");
    expect(pageFor("officer", routeOf("#call/1.2"))).toBe("desk");
    expect(pageFor("operator", routeOf("#administration"))).toBe("desk");
    expect(pageFor("operator", routeOf("#tasks"))).toBe("tasks");
  });
});
