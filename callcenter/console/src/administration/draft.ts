/** What somebody is changing, until it is saved or discarded. */

import { changesBetween, type Change, type JsonObject } from "./document";

export interface Draft {
  /** The version that it is made on, and its document. */
  basedOn: number;
  before: JsonObject;
  document: JsonObject;
}

/** Kept while other pages are open: a call that rings must cost nobody their changes. */
let kept: Draft | null = null;

export const keptDraft = (): Draft | null => kept;

export function keep(draft: Draft | null): void {
  kept = draft;
}

export function changesOf(draft: Draft): Change[] {
  return changesBetween(draft.before, draft.document);
}
