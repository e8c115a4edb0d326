import { describe, expect, it } from "vitest";
import { asTyped, fromTyped } from "./record-values";
import type { CallSummary } from "./types";
import { inWords, levelStyle, plain, stateInWords } from "./words";

describe("values of a record", () => {
  it("turns the service's names into words", () => {
    expect(inWords("domestic_violence")).toBe("domestic violence");
    expect(inWords(["gun", "kitchen_knife"])).toBe("gun; kitchen knife");
    expect(inWords({ number: 2, badly_hurt: true, names: [] })).toBe("number: 2, badly hurt: yes");
  });

  it("leaves what people typed as it is", () => {
    expect(inWords("Ann_Lee@example.org")).toBe("Ann_Lee@example.org");
    expect(inWords("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>");
  });

  it("has no word for what is not known", () => {
    expect(plain("unknown")).toBe("");
    expect(plain(null)).toBe("");
  });

  it("survives a value of any kind where a name is expected", () => {
    expect(plain({ a: [1, null] })).toBe("a: 1; ");
    expect(levelStyle({ a: 1 })).toBe("level-none");
    expect(levelStyle("red")).toBe("level-red");
    expect(levelStyle("purple evil")).toBe("level-none");
  });
});

describe("typing into a record", () => {
  it("begins with what stands there", () => {
    expect(asTyped("place", { text: "Madison Avenue", lat: 1, lon: 2 })).toBe("Madison Avenue");
    expect(asTyped("weapons", ["gun", "knife"])).toBe("gun; knife");
    expect(asTyped("category", "domestic_violence")).toBe("domestic_violence");
    expect(asTyped("injured", null)).toBe("");
  });

  it("gives a list where the record has a list", () => {
    expect(fromTyped("weapons", " gun;  knife ;")).toEqual(["gun", "knife"]);
    expect(fromTyped("place", " 5 Main Street ")).toBe("5 Main Street");
  });
});

describe("the state of a call", () => {
  const call = (more: object) => ({ seat: null, officer: null, officer_state: null, ...more }) as CallSummary;

  it.each([
    [{ state: "offered", seat: "s01" }, "ringing at s01"],
    [{ state: "waiting", in_fallback: true }, "waiting (Asterisk distributes)"],
    [{ state: "talking", seat: "s01", officer_state: "ringing" }, "talking with s01, officer's phone rings"],
    [{ state: "talking", seat: "s01", officer_state: "exhausted" }, "talking with s01, no officer reached"],
    [{ state: "with_officer", seat: "s01", officer: "o14a" }, "with officer o14a and s01"],
    [{ state: "with_officer", officer: "o14a" }, "with officer o14a"],
  ])("%j is said as %s", (some, words) => {
    expect(stateInWords(call(some))).toBe(words);
  });
});
