/** Figures as people read them, and as a file. */

export const NOTHING = "—";

/** Families in the order in which a floor manager asks for them. */
export const FAMILIES: readonly { title: string; names: readonly string[] }[] = [
  {
    title: "Calls",
    names: [
      "arrived",
      "answered",
      "abandoned",
      "short_abandoned",
      "abandoned_share",
      "unheard",
      "never_answered",
      "recontacts",
      "recontact_share",
    ],
  },
  { title: "Service level", names: ["service_level_answered", "service_level_all"] },
  {
    title: "Waits",
    names: [
      "answer_mean_ms",
      "wait_mean_ms",
      "wait_median_ms",
      "wait_p90_ms",
      "wait_p95_ms",
      "wait_p99_ms",
      "wait_longest_tenth_ms",
      "wait_longest_ms",
    ],
  },
  {
    title: "Officer on the line",
    names: ["with_officer", "to_officer_mean_ms", "to_officer_p90_ms", "to_officer_in_time"],
  },
  {
    title: "Caller and officer heard",
    names: [
      "hunts",
      "heard",
      "in_time_share",
      "to_officer_median_ms",
      "asked_to_heard_mean_ms",
      "asked_to_heard_p90_ms",
      "tripwires",
    ],
  },
  {
    title: "Officers' phones",
    names: [
      "phones",
      "took",
      "handed_on",
      "no_answer",
      "silent",
      "failed",
      "not_needed",
      "answered_share",
    ],
  },
  {
    title: "How far the officer was",
    names: ["distance_mean_m", "beyond_nearest_mean_m"],
  },
  {
    title: "Seats' work",
    names: ["talk_mean_ms", "wrap_up_mean_ms", "occupancy", "ring_no_answers"],
  },
];

export const figureName: Record<string, string> = {
  arrived: "Arrived",
  answered: "Answered",
  abandoned: "Abandoned",
  short_abandoned: "Abandoned at once",
  abandoned_share: "Abandoned, share",
  unheard: "Connected, but not heard both ways",
  never_answered: "Never answered",
  recontacts: "Called again",
  recontact_share: "Called again, share",
  service_level_answered: "Service level of answered calls",
  service_level_all: "Service level of all calls",
  answer_mean_ms: "Answer, mean",
  wait_mean_ms: "Wait, mean",
  wait_median_ms: "Wait, median",
  wait_p90_ms: "Wait, 90 % within",
  wait_p95_ms: "Wait, 95 % within",
  wait_p99_ms: "Wait, 99 % within",
  wait_longest_tenth_ms: "Longest tenth of waits, mean",
  wait_longest_ms: "Longest wait",
  with_officer: "With an officer",
  to_officer_mean_ms: "Time to officer, mean",
  to_officer_p90_ms: "Time to officer, 90 % within",
  to_officer_in_time: "Officer in time",
  hunts: "Calls for which a phone rang",
  heard: "Both heard",
  in_time_share: "Both heard in time, share",
  to_officer_median_ms: "Time to officer, half within",
  asked_to_heard_mean_ms: "From asked for to heard, mean",
  asked_to_heard_p90_ms: "From asked for to heard, 90 % within",
  phones: "Phones rung",
  took: "Took the call",
  handed_on: "Passed it on",
  no_answer: "Rang out",
  silent: "Answered, no key",
  failed: "Busy, out of reach or hung up",
  not_needed: "No longer needed",
  answered_share: "Took it or passed it on, share",
  distance_mean_m: "Distance, mean",
  beyond_nearest_mean_m: "Beyond the nearest, mean",
  tripwires: "Operators called back onto the line",
  talk_mean_ms: "Talk, mean",
  wrap_up_mean_ms: "Work after a call, mean",
  occupancy: "Occupancy of seats",
  ring_no_answers: "Offers not taken",
};

/** "wait_p90_ms", or a share by threshold: "service_level_all" with "15". */
export interface Measure {
  name: string;
  threshold: string | null;
}

export type FigureValue = number | null | Record<string, number | null>;
export type FigureSet = Record<string, FigureValue>;

/** Every measure that these figures have, family by family; what is unknown here comes last. */
export function measuresOf(figures: FigureSet): { title: string; measures: Measure[] }[] {
  const known = new Set(FAMILIES.flatMap((family) => family.names));
  const others = Object.keys(figures).filter((name) => !known.has(name));
  return [...FAMILIES, { title: "Others", names: others }]
    .map(({ title, names }) => ({
      title,
      measures: names.filter((name) => name in figures).flatMap((name) => split(name, figures)),
    }))
    .filter((family) => family.measures.length > 0);
}

function split(name: string, figures: FigureSet): Measure[] {
  const value = figures[name];
  if (value === null || typeof value !== "object") return [{ name, threshold: null }];
  return Object.keys(value)
    .sort((a, b) => Number(a) - Number(b))
    .map((threshold) => ({ name, threshold }));
}

export function measureName({ name, threshold }: Measure): string {
  const words = figureName[name] ?? name.replaceAll("_", " ");
  return threshold === null ? words : `${words}, T = ${threshold} s`;
}

export function valueOf(figures: FigureSet | undefined, { name, threshold }: Measure): number | null {
  const value = figures?.[name];
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return threshold === null ? value : null;
  return (threshold === null ? undefined : value[threshold]) ?? null;
}

/** The unit is in the name; what is neither time nor share is a count. */
export function shown(measure: Measure, value: number | null): string {
  if (value === null) return NOTHING;
  if (measure.name.endsWith("_ms")) return duration(value);
  if (measure.name.endsWith("_m")) return `${(value / 1000).toFixed(2)} km`;
  if (isShare(measure.name)) return `${(value * 100).toFixed(1)} %`;
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/** 4 230 ms as "4.2 s", 95 000 ms as "1 min 35 s". */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}

function isShare(name: string): boolean {
  return (
    name.endsWith("_share") ||
    name.startsWith("service_level") ||
    name === "occupancy" ||
    name === "to_officer_in_time"
  );
}

/** Rows and columns as a file for spreadsheets (RFC 4180). */
export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // A spreadsheet would take such a text for a formula.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
