import { afterEach, describe, expect, it, vi } from "vitest";
import { forgetOutlines, onOtherOutlines, outlines } from "./outlines";

function answering(...names: string[]) {
  const asked = vi.fn((_: string) => {
    const features = [{ properties: { precinct: names.shift() }, geometry: { type: "Polygon", coordinates: [] } }];
    return Promise.resolve(new Response(JSON.stringify({ features })));
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}
const ids = async (lat = 40.7512, lon = -73.9893) =>
  (await outlines(lat, lon)).map((one) => one.properties.precinct);

describe("outlines of precincts", () => {
  afterEach(() => {
    forgetOutlines();
    vi.unstubAllGlobals();
  });

  it("are asked for once, and again when other boundaries hold", async () => {
    const asked = answering("old", "new");
    const told = vi.fn();
    const leave = onOtherOutlines(told);
    expect([await ids(), await ids()]).toEqual([["old"], ["old"]]);
    expect(asked).toHaveBeenCalledTimes(1);
    forgetOutlines();
    forgetOutlines();
    expect(told).toHaveBeenCalledTimes(1);
    expect(await ids()).toEqual(["new"]);
    leave();
    forgetOutlines();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it("are those about the place, the same for places close to each other", async () => {
    const asked = answering("near", "far");
    expect([await ids(), await ids(40.7489, -73.9912), await ids(40.9, -73.99)]).toEqual([
      ["near"],
      ["near"],
      ["far"],
    ]);
    expect(asked.mock.calls.map(([path]) => String(path).split("?")[1])).toEqual([
      "lat=40.75&lon=-73.99&reach_m=2700",
      "lat=40.90&lon=-73.99&reach_m=2700",
    ]);
  });

  it("are asked for again where the service did not answer", async () => {
    const asked = answering("there");
    asked.mockImplementationOnce(() => Promise.reject(new Error("away")));
    expect([await ids(), await ids()]).toEqual([[], ["there"]]);
  });
});
