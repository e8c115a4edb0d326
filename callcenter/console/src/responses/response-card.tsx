import { type FormEvent, useState } from "react";
import { post } from "../api";
import { useAction } from "../asked";
import { useNow } from "../clock";
import { Problem } from "../problem";
import type { Me } from "../types";
import { capital, levelStyle, plain } from "../words";
import { course, dueInWords, nextSteps, resultInWords } from "./course";
import { Notes } from "./notes";
import { ReportForm } from "./report-form";
import type { OfficerResponse } from "./types";

const stepButton = { on_the_way: "On the way", there: "There" } as const;

/** One response: where it stands, and what the one who looks at it can do. */
export function ResponseCard({
  response,
  me,
  onDone,
}: {
  response: OfficerResponse;
  me: Me;
  onDone: () => void;
}) {
  const now = useNow();
  const due = dueInWords(response, now);
  const withOfficer = response.step !== "done" && response.step !== "accepted";
  return (
    <li
      className={`response ${levelStyle(response.level)}`}
      aria-label={`Response to call ${response.call_id}`}
    >
      <h3>
        {response.level && <span className="level">{plain(response.level)}</span>}
        {capital(plain(response.category) || "call")}
        {response.place_text && `, ${response.place_text}`}
      </h3>
      <p>
        {me.role !== "officer" && <strong>{response.officer} · </strong>}
        {course(response)} {due && <span className={response.late ? "bad" : "clock"}>· {due}</span>}
      </p>
      <p className="group">
        <a href={`#call/${encodeURIComponent(response.call_id)}`}>The call: words, map, record</a>
        {response.number && <a href={`tel:${response.number}`}>Ring {response.number}</a>}
      </p>
      {response.step === "returned" && (
        <p className="bad" role="status">
          {response.decided_by} asks: {response.question}
        </p>
      )}
      {withOfficer ? (
        <Doing response={response} me={me} onDone={onDone} />
      ) : (
        <Reported response={response} me={me} onDone={onDone} />
      )}
    </li>
  );
}

function Doing({
  response,
  me,
  onDone,
}: {
  response: OfficerResponse;
  me: Me;
  onDone: () => void;
}) {
  const action = useAction(onDone);
  const [reporting, setReporting] = useState(false);
  const own = me.role === "officer";
  return (
    <>
      <div className="steps">
        {nextSteps(response).map((step) => (
          <button
            key={step}
            type="button"
            className={own ? "main" : ""}
            disabled={action.busy}
            onClick={() => action.run(() => post(`responses/${response.id}/step`, { step }))}
          >
            {stepButton[step]}
          </button>
        ))}
        {!reporting && (
          <button
            type="button"
            className={own ? "main" : "plain"}
            onClick={() => setReporting(true)}
          >
            {response.step === "returned" ? "Mend the report …" : "Done …"}
          </button>
        )}
      </div>
      <Problem problem={action.problem} />
      <Notes response={response} onDone={onDone} />
      {reporting && (
        <ReportForm
          response={response}
          onDone={() => {
            setReporting(false);
            onDone();
          }}
          onCancel={() => setReporting(false)}
        />
      )}
    </>
  );
}

function Reported({
  response,
  me,
  onDone,
}: {
  response: OfficerResponse;
  me: Me;
  onDone: () => void;
}) {
  return (
    <>
      <p>
        <strong>{resultInWords(response.result)}</strong>
        {response.step === "accepted" && ` · accepted by ${response.decided_by}`}
      </p>
      <p className="report-text">{response.report || "No report was written."}</p>
      {me.role !== "officer" && response.step === "done" && (
        <Judge response={response} onDone={onDone} />
      )}
    </>
  );
}

function Judge({ response, onDone }: { response: OfficerResponse; onDone: () => void }) {
  const action = useAction(onDone);
  const [asking, setAsking] = useState(false);
  const giveBack = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const question = new FormData(event.currentTarget).get("question");
    action.run(() => post(`responses/${response.id}/return`, { question }));
  };
  return (
    <div className="group">
      <button
        type="button"
        disabled={action.busy}
        onClick={() => action.run(() => post(`responses/${response.id}/accept`))}
      >
        Accept the report
      </button>
      {asking ? (
        <form className="controls" aria-label="Return the report" onSubmit={giveBack}>
          <label className="field why">
            What is to be mended?
            <input name="question" maxLength={500} required autoFocus />
          </label>
          <button type="submit" disabled={action.busy}>
            Return it
          </button>
        </form>
      ) : (
        <button type="button" className="plain" onClick={() => setAsking(true)}>
          Return …
        </button>
      )}
      <Problem problem={action.problem} />
    </div>
  );
}
