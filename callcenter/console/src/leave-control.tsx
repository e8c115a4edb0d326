import { useCallback, useEffect, useState } from "react";
import { ApiError, post } from "./api";
import { Problem } from "./problem";
import type { Call, Me } from "./types";

const KEY = "l";
const KEY_CODE = "KeyL";

/** Leaves caller and officer to each other; the service warns once while not both were heard. */
export function LeaveControl({ call, me }: { call: Call; me: Me }) {
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const mine = call.legs.some(
    (leg) => leg.role === "operator" && leg.party === me.seat && leg.joined_at && !leg.left_at,
  );
  const possible = mine && call.state === "with_officer" && !busy;
  const heard = call.officer_state === "heard";

  const leave = useCallback(() => {
    if (!possible) return;
    setProblem(null);
    setBusy(true);
    post(`calls/${encodeURIComponent(call.id)}/leave`)
      .catch(setProblem)
      .finally(() => setBusy(false));
  }, [possible, call.id]);

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== KEY && event.code !== KEY_CODE) return;
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      if (event.target instanceof Element && event.target.closest("input,select,textarea")) return;
      event.preventDefault();
      leave();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [leave]);

  if (!mine || call.state !== "with_officer") return null;
  return (
    <span className="leave">
      <button type="button" className={heard ? "main" : "plain"} disabled={busy} onClick={leave}>
        {heard ? "Both were heard: leave" : "Leave (not both were heard yet)"} <kbd>L</kbd>
      </button>
      <Problem problem={problem} />
    </span>
  );
}
