/** Incidents of one or more calls, as `openapi.json` describes them. */

import type { Incident } from "../types";

export interface CallOfIncident {
  id: string;
  line: string;
  from: string;
  state: string;
  arrived_at: string;
  answered_at: string | null;
  closed_at: string | null;
  seat: string | null;
  officer: string | null;
  language: string;
  fields: Record<string, unknown>;
}

export interface Joined {
  join: number;
  incident: string;
  into: string;
  at: string;
  by: string;
  why: string;
  separated_at: string | null;
  separated_by: string | null;
  separated_why: string | null;
}

export interface FieldEdit {
  call_id: string;
  at: string;
  by: string;
  value: unknown;
  before?: unknown;
  before_by?: string | null;
}

export type FieldHistory = Record<string, FieldEdit[]>;

export interface WholeIncident extends Incident {
  id: string;
  finished: boolean;
  complete: boolean;
  calls: CallOfIncident[];
  joins: Joined[];
  separated: Joined[];
  history: FieldHistory;
}

export interface OfferReason {
  name: string;
  text: string;
}

export interface Separated {
  by: string;
  at: string;
}

export interface Offer {
  incident: string;
  score: number;
  reasons: OfferReason[];
  call_ids: string[];
  began_at: string;
  finished: boolean;
  numbers: string[];
  category: string | null;
  level: string | null;
  place_text: string | null;
  precinct: string | null;
  separated: Separated | null;
}

export interface IncidentLine {
  id: string;
  began_at: string;
  ended_at: string | null;
  finished: boolean;
  call_ids: string[];
  lines: string[];
  numbers: string[];
  category: string | null;
  level: string | null;
  place_text: string | null;
  precinct: string | null;
  contradictions: number;
}

export interface IncidentPage {
  from: string;
  to: string;
  incidents: IncidentLine[];
  next: string | null;
}

/** A call by the same caller, or about the same place. */
export interface Recontact {
  call_id: string;
  incident: string;
  arrived_at: string;
  same: string[];
  /** Within a day; else one of the caller's earlier calls. */
  recontact: boolean;
  distance_m: number | null;
  from: string;
  category: string | null;
  level: string | null;
  place_text: string | null;
  precinct: string | null;
  officer: string | null;
  step: string | null;
  result: string | null;
}
