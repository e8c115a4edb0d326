import { useState } from "react";
import type { ApiError } from "../api";
import { useAsked } from "../asked";
import { momentHere } from "../clock";
import { Problem } from "../problem";
import { ChangeList } from "./change-list";
import { changesBetween } from "./document";
import type { Draft } from "./draft";
import { merged } from "./merge";
import type { Tuning } from "./types";

/** Somebody else saved meanwhile: what they changed, and what to do with one's own changes. */
export function Conflict({
  problem,
  draft,
  onTheirs,
  onMine,
}: {
  problem: ApiError;
  draft: Draft;
  onTheirs: (theirs: Tuning) => void;
  onMine: (theirs: Tuning, document: Draft["document"]) => void;
}) {
  const { answer: theirs, problem: unread } = useAsked<Tuning>("tuning");
  const [sure, setSure] = useState(false);
  if (!theirs) return <Problem problem={unread ?? problem} />;
  const both = merged(draft.before, draft.document, theirs.document);
  return (
    <div className="conflict" role="alert">
      <p className="bad">
        Not saved: {theirs.who} made version {theirs.version} on{" "}
        {momentHere(theirs.at)} ({theirs.why}), while you changed version{" "}
        {draft.basedOn}.
      </p>
      <h3>What they changed</h3>
      <ChangeList
        changes={changesBetween(draft.before, theirs.document)}
        before={`Version ${draft.basedOn}`}
        after={`Version ${theirs.version}`}
      />
      {both.clashes.length > 0 && (
        <>
          <h3>Changed by both of you: yours would win</h3>
          <ChangeList changes={both.clashes} before="Theirs" after="Yours" />
        </>
      )}
      <p className="group">
        <button type="button" onClick={() => onMine(theirs, both.document)}>
          Put my changes on top of theirs
        </button>
        {sure ? (
          <button type="button" className="danger" onClick={() => onTheirs(theirs)}>
            Yes, drop my changes
          </button>
        ) : (
          <button type="button" className="plain" onClick={() => setSure(true)}>
            Drop my changes …
          </button>
        )}
      </p>
    </div>
  );
}
