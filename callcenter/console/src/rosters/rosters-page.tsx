import { useState } from "react";
import { post, withQuery } from "../api";
import { useAction, useAsked } from "../asked";
import { Problem } from "../problem";
import type { Officer } from "../types";
import { HistoryOfRoster } from "./history-of-roster";
import { OfficerForm } from "./officer-form";
import { AbsenceForm, ShiftForm } from "./shift-form";
import type { Imported, Roster, RosterAbsence, RosterFinding, RosterShift } from "./types";
import { dayAndTime, daysFrom } from "./week";
import { WeekTable } from "./week-table";

const EVERY_MS = 10_000;
const DAYS = 7;

type Opened =
  | { what: "shift"; shift: RosterShift | null; officer: string; day: string }
  | { what: "absence"; absence: RosterAbsence | null; officer: string; day: string }
  | { what: "officer"; officer: Officer | null };

/** Who is on duty when; what will not work; and every way to mend it. */
export function RostersPage() {
  const [from, setFrom] = useState("");
  const [precinct, setPrecinct] = useState("");
  const [opened, setOpened] = useState<Opened | null>(null);
  const week = useAsked<Roster>(withQuery("roster", { from }), EVERY_MS);
  const officers = useAsked<{ officers: Officer[] }>("officers", EVERY_MS);
  const checks = useAsked<{ findings: RosterFinding[] }>("roster/checks", EVERY_MS);
  const done = () => {
    setOpened(null);
    for (const asked of [week, officers, checks]) asked.again();
  };
  const roster = week.answer;
  const known = officers.answer?.officers ?? [];
  const precincts = [...new Set(known.map((one) => one.precinct))].sort((a, b) =>
    a.localeCompare(b, undefined, { numeric: true }),
  );
  const zone = roster?.zone ?? "UTC";
  const first = roster ? dayAndTime(roster.from, zone)[0] : "";
  const move = (days: number) => setFrom(daysFrom(first, Math.abs(days) + 1).at(-1) ?? "");
  const back = () => setFrom(new Date(Date.parse(`${first}T12:00:00Z`) - DAYS * 86_400_000).toISOString().slice(0, 10));
  const given = { officers: known, zone, onDone: done };
  return (
    <section aria-label="Rosters">
      <h2>Rosters</h2>
      <Findings findings={checks.answer?.findings ?? null} />
      <Problem problem={week.problem ?? officers.problem ?? checks.problem} />
      <div className="controls">
        <button type="button" className="plain" disabled={!first} onClick={back}>
          ← Week before
        </button>
        <label className="field inline">
          From
          <input type="date" value={first} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <button type="button" className="plain" disabled={!first} onClick={() => move(DAYS)}>
          Week after →
        </button>
        <label className="field inline">
          Precinct
          <select value={precinct} onChange={(event) => setPrecinct(event.target.value)}>
            <option value="">all</option>
            {precincts.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => setOpened({ what: "shift", shift: null, officer: "", day: first })}>
          New shift
        </button>
        <button type="button" onClick={() => setOpened({ what: "absence", absence: null, officer: "", day: first })}>
          New absence
        </button>
        <button type="button" onClick={() => setOpened({ what: "officer", officer: null })}>
          New officer
        </button>
        <ImportFile onDone={done} />
      </div>
      {opened && (
        <div className="change" key={JSON.stringify(opened)}>
          {opened.what === "shift" && <ShiftForm {...given} {...opened} />}
          {opened.what === "absence" && <AbsenceForm {...given} {...opened} />}
          {opened.what === "officer" && <OfficerForm officer={opened.officer} onDone={done} />}
          <button type="button" className="plain" onClick={() => setOpened(null)}>
            Close
          </button>
        </div>
      )}
      {roster && (
        <WeekTable
          roster={roster}
          officers={known}
          precinct={precinct}
          days={daysFrom(first, DAYS)}
          onShift={(shift) => setOpened({ what: "shift", shift, officer: shift.officer, day: first })}
          onAbsence={(absence) => setOpened({ what: "absence", absence, officer: absence.officer, day: first })}
          onOfficer={(officer) => setOpened({ what: "officer", officer })}
          onEmpty={(officer, day) => setOpened({ what: "shift", shift: null, officer, day })}
        />
      )}
      <p className="quiet">
        Times are the hotline's ({zone}). From the first shift on an officer is on duty within
        shifts; until then, and without any, one{" "}
        {roster?.standing === "roster" ? "goes by the standing roster (Administration)" : "is on duty always"}.
      </p>
      <HistoryOfRoster zone={zone} />
    </section>
  );
}

function Findings({ findings }: { findings: RosterFinding[] | null }) {
  if (findings === null) return null;
  if (findings.length === 0)
    return <p role="status">Nothing is wrong in the next 7 days: everywhere somebody is on duty.</p>;
  return (
    <>
      <p role="status">
        <strong className="bad">
          {findings.length === 1 ? "One thing" : `${findings.length} things`} will not work in the next
          7 days:
        </strong>
      </p>
      <ul className="findings" aria-label="What will not work">
        {findings.map((one) => (
          <li key={`${one.kind}-${one.precinct}-${one.officer}-${one.from}`}>
            {one.from.slice(0, 16).replace("T", " ")} to {one.to.slice(0, 16).replace("T", " ")}: {one.text}
          </li>
        ))}
      </ul>
    </>
  );
}

/** A CSV or iCalendar file, whole or not at all; each wrong line is named. */
function ImportFile({ onDone }: { onDone: () => void }) {
  const [said, setSaid] = useState("");
  const { busy, problem, run } = useAction(onDone);
  const take = async (file: File) => {
    const done = await post<Imported>("roster/import", { text: await file.text() });
    setSaid(`${file.name}: ${done.added} added, ${done.changed} changed, ${done.removed} removed, ${done.unchanged} there already.`);
  };
  return (
    <label className="field">
      Import a file (CSV, iCalendar)
      <input
        type="file"
        accept=".csv,.ics,text/csv,text/calendar"
        disabled={busy}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          setSaid("");
          if (file) run(() => take(file));
        }}
      />
      {said && <span role="status">{said}</span>}
      <Problem problem={problem} />
      {problem && problem.fields.length > 0 && (
        <ul>
          {problem.fields.map((field) => (
            <li key={`${field.path}-${field.reason}`}>
              {field.path}: {field.reason}
            </li>
          ))}
        </ul>
      )}
    </label>
  );
}

