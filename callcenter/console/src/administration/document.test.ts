import { describe, expect, it } from "vitest";
import {
  changesBetween,
  inFewWords,
  reasonsAt,
  reasonsIn,
  valueAt,
  withItem,
  withItemMoved,
  withoutItem,
  withValue,
} from "./document";

const document = {
  ageing: 1,
  queues: [
    { id: "emergency", ring_s: 15, overflow: [] },
    { id: "traffic", ring_s: 20, overflow: [{ when: "waited_s", threshold: 30 }] },
  ],
};

describe("the document", () => {
  it("is changed in a copy, and only at the place", () => {
    const changed = withValue(document, ["queues", 1, "ring_s"], 25);
    expect(valueAt(changed, ["queues", 1, "ring_s"])).toBe(25);
    expect(document.queues[1]?.ring_s).toBe(20);
    expect(valueAt(changed, ["queues", 0])).toBe(document.queues[0]);
  });

  it("gets places that it has not", () => {
    expect(withValue({}, ["surge", "calls"], 5)).toEqual({ surge: { calls: 5 } });
    expect(valueAt(document, ["nowhere", 3, "deep"])).toBeUndefined();
  });

  it("loses a value that is optional, and knows nothing from nothing", () => {
    const open = { id: "q", hours: "days" };
    expect(withValue(open, ["hours"], undefined)).toEqual({ id: "q" });
    expect(changesBetween({ id: "q", hours: null }, { id: "q" })).toEqual([]);
    expect(changesBetween(open, { id: "q" })).toEqual([
      { steps: ["hours"], before: "days", after: undefined },
    ]);
  });

  it("gains, loses and reorders items", () => {
    const rules = ["queues", 1, "overflow"];
    const two = withItem(document, rules, { when: "no_seat" });
    expect(valueAt(withItemMoved(two, rules, 1, -1), [...rules, 0, "when"])).toBe("no_seat");
    expect(withItemMoved(two, rules, 0, -1)).toBe(two);
    expect(valueAt(withoutItem(two, rules, 0), rules)).toEqual([{ when: "no_seat" }]);
  });
});

describe("reasons of the service", () => {
  const problems = [
    { path: "queues.1.overflow.0.threshold", reason: "must be more than 0" },
    { path: "queues[1].ring_s", reason: "must be at most 120" },
  ];

  it("stand at their field, however the place is written", () => {
    expect(reasonsAt(problems, ["queues", 1, "ring_s"])).toEqual(["must be at most 120"]);
    expect(reasonsAt(problems, ["queues", 1])).toEqual([]);
  });

  it("are known for everything around the field", () => {
    expect(reasonsIn(problems, ["queues", 1])).toHaveLength(2);
    expect(reasonsIn(problems, ["queues", 0])).toEqual([]);
    expect(reasonsIn(problems, ["queue"])).toEqual([]);
    expect(reasonsIn(problems, [])).toHaveLength(2);
  });
});

describe("changes", () => {
  it("are told by the names of things, not by their number in a list", () => {
    const changed = withValue(document, ["queues", 1, "ring_s"], 25);
    const without = withoutItem(changed, ["queues"], 0);
    expect(changesBetween(document, changed)).toEqual([
      { steps: ["queues", "traffic", "ring_s"], before: 20, after: 25 },
    ]);
    expect(changesBetween(document, without).map((change) => change.steps)).toEqual([
      ["queues", "emergency"],
      ["queues", "traffic", "ring_s"],
    ]);
    expect(changesBetween(document, document)).toEqual([]);
  });

  it("in the order of things are told as such", () => {
    const turned = { ...document, queues: [...document.queues].reverse() };
    expect(changesBetween(document, turned)).toEqual([
      {
        steps: ["queues", "order"],
        before: ["emergency", "traffic"],
        after: ["traffic", "emergency"],
      },
    ]);
  });

  it("are said in few words", () => {
    expect(inFewWords([{ id: "a" }, { id: "b" }])).toBe("a, b");
    expect(inFewWords({ when: "waited_s", threshold: 30, target: "" })).toBe("when waited s, threshold 30");
    expect(inFewWords({ ring_s: 15 })).toBe("ring 15 s");
    expect(inFewWords(1 / 60)).toBe("0.0166667");
    expect(inFewWords(false)).toBe("no");
    expect(inFewWords([])).toBe("none");
    expect(inFewWords(undefined)).toBe("nothing");
  });
});
