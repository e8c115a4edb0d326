import { useCallback, useEffect, useState } from "react";
import { ApiError, get, post } from "./api";
import { CallList } from "./call-list";
import { CallPage } from "./call-page";
import { useLive } from "./live";
import { Seats } from "./seats";
import { SignIn } from "./sign-in";
import type { Me } from "./types";

type Session = "unknown" | "signed-out" | Me;

export function App() {
  const [session, setSession] = useState<Session>("unknown");
  const signedOut = useCallback(() => setSession("signed-out"), []);

  useEffect(() => {
    get<Me>("me")
      .then(setSession)
      .catch((error: ApiError) => {
        if (error.status === 401) signedOut();
      });
  }, [signedOut]);

  if (session === "unknown") return <p className="quiet">Connecting …</p>;
  if (session === "signed-out") return <SignIn onSignedIn={setSession} />;
  return <Desk me={session} onSignedOut={signedOut} />;
}

function Desk({ me, onSignedOut }: { me: Me; onSignedOut: () => void }) {
  const [callId, setCallId] = useState<string | null>(callInAddress);
  const { floor, dispatch } = useLive(callId, onSignedOut);

  useEffect(() => {
    const follow = () => setCallId(callInAddress());
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);

  // An operator's own call opens by itself, once.
  const own = me.seat ? Object.values(floor.calls).find((c) => isOn(c, me.seat)) : undefined;
  const ownId = own?.id;
  useEffect(() => {
    if (ownId) location.hash = `#call/${ownId}`;
  }, [ownId]);

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
          {floor.connected ? "live" : "not connected: calls go on, this screen waits"}
        </span>
        {floor.speech && !floor.speech.available && (
          <span className="bad" role="status">
            speech is off: {floor.speech.why}
          </span>
        )}
        <span className="spacer" />
        <span>
          {me.name} ({me.role})
        </span>
        <button type="button" className="plain" onClick={leave}>
          Sign out
        </button>
      </header>
      <ul className="notices" aria-live="polite">
        {floor.notices.map((notice, index) => (
          <li key={`${notice.kind}-${notice.subject}-${index}`}>
            {notice.text}
            <button
              type="button"
              className="plain"
              aria-label="Dismiss"
              onClick={() => dispatch({ type: "dismissed", index })}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <main>
        <section className="floor" aria-label="Calls and seats">
          <CallList calls={floor.calls} chosen={callId} />
          <Seats seats={floor.seats} me={me} />
        </section>
        <section className="call" aria-label="The call">
          {floor.call ? (
            <CallPage call={floor.call} segments={floor.segments} />
          ) : (
            <p className="quiet">Choose a call.</p>
          )}
        </section>
      </main>
    </>
  );
}

function isOn(call: { seat: string | null; state: string }, seat: string | null): boolean {
  return call.state !== "closed" && call.seat !== null && call.seat === seat;
}

function callInAddress(): string | null {
  const match = /^#call\/(.+)$/.exec(location.hash);
  return match?.[1] ? decodeURIComponent(match[1]) : null;
}
