import { type FormEvent, useState } from "react";
import { ApiError, patch } from "./api";
import { clockFace } from "./clock";
import type { Call, Evidence, Place } from "./types";
import { plain, sourceName } from "./words";

const FIELDS = [
  "category",
  "level",
  "place",
  "when",
  "caller_name",
  "callback",
  "injured",
  "suspects",
  "weapons",
  "dangers",
  "asked_for",
] as const;

export function Record({ call, onShow }: { call: Call; onShow: (segmentId: string) => void }) {
  const fields = call.incident?.fields ?? {};
  const evidence = call.incident?.evidence ?? {};
  return (
    <dl className="record">
      {FIELDS.map((name) => (
        <div key={name} className={isEmpty(fields[name]) ? "empty" : ""}>
          <dt>{plain(name)}</dt>
          <dd>
            <Value name={name} value={fields[name]} />
            {(evidence[name] ?? []).map((item, index) => (
              <Source key={`${name}-${index}`} item={item} onShow={onShow} />
            ))}
            {call.state !== "closed" && <Edit call={call} name={name} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ name, value }: { name: string; value: unknown }) {
  if (isEmpty(value)) return <span className="quiet">–</span>;
  if (name === "place") {
    const place = value as Place;
    return (
      <span>
        <strong>{place.text}</strong>
        {place.precinct ? ` · precinct ${place.precinct}` : " · not found on the map"}
        {place.runner_up && (
          <small>
            {" "}
            or {place.runner_up.text ?? "elsewhere"}
            {place.runner_up.precinct && ` (precinct ${place.runner_up.precinct})`}
          </small>
        )}
        {place.read_back && <em className="read-back">“{place.read_back}”</em>}
      </span>
    );
  }
  return <strong>{inWords(value)}</strong>;
}

function Source({ item, onShow }: { item: Evidence; onShow: (segmentId: string) => void }) {
  const label = sourceName[item.source] ?? plain(item.source);
  const words = item.words ? ` “${item.words}”` : "";
  const at = item.start_ms == null ? "" : ` ${clockFace(item.start_ms)}`;
  const sure = item.confidence == null ? "" : ` ${Math.round(item.confidence * 100)} %`;
  const by = item.confirmed_by ? ` by ${item.confirmed_by}` : "";
  const text = `${label}${at}${words}${sure}${by}`;
  const segment = item.segment_id;
  return segment ? (
    <button type="button" className="source" onClick={() => onShow(segment)}>
      {text}
    </button>
  ) : (
    <span className="source">{text}</span>
  );
}

function Edit({ call, name }: { call: Call; name: string }) {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get("value");
    patch(`incidents/${encodeURIComponent(call.id)}`, { field: name, value })
      .then(() => {
        setOpen(false);
        setProblem(null);
      })
      .catch(setProblem);
  };
  if (!open)
    return (
      <button
        type="button"
        className="edit"
        aria-label={`Write ${plain(name)}`}
        onClick={() => setOpen(true)}
      >
        ✎
      </button>
    );
  return (
    <form className="edit" onSubmit={submit}>
      <input name="value" aria-label={plain(name)} autoFocus />
      <button type="submit">Save</button>
      <button type="button" className="plain" onClick={() => setOpen(false)}>
        Cancel
      </button>
      {problem && (
        <span className="bad" role="alert">
          {problem.message} {problem.next}
        </span>
      )}
    </form>
  );
}

function isEmpty(value: unknown): boolean {
  return value == null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Any value of the record as words: lists with commas, tables as "name: value". */
export function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(inWords).join(", ");
  if (value !== null && typeof value === "object")
    return Object.entries(value)
      .filter(([, inner]) => !isEmpty(inner))
      .map(([name, inner]) => `${plain(name)}: ${inWords(inner)}`)
      .join(", ");
  return plain(String(value));
}
