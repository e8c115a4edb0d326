/** The administration's pages: what can be tuned, as forms. */

import {
  AFTER_CALL,
  calendars,
  CALL_END,
  CATEGORIES,
  DAYS,
  OVERFLOW_TO,
  OVERFLOW_WHEN,
  queues,
  shortly,
  STRATEGIES,
} from "./choices";
import { nameOf, type Json, type JsonObject } from "./document";
import type { FieldSpec, ListSpec, SectionSpec } from "./spec";

const count = (value: Json | undefined) => (Array.isArray(value) ? value.length : 0);
const some = (number: number, word: string) =>
  number === 0 ? [] : [`${number} ${word}${number === 1 ? "" : "s"}`];
function withName(item: JsonObject): string {
  const id = nameOf(item) ?? "new";
  const name = typeof item.name === "string" ? item.name : "";
  if (!name) return id;
  return name.toLowerCase() === id.toLowerCase() ? name : `${name} (${id})`;
}

const titled = (item: JsonObject, ...facts: (string | string[])[]) =>
  [
    withName(item),
    ...facts.flat(),
  ]
    .filter(Boolean)
    .join(" · ");

const DAYS_ALL = DAYS.map(([day]) => day);

const needs = (more: Partial<ListSpec> = {}): ListSpec => ({
  kind: "list",
  name: "needs",
  label: "Skills that a call needs",
  addLabel: "Add a skill",
  fresh: { skill: "", level: 1, required: true, relax: [] },
  itemName: (item) => `skill ${String(item.skill ?? "") || "without a name"}`,
  item: [
    { kind: "text", name: "skill", label: "Skill", hint: "As the seats have it: en, zh, ko, sign_video …" },
    { kind: "number", name: "level", label: "At least level", hint: "1 to 10" },
    {
      kind: "flag",
      name: "required",
      label: "Required",
      hint: "Not required: a seat that has it is preferred.",
      after: (need) => (need.required ? need : { ...need, relax: [] }),
    },
    {
      kind: "list",
      name: "relax",
      label: "Relaxed while the caller waits",
      addLabel: "Add a step",
      fresh: { after_s: 20, level: 0 },
      itemName: (item) => `step after ${String(item.after_s)} s`,
      when: (siblings) => siblings.required === true,
      item: [
        { kind: "number", name: "after_s", label: "After", unit: "s" },
        { kind: "number", name: "level", label: "this level is enough", hint: "0: only preferred" },
      ],
    },
  ],
  ...more,
});

const overflow = (more: Partial<ListSpec> = {}): ListSpec => ({
  kind: "list",
  name: "overflow",
  label: "Overflow: what helps a call on",
  hint: "Each is done once to a call. The call keeps its place in its own queue, save to a number.",
  addLabel: "Add a rule",
  ordered: true,
  fresh: { when: "waited_s", to: "everybody", threshold: 30, target: "" },
  itemName: (item) =>
    `rule ${shortly(OVERFLOW_WHEN, item.when)} to ${shortly(OVERFLOW_TO, item.to)}`,
  item: [
    {
      kind: "choice",
      name: "when",
      label: "When",
      choices: OVERFLOW_WHEN,
      after: (rule) => (rule.when === "no_seat" ? { ...rule, threshold: 0 } : rule),
    },
    {
      kind: "number",
      name: "threshold",
      label: "this or more",
      unit: "s",
      when: (rule) => rule.when === "waited_s" || rule.when === "estimated_wait_s",
    },
    {
      kind: "number",
      name: "threshold",
      label: "this or more",
      unit: "calls",
      when: (rule) => rule.when === "queue_length",
    },
    {
      kind: "choice",
      name: "to",
      label: "To",
      choices: OVERFLOW_TO,
      after: (rule) => ({ ...rule, target: "" }),
    },
    {
      kind: "choice",
      name: "target",
      label: "Which queue",
      choices: queues,
      when: (rule) => rule.to === "queue",
    },
    {
      kind: "text",
      name: "target",
      label: "Which number",
      suggest: "numbers",
      hint: "It must be among the numbers that may be dialled.",
      when: (rule) => rule.to === "number",
    },
    {
      kind: "text",
      name: "target",
      label: "Which announcement",
      suggest: "announcements",
      when: (rule) => rule.to === "announcement",
    },
  ],
  ...more,
});

