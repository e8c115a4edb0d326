import { type FormEvent, useState } from "react";
import { post, withQuery } from "../api";
import { useAction, useAsked } from "../asked";
import { clockFace, momentHere, timeHere, useNow } from "../clock";
import type { Floor } from "../floor";
import { Problem } from "../problem";
import type { Me } from "../types";
import { knownOf, resultInWords, whatHappened } from "./known";
import { RESULTS, type Task } from "./types";

const EVERY_MS = 3000;

/** Callers whom nobody has talked with yet: call them back, and say what came of it. */
export function TasksPage({ me, floor }: { me: Me; floor: Floor }) {
  const [state, setState] = useState<Task["state"]>("open");
  const { answer, problem, again } = useAsked<{ tasks: Task[] }>(
    withQuery("tasks", { state }),
    EVERY_MS,
  );
  return (
    <section aria-label="Tasks">
      <h2>
        Tasks {answer && state === "open" && <span className="count">{answer.tasks.length}</span>}
      </h2>
      <p className="quiet">
        Callers whom nobody has talked with: they hung up while waiting, were cut off, or asked to
        be called back; and those whom an officer wants asked how it went. A task stays until a
        person closes it.
      </p>
      <div className="controls">
        <label className="field inline">
          Show
          <select value={state} onChange={(event) => setState(event.target.value as Task["state"])}>
            <option value="open">open tasks</option>
            <option value="closed">closed tasks</option>
          </select>
        </label>
      </div>
      <Problem problem={problem} />
      {answer?.tasks.length === 0 && (
        <p>{state === "open" ? "Nobody waits to be called back." : "None is closed yet."}</p>
      )}
      <ul className="tasks" aria-label={state === "open" ? "Open tasks" : "Closed tasks"}>
        {answer?.tasks.map((task) => (
          <Line key={task.id} task={task} me={me} floor={floor} onDone={again} />
        ))}
      </ul>
    </section>
  );
}

function Line({
  task,
  me,
  floor,
  onDone,
}: {
  task: Task;
  me: Me;
  floor: Floor;
  onDone: () => void;
}) {
  const now = useNow();
  const known = knownOf(task);
  const who = task.number || "Number withheld";
  const open = task.state === "open";
  return (
    <li aria-label={`Task of ${who}`}>
      <div className="task-head">
        <span className="clock">
          {open && clockFace(now - Date.parse(task.waiting_since))}
          {open && <span className="ago">since the first call</span>}
        </span>
        <div>
          <strong>{who}</strong>{" "}
          {task.answered_later && <span className="tag">answered on a later call</span>}
          <p>
            {whatHappened(task)} · {momentHere(task.waiting_since)}
          </p>
          <p className="quiet">{known ? `Known: ${known}` : "Nothing is known of the matter."}</p>
          <p className="quiet">
            {task.calls.map((call, index) => (
              <span key={call.call_id}>
                {index > 0 && " · "}
                <a href={`#call/${encodeURIComponent(call.call_id)}`}>
                  {call.what.replaceAll("_", " ")}{" "}
                  {timeHere(call.arrived_at)}
                </a>{" "}
                line {call.line}
              </span>
            ))}
          </p>
          {task.calling && (
            <p className="good">
              {task.calling.by} calls back from {task.calling.seat},{" "}
              {clockFace(now - Date.parse(task.calling.since))}
            </p>
          )}
          {!open && (
            <p>
              <strong>{resultInWords(task.result)}</strong>
              {task.note && `: ${task.note}`} · closed by {task.closed_by}
              {task.closed_at && `, ${momentHere(task.closed_at)}`}
            </p>
          )}
        </div>
      </div>
      {open && (
        <div className="task-actions">
          <CallBack task={task} me={me} floor={floor} onDone={onDone} />
          <Close task={task} onDone={onDone} />
        </div>
      )}
    </li>
  );
}

/** One press for whoever has a seat; others choose whose phone rings first. */
function CallBack({
  task,
  me,
  floor,
  onDone,
}: {
  task: Task;
  me: Me;
  floor: Floor;
  onDone: () => void;
}) {
  const action = useAction(onDone);
  const [chosen, setChosen] = useState("");
  const leads = me.role !== "operator";
  const seats = Object.values(floor.seats)
    .filter((seat) => seat.state !== "offline" && seat.call_id === null)
    .sort((a, b) => a.id.localeCompare(b.id));
  const seat = chosen || me.seat || "";
  if (!task.can_call)
    return <p className="quiet">Cannot be called back: {task.why_not || "no number"}.</p>;
  return (
    <div className="group">
      <button
        type="button"
        disabled={action.busy || task.calling !== null || seat === ""}
        onClick={() => action.run(() => post(`tasks/${task.id}/call`, seat ? { seat } : {}))}
      >
        Call back
      </button>
      {leads && (
        <label className="field inline">
          from seat
          <select value={seat} onChange={(event) => setChosen(event.target.value)}>
            <option value="">choose …</option>
            {seats.map((one) => (
              <option key={one.id} value={one.id}>
                {one.id}
                {one.id === me.seat ? " (yours)" : ""}
              </option>
            ))}
          </select>
        </label>
      )}
      <Problem problem={action.problem} />
    </div>
  );
}

function Close({ task, onDone }: { task: Task; onDone: () => void }) {
  const action = useAction(onDone);
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <button type="button" className="plain" onClick={() => setOpen(true)}>
        Close …
      </button>
    );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    action.run(() =>
      post(`tasks/${task.id}/close`, { result: typed.get("result"), note: typed.get("note") }),
    );
  };
  return (
    <form className="controls" aria-label={`Close the task of ${task.number}`} onSubmit={submit}>
      <label className="field">
        Result
        <select name="result" defaultValue="" required autoFocus>
          <option value="" disabled>
            choose …
          </option>
          {RESULTS.map(([result, label]) => (
            <option key={result} value={result}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="field why">
        Note
        <input name="note" maxLength={2000} />
      </label>
      <button type="submit" disabled={action.busy}>
        Close the task
      </button>
      <button type="button" className="plain" onClick={() => setOpen(false)}>
        Cancel
      </button>
      <Problem problem={action.problem} />
    </form>
  );
}
