/** The JSON shapes of /api/v1, as `openapi.json` describes them. */

import type { OfficerPosition, OnDutyNow } from "./rosters/types";

export type CallState =
  | "arrived"
  | "waiting"
  | "offered"
  | "diverted"
  | "talking"
  | "with_officer"
  | "closed";

export type OfficerState = "ringing" | "briefed" | "joined" | "heard" | "exhausted";

/** Where a caller's phone was at a moment, WGS-84. */
export interface CallPosition {
  latitude: number;
  longitude: number;
  accuracy_m: number;
  at: string;
  source: string;
  by: string;
  datum: string;
  /** Near enough to any precinct to be used to choose places. */
  in_reach: boolean;
}

/** Whom a call belongs to, and why. */
export interface Responsible {
  to: "areas" | "partner";
  kind: string;
  key: string;
  label: string;
  because: string;
  rule: string | null;
  instead: string | null;
  text: string;
}

export interface CallSummary {
  id: string;
  line: string;
  from: string;
  queue: string;
  state: CallState;
  in_fallback?: boolean;
  adopted?: boolean;
  arrived_at: string;
  wait_ms: number;
  answered_at: string | null;
  closed_at?: string | null;
  seat: string | null;
  /** Every seat whose phone rings; `seat` is the first of them. */
  offered_to?: string[];
  /** Where it comes from, as far as the network says. */
  origin?: string | null;
  /** Where the caller's phone was, as it or the network said last. */
  position?: CallPosition | null;
  priority_by_hand?: number | null;
  officer: string | null;
  officer_state: OfficerState | null;
  /** Whose phones ring now, or who hears the brief. */
  officers_rung?: string[];
  responsible?: Responsible | null;
  /** Partners and seats whose phones ring because an operator brings them. */
  coming?: ComingParty[];
  /** The caller is on hold, with music. */
  held?: boolean;
  language: string;
  category: string | null;
  level: string | null;
  place_text: string | null;
  precinct: string | null;
}

export type Role = "caller" | "operator" | "officer" | "partner";

export type How = "add" | "ask" | "give";

export interface ComingParty {
  role: Role;
  party: string;
  how: How;
  seat: string;
}

export interface Partner {
  id: string;
  name: string;
  kind: string;
  state: string;
}

export interface Leg {
  id: string;
  role: Role;
  party: string | null;
  joined_at: string | null;
  left_at: string | null;
  heard: boolean;
  /** Apart from the caller. */
  aside?: boolean;
}

export interface TimelineStep {
  step: string;
  ms: number | null;
  budget_ms: number | null;
  late: boolean;
}

export interface RunnerUp {
  text?: string;
  lat?: number | null;
  lon?: number | null;
  precinct?: string | null;
}

export interface Place {
  text: string;
  lat?: number | null;
  lon?: number | null;
  precinct: string | null;
  confidence?: number | null;
  runner_up?: RunnerUp | null;
  read_back?: string | null;
}

export interface Evidence {
  value: unknown;
  source: string;
  leg?: string | null;
  segment_id?: string | null;
  start_ms?: number | null;
  words?: string | null;
  confidence?: number | null;
  confirmed_by?: string | null;
  /** Of an incident of several calls: which of them. */
  call_id?: string;
}

export interface Contradiction {
  field: string;
  typed: unknown;
  heard: unknown;
  words: string;
  start_ms: number | null;
  /** Of an incident of several calls: the one that says otherwise. */
  call_id?: string;
  source?: string;
}

export interface Incident {
  fields: Record<string, unknown>;
  evidence: Record<string, Evidence[]>;
  contradictions?: Contradiction[];
}

export interface Recording {
  path: string;
  sha256: string;
  duration_ms: number;
  /** When its first sample was heard, from the call's start. */
  starts_ms?: number;
  url: string;
}

export interface Speech {
  available: boolean;
  why: string;
  /** False: the machine is full, and text comes when a sentence is complete, or after the call. */
  interim?: boolean;
  /** Language to engine and model. */
  engines?: Record<string, string>;
}

export interface Call extends CallSummary {
  legs: Leg[];
  timeline: TimelineStep[];
  incident: Incident | null;
  recordings: Recording[];
  speech: Speech;
}

export interface SpokenWord {
  text: string;
  start_ms: number;
  end_ms: number;
}

export interface Segment {
  id: string;
  leg: string;
  role: Role;
  party: string | null;
  start_ms: number;
  end_ms: number;
  text: string;
  final: boolean;
  confidence: number | null;
  engine: string;
  model: string;
  language?: string;
  /** Transcribed after the call, from the recording. */
  late?: boolean;
  words?: SpokenWord[];
}

export interface SeatSkill {
  skill: string;
  level: number;
}

export interface Seat {
  id: string;
  name: string;
  queues: string[];
  skills: SeatSkill[];
  phone: string;
  state: string;
  reason: string | null;
  call_id: string | null;
  since: string;
  until: string | null;
}

export interface WaitingCall {
  call_id: string;
  position: number;
  /** Among all queues, in the order in which calls get a seat. */
  place: number;
  priority: number;
  wait_ms: number;
  overflowed: boolean;
  estimated_wait_ms: number | null;
}

export interface Queue {
  id: string;
  name: string;
  priority: number;
  strategy: string;
  estimated_wait_ms: number | null;
  waiting: WaitingCall[];
  seats: string[];
}

export interface Reason {
  id: string;
  label: string;
}

export interface Officer {
  id: string;
  name: string;
  precinct: string;
  duty: string;
  language: string | null;
  state: string;
  missed: number;
  numbers?: string[];
  /** Whether one of the numbers may be rung. */
  reachable?: boolean;
  on_duty?: OnDutyNow | null;
  position?: OfficerPosition | null;
}

export interface Me {
  name: string;
  role: "operator" | "supervisor" | "admin" | "officer";
  seat: string | null;
  officer: string | null;
}

export interface Notice {
  kind: string;
  subject: string;
  text: string;
}

export type LiveMessage =
  | { type: "hello"; calls: CallSummary[]; seats: Seat[]; speech: Speech }
  | { type: "call"; call: CallSummary }
  | { type: "call_detail"; call: Call }
  | { type: "segment"; call_id: string; segment: Segment }
  | { type: "incident"; call_id: string; incident: Incident }
  | { type: "seat"; seat: Seat }
  | { type: "speech"; speech: Speech }
  | ({ type: "notice" } & Notice)
  | { type: "error"; error: { code: string; message: string; next: string } }
  | { type: "boundaries"; versions: Record<string, number> }
  | { type: "pong"; ping: number }
  | { type: "resync" };
