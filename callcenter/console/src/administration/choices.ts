/** The service's names that people choose from, in words. */

import { isObject, listAt, type Json } from "./document";
import type { Choice } from "./spec";

export const STRATEGIES: readonly Choice[] = [
  ["longest_idle", "longest idle: who has been free for longest"],
  ["fewest_calls", "fewest calls today"],
  ["round_robin", "round robin: one after the other"],
  ["most_skilled", "most skilled for the call"],
  ["ring_all", "ring all: the first to answer has it"],
  ["last_seat", "last seat: who knew this caller"],
];

export const AFTER_CALL: readonly Choice[] = [
  ["none", "none: ready at once"],
  ["optional", "optional: only when the operator asks for it"],
  ["timed", "timed"],
  ["until_saved", "until the record is saved"],
];

export const OVERFLOW_WHEN: readonly Choice[] = [
  ["waited_s", "the call has waited"],
  ["queue_length", "so many calls wait in the queue"],
  ["no_seat", "no seat of the queue is on duty"],
  ["estimated_wait_s", "the estimated wait is"],
];

export const OVERFLOW_TO: readonly Choice[] = [
  ["queue", "another queue's seats too"],
  ["everybody", "everybody, supervisors too"],
  ["number", "another number or site"],
  ["announcement", "an announcement with call-back"],
];

export const CALL_END: readonly Choice[] = [
  ["end", "the call ends"],
  ["return", "the caller goes back to the head of the queue"],
];

export const DAYS: readonly Choice[] = [
  ["mon", "Mon"],
  ["tue", "Tue"],
  ["wed", "Wed"],
  ["thu", "Thu"],
  ["fri", "Fri"],
  ["sat", "Sat"],
  ["sun", "Sun"],
];

export const CATEGORIES = [
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

export const LEVELS: readonly Choice[] = [
  ["red", "red"],
  ["orange", "orange"],
  ["yellow", "yellow"],
  ["blue", "blue"],
];

export const LANGUAGES: readonly Choice[] = [
  ["en", "English"],
  ["ko", "Korean"],
  ["zh", "Chinese"],
];

export const MEANINGS: readonly Choice[] = [
  ["danger", "a danger"],
  ["weapon", "a weapon"],
  ["category", "a category"],
  ["nothing", "nothing: what is read into them does not count"],
];

export const TOWARDS: readonly Choice[] = [
  ["areas", "the area of a kind of boundaries"],
  ["partner", "a partner: a desk outside the hotline"],
];

/** What a list of the document has to choose from: ids with their names. */
const named =
  (list: string) =>
  (document: Json): Choice[] =>
    listAt(document, [list])
      .filter(isObject)
      .filter((item) => typeof item.id === "string" && item.id)
      .map((item) => {
        const id = String(item.id);
        return [id, item.name && item.name !== id ? `${String(item.name)} (${id})` : id];
      });

export const queues = named("queues");
export const calendars = named("calendars");
export const seats = named("seats");

/** The short half of a choice's label. */
export function shortly(choices: readonly Choice[], value: Json | undefined): string {
  const label = choices.find(([one]) => one === value)?.[1] ?? String(value ?? "");
  return label.split(":", 1)[0] ?? label;
}
