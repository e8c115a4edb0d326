import { describe, expect, it } from "vitest";
import { numberAsText, numberFromText } from "./numbers";

describe("a number that is typed", () => {
  it("may have a comma, and keeps what is no number for the service to refuse", () => {
    expect(numberFromText("2.5", false)).toBe(2.5);
    expect(numberFromText(" 2,5 ", false)).toBe(2.5);
    expect(numberFromText("soon", false)).toBe("soon");
    expect(numberFromText("", false)).toBe("");
    expect(numberFromText("", true)).toBeUndefined();
    expect(numberFromText("1e999", false)).toBe("1e999");
  });

  it("is shown in the unit that people think in, there and back", () => {
    expect(numberAsText(1 / 60, 60)).toBe("1");
    expect(numberFromText("1", false, 60)).toBe(1 / 60);
    expect(numberAsText("soon", 60)).toBe("soon");
    expect(numberAsText(undefined)).toBe("");
  });
});
