/** Numbers as people type them. */

import type { Json } from "./document";

const DIGITS = 9;

/** A kept number as text; `times` as much is shown (steps a minute for a rate a second). */
export function numberAsText(value: Json | undefined, times = 1): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "number") return String(value);
  return String(rounded(value * times));
}

/** What was typed as the number that is kept; what is no number stays the text that it is. */
export function numberFromText(typed: string, optional: boolean, times = 1): Json | undefined {
  const text = typed.trim().replace(/^([+-]?\d+),(\d+)$/, "$1.$2");
  if (text === "") return optional ? undefined : "";
  const value = Number(text);
  if (!Number.isFinite(value)) return typed;
  return times === 1 ? value : value / times;
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
