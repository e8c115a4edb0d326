import { useState } from "react";
import { measureName, measuresOf, shown, valueOf, type FigureSet, type Measure } from "./format";
import { momentInWords } from "./period";
import type { FigureGroup } from "./types";

/** One figure over the half hours: its sentence, and a bar and the number for each. */
export function HalfHours({
  all,
  groups,
  definitions,
}: {
  all: FigureSet;
  groups: FigureGroup[];
  definitions: Record<string, string>;
}) {
  const measures = measuresOf(all).flatMap((family) => family.measures);
  const [chosen, setChosen] = useState("arrived ");
  const measure = measures.find((one) => keyOf(one) === chosen) ?? measures[0];
  if (!measure) return null;
  const values = groups.map((group) => valueOf(group.figures, measure));
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  return (
    <>
      <h2>By half hour</h2>
      <label className="field inline">
        Figure
        <select value={keyOf(measure)} onChange={(event) => setChosen(event.target.value)}>
          {measures.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {measureName(one)}
            </option>
          ))}
        </select>
      </label>
      <p className="definition">{definitions[measure.name] ?? "No definition is given."}</p>
      {groups.length === 0 && <p className="quiet">No calls in this period.</p>}
      <table className="half-hours">
        <caption className="unseen">{measureName(measure)} by half hour</caption>
        <thead>
          <tr>
            <th scope="col">Half hour from</th>
            <th scope="col">{measureName(measure)}</th>
            <th aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {groups.map((group, index) => {
            const value = values[index] ?? null;
            return (
              <tr key={group.key}>
                <th scope="row">{momentInWords(group.key)}</th>
                <td>{shown(measure, value)}</td>
                <td className="bar" aria-hidden="true">
                  {value !== null && largest > 0 && (
                    <svg viewBox="0 0 100 10" preserveAspectRatio="none">
                      <rect width={(100 * value) / largest} height="10" />
                    </svg>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}

function keyOf({ name, threshold }: Measure): string {
  return `${name} ${threshold ?? ""}`;
}
