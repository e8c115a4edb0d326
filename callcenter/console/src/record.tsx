import { type FormEvent, type KeyboardEvent, useState } from "react";
import { ApiError, patch } from "./api";
import { clockFace } from "./clock";
import { History } from "./incidents/history";
import { incidentPath } from "./incidents/paths";
import type { FieldHistory } from "./incidents/types";
import { Problem } from "./problem";
import { asTyped, choicesOf, FIELDS, type FieldName, fromTyped } from "./record-values";
import type { Contradiction, Evidence, Incident, Place } from "./types";
import { capital, fieldName, inWords, isEmpty, plain, sourceName } from "./words";

/** So many sources say enough; the newest ones count. */
const SOURCES_SHOWN = 3;

type Show = (segmentId: string, callId?: string) => void;
/** What a call of the incident is named here; nothing where there is only one. */
type NameOf = (callId: string | undefined) => string;

const unnamed: NameOf = () => "";

/** The fields of a call or an incident (`id` is either's), each with what it rests on. */
export function Record({
  id,
  record,
  editable,
  history = {},
  nameOf = unnamed,
  onShow,
  onChange,
}: {
  id: string;
  record: Incident | null;
  editable: boolean;
  history?: FieldHistory;
  nameOf?: NameOf;
  onShow: Show;
  onChange?: () => void;
}) {
  const fields = record?.fields ?? {};
  const evidence = record?.evidence ?? {};
  const contradictions = record?.contradictions ?? [];
  return (
    <dl className="record">
      {FIELDS.map((name) => (
        <div key={name} className={isEmpty(fields[name]) ? "empty" : ""}>
          <dt>{fieldName[name] ?? name}</dt>
          <dd>
            <Value name={name} value={fields[name]} asking={editable} />
            {editable && name === "place" && (
              <TakeRunnerUp id={id} place={fields.place} onChange={onChange} />
            )}
            {sourcesOf(evidence[name]).map((item, index) => (
              <Source key={`${name}-${index}`} item={item} nameOf={nameOf} onShow={onShow} />
            ))}
            {contradictions
              .filter((one) => one.field === name)
              .map((one, index) => (
                <Heard
                  key={index}
                  contradiction={one}
                  segment={segmentOf(one, evidence[name])}
                  nameOf={nameOf}
                  onShow={onShow}
                />
              ))}
            <History edits={history[name]} />
          </dd>
          {editable && <Edit id={id} name={name} value={fields[name]} onChange={onChange} />}
        </div>
      ))}
    </dl>
  );
}

/** What was typed, then the newest of what was heard. */
function sourcesOf(items: Evidence[] | undefined): Evidence[] {
  const typed = (items ?? []).filter((item) => item.source === "operator");
  const heard = (items ?? []).filter((item) => item.source !== "operator");
  return [...typed, ...heard.slice(-SOURCES_SHOWN)];
}

function Value({ name, value, asking }: { name: FieldName; value: unknown; asking: boolean }) {
  if (isEmpty(value) || plain(value) === "") return <span className="quiet">–</span>;
  if (name === "place" && typeof value === "object") return <Where place={value as Place} asking={asking} />;
  return <strong>{capital(inWords(value))}</strong>;
}

function Where({ place, asking }: { place: Place; asking: boolean }) {
  const next = place.runner_up;
  return (
    <span>
      <strong>{inWords(place.text)}</strong>{" "}
      {place.precinct ? (
        <span className="precinct">precinct {inWords(place.precinct)}</span>
      ) : (
        <span className="bad">not found on the map{asking && ": ask again"}</span>
      )}
      {next && (
        <span className="runner-up">
          or {next.text ? inWords(next.text) : "elsewhere"}
          {next.precinct && ` (precinct ${inWords(next.precinct)})`}
        </span>
      )}
      {asking && place.read_back && <em className="read-back">Ask: “{inWords(place.read_back)}”</em>}
    </span>
  );
}

/** One press makes the second best place the place; the service finds it on the map by its name. */
function TakeRunnerUp({
  id,
  place,
  onChange,
}: {
  id: string;
  place: unknown;
  onChange: (() => void) | undefined;
}) {
  const [problem, setProblem] = useState<ApiError | null>(null);
  const next = (place as Place | null | undefined)?.runner_up;
  if (!next?.text || typeof next.text !== "string") return null;
  const { text } = next;
  const take = () => {
    patch(incidentPath(id), { field: "place", value: text })
      .then(() => {
        setProblem(null);
        onChange?.();
      })
      .catch(setProblem);
  };
  return (
    <>
      <button type="button" className="take" onClick={take}>
        It is {text}
      </button>
      <Problem problem={problem} />
    </>
  );
}

