import { type Playable, play } from "./playing";
import type { Segment } from "./types";

/** What was said; once there is a recording, a click on a word plays it. */
export function SpokenText({ segment, recording }: { segment: Segment; recording: Playable | null }) {
  if (!recording || !segment.words?.length) return <>{segment.text}</>;
  return (
    <>
      {segment.words.map((word, index) => (
        <span key={index}>
          {index > 0 && " "}
          <button
            type="button"
            className="word"
            onClick={() => play(recording, word.start_ms, word.end_ms)}
          >
            {word.text}
          </button>
        </span>
      ))}
    </>
  );
}

/** When it was said; once there is a recording, a click plays all of the segment. */
export function SpokenAt({
  segment,
  recording,
  children,
}: {
  segment: Segment;
  recording: Playable | null;
  children: string;
}) {
  if (!recording) return <>{children}</>;
  return (
    <button
      type="button"
      className="word"
      title="Play this from the recording"
      onClick={() => play(recording, segment.start_ms, segment.end_ms)}
    >
      {children}
    </button>
  );
}
