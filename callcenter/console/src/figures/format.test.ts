import { describe, expect, it } from "vitest";
import { csv, duration, measureName, measuresOf, shown, valueOf } from "./format";

const figures = {
  arrived: 12,
  wait_mean_ms: 4230.4,
  abandoned_share: 0.08333,
  occupancy: null,
  service_level_all: { "20": 1, "3": 0.5, "15": null },
  brand_new: 3,
  distance_mean_m: 1537.2,
};

describe("figures", () => {
  it("are shown with their unit, and nothing as a dash, never as 0", () => {
    const say = (name: string, threshold: string | null = null) =>
      shown({ name, threshold }, valueOf(figures, { name, threshold }));
    expect(say("arrived")).toBe("12");
    expect(say("wait_mean_ms")).toBe("4.2 s");
    expect(say("abandoned_share")).toBe("8.3 %");
    expect(say("distance_mean_m")).toBe("1.54 km");
    expect(say("occupancy")).toBe("—");
    expect(say("service_level_all", "3")).toBe("50.0 %");
    expect(say("service_level_all", "15")).toBe("—");
    expect(say("to_officer_mean_ms")).toBe("—");
  });

  it("are told apart by threshold, the shortest first", () => {
    const level = measuresOf(figures).find((family) => family.title === "Service level");
    expect(level?.measures.map((measure) => measure.threshold)).toEqual(["3", "15", "20"]);
    expect(measureName({ name: "service_level_all", threshold: "3" })).toContain("T = 3 s");
  });

  it("that a newer service adds are shown too", () => {
    const others = measuresOf(figures).find((family) => family.title === "Others");
    expect(others?.measures).toEqual([{ name: "brand_new", threshold: null }]);
  });

  it.each([
    [0, "0.0 s"],
    [59_940, "59.9 s"],
    [95_000, "1 min 35 s"],
    [3_725_000, "1 h 2 min"],
  ])("%d ms are %s", (ms, words) => {
    expect(duration(ms)).toBe(words);
  });
});

describe("the file", () => {
  it("keeps commas and quotes inside their cell, and leaves nothing empty", () => {
    expect(csv([["a,b", 'say "x"', 1, null]])).toBe('"a,b","say ""x""",1,\r\n');
  });

  it("holds no formula, whatever a queue is called", () => {
    expect(csv([["=1+1", "-2", -2]])).toBe("'=1+1,'-2,-2\r\n");
  });
});
