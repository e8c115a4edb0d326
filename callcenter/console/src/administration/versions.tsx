import { type FormEvent, useState } from "react";
import { post, withQuery } from "../api";
import { useAction, useAsked } from "../asked";
import { momentHere } from "../clock";
import { Problem } from "../problem";
import { ChangeList } from "./change-list";
import { changesBetween } from "./document";
import type { Tuning, TuningVersion } from "./types";

/** Every version: who made it, when and why, what it changed; and the way back to it. */
export function Versions({
  inForce,
  unsaved,
  mayGoBack,
  onRestored,
}: {
  inForce: Tuning;
  unsaved: boolean;
  mayGoBack: boolean;
  onRestored: (tuning: Tuning) => void;
}) {
  const { answer, problem } = useAsked<{ versions: TuningVersion[] }>(
    withQuery("tuning/versions", { newest: String(inForce.version) }),
  );
  if (!answer) return problem ? <Problem problem={problem} /> : <p className="quiet">Opening …</p>;
  return (
    <ol className="versions" aria-label="Versions">
      {answer.versions.map((version, index) => (
        <Version
          key={version.version}
          version={version}
          before={answer.versions[index + 1]?.version ?? null}
          inForce={inForce}
          unsaved={unsaved}
          mayGoBack={mayGoBack}
          onRestored={onRestored}
        />
      ))}
    </ol>
  );
}

function Version({
  version,
  before,
  inForce,
  unsaved,
  mayGoBack,
  onRestored,
}: {
  version: TuningVersion;
  before: number | null;
  inForce: Tuning;
  unsaved: boolean;
  mayGoBack: boolean;
  onRestored: (tuning: Tuning) => void;
}) {
  const [open, setOpen] = useState(false);
  const newest = version.version === inForce.version;
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <strong>Version {version.version}</strong> · {momentHere(version.at)} ·{" "}
          {version.who} · {version.why}
          {version.restored != null && ` · as version ${version.restored}`}
          {newest && <span className="good"> in force</span>}
        </summary>
        {open && (
          <>
            <Diff of={version.version} from={before} what="What it changed" />
            {!newest && (
              <>
                <Diff
                  of={version.version}
                  from={inForce.version}
                  what="What going back would change now"
                />
                {mayGoBack && (
                  <GoBack
                    version={version.version}
                    basedOn={inForce.version}
                    unsaved={unsaved}
                    onRestored={onRestored}
                  />
                )}
              </>
            )}
          </>
        )}
      </details>
    </li>
  );
}

function Diff({ of, from, what }: { of: number; from: number | null; what: string }) {
  const after = useAsked<Tuning>(`tuning/versions/${of}`);
  const before = useAsked<Tuning>(from === null ? null : `tuning/versions/${from}`);
  if (from === null) return <p className="quiet">The first version.</p>;
  if (!after.answer || !before.answer)
    return <Problem problem={after.problem ?? before.problem} />;
  return (
    <>
      <h3>{what}</h3>
      <ChangeList
        changes={changesBetween(before.answer.document, after.answer.document)}
        before={`Version ${from}`}
        after={`Version ${of}`}
      />
    </>
  );
}

function GoBack({
  version,
  basedOn,
  unsaved,
  onRestored,
}: {
  version: number;
  basedOn: number;
  unsaved: boolean;
  onRestored: (tuning: Tuning) => void;
}) {
  const [why, setWhy] = useState("");
  const [asked, setAsked] = useState(false);
  const action = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!why.trim()) return;
    action.run(() =>
      post<Tuning>(`tuning/versions/${version}/restore`, {
        why: why.trim(),
        based_on: basedOn,
      }).then(onRestored),
    );
  };
  const id = `why-back-${version}`;
  return (
    <form className="controls" onSubmit={submit}>
      <label className="field why">
        Why
        <input
          value={why}
          maxLength={500}
          aria-describedby={id}
          onChange={(event) => setWhy(event.target.value)}
        />
      </label>
      <button type="submit" disabled={action.busy}>
        Go back to version {version}
      </button>
      <span id={id}>
        {asked && !why.trim() && <span className="bad">Say why.</span>}
        {unsaved && <span className="quiet">Your unsaved changes are dropped.</span>}
      </span>
      <Problem problem={action.problem} />
    </form>
  );
}
