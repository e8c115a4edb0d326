import { inSeconds } from "./clock";
import type { TimelineStep } from "./types";
import { stepName } from "./words";

export function Timeline({ steps }: { steps: TimelineStep[] }) {
  return (
    <table className="timeline">
      <tbody>
        {steps.map((step) => (
          <tr key={step.step} className={step.late ? "late" : ""}>
            <th scope="row">{stepName[step.step] ?? step.step}</th>
            <td>{inSeconds(step.ms)}</td>
            <td className="quiet">
              {step.budget_ms !== null && `${step.late ? "late, " : ""}within ${inSeconds(step.budget_ms)}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
