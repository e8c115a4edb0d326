import { useState } from "react";
import { withQuery } from "../api";
import { useAsked } from "../asked";
import { momentHere } from "../clock";
import { Problem } from "../problem";
import { BoundaryDrawing } from "./boundary-map";
import type { BoundaryFault, BoundaryMap, KindOfBoundaries, VersionOfBoundaries } from "./types";

const EVERY_MS = 10_000;
/** Borders on the map may lie so far beside where they are: a city is drawn with fewer corners. */
const DRAWN_WITHIN_M = 10;
const FAULTS_SHOWN = 100;

/** Boundaries of every kind: what holds, what is planned, and what is wrong with it. */
export function BoundariesPage() {
  const [kind, setKind] = useState("precinct");
  const [version, setVersion] = useState<number | null>(null);
  const [seen, setSeen] = useState<BoundaryFault | null>(null);
  const [area, setArea] = useState("");
  const kinds = useAsked<{ kinds: KindOfBoundaries[] }>("precincts/kinds", EVERY_MS);
  const known = kinds.answer?.kinds ?? [];
  const held = known.find((one) => one.kind === kind)?.versions.find((one) => one.state === "holds");
  const wanted = version ?? held?.version ?? null;
  const map = useAsked<BoundaryMap>(
    kinds.answer && wanted !== null
      ? withQuery(`precincts/kinds/${encodeURIComponent(kind)}`, {
          version: String(wanted),
          within_m: String(DRAWN_WITHIN_M),
        })
      : null,
  );
  const choose = (other: string) => {
    setKind(other);
    look(null);
  };
  const look = (other: number | null) => {
    setVersion(other);
    setSeen(null);
    setArea("");
  };
  const versions = known.find((one) => one.kind === kind)?.versions ?? [];
  return (
    <section aria-label="Boundaries" className="boundaries">
      <h2>Boundaries</h2>
      <Problem problem={kinds.problem ?? map.problem} />
      <div className="controls">
        <label className="field inline">
          Kind
          <select value={kind} onChange={(event) => choose(event.target.value)}>
            {known.map((one) => (
              <option key={one.kind} value={one.kind}>
                {one.label}
              </option>
            ))}
          </select>
        </label>
        {map.answer && (
          <p role="status">
            {map.answer.features.length} areas, {named(map.answer)}
            {area && `; chosen: ${map.answer.label} ${area}`}
          </p>
        )}
        {!map.answer && wanted !== null && !map.problem && <p role="status">Drawing …</p>}
        {kinds.answer && wanted === null && <p role="status">No boundaries of this kind hold now.</p>}
      </div>
      <div className="boundary-columns">
        {map.answer && (
          <BoundaryDrawing map={map.answer} seen={seen} chosen={area} onArea={setArea} />
        )}
        <div>
          <h3>Versions</h3>
          <Versions versions={versions} shown={wanted} onShow={look} />
          <h3>What its import told of</h3>
          {map.answer && <Faults faults={map.answer.faults} seen={seen} onSee={setSeen} />}
        </div>
      </div>
    </section>
  );
}

function named(map: BoundaryMap): string {
  if (map.version === 0) return "nothing imported";
  const from = map.holds_from ? momentHere(map.holds_from) : "";
  switch (map.state) {
    case "holds":
      return `version ${map.version}, holds since ${from}`;
    case "planned":
      return `version ${map.version}, will hold from ${from} on`;
    case "past":
      return `version ${map.version}, from ${from}, does not hold any more`;
  }
}

function Versions({
  versions,
  shown,
  onShow,
}: {
  versions: VersionOfBoundaries[];
  shown: number | null;
  onShow: (version: number) => void;
}) {
  return (
    <table className="list" aria-label="Versions">
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">From</th>
          <th scope="col">Areas</th>
          <th scope="col">Warnings</th>
          <th scope="col">By, and why</th>
        </tr>
      </thead>
      <tbody>
        {versions.map((one) => (
          <tr key={one.version} aria-current={one.version === shown || undefined}>
            <th scope="row">
              <button type="button" className="plain small" onClick={() => onShow(one.version)}>
                {one.version === 0 ? "none" : one.version}
              </button>{" "}
              {one.state === "past" ? "" : one.state}
            </th>
            <td>{one.holds_from ? momentHere(one.holds_from) : "always"}</td>
            <td>{one.areas}</td>
            <td>{one.warnings}</td>
            <td>
              {one.who}
              {one.why && `: ${one.why}`}
              {one.restored !== null && ` (equals version ${one.restored})`}
              {one.file && <small> {one.file}</small>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Faults({
  faults,
  seen,
  onSee,
}: {
  faults: BoundaryFault[];
  seen: BoundaryFault | null;
  onSee: (fault: BoundaryFault) => void;
}) {
  if (faults.length === 0) return <p>Nothing: no gap, no overlap.</p>;
  return (
    <>
      <ul className="findings" aria-label="Faults">
        {faults.slice(0, FAULTS_SHOWN).map((fault, at) => (
          <li key={at} aria-current={fault === seen || undefined}>
            <button
              type="button"
              className="plain small"
              disabled={fault.lat === null}
              onClick={() => onSee(fault)}
            >
              {fault.kind.replaceAll("_", " ")}
            </button>{" "}
            {fault.id !== null && `${fault.id}: `}
            {fault.text}
          </li>
        ))}
      </ul>
      {faults.length > FAULTS_SHOWN && <p>and {faults.length - FAULTS_SHOWN} more, on the map.</p>}
    </>
  );
}
