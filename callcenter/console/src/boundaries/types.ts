/** The JSON shapes of boundaries. */

export type Position = [number, number];
export type Geometry =
  | { type: "Polygon"; coordinates: Position[][] }
  | { type: "MultiPolygon"; coordinates: Position[][][] };

export type VersionState = "holds" | "planned" | "past";

export interface VersionOfBoundaries {
  version: number;
  kind: string;
  state: VersionState;
  holds_from: string | null;
  at: string | null;
  who: string;
  why: string;
  restored: number | null;
  file: string | null;
  areas: number;
  warnings: number;
}

export interface KindOfBoundaries {
  kind: string;
  label: string;
  versions: VersionOfBoundaries[];
}

/** What an import told of; gaps and overlaps have an outline. */
export interface BoundaryFault {
  kind: string;
  text: string;
  feature: number | null;
  id: string | null;
  lat: number | null;
  lon: number | null;
  area_m2: number | null;
  other: string | null;
  refuses: boolean;
  geometry?: Geometry | null;
}

export interface AreaFeature {
  properties: { precinct: string };
  geometry: Geometry;
}

export interface BoundaryMap {
  type: string;
  features: AreaFeature[];
  kind: string;
  label: string;
  version: number;
  state: VersionState;
  holds_from: string | null;
  faults: BoundaryFault[];
}
