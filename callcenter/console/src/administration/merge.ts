/** One's own changes on top of what somebody else saved meanwhile. */

import {
  isObject,
  keyed,
  same,
  type Change,
  type Json,
  type JsonObject,
} from "./document";

export interface Merged {
  document: JsonObject;
  /** What both changed, each in another way; one's own value stands in the document. */
  clashes: Change[];
}

export function merged(before: JsonObject, mine: JsonObject, theirs: JsonObject): Merged {
  const clashes: Change[] = [];
  const document = joined(before, mine, theirs, [], clashes) as JsonObject;
  return { document, clashes };
}

function joined(
  before: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
  place: readonly string[],
  clashes: Change[],
): Json | undefined {
  if (same(mine, before) || same(mine, theirs)) return theirs;
  if (same(theirs, before)) return mine;
  if (isObject(mine) && isObject(theirs)) {
    const old = isObject(before) ? before : {};
    return Object.fromEntries(
      [...new Set([...Object.keys(theirs), ...Object.keys(mine)])]
        .map(
          (name) =>
            [name, joined(old[name], mine[name], theirs[name], [...place, name], clashes)] as const,
        )
        .filter((entry): entry is [string, Json] => entry[1] !== undefined),
    );
  }
  const lists = [before ?? [], mine, theirs].map((list) => keyed(list));
  const [old, own, other] = lists;
  if (old && own && other) {
    // Their order, then what only we have.
    const names = [...new Set([...other.keys(), ...own.keys()])];
    return names
      .map((name) =>
        joined(old.get(name), own.get(name), other.get(name), [...place, name], clashes),
      )
      .filter((item): item is Json => item !== undefined);
  }
  clashes.push({ steps: place, before: theirs, after: mine });
  return mine;
}
