/** The JSON shapes of `GET figures`, `GET figures/live` and `GET figures/officers`. */

import type { FigureSet } from "./format";

export const GROUPINGS = ["line", "queue", "seat", "half_hour"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export const OFFICER_GROUPINGS = [
  "rung",
  "officer",
  "precinct",
  "category",
  "level",
  "line",
  "hour",
] as const;
export type OfficerGrouping = (typeof OFFICER_GROUPINGS)[number];

export interface FigureGroup {
  key: string;
  figures: FigureSet;
}

/** The last hour, beside today so far. */
export interface FiguresPart {
  from: string;
  to: string;
  figures: FigureSet;
  groups: FigureGroup[];
}

export interface FiguresAnswer {
  from: string;
  to: string;
  by: string | null;
  figures: FigureSet;
  groups: FigureGroup[];
  zone: string;
  definitions: Record<string, string>;
  note: string;
  hour?: FiguresPart;
}
