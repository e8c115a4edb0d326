/** The forms of queues and of what lines share with them: skills and overflow. */

import {
  AFTER_CALL,
  calendars,
  OVERFLOW_TO,
  OVERFLOW_WHEN,
  queues,
  shortly,
  STRATEGIES,
} from "./choices";
import type { FieldSpec, ListSpec } from "./spec";

export const PRIORITY_HINT = "A larger number is more urgent; 0 is ordinary.";

export const needs = (more: Partial<ListSpec> = {}): ListSpec => ({
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

export const QUEUE: readonly FieldSpec[] = [
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
