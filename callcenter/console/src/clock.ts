import { useEffect, useState } from "react";

const TICK_MS = 250;
/** The Date header has whole seconds and travels some; smaller differences mean nothing. */
const CLOCKS_AGREE_MS = 2000;

let serverAheadMs = 0;

/** Learn the service's time from an answer's Date header: this computer's clock may be wrong. */
export function noteServerTime(header: string | null, hereMs: number): void {
  const thereMs = Date.parse(header ?? "");
  if (Number.isNaN(thereMs)) return;
  const ahead = thereMs + 500 - hereMs;
  serverAheadMs = Math.abs(ahead) < CLOCKS_AGREE_MS ? 0 : ahead;
}

/** The present by the service's clock, in ms. */
export function serverNow(hereMs: number): number {
  return hereMs + serverAheadMs;
}

/** The present by the service's clock, in ms, renewed every quarter of a second. */
export function useNow(): number {
  const [now, setNow] = useState(() => serverNow(Date.now()));
  useEffect(() => {
    const timer = window.setInterval(() => setNow(serverNow(Date.now())), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

/** 75 000 ms as "1:15", 3 675 000 ms as "1:01:15". */
export function clockFace(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = twoDigits(seconds % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** 4 230 ms as "4.2 s". */
export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A moment by this computer's clock: "23 Nov 2026, 08:05:12". */
export function momentHere(moment: string): string {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return moment;
  return at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium", hour12: false });
}

/** The time of day alone: "08:05:12". */
export function timeHere(moment: string): string {
  return new Date(moment).toLocaleTimeString(undefined, { hour12: false });
}
