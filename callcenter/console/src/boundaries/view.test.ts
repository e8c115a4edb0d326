import { describe, expect, it } from "vitest";
import type { AreaFeature, Geometry } from "./types";
import { boundsOf, moved, nameSpot, pathOf, projectionOf, zoomed } from "./view";

function square(west: number, south: number, size: number): Geometry {
  const [east, north] = [west + size, south + size];
  return {
    type: "Polygon",
    coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
  };
}
const area = (precinct: string, geometry: Geometry): AreaFeature => ({
  properties: { precinct },
  geometry,
});

describe("the drawing of boundaries", () => {
  const shapes = [square(-74, 60, 0.1), square(-73.9, 60, 0.1)];
  const projection = projectionOf(shapes.map((shape, at) => area(String(at), shape)));

  it("is as wide as the ground is, and north is up", () => {
    const view = boundsOf(shapes, projection);
    // At 60° a degree of longitude is half as long as one of latitude: 0.2° by 0.1° is a square.
    expect((view?.width ?? 0) / (view?.height ?? 1)).toBeCloseTo(1, 1);
    expect(projection.toY(61)).toBeLessThan(projection.toY(60));
  });

  it("gives neighbours one border", () => {
    const [left, right] = shapes.map((shape) => pathOf(shape, projection));
    const corner = `${projection.toX(-73.9).toFixed(1)},${projection.toY(60).toFixed(1)}`;
    expect(left).toContain(corner);
    expect(right).toContain(corner);
  });

  it("draws every part and hole of an area", () => {
    const parts: Geometry = {
      type: "MultiPolygon",
      coordinates: [
        square(0, 0, 1).coordinates as [number, number][][],
        square(2, 0, 1).coordinates as [number, number][][],
      ],
    };
    expect(pathOf(parts, projection).match(/M/g)).toHaveLength(2);
  });

  it("comes nearer around a point, and not without end", () => {
    const view = { x: 0, y: 0, width: 100, height: 100 };
    expect(zoomed(view, 0.5)).toEqual({ x: 25, y: 25, width: 50, height: 50 });
    expect(zoomed(view, 0.5, { x: 10, y: 20 })).toMatchObject({ x: -15, y: -5 });
    expect(zoomed(view, 0.000001).width).toBeGreaterThan(1);
    expect(moved(view, 0.25, -0.5)).toMatchObject({ x: 25, y: -50 });
  });

  it("names an area only where the name has room", () => {
    const view = { x: 0, y: 0, width: 100, height: 100 };
    const wide = boundsOf(shapes, projection) ?? view;
    expect(nameSpot(shapes[0] as Geometry, projection, wide)).not.toBeNull();
    expect(nameSpot(square(-74, 60, 0.0001), projection, zoomed(wide, 50))).toBeNull();
    expect(boundsOf([], projection)).toBeNull();
  });
});
