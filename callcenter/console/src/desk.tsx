import { useEffect, useState } from "react";
import { post } from "./api";
import { Boundary } from "./boundary";
import { CallList } from "./call-list";
import { CallPage } from "./call-page";
import { isWaiting, withItsSeat, type Floor } from "./floor";
import { useLive } from "./live";
import { Notices } from "./notices";
import { Seats } from "./seats";
import type { Me } from "./types";

/** Everything that somebody who is signed in sees. */
export function Desk({ me, onSignedOut }: { me: Me; onSignedOut: () => void }) {
  const [callId, setCallId] = useState<string | null>(callInAddress);
  const { floor, dispatch } = useLive(callId, onSignedOut);

  useEffect(() => {
    const follow = () => setCallId(callInAddress());
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);

  // An operator's own call opens by itself, once, as soon as the phone rings.
  const ownId = me.seat ? floor.seats[me.seat]?.call_id : null;
  useEffect(() => {
    if (ownId) location.hash = `#call/${encodeURIComponent(ownId)}`;
  }, [ownId]);

  const waiting = Object.values(floor.calls).filter(isWaiting).length;
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Hotline console` : "Hotline console";
  }, [waiting]);

  return (
    <>
      <Header me={me} floor={floor} onSignedOut={onSignedOut} />
      <Notices
        notices={floor.notices}
        calls={floor.calls}
        onDismiss={(id) => dispatch({ type: "dismissed", id })}
      />
      <main className={callId ? "one-call" : "no-call"}>
        {callId && (
          <section className="call" aria-label="The call">
            <Boundary key={callId}>
              {floor.call ? (
                <CallPage
                  key={floor.call.id}
                  call={withItsSeat(floor.call, floor.seats)}
                  segments={floor.segments}
                  me={me}
                />
              ) : (
                <p className="quiet">{floor.problem ?? "Opening …"}</p>
              )}
            </Boundary>
          </section>
        )}
        <section className="floor" aria-label="Calls and seats">
          <Boundary>
            <CallList calls={floor.calls} seats={floor.seats} chosen={callId} />
            <Seats seats={floor.seats} me={me} />
          </Boundary>
        </section>
      </main>
    </>
  );
}

function Header({ me, floor, onSignedOut }: { me: Me; floor: Floor; onSignedOut: () => void }) {
  const leave = () => {
    void post("sign-out").finally(onSignedOut);
  };
  return (
    <>
      <header>
        <h1>
          <a href="#">Hotline</a>
        </h1>
        <span className={floor.connected ? "good" : "bad"} role="status">
          {floor.connected ? "● live" : "○ not connected"}
        </span>
        <span className="spacer" />
        <span>
          {me.name} ({me.role})
        </span>
        <button type="button" className="plain" onClick={leave}>
          Sign out
        </button>
      </header>
      {!floor.connected && (
        <p className="banner" role="alert">
          Not connected to the service: what you see may be old. Calls go on through Asterisk; keep
          talking and answer your phone. This screen reconnects by itself.
        </p>
      )}
      {floor.speech && !floor.speech.available && (
        <p className="banner mild" role="status">
          Speech is off: {floor.speech.why}. Calls and recordings go on; write the record by hand.
        </p>
      )}
    </>
  );
}

function callInAddress(): string | null {
  const match = /^#call\/(.+)$/.exec(location.hash);
  if (!match?.[1]) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return null;
  }
}
