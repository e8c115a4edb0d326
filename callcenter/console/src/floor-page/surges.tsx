import { type FormEvent, useId } from "react";
import { post } from "../api";
import { useAction, useAsked } from "../asked";
import { Problem } from "../problem";
import type { CallSummary } from "../types";
import { byOrigin } from "./order";

/** Many calls from one place begin a surge, and the rush's end ends it, without a person. */
const EVERY_MS = 2000;

/** A person may begin or end a surge, whatever the settings would do by themselves. */
export function Surges({ calls }: { calls: Record<string, CallSummary> }) {
  const { answer, problem, again } = useAsked<{ surges: { origin: string }[] }>("surges", EVERY_MS);
  const action = useAction(again);
  const list = useId();
  const origins = byOrigin(calls);
  const set = (origin: string, on: boolean) => action.run(() => post("surges", { origin, on }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const button = (event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null;
    const origin = String(new FormData(event.currentTarget).get("origin") ?? "").trim();
    set(origin, button?.value !== "end");
  };
  return (
    <>
      <h2>Surge</h2>
      <p className="quiet">
        Many calls from one place at once: later callers from there hear a recorded message first,
        keep their place and are never dropped.
      </p>
      <Problem problem={problem} />
      {(answer?.surges ?? []).map(({ origin }) => (
        <p key={origin} className="controls">
          <strong>{origin}</strong> callers from here hear the message first{" "}
          <button type="button" disabled={action.busy} onClick={() => set(origin, false)}>
            End this surge
          </button>
        </p>
      ))}
      {origins.length > 0 && (
        <p>
          Open calls by origin:{" "}
          {origins.map(({ origin, calls: number }) => `${origin}: ${number}`).join(" · ")}
        </p>
      )}
      <form className="controls" aria-label="Surge" onSubmit={submit}>
        <label className="field">
          Origin
          <input name="origin" list={list} maxLength={100} required />
          <datalist id={list}>
            {origins.map(({ origin }) => (
              <option key={origin} value={origin} />
            ))}
          </datalist>
        </label>
        <button type="submit" value="begin" disabled={action.busy}>
          Begin a surge
        </button>
        <button type="submit" className="plain" value="end" disabled={action.busy}>
          End it
        </button>
        <Problem problem={action.problem} />
      </form>
    </>
  );
}
