/** The tuning document as a tree of JSON values that is never changed in place. */

import type { FieldProblem } from "../api";
import { inWords } from "../words";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };
export type Path = readonly (string | number)[];

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function valueAt(tree: Json, path: Path): Json | undefined {
  let value: Json | undefined = tree;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isObject(value)) value = value[String(step)];
    else return undefined;
  }
  return value;
}

/** A list at a place; none where there is none. */
export function listAt(tree: Json, path: Path): Json[] {
  const value = valueAt(tree, path);
  return Array.isArray(value) ? value : [];
}

/** The tree with another value at a place, or without any; objects on the way are made. */
export function withValue(tree: Json, path: Path, value: Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value ?? null;
  if (Array.isArray(tree)) {
    const copy = [...tree];
    copy[Number(step)] = withValue(tree[Number(step)] ?? null, rest, value);
    return copy;
  }
  const { [step]: before = null, ...others } = isObject(tree) ? tree : {};
  if (rest.length === 0 && value === undefined) return others;
  // A known name keeps its place among the others.
  return { ...(isObject(tree) ? tree : {}), [step]: withValue(before, rest, value) };
}

export function withItem(tree: Json, path: Path, item: Json): Json {
  return withValue(tree, path, [...listAt(tree, path), item]);
}

export function withoutItem(tree: Json, path: Path, index: number): Json {
  return withValue(
    tree,
    path,
    listAt(tree, path).filter((_, at) => at !== index),
  );
}

/** The item one place further up (-1) or down (1). */
export function withItemMoved(tree: Json, path: Path, index: number, by: -1 | 1): Json {
  const items = [...listAt(tree, path)];
  const [item] = items.slice(index, index + 1);
  const other = items[index + by];
  if (item === undefined || other === undefined) return tree;
  items[index] = other;
  items[index + by] = item;
  return withValue(tree, path, items);
}

/** "queues[0].ring_s" and "queues.0.ring_s" are one place. */
export function placeOf(path: Path | string): string {
  const text = typeof path === "string" ? path : path.join(".");
  return text.replaceAll(/\[([^\]]*)\]/g, ".$1").replace(/^\./, "");
}

/** Reasons that belong to exactly this place. */
export function reasonsAt(problems: readonly FieldProblem[], path: Path): string[] {
  const place = placeOf(path);
  return problems
    .filter((problem) => placeOf(problem.path) === place)
    .map((problem) => problem.reason);
}

/** Reasons that belong to this place or to one below it. */
export function reasonsIn(problems: readonly FieldProblem[], path: Path): string[] {
  const place = placeOf(path);
  return problems
    .filter((problem) => {
      const at = placeOf(problem.path);
      return at === place || at.startsWith(`${place}.`) || place === "";
    })
    .map((problem) => problem.reason);
}

export interface Change {
  /** Names on the way: "queues", "emergency", "ring_s". */
  steps: readonly string[];
  before: Json | undefined;
  after: Json | undefined;
}

/** What differs between two documents; items of lists are told by their names where they have one. */
export function changesBetween(
  before: Json | undefined,
  after: Json | undefined,
  steps: readonly string[] = [],
): Change[] {
  if (same(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => changesBetween(before[name], after[name], [...steps, name]));
  }
  const [old, present] = [keyed(before), keyed(after)];
  if (old && present && old.size + present.size > 0) {
    const names = [...new Set([...old.keys(), ...present.keys()])];
    const inside = names.flatMap((name) =>
      changesBetween(old.get(name), present.get(name), [...steps, name]),
    );
    const order = [
      [...old.keys()].filter((name) => present.has(name)),
      [...present.keys()].filter((name) => old.has(name)),
    ] as const;
    return same(...order) ? inside : [...inside, change([...steps, "order"], ...order)];
  }
  return [change(steps, before, after)];
}

function change(steps: readonly string[], before: Json | undefined, after: Json | undefined): Change {
  return { steps, before, after };
}

/** A list's items by name; null for what is no list, or whose items have no names of their own. */
export function keyed(list: Json | undefined): Map<string, Json> | null {
  if (!Array.isArray(list)) return null;
  const items = list.map((item) => [nameOf(item), item] as const);
  const map = new Map(items.filter((entry): entry is [string, Json] => entry[0] !== null));
  return map.size === list.length ? map : null;
}

const NAMING = ["id", "number", "precinct", "skill", "date"] as const;

/** What an item of a list is called; null for one without a name. */
export function nameOf(item: Json | undefined): string | null {
  if (!isObject(item)) return null;
  for (const name of NAMING) {
    const value = item[name];
    if (typeof value === "string" && value) return value;
  }
  return null;
}

/** Whether two values are equal; what is absent and what is null are both nothing. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other || (one ?? null) === (other ?? null)) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => same(item, other[index]));
  if (isObject(one) && isObject(other)) {
    return Object.keys({ ...one, ...other }).every((name) => same(one[name], other[name]));
  }
  return false;
}

/** A value in few words, for lists of changes. */
export function inFewWords(value: Json | undefined): string {
  if (value === undefined || value === null) return "nothing";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (value === "") return "empty";
  if (Array.isArray(value))
    return value.length === 0 ? "none" : value.map((item) => nameOf(item) ?? inFewWords(item)).join(", ");
  if (isObject(value))
    return Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== "" && !(Array.isArray(inner) && inner.length === 0))
      .map(([name, inner]) => namedInFewWords(name, inFewWords(inner)))
      .join(", ");
  return typeof value === "string" ? inWords(value) : String(Number(value.toPrecision(6)));
}

/** "ring_s" and 15 as "ring 15 s": the unit is at the end of the name. */
function namedInFewWords(name: string, value: string): string {
  const words = name.replaceAll("_", " ");
  return words.endsWith(" s") ? `${words.slice(0, -2)} ${value} s` : `${words} ${value}`;
}
