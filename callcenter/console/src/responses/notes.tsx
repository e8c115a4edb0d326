import { type FormEvent, useEffect, useRef, useState } from "react";
import { ApiError, post, postSound } from "../api";
import { useAction } from "../asked";
import { timeHere } from "../clock";
import { Problem } from "../problem";
import { listen, LONGEST_MS, type Dictating } from "./microphone";
import type { OfficerResponse } from "./types";

/** The officer's notes: typed, or dictated and mended before they are kept. */
export function Notes({ response, onDone }: { response: OfficerResponse; onDone: () => void }) {
  const [text, setText] = useState("");
  const [dictated, setDictated] = useState(false);
  const keep = useAction(() => {
    setText("");
    setDictated(false);
    onDone();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const how = dictated ? "dictated" : "typed";
    keep.run(() => post(`responses/${response.id}/notes`, { text, how }));
  };
  return (
    <>
      <ul className="notes" aria-label="Notes">
        {response.notes.map((note) => (
          <li key={`${note.at} ${note.text}`}>
            <small>
              {timeHere(note.at)} {note.how}
            </small>{" "}
            {note.text}
          </li>
        ))}
      </ul>
      <form className="note" onSubmit={submit} aria-label="Add a note">
        <textarea
          aria-label="Note"
          rows={2}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div className="group">
          <Dictate
            id={response.id}
            onWords={(words) => {
              setText((before) => [before, words].filter(Boolean).join(" "));
              setDictated(true);
            }}
          />
          <button type="submit" disabled={keep.busy || text.trim() === ""}>
            Keep the note
          </button>
        </div>
        <Problem problem={keep.problem} />
      </form>
    </>
  );
}

function Dictate({ id, onWords }: { id: number; onWords: (words: string) => void }) {
  const [dictating, setDictating] = useState<Dictating | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [waiting, setWaiting] = useState(false);
  const running = useRef<Dictating | null>(null);
  running.current = dictating;

  // Whoever leaves the page has not meant to go on listening.
  useEffect(() => () => void running.current?.stop(), []);

  const begin = () => {
    setProblem(null);
    listen()
      .then(setDictating)
      .catch(() =>
        setProblem(
          new ApiError(
            0,
            "The microphone cannot be heard.",
            "Allow it in the browser, or type the note.",
          ),
        ),
      );
  };
  const finish = () => {
    if (!running.current) return;
    const ended = running.current;
    setDictating(null);
    setWaiting(true);
    ended
      .stop()
      .then((sound) => postSound<{ text: string }>(`responses/${id}/dictation`, sound))
      .then(({ text }) => {
        if (text) onWords(text);
        else setProblem(new ApiError(0, "No words were understood.", "Dictate again, or type."));
      })
      .catch(setProblem)
      .finally(() => setWaiting(false));
  };
  useEffect(() => {
    if (!dictating) return undefined;
    const timer = window.setTimeout(finish, LONGEST_MS);
    return () => window.clearTimeout(timer);
  }, [dictating]);

  return (
    <>
      <button
        type="button"
        className={dictating ? "danger" : ""}
        disabled={waiting}
        onClick={dictating ? finish : begin}
      >
        {dictating ? "● Stop dictating" : waiting ? "Listening …" : "Dictate"}
      </button>
      <Problem problem={problem} />
    </>
  );
}
