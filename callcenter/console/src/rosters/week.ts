/** A week on the hotline's clocks: which day a moment belongs to, and how it is told. */

import type { RosterAbsence, RosterShift } from "./types";

const DAY_MS = 86_400_000;

/** "2026-11-01T02:00:00+00:00" in New York as ["2026-10-31", "22:00"]. */
export function dayAndTime(moment: string, zone: string): [string, string] {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(moment));
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return [`${of("year")}-${of("month")}-${of("day")}`, `${of("hour")}:${of("minute")}`];
}

/** As a field of type datetime-local has it, on the hotline's clock. */
export function typedMoment(moment: string, zone: string): string {
  return dayAndTime(moment, zone).join("T");
}

/** So many days from one on, as "2026-10-31". Noon is on that day in every zone. */
export function daysFrom(day: string, count: number): string[] {
  const noon = Date.parse(`${day}T12:00:00Z`);
  return Array.from({ length: count }, (_, n) => new Date(noon + n * DAY_MS).toISOString().slice(0, 10));
}

export function dayInWords(day: string): string {
  return new Date(`${day}T12:00:00Z`).toLocaleDateString(undefined, {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
}

/** What of a stretch lies on a day: "22:00–24:00", or null where nothing does. */
export function onDay(entry: { from: string; to: string }, day: string, zone: string): string | null {
  const [firstDay, begins] = dayAndTime(entry.from, zone);
  const [lastDay, ends] = dayAndTime(entry.to, zone);
  if (day < firstDay || day > lastDay) return null;
  if (day === lastDay && ends === "00:00") return null;
  return `${day === firstDay ? begins : "00:00"}–${day === lastDay ? ends : "24:00"}`;
}

export interface Row {
  officer: string;
  shifts: RosterShift[];
  absences: RosterAbsence[];
}

/** A row for every officer, those without anything and those who are known by a shift alone. */
export function rowsOf(officers: string[], shifts: RosterShift[], absences: RosterAbsence[]): Row[] {
  const rows = new Map<string, Row>();
  const row = (officer: string): Row => {
    const known = rows.get(officer) ?? { officer, shifts: [], absences: [] };
    rows.set(officer, known);
    return known;
  };
  officers.forEach(row);
  for (const shift of shifts) row(shift.officer).shifts.push(shift);
  for (const absence of absences) row(absence.officer).absences.push(absence);
  return [...rows.values()];
}

/** A moment in words, on the hotline's clock: "Sat 31 Oct, 22:00". */
export function told(moment: string, zone: string): string {
  const [day, time] = dayAndTime(moment, zone);
  return `${dayInWords(day)}, ${time}`;
}
