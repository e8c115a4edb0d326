import { useCallback, useEffect, useMemo, useState } from "react";
import { type ApiError, get, post, put, type FieldProblem } from "../api";
import { momentHere } from "../clock";
import { Problem } from "../problem";
import { addressOf } from "../routes";
import { Conflict } from "./conflict";
import { reasonsIn, withValue, type Json, type JsonObject } from "./document";
import { changesOf, keep, keptDraft, type Draft } from "./draft";
import { EditingContext, type Editing } from "./editing";
import { Fields } from "./fields";
import { PreviewPart } from "./preview";
import { Flaws, SaveBar } from "./save-bar";
import { SECTIONS } from "./sections";
import type { Me } from "../types";
import type { Choices, Tuning, TuningInForce, Validation } from "./types";
import { Versions } from "./versions";

const VERSIONS = "versions";
/** So long after the last key the document is checked. */
const CHECK_AFTER_MS = 700;

/** What can be tuned while calls run: edited in forms, tried, saved with a reason, taken back. */
export function AdministrationPage({ part, me }: { part: string; me: Me }) {
  const [draft, setDraft] = useState<Draft | null>(keptDraft);
  const [inForce, setInForce] = useState<Tuning | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [refused, setRefused] = useState<FieldProblem[]>([]);
  const [warnings, setWarnings] = useState<FieldProblem[]>([]);
  const [choices, setChoices] = useState<Choices>({});
  const [busy, setBusy] = useState(false);
  const [previewed, setPreviewed] = useState<JsonObject | null>(null);
  const [said, setSaid] = useState("");
  /** Forms that remember what was typed begin anew with another version. */
  const [round, setRound] = useState(0);

  const take = useCallback((tuning: Tuning) => {
    setInForce(tuning);
    setDraft({ basedOn: tuning.version, before: tuning.document, document: tuning.document });
    setWarnings(tuning.warnings ?? []);
    setProblem(null);
    setRefused([]);
    setPreviewed(null);
    setRound((before) => before + 1);
  }, []);
  useEffect(() => {
    get<TuningInForce>("tuning")
      .then((tuning) => {
        setChoices(tuning.choices ?? {});
        if (keptDraft() === null) take(tuning);
        else setInForce(tuning);
      })
      .catch(setProblem);
  }, [take]);

  const changes = useMemo(() => (draft ? changesOf(draft) : []), [draft]);
  useEffect(() => keep(draft && changes.length > 0 ? draft : null), [draft, changes]);

  const document = draft && changes.length > 0 ? draft.document : null;
  useEffect(() => {
    if (document === null) return undefined;
    let left = false;
    const timer = window.setTimeout(() => {
      post<Validation>("tuning/validate", { document })
        .then((said) => {
          if (left) return;
          setRefused([]);
          setWarnings(said.warnings);
        })
        .catch((error: ApiError) => {
          // That the service is away is said when something is asked of it.
          if (!left && error.fields.length > 0) setRefused(error.fields);
        });
    }, CHECK_AFTER_MS);
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [document]);

  const replace = useCallback((document: Json) => {
    setSaid("");
    setDraft((before) => before && { ...before, document: document as JsonObject });
  }, []);
  const refuse = useCallback((error: ApiError) => {
    setProblem(error);
    setRefused(error.fields);
    setPreviewed(null);
  }, []);
  const editing = useMemo<Editing | null>(
    () =>
      draft && {
        document: draft.document,
        problems: refused,
        choices,
        change: (path, value) => replace(withValue(draft.document, path, value)),
        replace,
      },
    [draft, refused, choices, replace],
  );

  if (!draft || !editing || !inForce)
    return (
      <section aria-label="Administration">
        <h2>Administration</h2>
        {problem ? <Problem problem={problem} /> : <p className="quiet">Opening …</p>}
      </section>
    );

  const fail = (error: ApiError) => {
    setProblem(error);
    if (error.fields.length > 0) setRefused(error.fields);
  };
  const save = (why: string) => {
    setBusy(true);
    setProblem(null);
    put<Tuning>("tuning", { document: draft.document, why, based_on: draft.basedOn })
      .then((tuning) => {
        take(tuning);
        setSaid(`Version ${tuning.version} is in force.`);
      })
      .catch(fail)
      .finally(() => setBusy(false));
  };
  const shown = SECTIONS.find((section) => section.part === part);
  const conflict = problem?.status === 409;

  return (
    <EditingContext.Provider value={editing}>
      <section className="administration" aria-label="Administration">
        <h2>Administration</h2>
        <p className="quiet">
          Version {inForce.version} is in force, made by {inForce.who} on{" "}
          {momentHere(inForce.at)}: {inForce.why}. A change is in force at the next
          decision and drops no call.
        </p>
        {said && (
          <p className="good" role="status">
            {said}
          </p>
        )}
        <nav aria-label="What is tuned" className="parts">
          {[...SECTIONS, { part: VERSIONS, title: "Versions" }].map((section) => {
            const wrong =
              "fields" in section
                ? section.fields.flatMap((field) => reasonsIn(editing.problems, [field.name])).length
                : 0;
            return (
              <a
                key={section.part}
                href={addressOf("administration", section.part)}
                aria-current={section.part === (part || "queues") ? "page" : undefined}
              >
                {section.title}
                {wrong > 0 && <span className="wrong-count">{wrong} to correct</span>}
              </a>
            );
          })}
        </nav>
        {part === VERSIONS ? (
          <Versions
            inForce={inForce}
            unsaved={changes.length > 0}
            mayGoBack={me.role === "admin"}
            onRestored={(tuning) => {
              take(tuning);
              setSaid(`Version ${tuning.version} is in force.`);
            }}
          />
        ) : (
          <Section key={round} section={shown ?? SECTIONS[0]} />
        )}
        {changes.length > 0 ? (
          <SaveBar
            changes={changes}
            problems={refused}
            warnings={warnings}
            maySave={me.role === "admin"}
            problem={conflict ? null : problem}
            busy={busy}
            onSave={save}
            onPreview={() => setPreviewed(draft.document)}
            onDiscard={() => take(inForce)}
          />
        ) : (
          <Flaws flaws={warnings} title="Mind" />
        )}
        {conflict && problem && (
          <Conflict
            problem={problem}
            draft={draft}
            onTheirs={take}
            onMine={(theirs, document) => {
              setInForce(theirs);
              setDraft({ basedOn: theirs.version, before: theirs.document, document });
              setProblem(null);
              setRound((before) => before + 1);
            }}
          />
        )}
        {previewed && (
          <PreviewPart
            document={previewed}
            outdated={previewed !== draft.document}
            onRefused={refuse}
            onClose={() => setPreviewed(null)}
          />
        )}
      </section>
    </EditingContext.Provider>
  );
}

function Section({ section }: { section: (typeof SECTIONS)[number] | undefined }) {
  if (!section) return null;
  return (
    <div className="section">
      <p className="about">{section.about}</p>
      <Fields fields={section.fields} path={[]} />
    </div>
  );
}
