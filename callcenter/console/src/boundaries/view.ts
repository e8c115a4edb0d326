/** From degrees to a drawing: pure, and the same for every area, so that borders meet. */

import type { AreaFeature, Geometry, Position } from "./types";

/** What is seen, in units of the drawing: a square would have `width` = `height`. */
export interface View {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Projection {
  toX: (lon: number) => number;
  toY: (lat: number) => number;
}

/** So many units are a degree of latitude. */
const UNITS = 10_000;
const EDGE = 0.03;
/** An area whose name would be wider than itself is drawn without it. */
const NAME_SHARE = 0.025;
const CLOSEST_DEG = 0.0005;

export function ringsOf(geometry: Geometry): Position[][] {
  return geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
}

/** Degrees of longitude are as long as they are in the middle of all areas. */
export function projectionOf(features: readonly AreaFeature[]): Projection {
  const lats = features.flatMap((one) => ringsOf(one.geometry)).flatMap((ring) => ring.map(([, y]) => y));
  let south = 90;
  let north = -90;
  for (const lat of lats) {
    if (lat < south) south = lat;
    if (lat > north) north = lat;
  }
  const stretch = Math.cos((((south + north) / 2) * Math.PI) / 180);
  return { toX: (lon) => lon * stretch * UNITS, toY: (lat) => -lat * UNITS };
}

export function pathOf(geometry: Geometry, { toX, toY }: Projection): string {
  return ringsOf(geometry)
    .map((ring) => `M${ring.map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`).join("L")}Z`)
    .join("");
}

/** The rectangle around shapes, with an edge; nothing for nothing. */
export function boundsOf(geometries: readonly Geometry[], { toX, toY }: Projection): View | null {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const geometry of geometries)
    for (const ring of ringsOf(geometry))
      for (const [lon, lat] of ring) {
        const [x, y] = [toX(lon), toY(lat)];
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        if (y > bottom) bottom = y;
      }
  if (left > right) return null;
  const edge = Math.max((right - left) * EDGE, (bottom - top) * EDGE, CLOSEST_DEG * UNITS);
  return { x: left - edge, y: top - edge, width: right - left + 2 * edge, height: bottom - top + 2 * edge };
}

/** What is seen from nearer (factor below 1) or farther, around a point. */
export function zoomed(view: View, factor: number, at?: { x: number; y: number }): View {
  const centre = at ?? { x: view.x + view.width / 2, y: view.y + view.height / 2 };
  const width = Math.max(view.width * factor, CLOSEST_DEG * UNITS);
  const height = Math.max(view.height * factor, CLOSEST_DEG * UNITS);
  return { x: centre.x - width / 2, y: centre.y - height / 2, width, height };
}

export function moved(view: View, right: number, down: number): View {
  return { ...view, x: view.x + right * view.width, y: view.y + down * view.height };
}

/** Where an area's name stands, if it is wide enough for it in this view. */
export function nameSpot(
  geometry: Geometry,
  projection: Projection,
  view: View,
): { x: number; y: number } | null {
  const rings = ringsOf(geometry);
  const largest = rings.reduce((a, b) => (b.length > a.length ? b : a), rings[0] ?? []);
  const around = boundsOf([{ type: "Polygon", coordinates: [largest] }], projection);
  if (!around || around.width < view.width * NAME_SHARE) return null;
  return { x: around.x + around.width / 2, y: around.y + around.height / 2 };
}
