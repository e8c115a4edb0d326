import { useState } from "react";
import { ApiError, put } from "./api";
import type { Me, Seat } from "./types";
import { plain } from "./words";

export function Seats({ seats, me }: { seats: Record<string, Seat>; me: Me }) {
  const [problem, setProblem] = useState<ApiError | null>(null);
  const set = (seat: Seat, state: string) => {
    put(`seats/${encodeURIComponent(seat.id)}/state`, { state, reason: "break" })
      .then(() => setProblem(null))
      .catch(setProblem);
  };
  return (
    <>
      <h2>Seats</h2>
      {problem && (
        <p className="bad" role="alert">
          {problem.message} {problem.next}
        </p>
      )}
      <ul className="seats">
        {Object.values(seats)
          .sort((a, b) => a.id.localeCompare(b.id))
          .map((seat) => (
            <li key={seat.id} className={seat.state}>
              <strong>{seat.name || seat.id}</strong>{" "}
              <span>
                {plain(seat.state)}
                {seat.reason && ` (${plain(seat.reason)})`}
              </span>
              {(seat.id === me.seat || me.role === "admin" || me.role === "supervisor") && (
                <button
                  type="button"
                  className="plain"
                  onClick={() => set(seat, seat.state === "not_ready" ? "ready" : "not_ready")}
                >
                  {seat.state === "not_ready" ? "Set ready" : "Set not ready"}
                </button>
              )}
            </li>
          ))}
      </ul>
    </>
  );
}
