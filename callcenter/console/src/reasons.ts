/** The reasons for which a seat may be set not ready, as the administrator keeps them. */

import { useAsked } from "./asked";
import type { Reason } from "./types";

/** Before the list is known, or when it cannot be had, a break is always a reason. */
const WITHOUT_A_LIST: Reason[] = [{ id: "break", label: "Break" }];

export function useReasons(): Reason[] {
  const { answer } = useAsked<{ reasons: Reason[] }>("reasons");
  return answer && answer.reasons.length > 0 ? answer.reasons : WITHOUT_A_LIST;
}

export function reasonInWords(reasons: readonly Reason[], id: string): string {
  return reasons.find((reason) => reason.id === id)?.label ?? id.replaceAll("_", " ");
}
