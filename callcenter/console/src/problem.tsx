import type { ApiError } from "./api";
import { capital } from "./words";

/** What went wrong and what to do next, where it happened. */
export function Problem({ problem }: { problem: ApiError | null }) {
  if (problem === null) return null;
  const said = capital(problem.message).replace(/\.?$/, ".");
  return (
    <p className="bad" role="alert">
      {said} {capital(problem.next)}
    </p>
  );
}
