import { useEffect, useRef, useState } from "react";
import { ApiError, post } from "../api";
import { momentHere } from "../clock";
import { dayOf, momentInWords } from "../figures/period";
import { duration, measureName, measuresOf, NOTHING, shown, valueOf } from "../figures/format";
import { Problem } from "../problem";
import type { JsonObject } from "./document";
import type { Differences, Fate, MovedCalls, PreviewAnswer, RereadCalls } from "./types";

/** What the proposed settings would have done to past calls: figures beside those of the present. */
export function PreviewPart({
  document,
  outdated,
  onRefused,
  onClose,
}: {
  document: JsonObject;
  outdated: boolean;
  onRefused: (problem: ApiError) => void;
  onClose: () => void;
}) {
  const [day, setDay] = useState("");
  const [answer, setAnswer] = useState<PreviewAnswer | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(true);
  const heading = useRef<HTMLHeadingElement>(null);
  /** The service replays for one at a time: a new question waits for the last answer. */
  const last = useRef<Promise<unknown>>(Promise.resolve());

  useEffect(() => {
    let left = false;
    setBusy(true);
    setProblem(null);
    last.current = last.current.then(async () => {
      if (left) return;
      try {
        const said = await post<PreviewAnswer>("tuning/preview", { document, ...dayAsPeriod(day) });
        if (!left) setAnswer(said);
      } catch (error) {
        if (left || !(error instanceof ApiError)) return;
        if (error.fields.length > 0) onRefused(error);
        else setProblem(error);
      } finally {
        if (!left) setBusy(false);
      }
    });
    return () => {
      left = true;
    };
  }, [document, day, onRefused]);
  useEffect(() => heading.current?.focus(), [document]);

  return (
    <div className="preview" role="region" aria-label="Preview">
      <h3 ref={heading} tabIndex={-1}>
        What this would have done
      </h3>
      <div className="controls">
        <label className="field">
          To the calls of
          <input
            type="date"
            value={day}
            max={dayOf(new Date())}
            onChange={(event) => setDay(event.target.value)}
          />
        </label>
        <span className="quiet">{day === "" && "No day chosen: yesterday."}</span>
        <button type="button" className="plain" onClick={onClose}>
          Close the preview
        </button>
      </div>
      {outdated && <p className="bad">You have changed something since: preview again.</p>}
      <Problem problem={problem} />
      {busy && <p role="status">Replaying the calls …</p>}
      {answer && !busy && <Result answer={answer} />}
    </div>
  );
}

/** A whole day of this computer's clock; nothing: what the service takes by itself. */
function dayAsPeriod(day: string): { from?: string; to?: string } {
  if (!day) return {};
  const from = new Date(`${day}T00:00`);
  const midnight = new Date(from.getFullYear(), from.getMonth(), from.getDate() + 1);
  const to = midnight.getTime() < Date.now() ? midnight : new Date();
  return { from: from.toISOString(), to: to.toISOString() };
}

function Result({ answer }: { answer: PreviewAnswer }) {
  const { period } = answer;
  return (
    <>
      <p>
        {answer.calls} calls from {momentInWords(period.from)} to {momentInWords(period.to)} (
        {period.zone}), played again with the settings in force and with the proposed ones.
      </p>
      {answer.remarks.map((remark) => (
        <p key={remark} className="quiet">
          {remark}
        </p>
      ))}
      {answer.words && <Reread reread={answer.words} />}
      {answer.responsibility && <Moved moved={answer.responsibility} />}
      <Summary differences={answer.differences} />
      <div className="wide">
        <table className="figures compared">
          <thead>
            <tr>
              <th scope="col">Figure, and what it means</th>
              <th scope="col">In force</th>
              <th scope="col">Proposed</th>
            </tr>
          </thead>
          {measuresOf(answer.current).map((family) => (
            <tbody key={family.title}>
              <tr className="family">
                <th colSpan={3} scope="rowgroup">
                  {family.title}
                </th>
              </tr>
              {family.measures.map((measure, index) => {
                const before = valueOf(answer.current, measure);
                const after = valueOf(answer.proposed, measure);
                return (
                  <tr
                    key={`${measure.name} ${measure.threshold}`}
                    className={before === after ? "" : "differs"}
                  >
                    <th scope="row">
                      {measureName(measure)}
                      {family.measures[index - 1]?.name !== measure.name && (
                        <small>{answer.definitions[measure.name]}</small>
                      )}
                    </th>
                    <td>{shown(measure, before)}</td>
                    <td>{shown(measure, after)}</td>
                  </tr>
                );
              })}
            </tbody>
          ))}
        </table>
      </div>
      <DifferingCalls differences={answer.differences} />
    </>
  );
}

