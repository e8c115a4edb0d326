import { describe, expect, it } from "vitest";
import { callBackByDefault, dueInWords, nextSteps, resultInWords } from "./course";
import type { OfficerResponse } from "./types";

const response: OfficerResponse = {
  id: 1,
  call_id: "1.1",
  officer: "o19a",
  step: "taken",
  taken_at: "2026-03-01T12:00:00.000Z",
  on_the_way_at: null,
  there_at: null,
  done_at: null,
  decided_at: null,
  decided_by: null,
  due_at: "2026-03-01T12:05:00.000Z",
  late: false,
  number: "5550100",
  level: "red",
  category: "robbery",
  place_text: null,
  precinct: null,
  result: null,
  report: "",
  question: "",
  notes: [],
};

describe("a response", () => {
  it("counts down to the moment when somebody is to be there, and on from it", () => {
    const due = Date.parse("2026-03-01T12:05:00.000Z");
    expect(dueInWords(response, due - 161_000)).toBe("2:41 left");
    expect(dueInWords(response, due + 30_000)).toBe("late by 0:30");
    expect(dueInWords({ ...response, due_at: null }, due)).toBe("");
  });

  it("goes only forward", () => {
    expect(nextSteps(response)).toEqual(["on_the_way", "there"]);
    expect(nextSteps({ ...response, step: "on_the_way" })).toEqual(["there"]);
    for (const step of ["there", "done", "returned", "accepted"] as const)
      expect(nextSteps({ ...response, step })).toEqual([]);
  });

  it("asks nobody how it went whom a call may put in danger", () => {
    expect(callBackByDefault("robbery")).toBe(true);
    expect(callBackByDefault("domestic_violence")).toBe(false);
    expect(callBackByDefault(null)).toBe(false);
  });

  it("says its result without the advice for choosing it", () => {
    expect(resultInWords("other")).toBe("Other");
    expect(resultInWords("newer_result")).toBe("newer result");
  });
});
