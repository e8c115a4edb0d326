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

export interface ShownNotice extends Notice {
  id: number;
}

export interface Floor {
  connected: boolean;
  calls: Record<string, CallSummary>;
  seats: Record<string, Seat>;
  speech: Speech | null;
  notices: ShownNotice[];
  noticesSoFar: number;
  /** The call that is open on this screen, or is being opened. */
  following: string | null;
  call: Call | null;
  /** Why the call that was asked for is not shown. */
  problem: string | null;
  segments: Record<string, Segment>;
}

export type FloorEvent =
  | { type: "connected" }
  | { type: "disconnected" }
  | { type: "followed"; callId: string | null }
  | { type: "transcript"; callId: string; segments: Segment[] }
  | { type: "dismissed"; id: number }
  | { type: "message"; message: LiveMessage };

const NOTICES_KEPT = 5;
/** An operator's screen stays open for weeks: closed calls beyond these are let go. */
const CLOSED_CALLS_KEPT = 50;

export const emptyFloor: Floor = {
  connected: false,
  calls: {},
  seats: {},
  speech: null,
  notices: [],
  noticesSoFar: 0,
  following: null,
  call: null,
  problem: null,
  segments: {},
};

export function reduce(floor: Floor, event: FloorEvent): Floor {
  switch (event.type) {
    case "connected":
      return { ...floor, connected: true };
    case "disconnected":
      // Words that were still being recognised may be withdrawn while nobody tells us.
      return { ...floor, connected: false, segments: onlyFinal(floor.segments) };
    case "followed":
      return event.callId === floor.following
        ? floor
        : { ...floor, following: event.callId, call: null, problem: null, segments: {} };
    case "transcript":
      return event.callId === floor.following
        ? { ...floor, segments: joined(byId(event.segments), floor.segments) }
        : floor;
    case "dismissed":
      return { ...floor, notices: floor.notices.filter((notice) => notice.id !== event.id) };
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
        calls: withoutTheOldest({ ...floor.calls, [message.call.id]: message.call }),
        notices: floor.notices.filter((notice) => !isOver(notice, message.call)),
        call: floor.call?.id === message.call.id ? { ...floor.call, ...message.call } : floor.call,
      };
    case "call_detail":
      return floor.following === message.call.id
        ? { ...floor, call: message.call, problem: null }
        : floor;
    case "segment":
      return floor.following === message.call_id
        ? { ...floor, segments: withSegment(floor.segments, message.segment) }
        : floor;
    case "incident":
      return withIncident(floor, message.call_id, message.incident);
    case "seat":
      return { ...floor, seats: { ...floor.seats, [message.seat.id]: message.seat } };
    case "speech":
      return {
        ...floor,
        speech: message.speech,
        call: floor.call && { ...floor.call, speech: message.speech },
      };
    case "notice":
      return withNotice(floor, message);
    case "error":
      return floor.call ? floor : { ...floor, problem: inSentences(message.error) };
    default:
      // Later services may say more than this console understands.
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

/** What was read and what came live meanwhile: finished words win, then the live ones. */
function joined(
  read: Record<string, Segment>,
  live: Record<string, Segment>,
): Record<string, Segment> {
  const newer = Object.values(live).filter(
    (segment) => segment.final || !read[segment.id]?.final,
  );
  return { ...read, ...byId(newer) };
}

function onlyFinal(segments: Record<string, Segment>): Record<string, Segment> {
  return byId(Object.values(segments).filter((segment) => segment.final));
}

function withIncident(floor: Floor, callId: string, incident: Incident): Floor {
  if (floor.call?.id !== callId) return floor;
  return { ...floor, call: { ...floor.call, incident } };
}

/** The newest on top; of several of one family about one thing only the newest is shown. */
function withNotice(floor: Floor, notice: Notice): Floor {
  const others = floor.notices.filter(
    (other) => familyOf(other) !== familyOf(notice) || other.subject !== notice.subject,
  );
  const id = floor.noticesSoFar + 1;
  const shown = { id, kind: notice.kind, subject: notice.subject, text: notice.text };
  return { ...floor, noticesSoFar: id, notices: [shown, ...others].slice(0, NOTICES_KEPT) };
}

/** "late.answered" is of the family "late". */
function familyOf(notice: Notice): string {
  return notice.kind.split(".", 1)[0] ?? "";
}

/** Whether what happened to a call has settled a notice about it. */
function isOver(notice: Notice, call: CallSummary): boolean {
  if (notice.subject !== call.id) return false;
  return call.state === "closed" || (notice.kind === "late.answered" && !isWaiting(call));
}

function withoutTheOldest(calls: Record<string, CallSummary>): Record<string, CallSummary> {
  const closed = Object.values(calls).filter((call) => call.state === "closed");
  if (closed.length <= CLOSED_CALLS_KEPT) return calls;
  const dropped = new Set(
    inOrder(byId(closed))
      .slice(CLOSED_CALLS_KEPT)
      .map((call) => call.id),
  );
  return byId(Object.values(calls).filter((call) => !dropped.has(call.id)));
}

function inSentences(error: { message: string; next?: string }): string {
  return [error.message, error.next].filter(Boolean).join(". ");
}

function byId<T extends { id: string }>(items: T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id, item]));
}

/** Who waits first, the longest on top; then who is being helped; then closed ones, newest first. */
export function inOrder(calls: Record<string, CallSummary>): CallSummary[] {
  return Object.values(calls).sort((a, b) => {
    const byRank = rank(a) - rank(b);
    if (byRank !== 0) return byRank;
    const byTime = Date.parse(a.arrived_at) - Date.parse(b.arrived_at);
    return a.state === "closed" ? -byTime : byTime;
  });
}

function rank(call: CallSummary): number {
  if (isWaiting(call)) return 0;
  return call.state === "closed" ? 2 : 1;
}

/** The call with the seat that rings or talks; an offer is known from the seat alone. */
export function withItsSeat<T extends CallSummary>(call: T, seats: Record<string, Seat>): T {
  if (call.seat !== null || !isWaiting(call)) return call;
  const ringing = Object.values(seats).find((seat) => seat.call_id === call.id);
  return ringing ? { ...call, seat: ringing.id } : call;
}

export function isWaiting(call: CallSummary): boolean {
  return ["arrived", "waiting", "offered", "diverted"].includes(call.state);
}
