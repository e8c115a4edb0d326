import { describe, expect, it } from "vitest";
import type { Me } from "../types";
import { callName, incidentPage, incidentPath, mayChange, othersThan } from "./paths";
import type { CallOfIncident, WholeIncident } from "./types";

const call = (id: string) => ({ id }) as CallOfIncident;
const incident = (...ids: string[]) => ({ calls: ids.map(call) }) as WholeIncident;

describe("an incident's address", () => {
  it("holds whatever id there is", () => {
    expect(incidentPath("inc-1.1", "/join")).toBe("incidents/inc-1.1/join");
    expect(incidentPath("a/b")).toBe("incidents/a%2Fb");
    expect(incidentPage("inc-1.1")).toBe("#incidents/inc-1.1");
  });
});

describe("a call of an incident", () => {
  it("has a number only where there are several", () => {
    expect(callName(incident("1.1", "1.2"), "1.2")).toBe("call 2");
    expect(callName(incident("1.1"), "1.1")).toBe("");
    expect(callName(incident("1.1", "1.2"), undefined)).toBe("");
  });

  it("is one of its calls, and the others are the rest", () => {
    expect(othersThan(incident("1.1", "1.2"), "1.1").map(({ id }) => id)).toEqual(["1.2"]);
    expect(othersThan(null, "1.1")).toEqual([]);
  });
});

describe("an incident", () => {
  const who = (role: Me["role"], seat: string | null = null): Me => ({
    name: "x",
    role,
    seat,
    officer: null,
  });
  const closed = { state: "closed", seat: "s02" };

  it("is changed by operators while it is open or when a call was theirs, by leaders always", () => {
    expect(mayChange(who("operator", "s01"), [closed])).toBe(false);
    expect(mayChange(who("operator"), [{ state: "closed", seat: null }])).toBe(false);
    expect(mayChange(who("operator", "s02"), [closed])).toBe(true);
    expect(mayChange(who("operator", "s01"), [closed, { state: "talking", seat: "s03" }])).toBe(true);
    expect(mayChange(who("supervisor"), [closed])).toBe(true);
    expect(mayChange(who("officer"), [{ state: "talking", seat: null }])).toBe(false);
  });
});
