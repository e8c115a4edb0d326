import { afterEach, describe, expect, it, vi } from "vitest";
import { forgetOutlines, onOtherOutlines, outlines } from "./outlines";

function answering(...names: string[]) {
  const asked = vi.fn(() => {
    const features = [{ properties: { precinct: names.shift() }, geometry: { type: "Polygon", coordinates: [] } }];
    return Promise.resolve(new Response(JSON.stringify({ features })));
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}
const ids = async () => (await outlines()).map((one) => one.properties.precinct);

describe("outlines of precincts", () => {
  afterEach(() => vi.unstubAllGlobals());

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
});
