/** The outlines of the precincts about a place, asked for once and again when others hold. */

import { get } from "./api";

export type Ring = [number, number][];

export interface Outline {
  properties: Record<string, unknown>;
  geometry: { type: "Polygon" | "MultiPolygon"; coordinates: Ring[] | Ring[][] };
}

/** Places in the same square of so many degrees share what was asked for. */
const GRID = 0.01;
/** How far from a place outlines are known at least, in metres. */
export const KNOWN_M = 2_100;
/** The corner of a square of the grid is so far from its middle, at most, in metres. */
const ASIDE_M = 600;
const PLACES_KEPT = 20;

const known = new Map<string, Promise<Outline[]>>();
const listeners = new Set<() => void>();

export function outlines(lat: number, lon: number): Promise<Outline[]> {
  const [y, x] = [lat, lon].map((degrees) => (Math.round(degrees / GRID) * GRID).toFixed(2));
  const about = `precincts?lat=${y}&lon=${x}&reach_m=${KNOWN_M + ASIDE_M}`;
  let asked = known.get(about);
  if (!asked) {
    asked = get<{ features: Outline[] }>(about)
      .then((collection) => collection.features)
      .catch(() => {
        known.delete(about);
        return [];
      });
    known.set(about, asked);
    const oldest = known.keys().next().value;
    if (known.size > PLACES_KEPT && oldest !== undefined) known.delete(oldest);
  }
  return asked;
}

/** Other boundaries hold now, or may: maps that are open are drawn anew. */
export function forgetOutlines(): void {
  if (known.size === 0) return;
  known.clear();
  for (const listener of listeners) listener();
}

/** Be told when to ask again; gives the way to be told no more. */
export function onOtherOutlines(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