/** Whose calls would have been whose: from where to where, and which. */
function Moved({ moved }: { moved: MovedCalls }) {
  return (
    <>
      <p>
        Of {moved.calls} calls with a record <strong>{moved.moved}</strong> would have been somebody
        else's. <span className="quiet">{moved.remark}</span>
      </p>
      {moved.ways.length > 0 && (
        <table className="list" aria-label="From whom to whom">
          <thead>
            <tr>
              <th scope="col">In force</th>
              <th scope="col">Proposed</th>
              <th scope="col">Calls</th>
            </tr>
          </thead>
          <tbody>
            {moved.ways.map((way) => (
              <tr key={`${way.from} ${way.to}`}>
                <td>{way.from}</td>
                <td>{way.to}</td>
                <td>{way.calls}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {moved.examples.length > 0 && (
        <details>
          <summary>Which calls</summary>
          <ul>
            {moved.examples.map((call) => (
              <li key={call.call_id}>
                <a href={`#call/${encodeURIComponent(call.call_id)}`}>{momentHere(call.arrived_at)}</a>:{" "}
                {call.from} → {call.to}, because {call.because}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** What other words would have been taken for: in how many calls, and which. */
function Reread({ reread }: { reread: RereadCalls }) {
  return (
    <>
      <p>
        Of {reread.calls} calls with a transcript <strong>{reread.changed}</strong> would have been
        read otherwise. <span className="quiet">{reread.remark}</span>
      </p>
      {reread.ways.length > 0 && (
        <table className="list" aria-label="What would have been read">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">In force</th>
              <th scope="col">Proposed</th>
              <th scope="col">Calls</th>
            </tr>
          </thead>
          <tbody>
            {reread.ways.map((way) => (
              <tr key={`${way.field} ${way.from} ${way.to}`}>
                <td>{way.field}</td>
                <td>{way.from.replaceAll("_", " ")}</td>
                <td>{way.to.replaceAll("_", " ")}</td>
                <td>{way.calls}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {reread.examples.length > 0 && (
        <details>
          <summary>Which calls</summary>
          <ul>
            {reread.examples.map((call) => (
              <li key={call.call_id}>
                <a href={`#call/${encodeURIComponent(call.call_id)}`}>{momentHere(call.arrived_at)}</a>:{" "}
                {call.what.replaceAll("_", " ")}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Summary({ differences }: { differences: Differences }) {
  return (
    <p>
      <strong>{differences.shorter}</strong> calls would have waited less,{" "}
      <strong>{differences.longer}</strong> more, {differences.same} as long; {differences.other_seat}{" "}
      would have reached another seat. {differences.answered_now} more would have been answered,{" "}
      {differences.no_more_answered} no more.
    </p>
  );
}

function DifferingCalls({ differences }: { differences: Differences }) {
  if (differences.calls.length === 0) return null;
  return (
    <details>
      <summary>The calls that differ most</summary>
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Arrived</th>
            <th scope="col">Line</th>
            <th scope="col">In force</th>
            <th scope="col">Proposed</th>
          </tr>
        </thead>
        <tbody>
          {differences.calls.map((call) => (
            <tr key={call.call_id}>
              <th scope="row">
                <a href={`#call/${encodeURIComponent(call.call_id)}`}>
                  {momentHere(call.arrived_at)}
                </a>
              </th>
              <td>{call.line}</td>
              <td>{fateInWords(call.current)}</td>
              <td>{fateInWords(call.proposed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function fateInWords(fate: Fate): string {
  const wait = fate.wait_ms === null ? NOTHING : duration(fate.wait_ms);
  return fate.answered ? `${fate.seat} after ${wait}` : `not answered, ${wait}`;
}
