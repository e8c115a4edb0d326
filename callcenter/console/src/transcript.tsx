import { useEffect, useRef } from "react";
import { clockFace } from "./clock";
import type { Playable } from "./playing";
import { SpokenAt, SpokenText } from "./spoken-text";
import type { Segment } from "./types";
import { roleName } from "./words";

/** So near the end counts as reading along. */
const READING_ALONG_PX = 60;

export function Transcript({
  segments,
  shown,
  of = "",
  recording = null,
}: {
  segments: Record<string, Segment>;
  shown: string | null;
  /** Which call's, where a page shows several. */
  of?: string;
  /** From which words can be played. */
  recording?: Playable | null;
}) {
  const ordered = Object.values(segments).sort((a, b) => a.start_ms - b.start_ms);
  const list = useRef<HTMLOListElement>(null);
  const readingAlong = useRef(true);
  const last = ordered.at(-1);

  // New words come into view unless the operator has scrolled back to read.
  useEffect(() => {
    if (list.current && readingAlong.current) list.current.scrollTop = list.current.scrollHeight;
  }, [last?.id, last?.text]);
  useEffect(() => {
    const item = shown && document.getElementById(`segment-${of}${shown}`);
    if (item) item.scrollIntoView({ block: "nearest" });
  }, [shown, of]);

  if (ordered.length === 0) return <p className="quiet">Nothing was said yet.</p>;
  return (
    <ol
      className="transcript"
      role="log"
      aria-label="Transcript"
      tabIndex={0}
      ref={list}
      onScroll={({ currentTarget: box }) => {
        const below = box.scrollHeight - box.scrollTop - box.clientHeight;
        readingAlong.current = below < READING_ALONG_PX;
      }}
    >
      {ordered.map((segment) => (
        <li
          key={segment.id}
          id={`segment-${of}${segment.id}`}
          className={[segment.role, segment.final ? "" : "interim", segment.id === shown ? "shown" : ""]
            .filter(Boolean)
            .join(" ")}
          title={`${segment.engine} ${segment.model}`}
        >
          <span className="speaker">
            <strong>{roleName[segment.role]}</strong>{" "}
            <SpokenAt segment={segment} recording={recording}>
              {clockFace(segment.start_ms)}
            </SpokenAt>
            {segment.late && <span title="Not heard live"> · from the recording</span>}
          </span>
          <SpokenText segment={segment} recording={recording} />
          {!segment.final && " …"}
        </li>
      ))}
    </ol>
  );
}
