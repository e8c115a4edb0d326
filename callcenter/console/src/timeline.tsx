import { inSeconds } from "./clock";
import type { TimelineStep } from "./types";
import { plain, stepName } from "./words";

export function Timeline({ steps }: { steps: TimelineStep[] }) {
  return (
    <table className="timeline">
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">After</th>
          <th scope="col">Allowed</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.step} className={step.late ? "late" : ""}>
            <th scope="row">{stepName[step.step] ?? plain(step.step)}</th>
            <td>{step.ms === null ? "–" : inSeconds(step.ms)}</td>
            <td>{step.budget_ms !== null && `${inSeconds(step.budget_ms)}${step.late ? " late" : ""}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
