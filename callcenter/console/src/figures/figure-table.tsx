import {
  measureName,
  measuresOf,
  shown,
  valueOf,
  type FigureSet,
  type Measure,
} from "./format";
import type { FigureGroup } from "./types";

/** A row a figure with what it means under its name; a column for all, then one a group. */
export function FigureTable({
  all,
  hour,
  groups,
  definitions,
  caption,
}: {
  all: FigureSet;
  /** Those of the last hour alone, where figures are live. */
  hour?: FigureSet | undefined;
  groups: FigureGroup[];
  definitions: Record<string, string>;
  caption: string;
}) {
  return (
    <div className="wide">
      <table className="figures">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Figure, and what it means</th>
            <th scope="col">{hour ? "All of today" : "All"}</th>
            {hour && <th scope="col">Last hour</th>}
            {groups.map((group) => (
              <th key={group.key} scope="col">
                {group.key || "none"}
              </th>
            ))}
          </tr>
        </thead>
        {measuresOf(all).map((family) => (
          <tbody key={family.title}>
            <tr className="family">
              <th colSpan={groups.length + (hour ? 3 : 2)} scope="rowgroup">
                {family.title}
              </th>
            </tr>
            {family.measures.map((measure, index) => (
              <tr key={`${measure.name} ${measure.threshold}`}>
                <th scope="row">
                  {measureName(measure)}
                  {isFirstOf(family.measures, index) && (
                    <small>{definitions[measure.name] ?? "No definition is given."}</small>
                  )}
                </th>
                <td className="all">{shown(measure, valueOf(all, measure))}</td>
                {hour && <td className="all">{shown(measure, valueOf(hour, measure))}</td>}
                {groups.map((group) => (
                  <td key={group.key}>{shown(measure, valueOf(group.figures, measure))}</td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

/** A figure's sentence stands once, above its thresholds. */
function isFirstOf(measures: Measure[], index: number): boolean {
  return measures[index - 1]?.name !== measures[index]?.name;
}
