import { describe, expect, it } from "vitest";
import { agoInWords, withinInWords } from "./position-words";

describe("a caller's position in words", () => {
  it("says its age in the unit that fits", () => {
    expect([agoInWords(0), agoInWords(119), agoInWords(180), agoInWords(7200)]).toEqual([
      "0 s",
      "119 s",
      "3 min",
      "2 h",
    ]);
  });

  it("says how exact it is", () => {
    expect([withinInWords(29.6), withinInWords(1500)]).toEqual(["±30 m", "±1.5 km"]);
  });
});
