import { useCallback, useEffect, useState } from "react";
import { ApiError, get, post } from "./api";
import type { Call, Officer } from "./types";

const KEY = "o";

/** The operator's one action: the responsible officer on the line. */
export function OfficerControl({ call }: { call: Call }) {
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [officers, setOfficers] = useState<Officer[]>([]);
  const [chosen, setChosen] = useState("");
  const running = call.officer_state === "ringing" || call.officer_state === "briefed";
  const possible = (call.state === "talking" || call.state === "with_officer") && !running;

  const ring = useCallback(() => {
    if (!possible) return;
    setProblem(null);
    post(`calls/${encodeURIComponent(call.id)}/officer`, chosen ? { officer: chosen } : {}).catch(
      setProblem,
    );
  }, [possible, call.id, chosen]);

  useEffect(() => {
    get<{ officers: Officer[] }>("officers")
      .then((answer) => setOfficers(answer.officers))
      .catch(() => setOfficers([]));
  }, []);

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest("input,select,textarea");
      if (event.key.toLowerCase() !== KEY || typing || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      ring();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [ring]);

  if (call.state === "closed") return null;
  return (
    <div className="officer">
      <button type="button" className="main" disabled={!possible} onClick={ring}>
        {label(call)} <kbd>O</kbd>
      </button>{" "}
      <label>
        <span className="quiet">who</span>{" "}
        <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
          <option value="">responsible for the place{call.precinct && ` (${call.precinct})`}</option>
          {officers.map((officer) => (
            <option key={officer.id} value={officer.id}>
              {officer.name}, precinct {officer.precinct}
            </option>
          ))}
        </select>
      </label>
      {problem && (
        <p className="bad" role="alert">
          {problem.message} {problem.next}
        </p>
      )}
    </div>
  );
}

function label(call: Call): string {
  switch (call.officer_state) {
    case "ringing":
      return "The officer's phone rings …";
    case "briefed":
      return "The officer hears the brief …";
    case "joined":
    case "heard":
      return "Put another officer on the line";
    default:
      return "Put the officer on the line";
  }
}
