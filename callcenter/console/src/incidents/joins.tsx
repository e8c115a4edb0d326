import { post } from "../api";
import { useAction } from "../asked";
import { timeHere } from "../clock";
import { Problem } from "../problem";
import { capital, levelStyle, plain } from "../words";
import { incidentPage, incidentPath } from "./paths";
import type { CallOfIncident, Joined, Offer, WholeIncident } from "./types";

/** Incidents that may be this one: each with its reasons, and one press to join it. */
export function Offers({
  id,
  offers,
  onDone,
}: {
  id: string;
  offers: Offer[];
  onDone: () => void;
}) {
  if (offers.length === 0) return null;
  return (
    <section className="offers" aria-label="Possible duplicates">
      <h3>Perhaps the same incident</h3>
      <ul>
        {offers.map((offer) => (
          <OfferLine key={offer.incident} id={id} offer={offer} onDone={onDone} />
        ))}
      </ul>
    </section>
  );
}

function OfferLine({ id, offer, onDone }: { id: string; offer: Offer; onDone: () => void }) {
  const action = useAction(onDone);
  const what = capital(plain(offer.category) || "call");
  const calls = offer.call_ids.length;
  const name = `${what} ${timeHere(offer.began_at)}`;
  return (
    <li className={levelStyle(offer.level)}>
      <div>
        <a href={incidentPage(offer.incident)}>
          <strong>{what}</strong> {offer.place_text}
        </a>{" "}
        {timeHere(offer.began_at)}
        {offer.numbers.length > 0 && ` · from ${offer.numbers.join(", ")}`}
        {calls > 1 && ` · ${calls} calls`} · {offer.finished ? "over" : "going on"}
        <small>
          {Math.round(offer.score * 100)} %: {offer.reasons.map((reason) => reason.text).join(", ")}
          {offer.separated && ` · separated before by ${offer.separated.by}`}
        </small>
      </div>
      <button
        type="button"
        className={offer.separated ? "plain" : ""}
        aria-label={`Join ${name}`}
        disabled={action.busy}
        onClick={() =>
          action.run(() => post(incidentPath(id, "/join"), { incident: offer.incident }))
        }
      >
        Join
      </button>
      <Problem problem={action.problem} />
    </li>
  );
}

/** The other calls of the incident, and each join with the press that takes it back. */
export function JoinedCalls({
  incident,
  others,
  editable,
  onDone,
}: {
  incident: WholeIncident;
  others: CallOfIncident[];
  editable: boolean;
  onDone: () => void;
}) {
  if (others.length === 0) return null;
  return (
    <section className="joined" aria-label="Joined calls">
      <h3>
        <a href={incidentPage(incident.id)}>One incident of {incident.calls.length} calls</a>
      </h3>
      <ul>
        {others.map((call) => (
          <li key={call.id}>
            <a href={`#call/${encodeURIComponent(call.id)}`}>
              {timeHere(call.arrived_at)} from {call.from || "a withheld number"}
            </a>{" "}
            {[plain(call.fields.category), plain(call.state), call.seat].filter(Boolean).join(" · ")}
          </li>
        ))}
      </ul>
      <Undo incident={incident} editable={editable} onDone={onDone} />
    </section>
  );
}

/** Each join that is in force. */
export function Undo({
  incident,
  editable,
  onDone,
}: {
  incident: WholeIncident;
  editable: boolean;
  onDone: () => void;
}) {
  return (
    <ul className="undo">
      {[...incident.joins].reverse().map((join) => (
        <UndoLine key={join.join} join={join} editable={editable} onDone={onDone} />
      ))}
    </ul>
  );
}

function UndoLine({
  join,
  editable,
  onDone,
}: {
  join: Joined;
  editable: boolean;
  onDone: () => void;
}) {
  const action = useAction(onDone);
  return (
    <li>
      <span>
        {join.incident} joined by {join.by}, {timeHere(join.at)}
        {join.why && <small>{join.why}</small>}
      </span>
      {editable && (
        <button
          type="button"
          className="plain"
          aria-label={`Undo the join of ${join.incident}`}
          disabled={action.busy}
          onClick={() =>
            action.run(() => post(incidentPath(join.into, "/separate"), { join: join.join }))
          }
        >
          Undo
        </button>
      )}
      <Problem problem={action.problem} />
    </li>
  );
}
