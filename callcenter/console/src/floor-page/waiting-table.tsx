import { type FormEvent, Fragment, useState } from "react";
import { post } from "../api";
import { useAction } from "../asked";
import { clockFace, useNow } from "../clock";
import { Problem } from "../problem";
import type { Me, Queue, Seat } from "../types";
import { levelStyle, plain, stateInWords } from "../words";
import type { Waiting } from "./order";

/** Everybody who waits, first come on top as the engine sees it, and what may be done about it. */
export function WaitingTable({
  waiting,
  queues,
  seats,
  me,
  onDone,
}: {
  waiting: Waiting[];
  queues: Queue[];
  seats: Record<string, Seat>;
  me: Me;
  onDone: () => void;
}) {
  const [changing, setChanging] = useState<string | null>(null);
  if (waiting.length === 0) return <p className="quiet">Nobody waits.</p>;
  return (
    <div className="wide">
      <table className="list waiting-calls">
        <caption className="unseen">Waiting calls in the order in which they get a seat</caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              Place
            </th>
            <th scope="col" className="number">
              Waited
            </th>
            <th scope="col">Caller</th>
            <th scope="col">Queue</th>
            <th scope="col" className="number">
              Priority
            </th>
            <th scope="col" className="number">
              Still to wait
            </th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {waiting.map((one) => (
            <Fragment key={one.call_id}>
              <tr className={levelStyle(one.call?.level)}>
                <td className="number">{one.place}</td>
                <td className="number">
                  <Waited one={one} />
                </td>
                <th scope="row">
                  <a href={`#call/${encodeURIComponent(one.call_id)}`}>{callerOf(one)}</a>
                  <small>
                    {[
                      one.call && stateInWords(one.call),
                      one.call && `line ${one.call.line}`,
                      plain(one.call?.level),
                      plain(one.call?.category),
                      plain(one.call?.place_text),
                      one.call?.origin && `from ${one.call.origin}`,
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </small>
                </th>
                <td>
                  {one.queue} <span className="quiet">(no. {one.position})</span>{" "}
                  {one.overflowed && <span className="tag">overflowed</span>}
                </td>
                <td className="number">
                  {one.priority}
                  {one.call?.priority_by_hand != null && <small>set by hand</small>}
                </td>
                <td className="number">
                  {one.estimated_wait_ms === null ? "—" : clockFace(one.estimated_wait_ms)}
                </td>
                <td>
                  <Actions
                    one={one}
                    me={me}
                    open={changing === one.call_id}
                    onOpen={() => setChanging(changing === one.call_id ? null : one.call_id)}
                    onDone={onDone}
                  />
                </td>
              </tr>
              {changing === one.call_id && (
                <tr>
                  <td colSpan={7}>
                    <Change
                      one={one}
                      queues={queues}
                      seats={Object.values(seats)}
                      onDone={() => {
                        setChanging(null);
                        onDone();
                      }}
                    />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Waited({ one }: { one: Waiting }) {
  const now = useNow();
  const ms = one.call ? now - Date.parse(one.call.arrived_at) : one.wait_ms;
  return <span className="clock">{clockFace(ms)}</span>;
}

function callerOf(one: Waiting): string {
  return one.call?.from || "number withheld";
}

function Actions({
  one,
  me,
  open,
  onOpen,
  onDone,
}: {
  one: Waiting;
  me: Me;
  open: boolean;
  onOpen: () => void;
  onDone: () => void;
}) {
  const action = useAction(onDone);
  const who = callerOf(one);
  return (
    <span className="group">
      {me.seat && (
        <button
          type="button"
          className="small"
          aria-label={`Take ${who} at your seat`}
          disabled={action.busy}
          onClick={() => action.run(() => post(`calls/${encodeURIComponent(one.call_id)}/pick`))}
        >
          Take
        </button>
      )}
      {me.role !== "operator" && (
        <button
          type="button"
          className="plain small"
          aria-expanded={open}
          aria-label={`Change ${who}`}
          onClick={onOpen}
        >
          Change …
        </button>
      )}
      <Problem problem={action.problem} />
    </span>
  );
}

/** Another place for one call: a seat of one's choice, another priority, another queue. */
function Change({
  one,
  queues,
  seats,
  onDone,
}: {
  one: Waiting;
  queues: Queue[];
  seats: Seat[];
  onDone: () => void;
}) {
  const action = useAction(onDone);
  const path = `calls/${encodeURIComponent(one.call_id)}`;
  const send =
    (name: string, body: (typed: FormData) => object) => (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault();
      const typed = new FormData(event.currentTarget);
      action.run(() => post(`${path}/${name}`, body(typed)));
    };
  const ready = seats
    .filter((seat) => seat.state === "ready")
    .sort((a, b) => a.id.localeCompare(b.id));
  return (
    <div className="change" role="group" aria-label={`Change ${callerOf(one)}`}>
      <form className="controls" onSubmit={send("pick", (typed) => ({ seat: typed.get("seat") }))}>
        {ready.length > 0 ? (
          <>
            <label className="field">
              Seat
              <select name="seat" required>
                {ready.map((seat) => (
                  <option key={seat.id} value={seat.id}>
                    {seat.id}
                  </option>
                ))}
              </select>
            </label>
            <button type="submit" disabled={action.busy}>
              Ring this seat
            </button>
          </>
        ) : (
          <span className="quiet">No seat is ready.</span>
        )}
      </form>
      <form
        className="controls"
        onSubmit={send("priority", (typed) => ({ priority: Number(typed.get("priority")) }))}
      >
        <label className="field">
          Priority (larger is sooner)
          <input
            name="priority"
            type="number"
            min={-1000}
            max={1000}
            step={1}
            required
            autoFocus
            defaultValue={one.call?.priority_by_hand ?? one.priority}
          />
        </label>
        <button type="submit" disabled={action.busy}>
          Set
        </button>
        {one.call?.priority_by_hand != null && (
          <button
            type="button"
            className="plain"
            disabled={action.busy}
            onClick={() => action.run(() => post(`${path}/priority`, { priority: null }))}
          >
            As the rules say
          </button>
        )}
      </form>
      {queues.length > 1 && (
        <form
          className="controls"
          onSubmit={send("queue", (typed) => ({ queue: typed.get("queue") }))}
        >
          <label className="field">
            Queue
            <select name="queue" required>
              {queues
                .filter((queue) => queue.id !== one.queue)
                .map((queue) => (
                  <option key={queue.id} value={queue.id}>
                    {queue.name || queue.id}
                  </option>
                ))}
            </select>
          </label>
          <button type="submit" disabled={action.busy}>
            Move
          </button>
        </form>
      )}
      <Problem problem={action.problem} />
    </div>
  );
}
