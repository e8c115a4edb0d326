/** The outlines of the precincts that hold now, asked for once and again when others hold. */

import { get } from "./api";

export type Ring = [number, number][];

export interface Outline {
  properties: Record<string, unknown>;
  geometry: { type: "Polygon" | "MultiPolygon"; coordinates: Ring[] | Ring[][] };
}

let known: Promise<Outline[]> | null = null;
const listeners = new Set<() => void>();

export function outlines(): Promise<Outline[]> {
  known ??= get<{ features: Outline[] }>("precincts")
    .then((collection) => collection.features)
    .catch(() => {
      known = null;
      return [];
    });
  return known;
}

/** Other boundaries hold now, or may: maps that are open are drawn anew. */
export function forgetOutlines(): void {
  if (known === null) return;
  known = null;
  for (const listener of listeners) listener();
}

/** Be told when to ask again; gives the way to be told no more. */
export function onOtherOutlines(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
