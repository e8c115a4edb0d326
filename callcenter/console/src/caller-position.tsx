import { useNow } from "./clock";
import { agoInWords, withinInWords } from "./position-words";
import type { CallPosition } from "./types";

/** Where the caller's phone was, how long ago, and how exactly that is known. */
export function CallerPosition({ position }: { position: CallPosition }) {
  const now = useNow();
  const ageS = Math.max(0, Math.round((now - Date.parse(position.at)) / 1000));
  const whose = position.source === "network" ? "Network position" : "Handset position";
  return (
    <p className={position.in_reach ? "quiet" : "bad"}>
      {whose} {agoInWords(ageS)} old, {withinInWords(position.accuracy_m)}
      {!position.in_reach && ": far from every precinct, not used to choose places"}
    </p>
  );
}
