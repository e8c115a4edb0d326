/** The JSON shapes of `responses`: what officers do about the calls that they took. */

export interface ResponseNote {
  at: string;
  by: string;
  text: string;
  how: "typed" | "dictated";
}

export interface OfficerResponse {
  id: number;
  call_id: string;
  officer: string;
  step: "taken" | "on_the_way" | "there" | "done" | "returned" | "accepted";
  taken_at: string;
  on_the_way_at: string | null;
  there_at: string | null;
  done_at: string | null;
  decided_at: string | null;
  decided_by: string | null;
  /** When somebody is to be there, while nobody is. */
  due_at: string | null;
  late: boolean;
  number: string;
  level: string | null;
  category: string | null;
  place_text: string | null;
  precinct: string | null;
  result: string | null;
  report: string;
  /** Why the report came back. */
  question: string;
  notes: ResponseNote[];
}

export interface DraftedResponse extends OfficerResponse {
  draft: string;
}

export const RESULTS = [
  ["settled", "Settled on the spot"],
  ["arrest", "Somebody was arrested"],
  ["report_taken", "A report was taken"],
  ["handed_on", "Handed on to another desk"],
  ["nobody_found", "Nobody was found"],
  ["false_alarm", "False alarm"],
  ["other", "Other: say what in the report"],
] as const;
