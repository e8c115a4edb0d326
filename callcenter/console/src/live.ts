/** The one connection to the service's live events, kept open. */

import { useEffect, useReducer, useRef } from "react";
import { get } from "./api";
import { emptyFloor, reduce, type Floor, type FloorEvent } from "./floor";
import type { Call, LiveMessage, Segment } from "./types";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

export interface Live {
  floor: Floor;
  dispatch: (event: FloorEvent) => void;
}

/** Follow the floor, and one call in detail while `callId` names it. */
export function useLive(callId: string | null, onSignedOut: () => void): Live {
  const [floor, dispatch] = useReducer(reduce, emptyFloor);
  const socket = useRef<WebSocket | null>(null);
  const wanted = useRef<string | null>(callId);
  const signedOut = useRef(onSignedOut);
  signedOut.current = onSignedOut;
  wanted.current = callId;

  useEffect(() => {
    let stopped = false;
    let pauseMs = FIRST_PAUSE_MS;
    let timer: number | undefined;

    const connect = (): void => {
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      const opened = new WebSocket(`${scheme}://${location.host}/api/v1/events`);
      socket.current = opened;
      opened.onopen = () => {
        pauseMs = FIRST_PAUSE_MS;
        dispatch({ type: "connected" });
        if (wanted.current) follow(wanted.current);
      };
      opened.onmessage = (event: MessageEvent<string>) => {
        const message = JSON.parse(event.data) as LiveMessage;
        if (message.type === "resync") opened.close();
        else dispatch({ type: "message", message });
      };
      opened.onclose = () => {
        dispatch({ type: "disconnected" });
        if (stopped) return;
        void get("me").catch((error: { status?: number }) => {
          if (error.status === 401) signedOut.current();
        });
        timer = window.setTimeout(connect, pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      };
    };

    connect();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
      socket.current?.close();
    };
  }, []);

  useEffect(() => {
    if (callId === null) dispatch({ type: "closed" });
    else if (socket.current?.readyState === WebSocket.OPEN) follow(callId);
  }, [callId]);

  /** Subscribe first, read then: nothing that happens in between is missed. */
  function follow(id: string): void {
    socket.current?.send(JSON.stringify({ subscribe: id }));
    void Promise.all([
      get<Call>(`calls/${encodeURIComponent(id)}`),
      get<{ segments: Segment[] }>(`calls/${encodeURIComponent(id)}/transcript`),
    ])
      .then(([call, transcript]) => {
        if (wanted.current === id)
          dispatch({ type: "opened", call, segments: transcript.segments });
      })
      .catch(() => {
        if (wanted.current === id) dispatch({ type: "closed" });
      });
  }

  return { floor, dispatch };
}
