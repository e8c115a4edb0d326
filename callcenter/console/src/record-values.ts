/** The fields of a record, and what an operator may type into them. */

import { inWords, isEmpty } from "./words";

export const FIELDS = [
  "place",
  "category",
  "level",
  "injured",
  "weapons",
  "dangers",
  "suspects",
  "when",
  "asked_for",
  "caller_name",
  "callback",
] as const;

export type FieldName = (typeof FIELDS)[number];

const CATEGORIES = [
  "violence",
  "robbery",
  "theft",
  "domestic_violence",
  "fraud",
  "traffic",
  "fire",
  "medical",
  "missing_person",
  "suicide_danger",
  "public_order",
  "hazard",
  "enquiry",
  "nuisance",
  "silent",
  "unknown",
] as const;
const LEVELS = ["red", "orange", "yellow", "blue"] as const;
const LISTS: ReadonlySet<FieldName> = new Set([
  "weapons",
  "dangers",
  "suspects",
  "asked_for",
]);

/** The values to choose from; null for a field that takes any words. */
export function choicesOf(name: FieldName): readonly string[] | null {
  if (name === "category") return CATEGORIES;
  return name === "level" ? LEVELS : null;
}

/** A field's value as the text that a person edits. */
export function asTyped(name: FieldName, value: unknown): string {
  if (isEmpty(value)) return "";
  if (name === "place" && typeof value === "object" && value !== null && "text" in value)
    return String(value.text ?? "");
  return choicesOf(name) ? String(value) : inWords(value);
}

/** What a person typed as the value that is sent: lists are written with semicolons. */
export function fromTyped(name: FieldName, typed: string): string | string[] {
  const text = typed.trim();
  if (!LISTS.has(name)) return text;
  return text
    .split(";")
    .map((item) => item.trim())
    .filter(Boolean);
}
