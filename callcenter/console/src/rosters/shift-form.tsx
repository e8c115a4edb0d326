import { type FormEvent } from "react";
import { post, put, remove } from "../api";
import { useAction } from "../asked";
import { Problem } from "../problem";
import type { Officer } from "../types";
import { ROLES, type RosterAbsence, type RosterShift } from "./types";
import { typedMoment } from "./week";

interface Given {
  officers: Officer[];
  zone: string;
  /** The day that is proposed for something new. */
  day: string;
  officer: string;
  onDone: () => void;
}

function Who({ officers, officer }: { officers: Officer[]; officer: string }) {
  return (
    <label className="field">
      Officer
      <select name="officer" required defaultValue={officer}>
        {officers.map((one) => (
          <option key={one.id} value={one.id}>
            {one.id} {one.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function When({ from, to }: { from: string; to: string }) {
  return (
    <>
      <label className="field">
        From
        <input type="datetime-local" name="from" required defaultValue={from} />
      </label>
      <label className="field">
        To
        <input type="datetime-local" name="to" required defaultValue={to} />
      </label>
    </>
  );
}

const fieldsOf = (event: FormEvent<HTMLFormElement>) => {
  event.preventDefault();
  return Object.fromEntries(
    [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()]),
  );
};

/** A shift: a new one, or one to be changed or taken out. Times are the hotline's. */
export function ShiftForm({ shift, ...given }: Given & { shift: RosterShift | null }) {
  const { busy, problem, run } = useAction(given.onDone);
  const path = shift ? `roster/shifts/${shift.id}` : "roster/shifts";
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const { role, ...typed } = fieldsOf(event);
    const body = { ...typed, ...(role ? { role } : {}) };
    run(() => (shift ? put(path, body) : post(path, body)));
  };
  return (
    <form className="controls" aria-label={shift ? "Change the shift" : "New shift"} onSubmit={submit}>
      <Who officers={given.officers} officer={shift?.officer ?? given.officer} />
      <When
        from={shift ? typedMoment(shift.from, given.zone) : `${given.day}T07:00`}
        to={shift ? typedMoment(shift.to, given.zone) : `${given.day}T15:00`}
      />
      <label className="field">
        Precinct (empty: their own)
        <input name="precinct" className="narrow" defaultValue={shift?.precinct ?? ""} />
      </label>
      <label className="field">
        Role
        <select name="role" defaultValue={shift?.role ?? ""}>
          {!shift && <option value="">their own</option>}
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      </label>
      <button type="submit" disabled={busy}>
        {shift ? "Save" : "Plan the shift"}
      </button>
      {shift && (
        <button type="button" className="plain" disabled={busy} onClick={() => run(() => remove(path))}>
          Take out
        </button>
      )}
      <Problem problem={problem} />
    </form>
  );
}

/** A time in which an officer is away. */
export function AbsenceForm({ absence, ...given }: Given & { absence: RosterAbsence | null }) {
  const { busy, problem, run } = useAction(given.onDone);
  if (absence)
    return (
      <p className="controls">
        {absence.officer} is absent ({absence.why}).
        <button
          type="button"
          className="plain"
          disabled={busy}
          onClick={() => run(() => remove(`roster/absences/${absence.id}`))}
        >
          Take the absence out
        </button>
        <Problem problem={problem} />
      </p>
    );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const typed = fieldsOf(event);
    run(() => post("roster/absences", typed));
  };
  return (
    <form className="controls" aria-label="New absence" onSubmit={submit}>
      <Who officers={given.officers} officer={given.officer} />
      <When from={`${given.day}T00:00`} to={`${given.day}T23:59`} />
      <label className="field">
        Why
        <input name="why" required maxLength={64} />
      </label>
      <button type="submit" disabled={busy}>
        Note the absence
      </button>
      <Problem problem={problem} />
    </form>
  );
}
