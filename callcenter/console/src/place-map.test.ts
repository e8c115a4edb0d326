import { describe, expect, it } from "vitest";
import { middle } from "./place-map";

const square = (from: number, to: number) =>
  [[[from, from], [to, from], [to, to], [from, to], [from, from]]] as [number, number][][];

describe("the spot of a precinct's number", () => {
  it("is the middle of what is seen of it", () => {
    expect(middle(square(-1000, 100))).toEqual([50, 50]);
  });

  it("is beside the place when the precinct is all that is seen", () => {
    expect(middle(square(-1000, 1360))).toEqual([180, 156]);
  });
});
