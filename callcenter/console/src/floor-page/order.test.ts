import { describe, expect, it } from "vitest";
import type { CallSummary, Queue } from "../types";
import { byOrigin, inEnginesOrder } from "./order";

const waiting = (call_id: string, position: number, place: number) => ({
  call_id,
  position,
  place,
  priority: 0,
  wait_ms: 0,
  overflowed: false,
  estimated_wait_ms: null,
});

const queue = (id: string, calls: ReturnType<typeof waiting>[]): Queue => ({
  id,
  name: id,
  priority: 0,
  strategy: "longest_idle",
  estimated_wait_ms: null,
  waiting: calls,
  seats: [],
});

describe("who waits", () => {
  it("stands in the engine's one order across queues", () => {
    const queues = [
      queue("a", [waiting("1", 1, 2), waiting("2", 2, 3)]),
      queue("b", [waiting("3", 1, 1)]),
    ];
    const ordered = inEnginesOrder(queues, {});
    expect(ordered.map((one) => [one.place, one.queue, one.call_id])).toEqual([
      [1, "b", "3"],
      [2, "a", "1"],
      [3, "a", "2"],
    ]);
  });
});

describe("origins", () => {
  it("are counted over open calls, the busiest first", () => {
    const call = (id: string, origin: string | null, state = "waiting") =>
      ({ id, origin, state }) as CallSummary;
    const calls = [
      call("1", "cell-7"),
      call("2", "cell-9"),
      call("3", "cell-9"),
      call("4", "cell-7", "closed"),
      call("5", null),
    ];
    expect(byOrigin(Object.fromEntries(calls.map((one) => [one.id, one])))).toEqual([
      { origin: "cell-9", calls: 2 },
      { origin: "cell-7", calls: 1 },
    ]);
  });
});
