import { describe, expect, it } from "vitest";
import { asTypedMoment, momentInWords, periodBetween, periodOf } from "./period";

const now = new Date(2024, 2, 1, 9, 30);

describe("a period", () => {
  it("is of whole days and ends with the present", () => {
    expect(periodOf("today", now)).toEqual({ from: "", to: "" });
    expect(periodOf("yesterday", now)).toEqual({ from: "2024-02-29", to: "2024-03-01" });
    expect(periodOf("week", now)).toEqual({ from: "2024-02-24", to: "" });
    expect(periodOf("month", now)).toEqual({ from: "2024-03-01", to: "" });
  });

  it("that is typed says why it is none", () => {
    expect(periodBetween("", "2024-03-01T10:00")).toBe("Say from when on.");
    expect(periodBetween("2024-03-01T10:00", "")).toBe("Say until when.");
    expect(periodBetween("2024-03-01T10:00", "2024-03-01T09:00")).toContain("ends before");
    expect(periodBetween(asTypedMoment(now), "2024-03-01T10:00")).toEqual({
      from: "2024-03-01T09:30",
      to: "2024-03-01T10:00",
    });
  });
});

describe("a moment of the service", () => {
  it("is shown by the hotline's clock, wherever this computer is", () => {
    expect(momentInWords("2024-03-01T08:30+09:00")).toContain("08:30");
    expect(momentInWords("2024-03-01T23:59:00-05:00")).toMatch(/1.*23:59$/);
    expect(momentInWords("never")).toBe("never");
  });
});
