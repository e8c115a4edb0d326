import { type FormEvent, useState } from "react";
import type { ApiError, FieldProblem } from "../api";
import { Problem } from "../problem";
import { addressOf } from "../routes";
import { ChangeList } from "./change-list";
import type { Change } from "./document";
import { sectionOf } from "./sections";

/** What would be saved, why, and what the service says against it. */
export function SaveBar({
  changes,
  problems,
  warnings,
  problem,
  busy,
  maySave,
  onSave,
  onPreview,
  onDiscard,
}: {
  changes: Change[];
  problems: readonly FieldProblem[];
  warnings: readonly FieldProblem[];
  problem: ApiError | null;
  busy: boolean;
  maySave: boolean;
  onSave: (why: string) => void;
  onPreview: () => void;
  onDiscard: () => void;
}) {
  const [why, setWhy] = useState("");
  const [asked, setAsked] = useState(false);
  const missing = asked && !why.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (why.trim()) onSave(why.trim());
  };
  return (
    <form className="save-bar" aria-label="Save the changes" onSubmit={submit}>
      <details>
        <summary>
          {changes.length} {changes.length === 1 ? "change" : "changes"}, not saved
        </summary>
        <ChangeList changes={changes} before="In force" after="Proposed" />
      </details>
      <div className="controls">
        {maySave ? (
          <>
            <label className="field why">
              Why
              <input
                value={why}
                maxLength={500}
                aria-invalid={missing}
                aria-describedby="why-missing"
                onChange={(event) => setWhy(event.target.value)}
              />
            </label>
            <button type="submit" disabled={busy}>
              Save: in force at once
            </button>
          </>
        ) : (
          <span>Only an administrator can save this; you can try it out.</span>
        )}
        <button type="button" className="plain" disabled={busy} onClick={onPreview}>
          Preview
        </button>
        <button type="button" className="plain" disabled={busy} onClick={onDiscard}>
          Discard
        </button>
      </div>
      <span id="why-missing">
        {missing && <span className="bad">Say why: it stands beside the version for good.</span>}
      </span>
      <Problem problem={problem} />
      <Flaws flaws={problems} title="To correct" />
      <Flaws flaws={warnings} title="Mind" />
    </form>
  );
}

/** Every reason with the way to its field. */
export function Flaws({ flaws, title }: { flaws: readonly FieldProblem[]; title: string }) {
  if (flaws.length === 0) return null;
  return (
    <div className="flaws">
      <strong>{title}</strong>
      <ul aria-label={title}>
        {flaws.map((flaw, index) => (
          <li key={`${index} ${flaw.path}`}>
            {flaw.path && (
              <a href={addressOf("administration", sectionOf(flaw.path).part)}>{flaw.path}</a>
            )}{" "}
            {flaw.reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
