import { clockFace, useNow } from "./clock";
import { inOrder, isWaiting, withItsSeat } from "./floor";
import type { CallSummary, Seat } from "./types";
import { levelStyle, plain, stateInWords } from "./words";

type Calls = Record<string, CallSummary>;

/** Waiting callers with a running clock on top, then calls that go on, then closed ones. */
export function CallList({
  calls,
  seats,
  chosen,
}: {
  calls: Calls;
  seats: Record<string, Seat>;
  chosen: string | null;
}) {
  const now = useNow();
  const ordered = inOrder(calls);
  const waiting = ordered.filter(isWaiting);
  const going = ordered.filter((call) => !isWaiting(call) && call.state !== "closed");
  const closed = ordered.filter((call) => call.state === "closed");
  const group = (name: string, members: CallSummary[]) => (
    <>
      <h2>
        {name} <span className="count">{members.length}</span>
      </h2>
      <ul className="calls" aria-label={name}>
        {members.map((call) => (
          <Line
            key={call.id}
            call={withItsSeat(call, seats)}
            now={now}
            chosen={call.id === chosen}
          />
        ))}
      </ul>
    </>
  );
  return (
    <>
      {group("Waiting", waiting)}
      {group("In progress", going)}
      {closed.length > 0 && group("Closed", closed)}
    </>
  );
}

function Line({ call, now, chosen }: { call: CallSummary; now: number; chosen: boolean }) {
  const known = [plain(call.category), plain(call.place_text)].filter(Boolean).join(" · ");
  return (
    <li>
      <a
        href={`#call/${encodeURIComponent(call.id)}`}
        className={`${call.state} ${levelStyle(call.level)}`}
        aria-current={chosen}
      >
        <span className="clock">{clockFace(elapsed(call, now))}</span>
        <span className="who">{call.from || "number withheld"}</span>
        <span className="what">
          {call.level && <span className="level">{plain(call.level)}</span>}
          {stateInWords(call)} · line {call.line}
        </span>
        {known && <span className="what">{known}</span>}
      </a>
    </li>
  );
}

/** While waiting: how long. While talking: since the answer. Closed: how long it took in all. */
export function elapsed(call: CallSummary, now: number): number {
  const closed = call.state === "closed";
  const from = isWaiting(call) || closed ? call.arrived_at : (call.answered_at ?? call.arrived_at);
  const until = closed && call.closed_at ? Date.parse(call.closed_at) : now;
  return until - Date.parse(from);
}
