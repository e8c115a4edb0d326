import { useState } from "react";
import { ApiError, post } from "./api";
import { OfficerControl } from "./officer-control";
import { PlaceMap } from "./place-map";
import { Record as IncidentRecord } from "./record";
import { Timeline } from "./timeline";
import { Transcript } from "./transcript";
import type { Call, Place, Segment } from "./types";
import { plain, stateInWords } from "./words";

export function CallPage({ call, segments }: { call: Call; segments: Record<string, Segment> }) {
  const [shown, setShown] = useState<string | null>(null);
  const place = (call.incident?.fields.place ?? null) as Place | null;
  return (
    <>
      <div className={`headline level-${call.level ?? "none"}`}>
        <h2>
          {call.category && call.category !== "unknown" ? plain(call.category) : "call"} from{" "}
          {call.from || "number withheld"}
        </h2>
        <p>
          {stateInWords(call)}
          {call.adopted && " · taken over after a restart"}
        </p>
        <OfficerControl call={call} />
        {call.state !== "closed" && <HangUp call={call} />}
      </div>
      <div className="columns">
        <div>
          <h3>Transcript</h3>
          {!call.speech.available && (
            <p className="bad">Speech is off: {call.speech.why} The call is recorded as always.</p>
          )}
          <Transcript segments={segments} shown={shown} />
        </div>
        <div>
          <h3>Record</h3>
          <IncidentRecord call={call} onShow={setShown} />
          {place && <PlaceMap place={place} />}
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

function HangUp({ call }: { call: Call }) {
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  if (!asked)
    return (
      <button type="button" className="plain" onClick={() => setAsked(true)}>
        End the call …
      </button>
    );
  return (
    <span role="group">
      End it for everybody?{" "}
      <button
        type="button"
        onClick={() => {
          post(`calls/${encodeURIComponent(call.id)}/hang-up`)
            .then(() => setAsked(false))
            .catch(setProblem);
        }}
      >
        End the call
      </button>{" "}
      <button type="button" className="plain" onClick={() => setAsked(false)}>
        Keep it
      </button>
      {problem && <span className="bad">{problem.message}</span>}
    </span>
  );
}
