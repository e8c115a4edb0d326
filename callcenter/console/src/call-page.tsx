import { useState } from "react";
import { useAsked } from "./asked";
import { elapsed } from "./call-list";
import { clockFace, useNow } from "./clock";
import { HangUp } from "./hang-up";
import { Exports } from "./incidents/exports";
import { JoinedCalls, Offers } from "./incidents/joins";
import { incidentPath, mayChange, othersThan } from "./incidents/paths";
import { Recontacts } from "./incidents/recontacts";
import type { Offer, WholeIncident } from "./incidents/types";
import { LeaveControl } from "./leave-control";
import { LineControl } from "./line-control";
import { OfficerControl } from "./officer-control";
import { CallerPosition } from "./caller-position";
import { PlaceMap } from "./place-map";
import type { Playable } from "./playing";
import { RecognitionLanguage } from "./recognition-language";
import { Record as IncidentRecord } from "./record";
import { Timeline } from "./timeline";
import { Transcript } from "./transcript";
import type { Call, Me, Place, Segment } from "./types";
import { capital, levelStyle, plain, stateInWords } from "./words";

/** What may be the same matter is asked for so often while the caller talks. */
const OFFERS_EVERY_MS = 5000;

export function CallPage({
  call,
  segments,
  me,
}: {
  call: Call;
  segments: Record<string, Segment>;
  me: Me;
}) {
  const [shown, setShown] = useState<string | null>(null);
  const place = call.incident?.fields.place as Place | null | undefined;
  const open = call.state !== "closed";
  const staff = me.role !== "officer";
  // Of a call that is over only once: looking at it is journalled, and it changes no more.
  const everyMs = open ? OFFERS_EVERY_MS : 0;
  const whole = useAsked<WholeIncident>(incidentPath(call.id), everyMs);
  const offers = useAsked<{ duplicates: Offer[] }>(
    staff ? incidentPath(call.id, "/duplicates") : null,
    everyMs,
  );
  const changed = () => {
    whole.again();
    offers.again();
  };
  return (
    <>
      <Headline call={call} />
      {open && staff && (
        <div className="actions">
          <OfficerControl call={call} />
          <LeaveControl call={call} me={me} />
          <HangUp callId={call.id} />
        </div>
      )}
      {open && staff && <LineControl call={call} me={me} />}
      {whole.answer && (
        <JoinedCalls
          incident={whole.answer}
          others={othersThan(whole.answer, call.id)}
          editable={mayChange(me, whole.answer.calls)}
          onDone={changed}
        />
      )}
      <Offers id={call.id} offers={offers.answer?.duplicates ?? []} onDone={changed} />
      <div className="columns">
        <div>
          <h3>Record</h3>
          <IncidentRecord
            id={call.id}
            record={call.incident}
            editable={mayChange(me, whole.answer?.calls ?? [call])}
            history={ownEdits(whole.answer, call.id)}
            onShow={setShown}
            onChange={changed}
          />
          <Exports id={call.id} />
        </div>
        <div>
          <h3>Transcript</h3>
          {open && !call.speech.available && (
            <p className="bad">Nothing is written down here: {call.speech.why}. The call is recorded.</p>
          )}
          {open && call.speech.available && call.speech.interim === false && (
            <p className="quiet">{call.speech.why}</p>
          )}
          <Transcript segments={segments} shown={shown} recording={playable(call)} />
          {staff && <RecognitionLanguage call={call} />}
          {call.position && <CallerPosition position={call.position} />}
          <PlaceMap place={place && typeof place === "object" ? place : null} position={call.position ?? null} />
          <Recontacts id={call.id} open={open} linked={staff} />
          <h3>Timeline</h3>
          <Timeline steps={call.timeline} />
          {call.recordings.length > 0 && <h3>Recording</h3>}
          {call.recordings.map((recording) => (
            <p key={recording.sha256}>
              <audio controls preload="none" src={recording.url} />
              <small className="hash">SHA-256 {recording.sha256}</small>
            </p>
          ))}
        </div>
      </div>
    </>
  );
}

/** The recording of a call that is over, whose words can be played. */
function playable(call: Call): Playable | null {
  const kept = call.recordings.at(-1);
  return kept ? { url: kept.url, startsMs: kept.starts_ms ?? 0 } : null;
}

/** The edits of this call's record, without those of others that are the same incident. */
function ownEdits(incident: WholeIncident | null, callId: string): WholeIncident["history"] {
  return Object.fromEntries(
    Object.entries(incident?.history ?? {}).map(([field, edits]) => [
      field,
      edits.filter((edit) => edit.call_id === callId),
    ]),
  );
}

function Headline({ call }: { call: Call }) {
  const now = useNow();
  return (
    <div className={`headline ${levelStyle(call.level)}`}>
      <h2>
        {call.level && <span className="level">{plain(call.level)}</span>}
        {capital(plain(call.category) || "call")} from {call.from || "a withheld number"}
      </h2>
      <p>
        <span className="clock">{clockFace(elapsed(call, now))}</span> {stateInWords(call)} · line{" "}
        {call.line}
        {call.adopted && " · taken over after a restart"}
      </p>
    </div>
  );
}
