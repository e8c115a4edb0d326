/** Words for the service's names. */

import type { CallSummary, Role } from "./types";

export const roleName: Record<Role, string> = {
  caller: "Caller",
  operator: "Operator",
  officer: "Officer",
};

export const stepName: Record<string, string> = {
  ringing: "Ringing",
  answered: "Answered",
  first_words: "First words",
  place_known: "Place known",
  officer_ringing: "Officer's phone rings",
  officer_took: "Officer took it",
  both_heard: "Caller and officer heard",
  operator_left: "Operator left",
  closed: "Closed",
};

export const sourceName: Record<string, string> = {
  caller_words: "caller said",
  operator_words: "operator said",
  officer_words: "officer said",
  line: "line",
  operator: "typed",
};

export function stateInWords(call: CallSummary): string {
  switch (call.state) {
    case "arrived":
      return "ringing";
    case "waiting":
      return call.in_fallback ? "waiting (Asterisk distributes)" : "waiting";
    case "offered":
      return `ringing at ${call.seat ?? "a seat"}`;
    case "talking":
      if (call.officer_state === "ringing") return "talking, officer's phone rings";
      if (call.officer_state === "briefed") return "talking, officer hears the brief";
      if (call.officer_state === "exhausted") return "talking, no officer reached";
      return call.seat ? `talking with ${call.seat}` : "talking";
    case "with_officer":
      return `with officer ${call.officer ?? ""}`;
    case "closed":
      return "closed";
  }
}

/** "domestic_violence" as "domestic violence". */
export function plain(name: string | null | undefined): string {
  return (name ?? "").replaceAll("_", " ");
}
