import { type FormEvent, useMemo, useState } from "react";
import { ApiError, get, withQuery } from "../api";
import { useAsked } from "../asked";
import { momentHere } from "../clock";
import {
  asTypedMoment,
  dayOf,
  periodBetween,
  periodName,
  periodOf,
  PERIODS,
  type PeriodName,
} from "../figures/period";
import { Problem } from "../problem";
import { choicesOf } from "../record-values";
import type { Me } from "../types";
import { capital, inWords, levelStyle, plain } from "../words";
import { IncidentPage } from "./incident-page";
import { incidentPage } from "./paths";
import type { IncidentLine, IncidentPage as Page } from "./types";

/** The list of incidents, or the one that the address names. */
export function IncidentsPage({ id, me }: { id: string; me: Me }) {
  return id ? <IncidentPage key={id} id={id} me={me} /> : <Search me={me} />;
}

interface Wanted {
  category: string;
  level: string;
  precinct: string;
  words: string;
}

const ANY: Wanted = { category: "", level: "", precinct: "", words: "" };

/** Incidents of a period, by kind and precinct; leaders take them along as CSV. */
function Search({ me }: { me: Me }) {
  const [chosen, setChosen] = useState<PeriodName>("today");
  const [wanted, setWanted] = useState<Wanted>(ANY);
  const [asked, setAsked] = useState(0);
  const [typed, setTyped] = useState(() => {
    const now = new Date();
    return { from: `${dayOf(now)}T00:00`, to: asTypedMoment(now) };
  });
  const period = useMemo(
    () => (chosen === "between" ? periodBetween(typed.from, typed.to) : periodOf(chosen, new Date())),
    // Asked again, "until now" means another moment.
    [chosen, typed, asked],
  );
  const query = typeof period === "string" ? null : { ...period, ...wanted };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: keyof Wanted) => String(form.get(name) ?? "").trim();
    setAsked((before) => before + 1);
    setWanted({
      category: text("category"),
      level: text("level"),
      precinct: text("precinct"),
      words: text("words"),
    });
  };
  return (
    <section aria-label="Incidents">
      <h2>Incidents</h2>
      <form className="controls" aria-label="Search" onSubmit={submit}>
        <label className="field">
          Period
          <select value={chosen} onChange={(event) => setChosen(event.target.value as PeriodName)}>
            {PERIODS.map((name) => (
              <option key={name} value={name}>
                {periodName[name]}
              </option>
            ))}
          </select>
        </label>
        {chosen === "between" &&
          (["from", "to"] as const).map((end) => (
            <label key={end} className="field">
              {end === "from" ? "From" : "To"}
              <input
                type="datetime-local"
                value={typed[end]}
                onChange={(event) => setTyped({ ...typed, [end]: event.target.value })}
              />
            </label>
          ))}
        <Choice name="category" label="What" />
        <Choice name="level" label="Level" />
        <label className="field">
          Precinct
          <input name="precinct" size={6} maxLength={64} />
        </label>
        <label className="field">
          Place or number
          <input name="words" size={18} maxLength={100} />
        </label>
        <button type="submit">Search</button>
        {query && me.role !== "operator" && (
          <a href={`/api/v1/${withQuery("incidents.csv", query)}`} download>
            Save as CSV
          </a>
        )}
      </form>
      {query ? (
        <Found key={`${asked} ${JSON.stringify(query)}`} query={query} />
      ) : (
        <p className="bad">{period as string}</p>
      )}
    </section>
  );
}

function Choice({ name, label }: { name: "category" | "level"; label: string }) {
  return (
    <label className="field">
      {label}
      <select name={name} defaultValue="">
        <option value="">any</option>
        {(choicesOf(name) ?? []).map((choice) => (
          <option key={choice} value={choice}>
            {inWords(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Found({ query }: { query: Record<string, string> }) {
  // Searching is journalled: only when a person asks.
  const { answer, problem } = useAsked<Page>(withQuery("incidents", query));
  const [more, setMore] = useState<Page[]>([]);
  const [refused, setRefused] = useState<ApiError | null>(null);
  if (!answer) return problem ? <Problem problem={problem} /> : <p className="quiet">Searching …</p>;
  const next = (more.at(-1) ?? answer).next;
  const lines = [answer, ...more].flatMap((page) => page.incidents);
  const load = (after: string) => {
    get<Page>(withQuery("incidents", { ...query, after }))
      .then((page) => {
        setMore((before) => [...before, page]);
        setRefused(null);
      })
      .catch(setRefused);
  };
  if (lines.length === 0) return <p>No incident began then that has all of this.</p>;
  return (
    <>
      <Problem problem={problem} />
      <div className="wide">
        <table className="list incidents" aria-label="Incidents">
          <thead>
            <tr>
              <th scope="col">Began</th>
              <th scope="col">What</th>
              <th scope="col">Where</th>
              <th scope="col">Precinct</th>
              <th scope="col">From</th>
              <th scope="col">Calls</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {unique(lines).map((line) => (
              <Line key={line.id} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      {next && (
        <button type="button" className="plain" onClick={() => load(next)}>
          Show older ones
        </button>
      )}
      <Problem problem={refused} />
    </>
  );
}

/** One that was joined or taken apart between two pages may be on both. */
function unique(lines: IncidentLine[]): IncidentLine[] {
  return [...new Map(lines.map((line) => [line.id, line])).values()];
}

function Line({ line }: { line: IncidentLine }) {
  return (
    <tr>
      <th scope="row">
        <a href={incidentPage(line.id)}>{momentHere(line.began_at)}</a>
      </th>
      <td className={levelStyle(line.level)}>
        {line.level && <span className="level">{plain(line.level)}</span>}
        {capital(plain(line.category)) || "–"}
      </td>
      <td>{line.place_text ?? "–"}</td>
      <td>{line.precinct ?? "–"}</td>
      <td>{line.numbers.join(", ") || "withheld"}</td>
      <td className="number">{line.call_ids.length}</td>
      <td>
        {line.finished ? "finished" : "going on"}
        {line.contradictions > 0 && (
          <span className="tag">
            {line.contradictions === 1 ? "1 contradiction" : `${line.contradictions} contradictions`}
          </span>
        )}
      </td>
    </tr>
  );
}
