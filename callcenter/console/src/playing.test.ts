import { describe, expect, it } from "vitest";
import { AROUND_MS, place } from "./playing";

describe("place", () => {
  it("counts from the recording's first sample, with a little around the word", () => {
    const found = place({ url: "/x", startsMs: 3000 }, 5000, 5400);
    expect(found).toEqual({ from: (2000 - AROUND_MS) / 1000, to: (2400 + AROUND_MS) / 1000 });
  });

  it("never begins before the recording", () => {
    expect(place({ url: "/x", startsMs: 0 }, 10, 200).from).toBe(0);
  });
});
