import { useCallback, useEffect, useState } from "react";
import { ApiError, type ProblemDetail } from "../api";
import { useAction } from "../asked";
import { momentHere } from "../clock";
import { Problem } from "../problem";
import type { DutyState } from "./types";

const LOOK_EVERY_MS = 30_000;
const POSITION_EVERY_MS = 15_000;

type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Requests that carry an officer's own link; without one those of whoever is signed in. */
function asker(link: string | null): Ask {
  return async <T,>(method: string, path: string, body?: unknown): Promise<T> => {
    let answer: Response;
    try {
      answer = await fetch(`/api/v1/${path}`, {
        method,
        credentials: link ? "omit" : "same-origin",
        headers: {
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(link ? { Authorization: `Bearer ${link}` } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new ApiError(0, "The service does not answer.", "Try again in a moment.");
    }
    const content = (await answer.json().catch(() => undefined)) as { error?: ProblemDetail } | undefined;
    if (answer.ok) return content as T;
    if (link && answer.status === 401)
      throw new ApiError(401, "This link is not valid any more.", "Ask your supervisor for a new one.");
    const error = content?.error;
    throw new ApiError(answer.status, error?.message ?? "It failed.", error?.next ?? "Try again.", error);
  };
}

/** An officer says whether they are on duty, and may let the hotline know where they are. */
export function OnDuty({ link = null }: { link?: string | null }) {
  const [ask] = useState(() => asker(link));
  const [state, setState] = useState<DutyState | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const look = useCallback(() => {
    ask<DutyState>("GET", "on-duty")
      .then((said) => {
        setState(said);
        setProblem(null);
      })
      .catch(setProblem);
  }, [ask]);
  useEffect(() => {
    look();
    const timer = window.setInterval(look, LOOK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [look]);
  const { busy, problem: refused, run } = useAction(look);
  const set = (on: boolean) => run(() => ask("POST", "on-duty", { on }));
  return (
    <section className="on-duty" aria-label="My duty">
      {state && (
        <>
          <p role="status">
            <strong>{state.name}</strong>:{" "}
            {state.on_duty
              ? `on duty (${state.role}, precinct ${state.precinct})${
                  state.until ? ` until ${momentHere(state.until)}` : ""
                }`
              : "off duty"}
          </p>
          <span className="group">
            <button type="button" disabled={busy || state.on_duty} onClick={() => set(true)}>
              I am on duty
            </button>
            <button type="button" disabled={busy || !state.on_duty} onClick={() => set(false)}>
              I am off duty
            </button>
          </span>
          {state.on_duty && <ShareWhere officer={state.officer} ask={ask} />}
        </>
      )}
      <Problem problem={refused ?? problem} />
    </section>
  );
}

/** Where the phone is, as long as the officer wants it told and is on duty. */
function ShareWhere({ officer, ask }: { officer: string; ask: Ask }) {
  const [on, setOn] = useState(false);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!on) return undefined;
    if (!("geolocation" in navigator)) {
      setSaid("This phone does not tell where it is.");
      return undefined;
    }
    let sentAt = 0;
    const watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        if (Date.now() - sentAt < POSITION_EVERY_MS) return;
        sentAt = Date.now();
        ask("POST", `officers/${officer}/position`, {
          lat: coords.latitude,
          lon: coords.longitude,
          accuracy_m: coords.accuracy,
          at: new Date(timestamp).toISOString(),
        })
          .then(() => setSaid(`Told at ${new Date().toLocaleTimeString()}.`))
          .catch((error: ApiError) => setSaid(`${error.message} ${error.next}`));
      },
      () => setSaid("The phone did not let its position be told; look at its settings."),
      { enableHighAccuracy: true, maximumAge: POSITION_EVERY_MS },
    );
    return () => navigator.geolocation.clearWatch(watch);
  }, [on, officer, ask]);
  return (
    <p>
      <label>
        <input type="checkbox" checked={on} onChange={(event) => setOn(event.target.checked)} /> Tell
        the hotline where I am while this page is open
      </label>{" "}
      {on && <span className="quiet">{said}</span>}
    </p>
  );
}
