import { clockFace, useNow } from "./clock";
import { inOrder, isWaiting } from "./floor";
import type { CallSummary } from "./types";
import { plain, stateInWords } from "./words";

export function CallList({
  calls,
  chosen,
}: {
  calls: Record<string, CallSummary>;
  chosen: string | null;
}) {
  const now = useNow();
  const ordered = inOrder(calls);
  const waiting = ordered.filter(isWaiting).length;
  return (
    <>
      <h2>
        Calls <small>{waiting} waiting</small>
      </h2>
      {ordered.length === 0 && <p className="quiet">No calls yet.</p>}
      <ul className="calls">
        {ordered.map((call) => (
          <li key={call.id}>
            <a
              href={`#call/${encodeURIComponent(call.id)}`}
              className={`${call.state} level-${call.level ?? "none"}`}
              aria-current={call.id === chosen}
            >
              <span className="clock">{clockFace(elapsed(call, now))}</span>
              <span className="who">
                {call.from || "number withheld"} → {call.line}
              </span>
              <span className="what">
                {stateInWords(call)}
                {call.category && call.category !== "unknown" && ` · ${plain(call.category)}`}
                {call.place_text && ` · ${call.place_text}`}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** While waiting: how long. While talking: since the answer. Closed: how long it took in all. */
function elapsed(call: CallSummary, now: number): number {
  const begun = Date.parse(isWaiting(call) ? call.arrived_at : (call.answered_at ?? call.arrived_at));
  const ended = call.state === "closed" && call.closed_at ? Date.parse(call.closed_at) : now;
  return ended - begun;
}
