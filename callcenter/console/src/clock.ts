import { useEffect, useState } from "react";

/** The present, in ms, renewed every quarter of a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 250);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

/** 75 000 ms as "1:15". */
export function clockFace(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** 4 230 ms as "4.2 s". */
export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