const PRIORITY_HINT = "A larger number is more urgent; 0 is ordinary.";

const QUEUE: readonly FieldSpec[] = [
  { kind: "text", name: "id", label: "Id", hint: "Letters, digits and _." },
  { kind: "text", name: "name", label: "Name" },
  { kind: "choice", name: "strategy", label: "Strategy: who is rung", choices: STRATEGIES },
  { kind: "number", name: "priority", label: "Priority", hint: PRIORITY_HINT },
  { kind: "number", name: "ring_s", label: "A phone rings", unit: "s" },
  { kind: "choice", name: "after_call", label: "Work after a call", choices: AFTER_CALL },
  {
    kind: "number",
    name: "wrap_up_s",
    label: "… at most",
    unit: "s",
    hint: "0: ready again at once; until saved: no bound.",
    when: (queue) => queue.after_call !== "none",
  },
  {
    kind: "number",
    name: "redial_s",
    label: "Who calls again within this takes the old place",
    unit: "s",
    hint: "0: never",
  },
  {
    kind: "number",
    name: "called_party_hold_s",
    label: "A seat waits for a caller who was cut off",
    unit: "s",
    hint: "0: not",
  },
  {
    kind: "number",
    name: "misses_before_not_ready",
    label: "Not ready after",
    unit: "missed calls",
  },
  { kind: "number", name: "no_answer_pause_s", label: "Pause after no answer", unit: "s" },
  { kind: "number", name: "rejected_pause_s", label: "Pause after a reject", unit: "s" },
  { kind: "number", name: "busy_pause_s", label: "Pause after busy", unit: "s" },
  { kind: "number", name: "unreachable_pause_s", label: "Pause after out of reach", unit: "s" },
  needs(),
  overflow(),
  {
    kind: "group",
    name: "surge",
    label: "Surge: many calls from one place at once",
    hint: "Later callers from there hear a recorded message first and keep their place.",
    optional: { calls: 20, within_s: 60, announcement: "surge", announcement_s: 15 },
    fields: [
      { kind: "number", name: "calls", label: "From", unit: "calls" },
      { kind: "number", name: "within_s", label: "within", unit: "s" },
      { kind: "text", name: "announcement", label: "Announcement", suggest: "announcements" },
      { kind: "number", name: "announcement_s", label: "at most", unit: "s" },
    ],
  },
  {
    kind: "choice",
    name: "hours",
    label: "Open by the calendar",
    choices: calendars,
    none: "always open",
    // The two go together: a queue with hours says what is different outside them.
    after: ({ closed, ...queue }) => (queue.hours ? { ...queue, closed: closed ?? {} } : queue),
  },
  {
    kind: "group",
    name: "closed",
    label: "Other rules while it is closed",
    hint: "Calls are taken all the same; what is not set here stays as it is.",
    when: (queue) => Boolean(queue.hours),
    fields: [
      { kind: "number", name: "priority", label: "Priority", optional: true },
      {
        kind: "choice",
        name: "strategy",
        label: "Strategy",
        choices: STRATEGIES,
        none: "as while open",
      },
      needs({ label: "Other skills needed", optional: true }),
      overflow({ label: "Other overflow rules", optional: true, hint: "" }),
    ],
  },
];

