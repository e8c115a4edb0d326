import { useCallback, useEffect, useState } from "react";
import { ApiError, get, post } from "./api";
import { Problem } from "./problem";
import type { Call, Officer } from "./types";

const KEY = "o";
const KEY_CODE = "KeyO";

/** The operator's one action: the responsible officer on the line. */
export function OfficerControl({ call }: { call: Call }) {
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [officers, setOfficers] = useState<Officer[]>([]);
  const [chosen, setChosen] = useState("");
  const [asked, setAsked] = useState(false);
  const rung = call.officers_rung ?? [];
  const running = asked || call.officer_state === "ringing" || call.officer_state === "briefed";
  // Whoever is chosen by hand is rung beside those whose phones ring already.
  const beside = chosen !== "" && !asked && !rung.includes(chosen);
  const possible =
    (call.state === "talking" || call.state === "with_officer") && (!running || beside);

  const ring = useCallback(() => {
    if (!possible) return;
    setProblem(null);
    setAsked(true);
    post(`calls/${encodeURIComponent(call.id)}/officer`, chosen ? { officer: chosen } : {})
      .catch(setProblem)
      .finally(() => setAsked(false));
  }, [possible, call.id, chosen]);

  const stop = () => {
    setProblem(null);
    post(`calls/${encodeURIComponent(call.id)}/officer/stop`).catch(setProblem);
  };

  useEffect(() => {
    get<{ officers: Officer[] }>("officers")
      .then((answer) => setOfficers(answer.officers))
      .catch(() => setOfficers([]));
  }, []);

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      // The place of the key counts too: with a Korean or Chinese layout it gives other letters.
      if (event.key.toLowerCase() !== KEY && event.code !== KEY_CODE) return;
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      if (event.target instanceof Element && event.target.closest("input,select,textarea")) return;
      event.preventDefault();
      ring();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [ring]);

  return (
    <div className="officer-control">
      <button type="button" className="main" disabled={!possible} onClick={ring}>
        {running && beside ? "Ring this one, too" : label(call, chosen)} {possible && <kbd>O</kbd>}
      </button>
      {rung.length > 0 && (
        <span>
          Rings: {rung.join(", ")}{" "}
          <button type="button" className="plain" onClick={stop}>
            Stop ringing
          </button>
        </span>
      )}
      <label>
        Which officer
        <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
          <option value="">
            {responsible(call)}
          </option>
          {officers.map((officer) => (
            <option key={officer.id} value={officer.id}>
              {officer.name}
              {officer.state === "free" ? "" : " (busy)"}
              {officer.missed > 1 ? ` (did not answer ${officer.missed} times)` : ""}
            </option>
          ))}
        </select>
      </label>
      {call.responsible?.rule && (
        <p className="responsible">
          {call.responsible.instead
            ? `${call.responsible.text}: ${call.responsible.instead}`
            : call.responsible.text}
        </p>
      )}
      <Problem problem={problem} />
    </div>
  );
}

/** Who is rung when nobody is chosen. */
function responsible(call: Call): string {
  if (call.responsible) return call.responsible.label;
  return call.precinct ? `on duty in precinct ${call.precinct}` : "responsible for the place";
}

function label(call: Call, chosen: string): string {
  if (call.officer_state === null && chosen === "" && call.responsible?.to === "partner")
    return `Put ${call.responsible.label} on the line`;
  switch (call.officer_state) {
    case "ringing":
      return "The officer's phone rings …";
    case "briefed":
      return "The officer hears the brief …";
    case "joined":
    case "heard":
      return "Put another officer on the line";
    case "exhausted":
      return "Nobody took it: ring again";
    default:
      return "Put the officer on the line";
  }
}
