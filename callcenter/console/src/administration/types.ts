/** The JSON shapes of the tuning part of the API. */

import type { FieldProblem } from "../api";
import type { FigureSet } from "../figures/format";
import type { Json, JsonObject } from "./document";

/** What forms may offer: announcements, numbers, officers, phones. */
export type Choices = Record<string, string[]>;

export interface TuningVersion {
  version: number;
  at: string;
  who: string;
  why: string;
  restored?: number | null;
}

export interface Tuning extends TuningVersion {
  document: JsonObject;
  warnings: FieldProblem[];
}

export interface TuningInForce extends Tuning {
  choices?: Choices;
}

export interface FieldChange {
  path: string;
  old: Json;
  new: Json;
}

export interface TuningChanged extends Tuning {
  changes: FieldChange[];
}

export interface Validation {
  ok: boolean;
  warnings: FieldProblem[];
  changes: FieldChange[];
}

export interface Fate {
  queue: string;
  seat: string;
  answered: boolean;
  wait_ms: number | null;
}

export interface DifferingCall {
  call_id: string;
  arrived_at: string;
  line: string;
  current: Fate;
  proposed: Fate;
}

export interface Differences {
  longer: number;
  shorter: number;
  same: number;
  other_seat: number;
  no_more_answered: number;
  answered_now: number;
  calls: DifferingCall[];
}

export interface Way {
  from: string;
  to: string;
  calls: number;
}

export interface MovedCall {
  call_id: string;
  arrived_at: string;
  from: string;
  to: string;
  because: string;
}

export interface ReadOtherwise {
  field: string;
  from: string;
  to: string;
  calls: number;
}

/** Calls in which other words would have been understood. */
export interface RereadCalls {
  calls: number;
  changed: number;
  ways: ReadOtherwise[];
  examples: { call_id: string; arrived_at: string; what: string }[];
  remark: string;
}

/** Calls that other rules of responsibility would have sent elsewhere. */
export interface MovedCalls {
  calls: number;
  moved: number;
  ways: Way[];
  examples: MovedCall[];
  remark: string;
}

export interface PreviewAnswer {
  period: { from: string; to: string; zone: string };
  calls: number;
  current: FigureSet;
  proposed: FigureSet;
  differences: Differences;
  remarks: string[];
  responsibility?: MovedCalls | null;
  words?: RereadCalls | null;
  definitions: Record<string, string>;
}