const SEAT: readonly FieldSpec[] = [
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

const CALENDAR: readonly FieldSpec[] = [
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

const ROSTER: readonly FieldSpec[] = [
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

export const SECTIONS: readonly SectionSpec[] = [
  {
    part: "queues",
    title: "Queues",
    about: "How the calls of each queue are ordered, offered to seats and helped on.",
    fields: [
      {
        kind: "list",
        name: "queues",
        label: "Queues",
        folded: true,
        addLabel: "Add a queue",
        fresh: { id: "", name: "", strategy: "longest_idle", after_call: "timed", priority: 0, ring_s: 15 },
        itemName: (item) =>
          titled(
            item,
            shortly(STRATEGIES, item.strategy),
            `priority ${String(item.priority ?? 0)}`,
            some(count(item.needs), "skill"),
            some(count(item.overflow), "overflow rule"),
            item.surge ? "surge" : [],
          ),
        item: QUEUE,
      },
    ],
  },
  {
    part: "lines",
    title: "Lines",
    about: "The numbers that callers dial: where their calls go, and how they end.",
    fields: [
      {
        kind: "list",
        name: "lines",
        label: "Lines",
        folded: true,
        addLabel: "Add a line",
        fresh: { number: "", queue: "", priority: 0 },
        itemName: (item) => titled(item, `queue ${String(item.queue || "none")}`, `priority ${String(item.priority ?? 0)}`),
        item: [
          { kind: "text", name: "number", label: "Number" },
          { kind: "choice", name: "queue", label: "Queue", choices: queues },
          { kind: "number", name: "priority", label: "Priority", hint: PRIORITY_HINT },
          {
            kind: "choice",
            name: "operator_hang_up",
            label: "When the operator hangs up and nobody else is left",
            choices: CALL_END,
          },
          {
            kind: "choice",
            name: "seat_vanished",
            label: "When the operator's phone vanishes",
            choices: CALL_END,
          },
          needs(),
        ],
      },
    ],
  },
  {
    part: "seats",
    title: "Seats",
    about: "Who sits where: the queues and skills of each seat.",
    fields: [
      {
        kind: "list",
        name: "seats",
        label: "Seats",
        folded: true,
        addLabel: "Add a seat",
        fresh: { id: "", name: "", queues: [], skills: {} },
        itemName: (item) =>
          titled(
            item,
            count(item.queues) > 0 ? (item.queues as Json[]).join(", ") : "no queue",
            Object.entries((item.skills ?? {}) as JsonObject)
              .map(([skill, level]) => `${skill} ${String(level)}`)
              .join(", "),
            item.supervisor ? "supervisor" : [],
          ),
        item: SEAT,
      },
    ],
  },
  {
    part: "priorities",
    title: "Priorities",
    about:
      "What is added to the priority of a call's line and queue. What a caller's words are recognised to be never changes the order; a category counts once a person has confirmed it.",
    fields: [
      {
        kind: "list",
        name: "callers",
        label: "Callers' numbers",
        addLabel: "Add a number",
        fresh: { number: "", priority: 10, reason: "" },
        itemName: (item) => `number ${String(item.number) || "not typed yet"}`,
        item: [
          { kind: "text", name: "number", label: "Number" },
          { kind: "number", name: "priority", label: "Priority", hint: PRIORITY_HINT },
          { kind: "text", name: "reason", label: "Why", width: "wide" },
        ],
      },
      {
        kind: "group",
        name: "categories",
        label: "Categories that a person has confirmed",
        hint: "Empty: nothing is added.",
        fields: CATEGORIES.map((name) => ({
          kind: "number" as const,
          name,
          label: name.replaceAll("_", " "),
          optional: true,
        })),
      },
    ],
  },
  {
    part: "reasons",
    title: "Reasons",
    about: "Why an operator takes no calls: the list to choose from.",
    fields: [
      {
        kind: "list",
        name: "reasons",
        label: "Reasons for not ready",
        addLabel: "Add a reason",
        ordered: true,
        fresh: { id: "", label: "" },
        itemName: (item) => `reason ${String(item.label) || "without words"}`,
        item: [
          { kind: "text", name: "label", label: "In words" },
          { kind: "text", name: "id", label: "Id", hint: "Stands in the journal; leave it as it is." },
        ],
      },
    ],
  },
  {
    part: "timers",
    title: "Times and targets",
    about: "What holds for every queue: ageing, the deadlines of one call, and what is aimed at.",
    fields: [
      {
        kind: "group",
        name: "floor",
        label: "Order",
        fields: [
          {
            kind: "number",
            name: "ageing_per_s",
            label: "A waiting call gains",
            unit: "priority a minute",
            times: 60,
            hint: "So that nobody starves. 0: nothing.",
          },
          {
            kind: "number",
            name: "last_seat_s",
            label: "The seat that knew a caller is remembered for",
            unit: "hours",
            times: 1 / 3600,
          },
        ],
      },
      {
        kind: "group",
        name: "deadlines",
        label: "Deadlines of one call, from its first INVITE",
        fields: [
          { kind: "number", name: "answered_s", label: "Answered", unit: "s" },
          { kind: "number", name: "officer_ringing_s", label: "Officer's phone rings", unit: "s" },
          { kind: "number", name: "officer_speaking_s", label: "Officer speaks", unit: "s" },
          { kind: "number", name: "officer_ring_s", label: "One officer's phone rings for", unit: "s" },
          {
            kind: "number",
            name: "officer_overlap_s",
            label: "The next one begins earlier by",
            unit: "s",
          },
        ],
      },
      {
        kind: "group",
        name: "service_level",
        label: "Service level",
        fields: [
          {
            kind: "words",
            name: "thresholds_s",
            label: "Thresholds of the figures, in seconds",
            itemLabel: "Seconds",
            numbers: true,
          },
          {
            kind: "list",
            name: "targets",
            label: "Aimed at",
            addLabel: "Add a target",
            fresh: { within_s: 10, percent: 90 },
            itemName: (item) => `target ${String(item.percent)} % within ${String(item.within_s)} s`,
            item: [
              { kind: "number", name: "percent", label: "This share", unit: "% of calls" },
              { kind: "number", name: "within_s", label: "answered within", unit: "s" },
            ],
          },
        ],
      },
    ],
  },
  {
    part: "calendars",
    title: "Calendars",
    about: "Day, night and holidays; a queue follows one of them.",
    fields: [
      { kind: "text", name: "time_zone", label: "Time zone of the floor", hint: "Such as Europe/Paris." },
      {
        kind: "list",
        name: "calendars",
        label: "Calendars",
        folded: true,
        addLabel: "Add a calendar",
        fresh: { id: "", name: "", opening: [], holidays: [] },
        itemName: (item) =>
          titled(item, some(count(item.opening), "opening time"), some(count(item.holidays), "holiday")),
        item: CALENDAR,
      },
    ],
  },
  {
    part: "roster",
    title: "Roster",
    about: "Which officers are on duty in each precinct. Without any, all officers are on duty at all times.",
    fields: [
      {
        kind: "list",
        name: "roster",
        label: "Precincts",
        folded: true,
        addLabel: "Add a precinct",
        fresh: { precinct: "", shifts: [], command: [] },
        itemName: (item) =>
          [`Precinct ${String(item.precinct) || "new"}`, ...some(count(item.shifts), "shift")].join(" · "),
        item: ROSTER,
      },
    ],
  },
];

/** The section that has the field of this path; the first one for what is in none. */
export function sectionOf(path: string): SectionSpec {
  const [head = ""] = path.split(/[.[]/, 1);
  const found = SECTIONS.find((section) => section.fields.some((field) => field.name === head));
  return found ?? (SECTIONS[0] as SectionSpec);
}

/** The steps of a place in a document as words: "queues, emergency, ring_s" as their labels. */
export function stepsInWords(steps: readonly string[]): string[] {
  let fields: readonly FieldSpec[] = SECTIONS.flatMap((section) => section.fields);
  let item = false;
  return steps.map((step) => {
    if (item) {
      item = false;
      return step;
    }
    const field = fields.find((one) => one.name === step);
    item = field?.kind === "list";
    fields = field?.kind === "list" ? field.item : field?.kind === "group" ? field.fields : [];
    return field?.label.split(":", 1)[0] ?? step.replaceAll("_", " ");
  });
}
