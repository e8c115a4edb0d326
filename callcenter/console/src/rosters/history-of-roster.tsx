import { useState } from "react";
import { useAsked } from "../asked";
import { Problem } from "../problem";
import type { RosterChange } from "./types";
import { told } from "./week";

const EVERY_MS = 10_000;

/** Who changed what, newest first; read when it is opened. */
export function HistoryOfRoster({ zone }: { zone: string }) {
  const [open, setOpen] = useState(false);
  const { answer, problem } = useAsked<{ changes: RosterChange[] }>(open ? "roster/history" : null, EVERY_MS);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Who changed what</summary>
      <Problem problem={problem} />
      <table className="list">
        <caption className="unseen">Changes of the roster</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Officer</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {answer?.changes.map((change) => (
            <tr key={change.id}>
              <td>{told(change.at, zone)}</td>
              <td>{change.who}</td>
              <td>
                {change.officer} ({change.what})
              </td>
              <td>{inWords(change.before, zone)}</td>
              <td>{inWords(change.after, zone)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function inWords(values: Record<string, unknown> | null, zone: string): string {
  if (values === null) return "–";
  return Object.entries(values)
    .filter(([name]) => name !== "id" && name !== "officer")
    .map(([name, value]) =>
      name === "from" || name === "to"
        ? `${name} ${told(String(value), zone)}`
        : `${name} ${Array.isArray(value) ? value.join("; ") : String(value ?? "–")}`,
    )
    .join(", ");
}
