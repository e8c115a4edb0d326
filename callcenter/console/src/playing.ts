/** Playing part of a recording: what was said, when somebody clicks on it. */

/** A word is played with this much around it: it is understood better. */
export const AROUND_MS = 60;

export interface Playable {
  url: string;
  /** When its first sample was heard, from the call's start. */
  startsMs: number;
}

/** Where in the recording something lies that was said then; seconds. */
export function place(recording: Playable, startMs: number, endMs: number) {
  const second = (ms: number) => Math.max(0, ms - recording.startsMs) / 1000;
  return { from: second(startMs - AROUND_MS), to: second(endMs + AROUND_MS) };
}

let audio: HTMLAudioElement | null = null;
let until = 0;

/** Play what was said between two moments of the call; stops what plays already. */
export function play(recording: Playable, startMs: number, endMs: number) {
  const { from, to } = place(recording, startMs, endMs);
  if (!audio) {
    audio = new Audio();
    audio.addEventListener("timeupdate", () => {
      if (audio && audio.currentTime >= until) audio.pause();
    });
  }
  if (audio.src !== new URL(recording.url, location.href).href) audio.src = recording.url;
  until = to;
  audio.currentTime = from;
  // A browser may refuse, or the recording may be gone: then nothing is heard, and nothing breaks.
  audio.play().catch(() => undefined);
}
