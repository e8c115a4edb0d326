/** What every field of the administration's forms shares: the document, its problems, the pen. */

import { createContext, useContext } from "react";
import type { FieldProblem } from "../api";
import { valueAt, type Json, type Path } from "./document";
import type { Choices } from "./types";

export interface Editing {
  document: Json;
  problems: readonly FieldProblem[];
  /** What the service says there is to choose from, by kind. */
  choices: Choices;
  /** Nothing (`undefined`) takes an optional value out. */
  change: (path: Path, value: Json | undefined) => void;
  replace: (document: Json) => void;
}

export const EditingContext = createContext<Editing | null>(null);

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (editing === null) throw new Error("a field outside of the form");
  return editing;
}

/** One value of the document, and how to change it. */
export function useValue(path: Path): [Json | undefined, (value: Json | undefined) => void] {
  const { document, change } = useEditing();
  return [valueAt(document, path), (value) => change(path, value)];
}
