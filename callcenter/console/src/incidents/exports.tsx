import { incidentPath } from "./paths";

/** The record on paper or in a file; the service journals who took it. */
export function Exports({ id }: { id: string }) {
  return (
    <p className="exports">
      <a href={`/api/v1/${incidentPath(id, "/print")}`} target="_blank" rel="noopener">
        Print page
      </a>
      <a href={`/api/v1/${incidentPath(id, "/export.json")}`} download>
        Save as JSON
      </a>
    </p>
  );
}
