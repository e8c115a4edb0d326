/** The JSON shapes of the tasks that calls leave behind. */

export interface TaskCall {
  call_id: string;
  what: string;
  arrived_at: string;
  wait_ms: number;
  line: string;
  queue: string;
}

export interface Calling {
  call_id: string;
  by: string;
  seat: string;
  since: string;
}

export interface Task {
  id: number;
  kind: "abandoned" | "call_back" | "follow_up";
  state: "open" | "closed";
  number: string;
  can_call: boolean;
  why_not: string;
  waiting_since: string;
  waited_ms: number;
  tries: number;
  answered_later: boolean;
  known: Record<string, unknown>;
  calls: TaskCall[];
  calling: Calling | null;
  result: string | null;
  note: string;
  closed_by: string | null;
  closed_at: string | null;
}

export const RESULTS = [
  ["reached", "Reached: talked with the caller"],
  ["not_reached", "Not reached"],
  ["no_need", "No need: talked with them otherwise"],
  ["handed_on", "Handed on to somebody else"],
  ["other", "Other: say what in the note"],
] as const;
