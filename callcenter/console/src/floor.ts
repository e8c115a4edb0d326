/** What the console knows of the floor: a pure reducer over the service's live messages. */

import type {
  Call,
  CallSummary,
  Incident,
  LiveMessage,
  Notice,
  Seat,
  Segment,
  Speech,
} from "./types";

export interface Floor {
  connected: boolean;
  calls: Record<string, CallSummary>;
  seats: Record<string, Seat>;
  speech: Speech | null;
  notices: Notice[];
  call: Call | null;
  segments: Record<string, Segment>;
}

export type FloorEvent =
  | { type: "connected" }
  | { type: "disconnected" }
  | { type: "opened"; call: Call; segments: Segment[] }
  | { type: "closed" }
  | { type: "dismissed"; index: number }
  | { type: "message"; message: LiveMessage };

const NOTICES_KEPT = 5;

export const emptyFloor: Floor = {
  connected: false,
  calls: {},
  seats: {},
  speech: null,
  notices: [],
  call: null,
  segments: {},
};

export function reduce(floor: Floor, event: FloorEvent): Floor {
  switch (event.type) {
    case "connected":
      return { ...floor, connected: true };
    case "disconnected":
      return { ...floor, connected: false };
    case "opened":
      return { ...floor, call: event.call, segments: byId(event.segments) };
    case "closed":
      return { ...floor, call: null, segments: {} };
    case "dismissed":
      return { ...floor, notices: floor.notices.filter((_, index) => index !== event.index) };
    case "message":
      return take(floor, event.message);
  }
}

function take(floor: Floor, message: LiveMessage): Floor {
  switch (message.type) {
    case "hello":
      return {
        ...floor,
        calls: byId(message.calls),
        seats: byId(message.seats),
        speech: message.speech,
      };
    case "call":
      return {
        ...floor,
        calls: { ...floor.calls, [message.call.id]: message.call },
        call: floor.call?.id === message.call.id ? { ...floor.call, ...message.call } : floor.call,
      };
    case "call_detail":
      return floor.call?.id === message.call.id ? { ...floor, call: message.call } : floor;
    case "segment":
      return floor.call?.id === message.call_id
        ? { ...floor, segments: withSegment(floor.segments, message.segment) }
        : floor;
    case "incident":
      return withIncident(floor, message.call_id, message.incident);
    case "seat":
      return { ...floor, seats: { ...floor.seats, [message.seat.id]: message.seat } };
    case "speech":
      return { ...floor, speech: message.speech };
    case "notice":
      return { ...floor, notices: [message, ...floor.notices].slice(0, NOTICES_KEPT) };
    case "resync":
      return floor;
  }
}

function withSegment(
  segments: Record<string, Segment>,
  segment: Segment,
): Record<string, Segment> {
  const { [segment.id]: _replaced, ...others } = segments;
  return segment.text.trim() ? { ...others, [segment.id]: segment } : others;
}

function withIncident(floor: Floor, callId: string, incident: Incident): Floor {
  if (floor.call?.id !== callId) return floor;
  return { ...floor, call: { ...floor.call, incident } };
}

function byId<T extends { id: string }>(items: T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id, item]));
}

/** Open calls first, the longest waiting on top; then closed ones, newest first. */
export function inOrder(calls: Record<string, CallSummary>): CallSummary[] {
  const rank = (call: CallSummary): number =>
    call.state === "closed" ? 2 : isWaiting(call) ? 0 : 1;
  return Object.values(calls).sort((a, b) => {
    const byRank = rank(a) - rank(b);
    if (byRank !== 0) return byRank;
    const byTime = a.arrived_at.localeCompare(b.arrived_at);
    return a.state === "closed" ? -byTime : byTime;
  });
}

export function isWaiting(call: CallSummary): boolean {
  return call.state === "arrived" || call.state === "waiting" || call.state === "offered";
}
