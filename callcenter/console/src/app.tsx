import { useCallback, useEffect, useState } from "react";
import { type ApiError, get } from "./api";
import { Desk } from "./desk";
import { SignIn } from "./sign-in";
import type { Me } from "./types";

type Session = "unknown" | "signed-out" | Me;

const RETRY_MS = 2000;

export function App() {
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
