import { describe, expect, it } from "vitest";
import { merged } from "./merge";

const before = {
  floor: { ageing_per_s: 1 },
  queues: [
    { id: "a", ring_s: 15, needs: [] },
    { id: "b", ring_s: 15 },
  ],
};

describe("changes of two people", () => {
  it("to different fields are both kept", () => {
    const mine = { ...before, queues: [{ id: "a", ring_s: 20, needs: [] }, before.queues[1] ?? {}] };
    const theirs = {
      floor: { ageing_per_s: 2 },
      queues: [{ id: "a", ring_s: 15, needs: [], name: "A" }, { id: "c", ring_s: 9 }],
    };
    expect(merged(before, mine, theirs)).toEqual({
      document: {
        floor: { ageing_per_s: 2 },
        queues: [{ id: "a", ring_s: 20, needs: [], name: "A" }, { id: "c", ring_s: 9 }],
      },
      clashes: [],
    });
  });

  it("to one field are told, and one's own stands", () => {
    const mine = { ...before, floor: { ageing_per_s: 3 } };
    const theirs = { ...before, floor: { ageing_per_s: 2 } };
    expect(merged(before, mine, theirs)).toEqual({
      document: mine,
      clashes: [{ steps: ["floor", "ageing_per_s"], before: 2, after: 3 }],
    });
  });

  it("that add the same thing are one thing", () => {
    const added = { ...before, queues: [...before.queues, { id: "n", ring_s: 5 }] };
    expect(merged(before, added, { ...added })).toEqual({ document: added, clashes: [] });
  });

  it("keep what one of them took out, out", () => {
    const mine = { ...before, queues: before.queues.slice(0, 1) };
    const theirs = { ...before, floor: { ageing_per_s: 2 } };
    expect(merged(before, mine, theirs).document).toEqual({ ...theirs, queues: mine.queues });
  });
});
