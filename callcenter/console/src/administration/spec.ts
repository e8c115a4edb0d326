/** A form as data: which values it has, what they are called, and what may stand in them. */

import type { Json, JsonObject } from "./document";

export type Choice = readonly [value: string, label: string];

interface Named {
  name: string;
  label: string;
  hint?: string;
  /** Shown only while this holds of the values around it. */
  when?: (siblings: JsonObject) => boolean;
}

export interface TextSpec extends Named {
  kind: "text";
  /** May be left empty, and is absent then. */
  optional?: boolean;
  type?: "text" | "date" | "time";
  /** The kind of thing, of which the service knows what there is. */
  suggest?: string;
  width?: "narrow" | "wide";
}

export interface NumberSpec extends Named {
  kind: "number";
  unit?: string;
  /** May be left empty, and is absent then. */
  optional?: boolean;
  /** What is shown is so many times what is kept: steps a minute for a rate a second. */
  times?: number;
}

export interface FlagSpec extends Named {
  kind: "flag";
  after?: (siblings: JsonObject) => JsonObject;
}

export interface ChoiceSpec extends Named {
  kind: "choice";
  choices: readonly Choice[] | ((document: Json) => readonly Choice[]);
  /** The label of no choice at all: the value is absent then. */
  none?: string;
  /** What else changes with the choice. */
  after?: (siblings: JsonObject) => JsonObject;
}

/** Several of what the document has elsewhere: the queues of a seat. */
export interface IdsSpec extends Named {
  kind: "ids";
  options: (document: Json) => readonly Choice[];
}

/** Names with a number each: skills and their levels. */
export interface LevelsSpec extends Named {
  kind: "levels";
  nameLabel: string;
  levelLabel: string;
}

/** Words or numbers in a list. */
export interface WordsSpec extends Named {
  kind: "words";
  itemLabel: string;
  numbers?: boolean;
  suggest?: string;
}

export interface ListSpec extends Named {
  kind: "list";
  item: readonly FieldSpec[];
  itemName: (item: JsonObject, document: Json) => string;
  addLabel: string;
  fresh: Json | ((document: Json) => Json);
  /** The order matters and can be changed. */
  ordered?: boolean;
  /** Items are long: each is folded below its name. */
  folded?: boolean;
  /** May be absent as a whole, which is something else than an empty list. */
  optional?: boolean;
}

export interface GroupSpec extends Named {
  kind: "group";
  fields: readonly FieldSpec[];
  /** Can be absent (null); this is what it begins with. */
  optional?: JsonObject;
}

export type FieldSpec =
  | TextSpec
  | NumberSpec
  | FlagSpec
  | ChoiceSpec
  | IdsSpec
  | LevelsSpec
  | WordsSpec
  | ListSpec
  | GroupSpec;

export interface SectionSpec {
  /** In the address. */
  part: string;
  title: string;
  about: string;
  fields: readonly FieldSpec[];
}
