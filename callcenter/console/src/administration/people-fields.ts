/** The forms of seats, calendars and the officers' roster. */

import { DAYS, queues } from "./choices";
import type { FieldSpec, ListSpec } from "./spec";

const DAYS_ALL = DAYS.map(([day]) => day);

export const SEAT: readonly FieldSpec[] = [
  { kind: "text", name: "id", label: "Id", hint: "Must be a seat of the settings file: Asterisk knows its phone." },
  { kind: "text", name: "name", label: "Name" },
  {
    kind: "ids",
    name: "queues",
    label: "Queues that it serves",
    options: queues,
    hint: "None: it takes only calls that go to everybody.",
    when: (seat) => seat.supervisor !== true,
  },
  {
    kind: "levels",
    name: "skills",
    label: "Skills",
    nameLabel: "Skill",
    levelLabel: "level",
    hint: "Levels 1 to 10.",
  },
  { kind: "text", name: "phone", label: "SIP phone", suggest: "phones", optional: true, hint: "Empty: its own." },
  {
    kind: "flag",
    name: "supervisor",
    label: "Supervisor's seat",
    hint: "It takes only calls that go to everybody, hence serves no queue.",
    after: (seat) => (seat.supervisor ? { ...seat, queues: [] } : seat),
  },
  {
    kind: "number",
    name: "calls_per_hour",
    label: "Chosen last after",
    unit: "calls an hour",
    hint: "0: no limit",
  },
];

const opening = (label: string, withDays: boolean): ListSpec => ({
  kind: "list",
  name: "opening",
  label,
  addLabel: "Add a time",
  fresh: withDays ? { from: "08:00", to: "18:00", days: DAYS_ALL } : { from: "08:00", to: "18:00" },
  itemName: (item) => `time from ${String(item.from)} to ${String(item.to)}`,
  item: [
    { kind: "text", type: "time", name: "from", label: "From" },
    { kind: "text", type: "time", name: "to", label: "To" },
    ...(withDays
      ? [{ kind: "ids", name: "days", label: "On", options: () => DAYS } as const]
      : []),
  ],
});

export const CALENDAR: readonly FieldSpec[] = [
  { kind: "text", name: "id", label: "Id" },
  { kind: "text", name: "name", label: "Name" },
  {
    kind: "text",
    name: "time_zone",
    label: "Time zone",
    optional: true,
    hint: "Empty: that of the floor.",
  },
  opening("Open", true),
  {
    kind: "list",
    name: "holidays",
    label: "Holidays",
    hint: "These days are not as their weekday: closed, or open at other times.",
    addLabel: "Add a day",
    fresh: { date: "", name: "", opening: [] },
    itemName: (item) => `day ${String(item.date) || "without a date"}`,
    item: [
      { kind: "text", type: "date", name: "date", label: "Day" },
      { kind: "text", name: "name", label: "Name" },
      opening("Open all the same", false),
    ],
  },
];

const officers = (name: string, label: string, hint = ""): FieldSpec => ({
  kind: "words",
  name,
  label,
  itemLabel: "Officer's id",
  suggest: "officers",
  hint,
});

export const ROSTER: readonly FieldSpec[] = [
  { kind: "text", name: "precinct", label: "Precinct" },
  {
    kind: "list",
    name: "shifts",
    label: "Shifts",
    addLabel: "Add a shift",
    fresh: { from: "00:00", to: "00:00", days: DAYS_ALL, duty: [], deputies: [], desk: [] },
    itemName: (item) => `shift from ${String(item.from)} to ${String(item.to)}`,
    item: [
      { kind: "text", type: "time", name: "from", label: "From" },
      { kind: "text", type: "time", name: "to", label: "To", hint: "Equal times: 24 hours." },
      { kind: "ids", name: "days", label: "On", options: () => DAYS },
      officers("duty", "On duty, in this order"),
      officers("deputies", "Deputies"),
      officers("desk", "Desk"),
    ],
  },
  officers("command", "District command, rung last"),
];
