/** Words for the service's names, and any value of a record as words. */

import type { CallSummary, Role } from "./types";

export const roleName: Record<Role, string> = {
  caller: "Caller",
  operator: "Operator",
  officer: "Officer",
  partner: "Partner",
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

export const fieldName: Record<string, string> = {
  category: "What",
  level: "Level",
  place: "Where",
  when: "When",
  caller_name: "Caller's name",
  callback: "Call back",
  injured: "Injured",
  suspects: "Suspects",
  weapons: "Weapons",
  dangers: "Dangers",
  asked_for: "Asked for",
};

export function stateInWords(call: CallSummary): string {
  switch (call.state) {
    case "arrived":
      return "coming in";
    case "waiting":
      return call.in_fallback ? "waiting (Asterisk distributes)" : "waiting";
    case "offered":
      return `ringing at ${call.offered_to?.join(", ") || (call.seat ?? "a seat")}`;
    case "diverted":
      return "sent to another number";
    case "talking":
      return `talking${call.seat ? ` with ${call.seat}` : ""}${officerInWords(call)}`;
    case "with_officer":
      return `with officer ${call.officer ?? ""}${call.seat ? ` and ${call.seat}` : ""}`;
    case "closed":
      return "closed";
  }
}

function officerInWords(call: CallSummary): string {
  switch (call.officer_state) {
    case "ringing":
      return ", officer's phone rings";
    case "briefed":
      return ", officer hears the brief";
    case "exhausted":
      return ", no officer reached";
    default:
      return "";
  }
}

/** "domestic_violence" as "domestic violence"; nothing for what is not known. */
export function plain(value: unknown): string {
  if (value == null || value === "unknown") return "";
  return inWords(value);
}

/** A name of the service's own, unlike what people type or say. */
const SERVICE_NAME = /^[a-z]+(_[a-z]+)+$/;

/** Any value of the record as words: lists with semicolons, tables as "name: value". */
export function inWords(value: unknown): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (Array.isArray(value)) return value.map(inWords).join("; ");
  if (value !== null && typeof value === "object")
    return Object.entries(value)
      .filter(([, inner]) => !isEmpty(inner))
      .map(([name, inner]) => `${name.replaceAll("_", " ")}: ${inWords(inner)}`)
      .join(", ");
  const text = String(value ?? "");
  return SERVICE_NAME.test(text) ? text.replaceAll("_", " ") : text;
}

export function isEmpty(value: unknown): boolean {
  return value == null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** The words with a capital at the front. */
export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const LEVELS = new Set(["red", "orange", "yellow", "blue"]);

/** The style of a level; none for one that is unknown or was typed as something else. */
export function levelStyle(level: unknown): string {
  return typeof level === "string" && LEVELS.has(level) ? `level-${level}` : "level-none";
}
