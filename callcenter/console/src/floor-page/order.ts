/** Who waits, in the order in which the engine gives them a seat. */

import type { CallSummary, Queue, WaitingCall } from "../types";

export interface Waiting extends WaitingCall {
  queue: string;
  call: CallSummary | null;
}

/** One order over all queues. */
export function inEnginesOrder(
  queues: readonly Queue[],
  calls: Record<string, CallSummary>,
): Waiting[] {
  return queues
    .flatMap((queue) =>
      queue.waiting.map((one) => ({ ...one, queue: queue.id, call: calls[one.call_id] ?? null })),
    )
    .sort((a, b) => a.place - b.place);
}

/** How many open calls came from each origin, the most first. */
export function byOrigin(calls: Record<string, CallSummary>): { origin: string; calls: number }[] {
  const counts = new Map<string, number>();
  for (const call of Object.values(calls))
    if (call.origin && call.state !== "closed")
      counts.set(call.origin, (counts.get(call.origin) ?? 0) + 1);
  return [...counts]
    .map(([origin, number]) => ({ origin, calls: number }))
    .sort((a, b) => b.calls - a.calls || a.origin.localeCompare(b.origin));
}
