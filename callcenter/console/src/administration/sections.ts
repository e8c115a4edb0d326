/** The administration's pages: what can be tuned, as forms. */

import { CALL_END, CATEGORIES, LANGUAGES, LEVELS, MEANINGS, queues, shortly, STRATEGIES, TOWARDS } from "./choices";
import { nameOf, type Json, type JsonObject } from "./document";
import { CALENDAR, ROSTER, SEAT } from "./people-fields";
import { needs, PRIORITY_HINT, QUEUE } from "./queue-fields";
import type { FieldSpec, SectionSpec } from "./spec";

const count = (value: Json | undefined) => (Array.isArray(value) ? value.length : 0);
const some = (number: number, word: string) =>
  number === 0 ? [] : [`${number} ${word}${number === 1 ? "" : "s"}`];
const words = (value: Json | undefined) =>
  Array.isArray(value) ? value.map((word) => String(word).replaceAll("_", " ")) : [];
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

/** Only a danger has a level, and what means nothing has no name. */
function withoutWhatDoesNotFit({ level, name, ...rest }: JsonObject): JsonObject {
  return {
    ...rest,
    name: rest.means === "nothing" ? "" : (name ?? ""),
    ...(rest.means === "danger" && level !== undefined ? { level } : {}),
  };
}

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
          {
            kind: "number",
            name: "officer_back_after_s",
            label: "Who twice did not answer is asked after the others for",
            unit: "minutes",
            times: 1 / 60,
          },
          {
            kind: "number",
            name: "officer_heard_s",
            label: "Who is not heard on the officer's line is told after",
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
    part: "words",
    title: "Words",
    about:
      "What words mean besides those that the product knows: dangers, weapons, categories; and words that mean nothing. Negation, questions and corrections hold for them as for all others. Calls that go on are read anew at once.",
    fields: [
      {
        kind: "list",
        name: "words",
        label: "Own words",
        folded: true,
        addLabel: "Add words",
        fresh: { id: "", language: "en", means: "danger", name: "", says: [] },
        itemName: (item) =>
          [
            `${String(item.language)} ${words(item.says).slice(0, 3).join(", ") || "no words yet"}`,
            item.means === "nothing" ? "means nothing" : `${String(item.means)} ${String(item.name || "without a name").replaceAll("_", " ")}`,
            item.level ?? "",
          ]
            .filter(Boolean)
            .join(" · "),
        item: [
          { kind: "text", name: "id", label: "Id" },
          { kind: "choice", name: "language", label: "Language", choices: LANGUAGES },
          { kind: "choice", name: "means", label: "These words mean", choices: MEANINGS, after: withoutWhatDoesNotFit },
          {
            kind: "text",
            name: "name",
            label: "Which",
            suggest: "meanings",
            hint: "One that is known (knife, gas_leak, fire …), or a new danger or weapon: small letters and _.",
            when: (item) => item.means !== "nothing",
          },
          {
            kind: "choice",
            name: "level",
            label: "How urgent this danger is",
            hint: "In every language. A new danger needs it.",
            choices: LEVELS,
            none: "as it is",
            when: (item) => item.means === "danger",
          },
          {
            kind: "words",
            name: "says",
            label: "Said as",
            itemLabel: "words",
            hint: "chain saw; burn* for any ending; took (my|her) bag; took ... bag for up to four words between.",
          },
        ],
      },
    ],
  },
  {
    part: "responsibility",
    title: "Responsibility",
    about:
      "Whose a call is, by its category and level: the first rule that fits counts. Without one the precinct of the place is responsible, and so it is wherever a rule leads to nobody.",
    fields: [
      {
        kind: "list",
        name: "responsibility",
        label: "Rules",
        folded: true,
        ordered: true,
        addLabel: "Add a rule",
        fresh: { id: "", categories: [], levels: [], to: "areas", target: "" },
        itemName: (item) =>
          titled(
            item,
            [...words(item.categories), ...words(item.levels)].join(", ") || "every call",
            `to ${String(item.target || "nobody")}`,
          ),
        item: [
          { kind: "text", name: "id", label: "Id", hint: "Stands in the journal; leave it as it is." },
          {
            kind: "ids",
            name: "categories",
            label: "Categories",
            hint: "None: every category.",
            options: () => CATEGORIES.map((name) => [name, name.replaceAll("_", " ")] as const),
          },
          { kind: "ids", name: "levels", label: "Levels", hint: "None: every level.", options: () => LEVELS },
          { kind: "choice", name: "to", label: "Belongs to", choices: TOWARDS },
          {
            kind: "text",
            name: "target",
            label: "Kind of boundaries",
            suggest: "kinds",
            when: (item) => item.to !== "partner",
          },
          {
            kind: "text",
            name: "target",
            label: "Partner",
            suggest: "partners",
            when: (item) => item.to === "partner",
          },
        ],
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
