/** The course of a response in words. */

import { clockFace, timeHere } from "../clock";
import { plain } from "../words";
import { RESULTS, type OfficerResponse } from "./types";

/** What the officer can say next; the last of them is the likeliest. */
export function nextSteps(response: OfficerResponse): readonly ("on_the_way" | "there")[] {
  switch (response.step) {
    case "taken":
      return ["on_the_way", "there"];
    case "on_the_way":
      return ["there"];
    default:
      return [];
  }
}

/** A call of these matters may put the caller in danger: nobody is called back unasked. */
const NOT_CALLED_BACK: ReadonlySet<string> = new Set(["domestic_violence", "suicide_danger"]);

export function callBackByDefault(category: string | null): boolean {
  return category !== null && !NOT_CALLED_BACK.has(category);
}

/** "taken 14:03 · on the way 14:04 · there 14:09". */
export function course(response: OfficerResponse): string {
  const moments: [string, string | null][] = [
    ["taken", response.taken_at],
    ["on the way", response.on_the_way_at],
    ["there", response.there_at],
    ["done", response.done_at],
  ];
  return moments
    .filter((moment): moment is [string, string] => moment[1] !== null)
    .map(([name, at]) => `${name} ${timeHere(at)}`)
    .join(" · ");
}

/** "2:41 left", "late by 0:30"; nothing when no time holds. */
export function dueInWords(response: OfficerResponse, now: number): string {
  if (response.due_at === null) return "";
  const leftMs = Date.parse(response.due_at) - now;
  return leftMs >= 0 ? `${clockFace(leftMs)} left` : `late by ${clockFace(-leftMs)}`;
}

export function resultInWords(result: string | null): string {
  const label = RESULTS.find(([one]) => one === result)?.[1] ?? plain(result);
  return label.split(":", 1)[0] ?? label;
}
