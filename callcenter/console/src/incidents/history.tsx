import { momentHere } from "../clock";
import { capital, inWords, isEmpty } from "../words";
import type { FieldEdit } from "./types";

/** Who typed what into a field, the last first, and what was there before. */
export function History({ edits }: { edits: FieldEdit[] | undefined }) {
  if (!edits?.length) return null;
  const newestFirst = [...edits].reverse();
  return (
    <details className="history">
      <summary>
        {edits.length === 1 ? "Typed once" : `Typed ${edits.length} times`}, last by {edits.at(-1)?.by}
      </summary>
      <ol>
        {newestFirst.map((edit) => (
          <li key={`${edit.at}-${edit.call_id}`}>
            {momentHere(edit.at)}, {edit.by}:{" "}
            {isEmpty(edit.value) ? "took back what was typed" : <strong>{shown(edit.value)}</strong>}
            {"before" in edit && ` (before: ${before(edit)})`}
          </li>
        ))}
      </ol>
    </details>
  );
}

function before(edit: FieldEdit): string {
  if (isEmpty(edit.before)) return "nothing";
  return `${shown(edit.before)}, ${edit.before_by ? `typed by ${edit.before_by}` : "heard"}`;
}

function shown(value: unknown): string {
  if (value !== null && typeof value === "object" && "text" in value) return inWords(value.text);
  return capital(inWords(value));
}
