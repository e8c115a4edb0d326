/** Rosters as the service answers them. */

export interface OnDutyNow {
  precinct: string;
  role: string;
  until: string | null;
  source: "planned" | "self" | "standing";
}

export interface OfficerPosition {
  lat: number;
  lon: number;
  accuracy_m: number;
  at: string;
  age_s: number;
  fresh: boolean;
}

export interface RosterShift {
  id: number;
  officer: string;
  precinct: string;
  role: string;
  from: string;
  to: string;
  source: "planned" | "self";
}

export interface RosterAbsence {
  id: number;
  officer: string;
  from: string;
  to: string;
  why: string;
}

export interface Roster {
  from: string;
  to: string;
  zone: string;
  standing: "always" | "roster";
  /** Officers who go by their shifts, and from when on. */
  rostered: Record<string, string>;
  shifts: RosterShift[];
  absences: RosterAbsence[];
}

export interface RosterFinding {
  kind: "hole" | "conflict" | "unreachable";
  precinct: string;
  officer: string | null;
  from: string;
  to: string;
  text: string;
}

export interface RosterChange {
  id: number;
  at: string;
  who: string;
  what: string;
  officer: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface Imported {
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
}

export interface DutyState {
  officer: string;
  name: string;
  on_duty: boolean;
  precinct: string | null;
  role: string | null;
  until: string | null;
}

export interface OfficerLink {
  officer: string;
  token: string;
  path: string;
}

export const ROLES = ["duty", "deputy", "desk", "command"] as const;
