import { afterEach, describe, expect, it } from "vitest";
import { elapsed } from "./call-list";
import { clockFace, inSeconds, noteServerTime, serverNow } from "./clock";
import type { CallSummary } from "./types";

const NOON = Date.UTC(2024, 4, 1, 12);

afterEach(() => noteServerTime(new Date(NOON).toUTCString(), NOON));

describe("the clock", () => {
  it.each([
    [0, "0:00"],
    [999, "0:00"],
    [75_000, "1:15"],
    [3_599_999, "59:59"],
    [3_675_000, "1:01:15"],
    [-2_000, "0:00"],
  ])("shows %d ms as %s", (ms, face) => {
    expect(clockFace(ms)).toBe(face);
  });

  it("shows steps in tenths of a second", () => {
    expect(inSeconds(4_230)).toBe("4.2 s");
  });

  it("goes by the service when this computer is wrong", () => {
    noteServerTime(new Date(NOON).toUTCString(), NOON - 300_000);
    expect(Math.abs(serverNow(NOON - 300_000) - NOON)).toBeLessThan(1000);
  });

  it("does not jump for the fraction of a second that a header leaves out", () => {
    noteServerTime(new Date(NOON).toUTCString(), NOON + 900);
    expect(serverNow(NOON + 900)).toBe(NOON + 900);
  });

  it("ignores an answer without a date", () => {
    noteServerTime(new Date(NOON).toUTCString(), NOON);
    noteServerTime(null, NOON - 300_000);
    noteServerTime("soon", NOON - 300_000);
    expect(serverNow(NOON)).toBe(NOON);
  });
});

describe("the clock of a call", () => {
  const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
  const call = (more: object) => ({ arrived_at: at(0), answered_at: null, state: "waiting", ...more }) as CallSummary;

  it("counts a caller's waiting from the arrival", () => {
    expect(elapsed(call({}), NOON + 7_000)).toBe(7_000);
  });

  it("counts talking from the answer", () => {
    expect(elapsed(call({ state: "talking", answered_at: at(5) }), NOON + 7_000)).toBe(2_000);
  });

  it("counts waiting again for a caller who was sent back", () => {
    expect(elapsed(call({ state: "waiting", answered_at: at(5) }), NOON + 7_000)).toBe(7_000);
  });

  it("stands still once the call is closed", () => {
    const closed = call({ state: "closed", answered_at: at(5), closed_at: at(20) });
    expect(elapsed(closed, NOON + 900_000)).toBe(20_000);
  });
});
