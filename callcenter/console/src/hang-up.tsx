import { useState } from "react";
import { ApiError, post } from "./api";
import { Problem } from "./problem";

/** Ends the caller's call; asked twice, since nobody can undo it. */
export function HangUp({ callId }: { callId: string }) {
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  if (!asked)
    return (
      <button type="button" className="plain" onClick={() => setAsked(true)}>
        End the call …
      </button>
    );
  const end = () => {
    post(`calls/${encodeURIComponent(callId)}/hang-up`)
      .then(() => setAsked(false))
      .catch(setProblem);
  };
  return (
    <span className="hang-up" role="group" aria-label="End the call">
      For everybody, the caller too?
      <button type="button" className="plain" autoFocus onClick={() => setAsked(false)}>
        No, keep it
      </button>
      <button type="button" className="danger" onClick={end}>
        End the call
      </button>
      <Problem problem={problem} />
    </span>
  );
}
