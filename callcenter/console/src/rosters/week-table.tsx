import type { Officer } from "../types";
import type { Roster, RosterAbsence, RosterShift } from "./types";
import { dayAndTime, dayInWords, onDay, rowsOf, told } from "./week";

/** A row for each officer, a column for each day. */
export function WeekTable({
  roster,
  officers,
  precinct,
  days,
  onShift,
  onAbsence,
  onOfficer,
  onEmpty,
}: {
  roster: Roster;
  officers: Officer[];
  /** Only who belongs to it or has a shift in it; empty: everybody. */
  precinct: string;
  days: string[];
  onShift: (shift: RosterShift) => void;
  onAbsence: (absence: RosterAbsence) => void;
  onOfficer: (officer: Officer) => void;
  onEmpty: (officer: string, day: string) => void;
}) {
  const known = new Map(officers.map((one) => [one.id, one]));
  const ordered = [...officers].sort(
    (a, b) => a.precinct.localeCompare(b.precinct, undefined, { numeric: true }) || a.id.localeCompare(b.id),
  );
  const rows = rowsOf(
    ordered.map((one) => one.id),
    roster.shifts,
    roster.absences,
  ).filter(
    (row) =>
      !precinct ||
      known.get(row.officer)?.precinct === precinct ||
      row.shifts.some((shift) => shift.precinct === precinct),
  );
  const byShifts = (officer: string, day: string) => {
    const first = roster.rostered[officer];
    return first !== undefined && dayAndTime(first, roster.zone)[0] <= day;
  };
  return (
    <div className="wide">
      <table className="list roster">
        <caption className="unseen">The week</caption>
        <thead>
          <tr>
            <th scope="col">Officer</th>
            <th scope="col">Now</th>
            {days.map((day) => (
              <th key={day} scope="col">
                {dayInWords(day)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const officer = known.get(row.officer);
            return (
              <tr key={row.officer}>
                <th scope="row">
                  {officer ? (
                    <button type="button" className="plain small" onClick={() => onOfficer(officer)}>
                      {officer.id}
                    </button>
                  ) : (
                    row.officer
                  )}
                  <small>
                    {officer ? `${officer.name}, precinct ${officer.precinct}` : "is no officer any more"}
                  </small>
                </th>
                <td>{officer && <Now officer={officer} zone={roster.zone} />}</td>
                {days.map((day) => (
                  <td key={day}>
                    {row.shifts.map((shift) => {
                      const hours = onDay(shift, day, roster.zone);
                      return (
                        hours && (
                          <button
                            type="button"
                            key={shift.id}
                            className={`small shift ${shift.role}`}
                            title={`${shift.role}, precinct ${shift.precinct}, ${told(shift.from, roster.zone)} to ${told(shift.to, roster.zone)}`}
                            onClick={() => onShift(shift)}
                          >
                            {hours}
                            {shift.role !== "duty" && ` ${shift.role}`}
                            {shift.precinct !== officer?.precinct && ` in ${shift.precinct}`}
                            {shift.source === "self" && " (own word)"}
                          </button>
                        )
                      );
                    })}
                    {row.absences.map(
                      (absence) =>
                        onDay(absence, day, roster.zone) && (
                          <button
                            type="button"
                            key={absence.id}
                            className="small plain absence"
                            onClick={() => onAbsence(absence)}
                          >
                            {absence.why}
                          </button>
                        ),
                    )}
                    {!row.shifts.some((shift) => onDay(shift, day, roster.zone)) && officer && (
                      <button
                        type="button"
                        className="small plain quiet"
                        aria-label={`New shift of ${officer.id} on ${dayInWords(day)}`}
                        onClick={() => onEmpty(officer.id, day)}
                      >
                        {byShifts(officer.id, day) ? "–" : "standing"}
                      </button>
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Now({ officer, zone }: { officer: Officer; zone: string }) {
  const on = officer.on_duty;
  const where = officer.position;
  return (
    <>
      {on ? <span className="good">on duty</span> : "off duty"}
      <small>
        {on?.until && `until ${told(on.until, zone)}. `}
        {officer.reachable === false && <span className="bad">No number may be rung. </span>}
        {where && `Position ${where.age_s < 60 ? `${where.age_s} s` : `${Math.round(where.age_s / 60)} min`} old${where.fresh ? "" : ", too old"}.`}
      </small>
    </>
  );
}
