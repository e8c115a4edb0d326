/** The one connection to the service's live events, kept open. */

import { useEffect, useReducer, useRef } from "react";
import { get } from "./api";
import { forgetOutlines } from "./outlines";
import { emptyFloor, reduce, type Floor, type FloorEvent } from "./floor";
import type { LiveMessage, Segment } from "./types";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4000;
const PING_MS = 2000;
/** A service that hangs keeps its connections open; only its silence shows it. */
const SILENCE_MS = 6000;
/** The service's close code for a session that has ended. */
const SIGNED_OUT_CODE = 4401;

export interface Live {
  floor: Floor;
  dispatch: (event: FloorEvent) => void;
}

/** Follow the floor, and one call in detail while `callId` names it. */
export function useLive(callId: string | null, onSignedOut: () => void): Live {
  const [floor, dispatch] = useReducer(reduce, emptyFloor);
  const wanted = useRef(callId);
  const stream = useRef<Stream | null>(null);
  wanted.current = callId;

  useEffect(() => {
    const opened = new Stream(dispatch, () => wanted.current, onSignedOut);
    stream.current = opened;
    return () => opened.stop();
  }, [onSignedOut]);

  useEffect(() => {
    dispatch({ type: "followed", callId });
    if (callId === null) return undefined;
    stream.current?.follow(callId);
    return () => stream.current?.send({ unsubscribe: callId });
  }, [callId]);

  return { floor, dispatch };
}

/** Connects, and connects again for as long as it is not stopped. */
class Stream {
  private socket: WebSocket | null = null;
  private pauseMs = FIRST_PAUSE_MS;
  private heardAt = 0;
  private retry: number | undefined;
  private readonly pings: number;

  constructor(
    private readonly dispatch: (event: FloorEvent) => void,
    private readonly wanted: () => string | null,
    private readonly onSignedOut: () => void,
  ) {
    this.connect();
    this.pings = window.setInterval(() => this.checkLife(), PING_MS);
  }

  stop(): void {
    window.clearInterval(this.pings);
    window.clearTimeout(this.retry);
    this.letGo();
  }

  send(wish: { subscribe: string } | { unsubscribe: string } | { ping: number }): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(wish));
  }

  /** The service answers with the call itself; what was said before is read. */
  follow(callId: string): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.send({ subscribe: callId });
    this.readTranscript(callId);
  }

  private connect(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/events`);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => {
      this.pauseMs = FIRST_PAUSE_MS;
      this.dispatch({ type: "connected" });
      // What was said while nobody listened may have been that others hold.
      forgetOutlines();
      const callId = this.wanted();
      if (callId !== null) this.follow(callId);
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      this.heardAt = Date.now();
      this.take(JSON.parse(event.data) as LiveMessage);
    };
    socket.onclose = (event) => this.lost(event.code);
  }

  private take(message: LiveMessage): void {
    this.dispatch({ type: "message", message });
    if (message.type === "boundaries") forgetOutlines();
    // Something was left out; a fresh hello follows, and the open call is asked for anew.
    const callId = this.wanted();
    if (message.type === "resync" && callId !== null) this.follow(callId);
  }

  private checkLife(): void {
    if (this.socket === null) return;
    if (Date.now() - this.heardAt > SILENCE_MS) this.lost();
    else this.send({ ping: Date.now() });
  }

  private lost(code?: number): void {
    this.letGo();
    this.dispatch({ type: "disconnected" });
    if (code === SIGNED_OUT_CODE) {
      this.onSignedOut();
      return;
    }
    // A refused connection does not say why: perhaps the session has ended.
    void get("me").catch((error: { status?: number }) => {
      if (error.status === 401) this.onSignedOut();
    });
    this.retry = window.setTimeout(() => this.connect(), this.pauseMs);
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private letGo(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private readTranscript(callId: string): void {
    void get<{ segments: Segment[] }>(`calls/${encodeURIComponent(callId)}/transcript`)
      .then(({ segments }) => this.dispatch({ type: "transcript", callId, segments }))
      .catch(() => undefined); // Why the call cannot be shown, the stream says.
  }
}
