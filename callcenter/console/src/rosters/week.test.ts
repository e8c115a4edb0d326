import { describe, expect, it } from "vitest";
import { dayAndTime, daysFrom, onDay, rowsOf, typedMoment } from "./week";

const ZONE = "America/New_York";
const NIGHT = { from: "2026-11-01T02:00:00+00:00", to: "2026-11-01T11:00:00+00:00" };

describe("a moment", () => {
  it("is told on the hotline's clock, whatever the browser's is", () => {
    expect(dayAndTime(NIGHT.from, ZONE)).toEqual(["2026-10-31", "22:00"]);
    expect(typedMoment(NIGHT.to, ZONE)).toBe("2026-11-01T06:00");
    expect(dayAndTime("2026-10-31T04:00:00+00:00", ZONE)).toEqual(["2026-10-31", "00:00"]);
  });
});

describe("a week", () => {
  it("has seven days, also when the clock changes in it", () => {
    expect(daysFrom("2026-10-30", 4)).toEqual(["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"]);
  });

  it("shows a night shift on both its days", () => {
    expect(daysFrom("2026-10-30", 4).map((day) => onDay(NIGHT, day, ZONE))).toEqual([
      null,
      "22:00–24:00",
      "00:00–06:00",
      null,
    ]);
  });

  it("does not show a shift that ends at midnight on the day after", () => {
    const late = { from: "2026-10-30T20:00:00Z", to: "2026-10-31T04:00:00Z" };
    expect(onDay(late, "2026-10-30", ZONE)).toBe("16:00–24:00");
    expect(onDay(late, "2026-10-31", ZONE)).toBeNull();
  });

  it("has a row for an officer without shifts, and for one who is known by a shift alone", () => {
    const shift = { id: 1, officer: "gone", precinct: "14", role: "duty", source: "planned" as const, ...NIGHT };
    expect(rowsOf(["o14a"], [shift], []).map((row) => [row.officer, row.shifts.length])).toEqual([
      ["o14a", 0],
      ["gone", 1],
    ]);
  });
});
