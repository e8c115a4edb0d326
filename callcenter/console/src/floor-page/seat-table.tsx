import { useReasons } from "../reasons";
import { SeatChange, SeatState } from "../seats";
import type { CallSummary, Me, Seat } from "../types";
import { WrapUp } from "../wrap-up";

/** Every seat: what it does and why, what it serves and can, and what may be set. */
export function SeatTable({
  seats,
  calls,
  me,
}: {
  seats: Record<string, Seat>;
  calls: Record<string, CallSummary>;
  me: Me;
}) {
  const reasons = useReasons();
  const leads = me.role !== "operator";
  const ordered = Object.values(seats).sort((a, b) => a.id.localeCompare(b.id));
  return (
    <div className="wide">
      <table className="list seat-table">
        <caption className="unseen">Seats</caption>
        <thead>
          <tr>
            <th scope="col">Seat</th>
            <th scope="col">State</th>
            <th scope="col">Call</th>
            <th scope="col">Queues</th>
            <th scope="col">Skills</th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="seats">
          {ordered.map((seat) => (
            <tr key={seat.id} className={seat.state}>
              <th scope="row">
                {seat.id}
                {seat.id === me.seat && " (yours)"}
                {seat.name && seat.name !== seat.id && <small>{seat.name}</small>}
              </th>
              <td>
                <SeatState seat={seat} reasons={reasons} />
              </td>
              <td>
                {seat.call_id && (
                  <a href={`#call/${encodeURIComponent(seat.call_id)}`}>
                    {calls[seat.call_id]?.from || "number withheld"}
                  </a>
                )}
              </td>
              <td>{seat.queues.join(", ") || "overflow only"}</td>
              <td>{seat.skills.map(({ skill, level }) => `${skill} ${level}`).join(", ")}</td>
              <td>
                {(leads || seat.id === me.seat) && (
                  <span className="group">
                    <SeatChange seat={seat} reasons={reasons} />
                    <WrapUp seat={seat} />
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
