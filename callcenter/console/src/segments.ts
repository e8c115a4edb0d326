import type { Segment } from "./types";

/** Segments by their ids. */
export function byId(segments: readonly Segment[]): Record<string, Segment> {
  return Object.fromEntries(segments.map((segment) => [segment.id, segment]));
}
