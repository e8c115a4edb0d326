import { useCallback, useEffect, useState } from "react";
import { type ApiError, get } from "./api";
import { Desk } from "./desk";
import { OnDuty } from "./rosters/on-duty";
import { SignIn } from "./sign-in";
import type { Me } from "./types";

type Session = "unknown" | "signed-out" | Me;

const RETRY_MS = 2000;

const LINK = /^#on-duty\/([\w-]{16,})$/;

/** An officer's own link opens their duty and nothing else; everybody else signs in. */
export function App() {
  const link = LINK.exec(location.hash)?.[1];
  if (link)
    return (
      <main className="page">
        <h1>Hotline</h1>
        <OnDuty link={link} />
      </main>
    );
  return <Console />;
}

function Console() {
  const [session, setSession] = useState<Session>("unknown");
  const [unanswered, setUnanswered] = useState(0);
  const signedOut = useCallback(() => setSession("signed-out"), []);

  useEffect(() => {
    if (session !== "unknown") return undefined;
    let timer: number | undefined;
    get<Me>("me")
      .then(setSession)
      .catch((error: ApiError) => {
        if (error.status === 401) signedOut();
        else timer = window.setTimeout(() => setUnanswered((count) => count + 1), RETRY_MS);
      });
    return () => window.clearTimeout(timer);
  }, [session, unanswered, signedOut]);

  if (session === "signed-out") return <SignIn onSignedIn={setSession} />;
  if (session === "unknown")
    return (
      <p className="connecting" role="status">
        {unanswered > 0
          ? "The service does not answer. Calls go on through Asterisk; this page tries again."
          : "Connecting …"}
      </p>
    );
  return <Desk me={session} onSignedOut={signedOut} />;
}
