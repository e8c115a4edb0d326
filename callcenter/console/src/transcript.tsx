import { useEffect, useRef } from "react";
import { clockFace } from "./clock";
import type { Segment } from "./types";
import { roleName } from "./words";

export function Transcript({
  segments,
  shown,
}: {
  segments: Record<string, Segment>;
  shown: string | null;
}) {
  const ordered = Object.values(segments).sort((a, b) => a.start_ms - b.start_ms);
  const end = useRef<HTMLLIElement>(null);
  const last = ordered.at(-1);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
  }, [last?.id, last?.text]);
  useEffect(() => {
    if (shown) document.getElementById(`segment-${shown}`)?.scrollIntoView({ block: "center" });
  }, [shown]);

  if (ordered.length === 0) return <p className="quiet">Nothing was said yet.</p>;
  return (
    <ol className="transcript" aria-live="polite">
      {ordered.map((segment) => (
        <li
          key={segment.id}
          id={`segment-${segment.id}`}
          className={[segment.role, segment.final ? "" : "interim", segment.id === shown ? "shown" : ""]
            .filter(Boolean)
            .join(" ")}
          title={`${segment.engine} ${segment.model}`}
        >
          <span className="speaker">
            {clockFace(segment.start_ms)} {roleName[segment.role]}
          </span>
          {segment.text}
        </li>
      ))}
      <li ref={end} aria-hidden="true" className="end" />
    </ol>
  );
}
