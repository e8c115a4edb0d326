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
  groups,
  definitions,
  caption,
}: {
  all: FigureSet;
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
            <th scope="col">All</th>
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
              <th colSpan={groups.length + 2} scope="rowgroup">
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
