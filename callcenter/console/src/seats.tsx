import { put } from "./api";
import { useAction } from "./asked";
import { clockFace, useNow } from "./clock";
import { Problem } from "./problem";
import { reasonInWords, useReasons } from "./reasons";
import type { Me, Reason, Seat } from "./types";
import { plain } from "./words";
import { WrapUp } from "./wrap-up";

/** The own seat first, with what its operator can set; then all others. */
export function Seats({ seats, me }: { seats: Record<string, Seat>; me: Me }) {
  const reasons = useReasons();
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
            reasons={reasons}
          />
        ))}
      </ul>
    </>
  );
}

function Line({
  seat,
  own,
  mayChange,
  reasons,
}: {
  seat: Seat;
  own: boolean;
  mayChange: boolean;
  reasons: Reason[];
}) {
  const name = own ? `Your seat ${seat.id}` : seat.name || seat.id;
  return (
    <li className={`${seat.state}${own ? " own" : ""}`}>
      <strong>{name}</strong>
      <SeatState seat={seat} reasons={reasons} />
      {mayChange && <SeatChange seat={seat} reasons={reasons} />}
      {own && <WrapUp seat={seat} />}
      {own && seat.state === "offline" && (
        <small>Your phone is not registered: switch it on to get calls.</small>
      )}
    </li>
  );
}

/** What a seat does, why, since when, and when that ends by itself. */
export function SeatState({ seat, reasons }: { seat: Seat; reasons: readonly Reason[] }) {
  const now = useNow();
  const since = Date.parse(seat.since);
  const left = seat.until === null ? Number.NaN : Date.parse(seat.until) - now;
  return (
    <span className="state">
      {plain(seat.state)}
      {seat.reason && ` (${reasonInWords(reasons, seat.reason).toLowerCase()})`}
      {!Number.isNaN(since) && ` ${clockFace(now - since)}`}
      {left > 0 && `, ends in ${clockFace(left + 999)}`}
    </span>
  );
}

/** Ready, or not and why: a choice from the list of reasons. */
export function SeatChange({ seat, reasons }: { seat: Seat; reasons: readonly Reason[] }) {
  const action = useAction();
  const set = (state: "ready" | "not_ready", reason?: string) =>
    action.run(() =>
      put(`seats/${encodeURIComponent(seat.id)}/state`, reason ? { state, reason } : { state }),
    );
  if (seat.state === "offline") return null;
  return (
    <>
      {seat.state === "not_ready" ? (
        <button type="button" aria-label={`Set ${seat.id} ready`} onClick={() => set("ready")}>
          Ready
        </button>
      ) : (
        <select
          aria-label={`Set ${seat.id} not ready`}
          value=""
          onChange={(event) => set("not_ready", event.target.value)}
        >
          <option value="" disabled>
            Not ready …
          </option>
          {reasons.map((reason) => (
            <option key={reason.id} value={reason.id}>
              {reason.label}
            </option>
          ))}
        </select>
      )}
      <Problem problem={action.problem} />
    </>
  );
}
