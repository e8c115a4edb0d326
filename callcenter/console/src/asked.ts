/** Answers of the service that a page keeps asking for, and actions whose failure it shows. */

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, get } from "./api";

export interface Asked<T> {
  answer: T | null;
  problem: ApiError | null;
  /** Ask again now. */
  again: () => void;
}

/** What `path` answers: now, whenever the path changes, and every `everyMs` (0: not again). */
export function useAsked<T>(path: string | null, everyMs = 0): Asked<T> {
  const [answer, setAnswer] = useState<T | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [count, setCount] = useState(0);
  const shown = useRef(path);

  useEffect(() => {
    if (path === null) return undefined;
    if (shown.current !== path) {
      shown.current = path;
      setAnswer(null);
    }
    let left = false;
    let timer: number | undefined;
    const ask = () => {
      get<T>(path)
        .then((said) => {
          if (left) return;
          setAnswer(said);
          setProblem(null);
        })
        .catch((error: ApiError) => {
          if (!left) setProblem(error);
        })
        .finally(() => {
          // The next question waits for this answer: a slow service is not asked twice at once.
          if (!left && everyMs > 0) timer = window.setTimeout(ask, everyMs);
        });
    };
    ask();
    return () => {
      left = true;
      window.clearTimeout(timer);
    };
  }, [path, everyMs, count]);

  const again = useCallback(() => setCount((before) => before + 1), []);
  return { answer, problem, again };
}

export interface Action {
  busy: boolean;
  problem: ApiError | null;
  run: (work: () => Promise<unknown>) => void;
  forget: () => void;
}

/** One thing at a time, with its failure kept until the next attempt. */
export function useAction(onDone?: () => void): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const done = useRef(onDone);
  done.current = onDone;
  const run = useCallback((work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    work()
      .then(() => done.current?.())
      .catch(setProblem)
      .finally(() => setBusy(false));
  }, []);
  const forget = useCallback(() => setProblem(null), []);
  return { busy, problem, run, forget };
}
