import { useState } from "react";
import { useAsked } from "../asked";
import { momentHere } from "../clock";
import { PlaceMap } from "../place-map";
import { Problem } from "../problem";
import { Record as IncidentRecord } from "../record";
import { byId } from "../segments";
import { Transcript } from "../transcript";
import type { Me, Place, Segment } from "../types";
import { capital, levelStyle, plain } from "../words";
import { Exports } from "./exports";
import { Offers, Undo } from "./joins";
import { callName, incidentPath, mayChange } from "./paths";
import { Recontacts } from "./recontacts";
import type { CallOfIncident, Offer, WholeIncident } from "./types";

const EVERY_MS = 5000;

/** One incident with all of its calls: what they say together, and each one's words. */
export function IncidentPage({ id, me }: { id: string; me: Me }) {
  const [going, setGoing] = useState(true);
  // Looking at a finished record is journalled: it is not asked for again and again.
  const { answer, problem, again } = useAsked<WholeIncident>(
    incidentPath(id),
    going ? EVERY_MS : 0,
  );
  const offers = useAsked<{ duplicates: Offer[] }>(incidentPath(id, "/duplicates"));
  const [shown, setShown] = useState<{ callId: string; segmentId: string } | null>(null);
  if (answer && going === answer.finished) setGoing(!answer.finished);
  const changed = () => {
    again();
    offers.again();
  };
  if (!answer)
    return problem ? <Problem problem={problem} /> : <p className="quiet">Opening …</p>;
  const editable = mayChange(me, answer.calls);
  const place = answer.fields.place as Place | null | undefined;
  return (
    <section aria-label="The incident">
      <div className={`headline ${levelStyle(answer.fields.level)}`}>
        <h2>
          {answer.fields.level ? <span className="level">{plain(answer.fields.level)}</span> : null}
          {capital(plain(answer.fields.category) || "incident")}
        </h2>
        <p>
          {answer.id} · began {momentHere(answer.calls[0]?.arrived_at ?? "")} ·{" "}
          {answer.calls.length === 1 ? "1 call" : `${answer.calls.length} calls`} ·{" "}
          {answer.finished ? "finished" : "going on"}
        </p>
      </div>
      <Problem problem={problem} />
      {!answer.complete && (
        <p className="bad">The database does not answer: other calls may belong to this incident.</p>
      )}
      <Exports id={answer.id} />
      <Undo incident={answer} editable={editable} onDone={changed} />
      <Offers id={answer.id} offers={offers.answer?.duplicates ?? []} onDone={changed} />
      <div className="columns">
        <div>
          <h3>Record</h3>
          <IncidentRecord
            id={answer.id}
            record={answer}
            editable={editable}
            history={answer.history}
            nameOf={(callId) => callName(answer, callId)}
            onShow={(segmentId, callId) =>
              setShown({ segmentId, callId: callId ?? answer.calls[0]?.id ?? "" })
            }
            onChange={again}
          />
          {place && typeof place === "object" && <PlaceMap place={place} />}
          <Recontacts id={answer.id} open={!answer.finished} linked />
        </div>
        <div>
          {answer.calls.map((call) => (
            <OneCall
              key={call.id}
              call={call}
              name={capital(callName(answer, call.id)) || "Call"}
              shown={shown?.callId === call.id ? shown.segmentId : null}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

function OneCall({
  call,
  name,
  shown,
}: {
  call: CallOfIncident;
  name: string;
  shown: string | null;
}) {
  const open = call.state !== "closed";
  const { answer } = useAsked<{ segments: Segment[] }>(
    `calls/${encodeURIComponent(call.id)}/transcript`,
    open ? EVERY_MS : 0,
  );
  return (
    <section className="one-of-calls" aria-label={name}>
      <h3>
        {name}: <a href={`#call/${encodeURIComponent(call.id)}`}>from {call.from || "a withheld number"}</a>
      </h3>
      <p className="quiet">
        {[
          momentHere(call.arrived_at),
          `line ${call.line}`,
          call.seat && `seat ${call.seat}`,
          call.officer && `officer ${call.officer}`,
          open ? "going on" : "over",
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {answer && <Transcript segments={byId(answer.segments)} shown={shown} of={call.id} />}
    </section>
  );
}
