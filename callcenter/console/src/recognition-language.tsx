import { useState } from "react";
import { ApiError, post } from "./api";
import { Problem } from "./problem";
import type { Call } from "./types";

/** In which language a call is written down: now, or once more from its recording. */
export function RecognitionLanguage({ call }: { call: Call }) {
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [said, setSaid] = useState("");
  const known = Object.keys(call.speech.engines ?? {}).sort();
  const open = call.state !== "closed";
  if (known.length === 0 || (!open && call.recordings.length === 0)) return null;
  const change = (language: string) => {
    const path = `calls/${encodeURIComponent(call.id)}/`;
    setProblem(null);
    post(path + (open ? "language" : "transcript/again"), { language })
      .then(() =>
        setSaid(open ? `${language} from the next words on` : "is recognised again when there is room"),
      )
      .catch(setProblem);
  };
  return (
    <p className="controls">
      <label className="field inline">
        {open ? "Language" : "Recognise again in"}
        <select
          value={open && known.includes(call.language) ? call.language : ""}
          onChange={(event) => change(event.target.value)}
        >
          <option value="" disabled>
            choose …
          </option>
          {known.map((language) => (
            <option key={language} value={language}>
              {language}
            </option>
          ))}
        </select>
      </label>{" "}
      <small role="status">{said}</small>
      <Problem problem={problem} />
    </p>
  );
}
