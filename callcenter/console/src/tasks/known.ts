/** A task in words. */

import { duration } from "../figures/format";
import { inWords, isEmpty, plain } from "../words";
import { RESULTS, type Task } from "./types";

/** "Abandoned after 12.0 s" or "asked to be called back after 1 min 5 s", and how often. */
export function whatHappened(task: Task): string {
  if (task.kind === "follow_up") {
    const question = plain(task.known["question"]);
    return `An officer was there: ask ${question ? `“${question}”` : "how they were served"}`;
  }
  const what =
    task.kind === "call_back"
      ? `Asked to be called back after ${duration(task.waited_ms)}`
      : `Hung up after ${duration(task.waited_ms)}`;
  return task.tries > 1 ? `${what} · called ${task.tries} times in vain` : what;
}

const ORDER = ["level", "category", "place_text", "precinct", "words", "language"];
/** Told beside each of the task's calls. */
const TOLD_ELSEWHERE = new Set(["line", "queue", "question"]);

/** What is known of the matter: "red · robbery · Madison Avenue · …". */
export function knownOf(task: Task): string {
  const names = [...ORDER, ...Object.keys(task.known).filter((name) => !ORDER.includes(name))];
  return names
    .filter((name) => !TOLD_ELSEWHERE.has(name) && !isEmpty(task.known[name]) && plain(task.known[name]) !== "")
    .map((name) => {
      const words = inWords(task.known[name]);
      if (name === "precinct") return `precinct ${words}`;
      return name === "words" ? `“${words}”` : words;
    })
    .join(" · ");
}

export function resultInWords(result: string | null): string {
  const label = RESULTS.find(([one]) => one === result)?.[1] ?? plain(result);
  return label.split(":", 1)[0] ?? label;
}
