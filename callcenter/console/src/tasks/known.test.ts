import { describe, expect, it } from "vitest";
import { knownOf, resultInWords, whatHappened } from "./known";
import type { Task } from "./types";

const task = (more: Partial<Task>): Task => ({
  id: 1,
  kind: "abandoned",
  state: "open",
  number: "2125550100",
  can_call: true,
  why_not: "",
  waiting_since: "2024-05-01T10:00:00Z",
  waited_ms: 12_000,
  tries: 1,
  answered_later: false,
  known: {},
  calls: [],
  calling: null,
  result: null,
  note: "",
  closed_by: null,
  closed_at: null,
  ...more,
});

describe("a task", () => {
  it("says how long the caller waited and how often they tried", () => {
    expect(whatHappened(task({}))).toBe("Hung up after 12.0 s");
    expect(whatHappened(task({ kind: "call_back", tries: 3 }))).toBe(
      "Asked to be called back after 12.0 s · called 3 times in vain",
    );
  });

  it("says what is known, the gravest first, and nothing of what is not", () => {
    const known = {
      language: "en",
      line: "110",
      category: "domestic_violence",
      level: "red",
      place_text: "5 Main Street",
      precinct: "19",
      words: "help me",
      other: null,
    };
    expect(knownOf(task({ known }))).toBe(
      "red · domestic violence · 5 Main Street · precinct 19 · “help me” · en",
    );
    expect(knownOf(task({ known: { category: "unknown" } }))).toBe("");
  });

  it("has its result in words", () => {
    expect(resultInWords("not_reached")).toBe("Not reached");
    expect(resultInWords("something_new")).toBe("something new");
  });
});
