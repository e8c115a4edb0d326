import { useState } from "react";
import { ApiError, put } from "./api";
import { clockFace, useNow } from "./clock";
import { Problem } from "./problem";
import type { Me, Seat } from "./types";
import { plain } from "./words";

const REASONS = ["break", "paperwork", "training"];

/** The own seat first, with what its operator can set; then all others. */
export function Seats({ seats, me }: { seats: Record<string, Seat>; me: Me }) {
  const ordered = Object.values(seats).sort((a, b) =>
    a.id === me.seat ? -1 : b.id === me.seat ? 1 : a.id.localeCompare(b.id),
  );
  if (ordered.length === 0) return null;
  const leads = me.role === "admin" || me.role === "supervisor";
  return (
    <>
      <h2>Seats</h2>
      <ul className="seats" aria-label="Seats">
        {ordered.map((seat) => (
          <Line
            key={seat.id}
            seat={seat}
            own={seat.id === me.seat}
            mayChange={leads || seat.id === me.seat}
          />
        ))}
      </ul>
    </>
  );
}

function Line({ seat, own, mayChange }: { seat: Seat; own: boolean; mayChange: boolean }) {
  const now = useNow();
  const [problem, setProblem] = useState<ApiError | null>(null);
  const name = own ? `Your seat ${seat.id}` : seat.name || seat.id;
  const set = (state: "ready" | "not_ready", reason?: string) => {
    put(`seats/${encodeURIComponent(seat.id)}/state`, reason ? { state, reason } : { state })
      .then(() => setProblem(null))
      .catch(setProblem);
  };
  const since = typeof seat.since === "string" ? Date.parse(seat.since) : Number.NaN;
  return (
    <li className={`${seat.state}${own ? " own" : ""}`}>
      <strong>{name}</strong>
      <span className="state">
        {plain(seat.state)}
        {seat.reason && ` (${plain(seat.reason)})`}
        {!Number.isNaN(since) && ` ${clockFace(now - since)}`}
      </span>
      {mayChange && seat.state === "not_ready" && (
        <button type="button" aria-label={`Set ${seat.id} ready`} onClick={() => set("ready")}>
          Ready
        </button>
      )}
      {mayChange && seat.state !== "not_ready" && seat.state !== "offline" && (
        <select
          aria-label={`Set ${seat.id} not ready`}
          value=""
          onChange={(event) => set("not_ready", event.target.value)}
        >
          <option value="" disabled>
            Not ready …
          </option>
          {REASONS.map((reason) => (
            <option key={reason} value={reason}>
              {reason}
            </option>
          ))}
        </select>
      )}
      {own && seat.state === "offline" && (
        <small>Your phone is not registered: switch it on to get calls.</small>
      )}
      <Problem problem={problem} />
    </li>
  );
}
