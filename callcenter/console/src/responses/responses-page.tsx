import { useState } from "react";
import { withQuery } from "../api";
import { useAsked } from "../asked";
import { CallList } from "../call-list";
import type { Floor } from "../floor";
import { Problem } from "../problem";
import type { Me } from "../types";
import { ResponseCard } from "./response-card";
import type { OfficerResponse } from "./types";

const EVERY_MS = 3000;
const STATES = [
  ["open", "with the officer"],
  ["reported", "report to be judged"],
  ["closed", "over"],
] as const;
type State = (typeof STATES)[number][0];

const nothing: Record<State, string> = {
  open: "No officer is at anything.",
  reported: "No report waits to be judged.",
  closed: "None is over yet.",
};

/** What officers do about the calls that they took; an officer sees the own ones. */
export function ResponsesPage({ me, floor }: { me: Me; floor: Floor }) {
  const [state, setState] = useState<State>("open");
  const { answer, problem, again } = useAsked<{ responses: OfficerResponse[] }>(
    withQuery("responses", { state }),
    EVERY_MS,
  );
  const officer = me.role === "officer";
  const onLine = Object.fromEntries(
    Object.entries(floor.calls).filter(([, call]) => call.state !== "closed"),
  );
  return (
    <section aria-label="Responses" className={officer ? "for-officer" : ""}>
      <h2>Responses</h2>
      {officer && Object.keys(onLine).length > 0 && (
        <CallList calls={onLine} seats={floor.seats} chosen={null} />
      )}
      <div className="controls">
        <label className="field inline">
          Show
          <select value={state} onChange={(event) => setState(event.target.value as State)}>
            {STATES.map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Problem problem={problem} />
      {answer?.responses.length === 0 && (
        <p>{officer && state === "open" ? "You are at nothing now." : nothing[state]}</p>
      )}
      <ul className="responses">
        {answer?.responses.map((response) => (
          <ResponseCard key={response.id} response={response} me={me} onDone={again} />
        ))}
      </ul>
    </section>
  );
}