function Source({ item, nameOf, onShow }: { item: Evidence; nameOf: NameOf; onShow: Show }) {
  const name = nameOf(item.call_id);
  const text = `${name && `${name}: `}${sourceInWords(item)}`;
  const segment = item.segment_id;
  return segment ? (
    <button type="button" className="source" title="Show in the transcript" onClick={() => onShow(segment, item.call_id)}>
      {text}
    </button>
  ) : (
    <span className="source">{text}</span>
  );
}

function sourceInWords(item: Evidence): string {
  const by = item.confirmed_by ? ` by ${item.confirmed_by}` : "";
  if (item.source === "operator") return `typed${by}`;
  const label = sourceName[item.source] ?? plain(item.source);
  // Each call of an incident came by a number of its own.
  if (item.source === "line" && item.call_id) return `${label} ${inWords(item.value)}`;
  const at = item.start_ms == null ? "" : ` at ${clockFace(item.start_ms)}`;
  const words = item.words ? `: “${item.words}”` : "";
  const sure = item.confidence == null ? "" : ` (${Math.round(item.confidence * 100)} % sure)`;
  return `${label}${at}${words}${sure}${by && `, confirmed${by}`}`;
}

/** Where the words of a contradiction stand in the transcript: evidence has the same ones. */
function segmentOf(one: Contradiction, evidence: Evidence[] | undefined): string | null {
  const same = evidence?.find(
    (item) =>
      item.segment_id && item.words === one.words && item.start_ms === one.start_ms &&
      (one.call_id === undefined || item.call_id === one.call_id),
  );
  return same?.segment_id ?? null;
}

function Heard({
  contradiction,
  segment,
  nameOf,
  onShow,
}: {
  contradiction: Contradiction;
  segment: string | null;
  nameOf: NameOf;
  onShow: Show;
}) {
  const { heard, words, start_ms } = contradiction;
  const value = heard !== null && typeof heard === "object" && "text" in heard ? heard.text : heard;
  const name = nameOf(contradiction.call_id);
  return (
    <span className="contradiction">
      But {contradiction.source === "typed" ? "typed" : "heard"}
      {name && ` in ${name}`}: {inWords(value) || "none"}
      {words && " ("}
      {words &&
        (segment ? (
          <button
            type="button"
            className="source inline"
            title="Show in the transcript"
            onClick={() => onShow(segment, contradiction.call_id)}
          >
            “{words}”
          </button>
        ) : (
          `“${words}”`
        ))}
      {words && start_ms != null && ` at ${clockFace(start_ms)}`}
      {words && ")"}
    </span>
  );
}

function Edit({
  id,
  name,
  value,
  onChange,
}: {
  id: string;
  name: FieldName;
  value: unknown;
  onChange: (() => void) | undefined;
}) {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const label = fieldName[name] ?? name;
  const close = () => {
    setOpen(false);
    setProblem(null);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get("value") ?? "");
    patch(incidentPath(id), { field: name, value: fromTyped(name, typed) })
      .then(() => {
        close();
        onChange?.();
      })
      .catch(setProblem);
  };
  const keyed = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
  };
  if (!open)
    return (
      <button
        type="button"
        className="plain edit"
        aria-label={`Edit ${label}`}
        onClick={() => setOpen(true)}
      >
        Edit
      </button>
    );
  return (
    <form className="edit" onSubmit={submit} onKeyDown={keyed}>
      <Entry name={name} label={label} value={value} />
      <button type="submit">Save</button>
      <button type="button" className="plain" onClick={close}>
        Cancel
      </button>
      <Problem problem={problem} />
    </form>
  );
}

function Entry({ name, label, value }: { name: FieldName; label: string; value: unknown }) {
  const choices = choicesOf(name);
  const now = asTyped(name, value);
  if (choices === null)
    return <input name="value" aria-label={label} defaultValue={now} maxLength={500} required autoFocus />;
  return (
    <select name="value" aria-label={label} defaultValue={now} autoFocus>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {inWords(choice)}
        </option>
      ))}
    </select>
  );
}
