import { useEffect, useState } from "react";
import { get, post } from "./api";
import { useAction } from "./asked";
import { Problem } from "./problem";
import type { Call, ComingParty, How, Leg, Me, Partner, Seat } from "./types";

const ON_LINE = ["talking", "with_officer"];

/** Who is on the call and whose phone rings; hold; others brought to it, or the call given to them. */
export function LineControl({ call, me }: { call: Call; me: Me }) {
  const action = useAction();
  const [to, setTo] = useState("");
  const targets = useTargets();
  const there = call.legs.filter((leg) => (leg.joined_at && !leg.left_at) || leg.aside);
  const mine = there.find((leg) => leg.role === "operator" && leg.party === me.seat);
  const coming = call.coming ?? [];
  if (!ON_LINE.includes(call.state)) return null;
  const act = (path: string, body: object) =>
    action.run(() => post(`calls/${encodeURIComponent(call.id)}/${path}`, body));
  const bring = (how: How) => {
    const [kind = "", id = ""] = to.split(":");
    void act("parties", { [kind]: id, how });
    setTo("");
  };
  const toQueue = to.startsWith("queue:");
  return (
    <section className="on-line" aria-label="On the line">
      <ul>
        {there.map((leg) => (
          <li key={leg.id}>
            <strong>{leg.role === "caller" ? "Caller" : leg.party}</strong> {where(leg, call)}{" "}
            {leg.role !== "caller" && leg !== mine && (
              <button
                type="button"
                className="plain"
                disabled={action.busy}
                aria-label={`Take ${leg.party} off the call`}
                onClick={() => act("parties/put-out", { leg: leg.id })}
              >
                Take off
              </button>
            )}
          </li>
        ))}
        {coming.map((each) => (
          <li key={each.party}>
            <strong>{each.party}</strong> {rings(each)}{" "}
            <button
              type="button"
              className="plain"
              disabled={action.busy}
              aria-label={`Stop ringing ${each.party}`}
              onClick={() => act("parties/stop", { party: each.party })}
            >
              Stop ringing
            </button>
          </li>
        ))}
      </ul>
      {mine && (
        <button
          type="button"
          className={mine.aside ? "main" : ""}
          disabled={action.busy}
          onClick={() => act(mine.aside ? "back" : "hold", {})}
        >
          {mine.aside ? "Back to the caller" : call.officer ? "Step aside" : "Hold, with music"}
        </button>
      )}{" "}
      <label>
        Bring
        <select value={to} onChange={(event) => setTo(event.target.value)}>
          <option value="">somebody …</option>
          {targets.map((each) => (
            <option key={each.value} value={each.value}>
              {each.label}
            </option>
          ))}
        </select>
      </label>{" "}
      {to && !toQueue && (
        <button type="button" disabled={action.busy} onClick={() => bring("add")}>
          Add to the call
        </button>
      )}{" "}
      {to && !toQueue && mine && (
        <button type="button" disabled={action.busy} onClick={() => bring("ask")}>
          Speak with them first
        </button>
      )}{" "}
      {to && mine && (
        <button type="button" disabled={action.busy} onClick={() => bring("give")}>
          Give them the call and leave
        </button>
      )}
      <Problem problem={action.problem} />
    </section>
  );
}

function useTargets(): { value: string; label: string }[] {
  const [targets, setTargets] = useState<{ value: string; label: string }[]>([]);
  useEffect(() => {
    const partners = get<{ partners: Partner[] }>("partners").then((answer) =>
      answer.partners.map((each) => ({ value: `partner:${each.id}`, label: each.name })),
    );
    const seats = get<{ seats: Seat[] }>("seats").then((answer) =>
      answer.seats.map((each) => ({ value: `to_seat:${each.id}`, label: each.name || each.id })),
    );
    const queues = get<{ queues: { id: string; name: string }[] }>("queues").then((answer) =>
      answer.queues.map((each) => ({
        value: `queue:${each.id}`,
        label: `Queue ${each.name || each.id}`,
      })),
    );
    Promise.all([partners, seats, queues])
      .then((found) => setTargets(found.flat()))
      .catch(() => setTargets([]));
  }, []);
  return targets;
}

function where(leg: Leg, call: Call): string {
  if (leg.aside) return "apart from the caller";
  if (leg.role === "caller") return call.held ? "on hold, with music" : "on the line";
  return leg.heard ? "on the line" : "on the line, not heard yet";
}

function rings(each: ComingParty): string {
  if (each.how === "ask") return "rings; you speak with them first";
  if (each.how === "give") return `rings; if nobody comes, back to ${each.seat}`;
  return "rings";
}
