import { type FormEvent, useState } from "react";
import { withQuery } from "../api";
import { useAsked } from "../asked";
import { download } from "../figures/download";
import { csv, duration, NOTHING } from "../figures/format";
import { momentInWords } from "../figures/period";
import { Problem } from "../problem";
import type { Queue } from "../types";
import type { Met, StaffedHalfHour, Staffing } from "./types";

const FIRST = { from: "", to: "", queue: "", percent: "95", within_s: "3", occupancy_percent: "85", handling_s: "", patience_s: "" };

/** How many seats each half hour takes for a target, and the rule of 300 beside it. */
export function StaffingPage() {
  const [wanted, setWanted] = useState<Record<string, string>>(FIRST);
  const { answer, problem } = useAsked<Staffing>(withQuery("staffing", wanted));
  const queues = useAsked<{ queues: Queue[] }>("queues").answer?.queues ?? [];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    setWanted(
      Object.fromEntries(
        Object.keys(FIRST).map((name) => [
          name,
          String(typed.get(name) ?? "").trim().replace(/^(\d+),(\d+)$/, "$1.$2"),
        ]),
      ),
    );
  };
  const number = (name: keyof typeof FIRST, label: string, unit: string) => (
    <label className="field">
      {label}
      <span className="with-unit">
        <input name={name} className="narrow" inputMode="decimal" defaultValue={FIRST[name]} />
        <span className="unit">{unit}</span>
      </span>
    </label>
  );
  return (
    <section aria-label="Staffing">
      <h2>Seats needed per half hour</h2>
      <form className="controls" onSubmit={submit}>
        {number("percent", "Answer this share", "% of callers")}
        {number("within_s", "within", "s")}
        {number("occupancy_percent", "Seats busy at most", "% of the time")}
        <label className="field">
          Queue
          <select name="queue" defaultValue="">
            <option value="">all</option>
            {queues.map((queue) => (
              <option key={queue.id} value={queue.id}>
                {queue.name || queue.id}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          Calls from
          <input type="date" name="from" />
        </label>
        <label className="field">
          until before
          <input type="date" name="to" />
        </label>
        {number("handling_s", "One call takes (empty: as it was)", "s")}
        {number("patience_s", "Callers wait (empty: as they did)", "s")}
        <button type="submit">Count</button>
      </form>
      <Problem problem={problem} />
      {!answer && !problem && <p className="quiet">Counting …</p>}
      {answer && <Table answer={answer} />}
    </section>
  );
}

function Table({ answer }: { answer: Staffing }) {
  if (answer.half_hours.length === 0)
    return <p>No call came in this period: there is nothing to count seats from.</p>;
  const mean = answer.definitions;
  const busy = answer.half_hours.filter((row) => row.calls_mean > 0);
  return (
    <>
      <p>
        {answer.calls_per_day} calls a day on {answer.days} {answer.days === 1 ? "day" : "days"} from{" "}
        {momentInWords(answer.from)} to {momentInWords(answer.to)} ({answer.zone}); one call takes{" "}
        {answer.handling_s} s, work after it included;{" "}
        {answer.patience_s === null
          ? "nobody left, so callers' patience is not known."
          : `callers wait ${answer.patience_s} s on average before they leave.`}{" "}
        <button type="button" className="plain small" onClick={() => save(answer)}>
          Save as CSV
        </button>
      </p>
      <dl className="meanings">
        {MEANINGS.map(([name, title]) => (
          <div key={name}>
            <dt>{title}</dt>
            <dd>{mean[name]}</dd>
          </div>
        ))}
      </dl>
      <div className="wide">
        <table className="list staffing">
          <caption className="unseen">Seats needed per half hour</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col" className="number">
                Calls, mean
              </th>
              <th scope="col" className="number">
                Calls, busy day
              </th>
              <th scope="col" className="number">
                Load, erlang
              </th>
              <th scope="col" className="number">
                Seats, Erlang C
              </th>
              <th scope="col" className="number">
                Seats, Erlang A
              </th>
              <th scope="col">With Erlang C's seats</th>
              <th scope="col" className="number">
                Seats, rule of 300
              </th>
              <th scope="col">With the rule's seats</th>
            </tr>
          </thead>
          <tbody>
            {busy.map((row) => (
              <Row key={row.from} row={row} answer={answer} />
            ))}
          </tbody>
        </table>
      </div>
      {busy.length < answer.half_hours.length && (
        <p className="quiet">
          No call came in the other {answer.half_hours.length - busy.length} half hours of the day;
          the rule of 300 puts {answer.half_hours[0]?.seats_by_rule} there too.
        </p>
      )}
    </>
  );
}

const MEANINGS = [
  ["calls_mean", "Calls, mean"],
  ["calls_busy", "Calls, busy day"],
  ["load_erlang", "Load"],
  ["seats", "Erlang C"],
  ["seats_with_patience", "Erlang A"],
  ["seats_by_rule", "Rule of 300"],
] as const;

function Row({ row, answer }: { row: StaffedHalfHour; answer: Staffing }) {
  const late = (row.expected_by_rule.answered_within ?? 0) * 100 < answer.percent;
  return (
    <tr>
      <th scope="row">{row.from}</th>
      <td className="number">{row.calls_mean.toFixed(1)}</td>
      <td className="number">{row.calls_busy}</td>
      <td className="number">{row.load_erlang.toFixed(2)}</td>
      <td className="number">
        <strong>{row.seats}</strong>
      </td>
      <td className="number">{row.seats_with_patience ?? NOTHING}</td>
      <td>{row.calls_busy > 0 && metInWords(row.expected, answer.within_s)}</td>
      <td className="number">{row.seats_by_rule}</td>
      <td className={late ? "late" : ""}>
        {row.calls_busy > 0 && metInWords(row.expected_by_rule, answer.within_s)}
      </td>
    </tr>
  );
}

function metInWords(met: Met, within_s: number): string {
  const share = (value: number | null) =>
    value === null ? NOTHING : `${(value * 100).toFixed(1)} %`;
  const wait = met.mean_wait_s === null ? "the queue grows" : `mean ${duration(met.mean_wait_s * 1000)}`;
  const lost = (met.abandoned_share ?? 0) > 0 ? `, ${share(met.abandoned_share)} leave` : "";
  return `${share(met.answered_within)} in ${within_s} s, ${wait}${lost}`;
}

function save(answer: Staffing): void {
  const rows = answer.half_hours.map((row) => [
    row.from,
    row.calls_mean,
    row.calls_busy,
    row.load_erlang,
    row.seats,
    row.seats_with_patience,
    row.seats_by_rule,
    row.expected.answered_within,
    row.expected_by_rule.answered_within,
  ]);
  const head = [
    "from",
    "calls_mean",
    "calls_busy",
    "load_erlang",
    "seats_erlang_c",
    "seats_erlang_a",
    "seats_by_rule",
    `answered_within_${answer.within_s}_s`,
    `answered_within_${answer.within_s}_s_by_rule`,
  ];
  download(`staffing-${answer.from.slice(0, 10)}-${answer.to.slice(0, 10)}.csv`, csv([head, ...rows]));
}
