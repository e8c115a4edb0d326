import { useAsked } from "../asked";
import { momentHere } from "../clock";
import { resultInWords } from "../responses/course";
import { capital, levelStyle, plain } from "../words";
import { incidentPage, incidentPath } from "./paths";
import type { Recontact } from "./types";

const EVERY_MS = 15_000;

/** What the same caller called about, and what happened at the same place. */
export function Recontacts({
  id,
  open,
  linked,
}: {
  id: string;
  open: boolean;
  /** Whether the incidents may be opened from here. */
  linked: boolean;
}) {
  const { answer } = useAsked<{ recontacts: Recontact[] }>(
    incidentPath(id, "/recontacts"),
    open ? EVERY_MS : 0,
  );
  const found = answer?.recontacts ?? [];
  if (found.length === 0) return null;
  return (
    <section className="recontacts" aria-label="Before and after">
      <h3>Before and after</h3>
      <ul>
        {found.map((one) => (
          <li key={one.call_id} className={levelStyle(one.level)}>
            {linked ? <a href={incidentPage(one.incident)}>{about(one)}</a> : about(one)}{" "}
            {momentHere(one.arrived_at)}
            {one.recontact && <span className="tag">within a day</span>}
            <small>
              {sameInWords(one)}
              {one.officer && ` · officer ${one.officer}`}
              {one.result && `: ${resultInWords(one.result)}`}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function about(one: Recontact): string {
  return `${capital(plain(one.category) || "call")} ${one.place_text ?? ""}`.trim();
}

function sameInWords(one: Recontact): string {
  const place =
    one.distance_m === null || one.distance_m < 1
      ? "the same place"
      : `${one.distance_m} m from here`;
  return one.same.map((what) => (what === "number" ? "the same number" : place)).join(", ");
}
