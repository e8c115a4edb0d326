/** Periods that figures are asked for, as the service reads them: in the hotline's time zone. */

export const PERIODS = ["today", "yesterday", "week", "month", "between"] as const;
export type PeriodName = (typeof PERIODS)[number];

export const periodName: Record<PeriodName, string> = {
  today: "Today",
  yesterday: "Yesterday",
  week: "Last 7 days",
  month: "This month",
  between: "From … to …",
};

/** A day stands for its midnight; an empty `from` for today's, an empty `to` for now. */
export interface Period {
  from: string;
  to: string;
}

export function periodOf(name: Exclude<PeriodName, "between">, now: Date): Period {
  const day = (back: number) =>
    dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - back));
  switch (name) {
    case "today":
      return { from: "", to: "" };
    case "yesterday":
      return { from: day(1), to: day(0) };
    case "week":
      return { from: day(6), to: "" };
    case "month":
      return { from: dayOf(new Date(now.getFullYear(), now.getMonth(), 1)), to: "" };
  }
}

/** What was typed into two fields; text says why it is no period. */
export function periodBetween(from: string, to: string): Period | string {
  if (!from || Number.isNaN(Date.parse(from))) return "Say from when on.";
  if (!to || Number.isNaN(Date.parse(to))) return "Say until when.";
  if (Date.parse(from) >= Date.parse(to))
    return "The period ends before it begins: choose a later end.";
  return { from, to };
}

const two = (value: number) => String(value).padStart(2, "0");

export function dayOf(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** A moment as a field of type datetime-local has it. */
export function asTypedMoment(at: Date): string {
  return `${dayOf(at)}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The service's "2024-03-01T08:30+01:00" as "Fri 1 Mar, 08:30": its own clock's time, not ours. */
export function momentInWords(moment: string): string {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(moment) ?? [];
  if (!day || !time) return moment;
  const date = new Date(`${day}T00:00`).toLocaleDateString(undefined, {
    weekday: "short",
    day: "numeric",
    month: "short",
  });
  return `${date}, ${time}`;
}
