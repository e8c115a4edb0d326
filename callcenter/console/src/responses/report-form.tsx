import { type FormEvent, useState } from "react";
import { post } from "../api";
import { useAction, useAsked } from "../asked";
import { Problem } from "../problem";
import { choicesOf } from "../record-values";
import { plain } from "../words";
import { callBackByDefault } from "./course";
import { RESULTS, type DraftedResponse, type OfficerResponse } from "./types";

const LONGEST = 8000;

/** Result, confirmed category and report; the report begins as the draft. */
export function ReportForm({
  response,
  onDone,
  onCancel,
}: {
  response: OfficerResponse;
  onDone: () => void;
  onCancel: () => void;
}) {
  const drafted = useAsked<DraftedResponse>(`responses/${response.id}`);
  if (!drafted.answer)
    return (
      <>
        <p className="quiet">Drafting the report …</p>
        <Problem problem={drafted.problem} />
      </>
    );
  return <Filled response={drafted.answer} onDone={onDone} onCancel={onCancel} />;
}

function Filled({
  response,
  onDone,
  onCancel,
}: {
  response: DraftedResponse;
  onDone: () => void;
  onCancel: () => void;
}) {
  const action = useAction(onDone);
  const [calls, setCalls] = useState(callBackByDefault(response.category));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    action.run(() =>
      post(`responses/${response.id}/done`, {
        result: typed.get("result"),
        category: typed.get("category"),
        report: typed.get("report"),
        call_back: calls ? typed.get("call_back") : null,
      }),
    );
  };
  return (
    <form className="report" aria-label="Report" onSubmit={submit}>
      <label className="field">
        Result
        <select name="result" defaultValue={response.result ?? ""} required>
          <option value="" disabled>
            choose …
          </option>
          {RESULTS.map(([result, label]) => (
            <option key={result} value={result}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        It was
        <select name="category" defaultValue={response.category ?? ""} required>
          <option value="" disabled>
            choose …
          </option>
          {choicesOf("category")?.map((category) => (
            <option key={category} value={category}>
              {plain(category)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        Report
        <textarea
          name="report"
          rows={10}
          maxLength={LONGEST}
          defaultValue={response.report || response.draft}
        />
      </label>
      <label className="tick">
        <input type="checkbox" checked={calls} onChange={() => setCalls(!calls)} /> The hotline may
        call the caller and ask how it went
      </label>
      {calls && (
        <label className="field">
          An open question to the caller, if there is one
          <input name="call_back" maxLength={500} />
        </label>
      )}
      <Problem problem={action.problem} />
      <div className="group">
        <button type="submit" className="main" disabled={action.busy}>
          Send the report
        </button>
        <button type="button" className="plain" onClick={onCancel}>
          Not yet
        </button>
      </div>
    </form>
  );
}
