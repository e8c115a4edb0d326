import { useMemo, useState } from "react";
import { withQuery } from "../api";
import { useAsked } from "../asked";
import { Problem } from "../problem";
import { download } from "./download";
import { FigureTable } from "./figure-table";
import { csv, measureName, measuresOf, valueOf } from "./format";
import { HalfHours } from "./half-hours";
import {
  asTypedMoment,
  dayOf,
  momentInWords,
  periodBetween,
  periodName,
  periodOf,
  PERIODS,
  type Period,
  type PeriodName,
} from "./period";
import {
  GROUPINGS,
  OFFICER_GROUPINGS,
  type FiguresAnswer,
  type Grouping,
  type OfficerGrouping,
} from "./types";

const LIVE_EVERY_MS = 5000;

const groupingName: Record<Grouping | OfficerGrouping, string> = {
  line: "by line",
  queue: "by queue",
  seat: "by seat",
  half_hour: "by half hour",
  rung: "by rung of the ladder",
  officer: "by officer",
  precinct: "by precinct",
  category: "by category",
  level: "by level",
  hour: "by hour of the day",
};

/** Of calls at the hotline, or of the hunts for officers. */
type Of = "calls" | "officers";
type Chosen = "live" | PeriodName;

/** The figures that the hotline answers for, live or of a period, each with its definition. */
export function FiguresPage() {
  const [chosen, setChosen] = useState<Chosen>("today");
  const [of, setOf] = useState<Of>("calls");
  const [callsBy, setCallsBy] = useState<Grouping>("queue");
  const [officerBy, setOfficerBy] = useState<OfficerGrouping>("rung");
  const by = of === "calls" ? callsBy : officerBy;
  const [typed, setTyped] = useState(() => {
    const now = new Date();
    return { from: `${dayOf(now)}T00:00`, to: asTypedMoment(now) };
  });
  const period = useMemo<Period | string | null>(() => {
    if (chosen === "live") return null;
    return chosen === "between"
      ? periodBetween(typed.from, typed.to)
      : periodOf(chosen, new Date());
  }, [chosen, typed]);
  const { answer, problem, again } = useAsked<FiguresAnswer>(
    addressOf(of, period, by),
    chosen === "live" ? LIVE_EVERY_MS : 0,
  );

  return (
    <section aria-label="Figures">
      <h2>Figures</h2>
      <div className="controls">
        <label className="field">
          Of
          <select
            value={of}
            onChange={(event) => {
              const next = event.target.value as Of;
              setOf(next);
              if (next === "officers" && chosen === "live") setChosen("today");
            }}
          >
            <option value="calls">Calls and seats</option>
            <option value="officers">Officers</option>
          </select>
        </label>
        <label className="field">
          Period
          <select value={chosen} onChange={(event) => setChosen(event.target.value as Chosen)}>
            {of === "calls" && (
              <option value="live">Live: today so far, and the last hour</option>
            )}
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
        <label className="field">
          Divided
          <select
            value={by}
            onChange={(event) =>
              of === "calls"
                ? setCallsBy(event.target.value as Grouping)
                : setOfficerBy(event.target.value as OfficerGrouping)
            }
          >
            {(of === "calls" ? GROUPINGS : OFFICER_GROUPINGS).map((name) => (
              <option key={name} value={name}>
                {groupingName[name]}
              </option>
            ))}
          </select>
        </label>
        {chosen !== "live" && (
          <button type="button" className="plain" onClick={again}>
            Count again
          </button>
        )}
        <button
          type="button"
          className="plain"
          disabled={!answer}
          onClick={() => answer && save(answer)}
        >
          Save as CSV
        </button>
      </div>
      {typeof period === "string" && <p className="bad">{period}</p>}
      <Problem problem={problem} />
      {answer ? (
        <Shown answer={answer} by={by} />
      ) : (
        !problem && typeof period !== "string" && <p className="quiet">Counting …</p>
      )}
    </section>
  );
}

function Shown({ answer, by }: { answer: FiguresAnswer; by: Grouping | OfficerGrouping }) {
  const caption = [
    `Calls that arrived from ${momentInWords(answer.from)} to ${momentInWords(answer.to)}`,
    `(${answer.zone}). ${answer.note} — stands where there is nothing to count.`,
  ].join(" ");
  const common = { all: answer.figures, definitions: answer.definitions };
  return (
    <>
      {by === "half_hour" && <HalfHours {...common} groups={answer.groups} />}
      <FigureTable
        {...common}
        hour={answer.hour?.figures}
        groups={by === "half_hour" ? [] : answer.groups}
        caption={caption}
      />
    </>
  );
}

function addressOf(
  of: Of,
  period: Period | string | null,
  by: Grouping | OfficerGrouping,
): string | null {
  if (period === null) return withQuery("figures/live", { by });
  if (typeof period === "string") return null;
  return withQuery(of === "calls" ? "figures" : "figures/officers", { ...period, by });
}

function save(answer: FiguresAnswer): void {
  const measures = measuresOf(answer.figures).flatMap((family) => family.measures);
  const groups = [{ key: "all", figures: answer.figures }, ...answer.groups];
  const rows = [
    ["figure", "name", ...groups.map((group) => group.key), "definition"],
    ...measures.map((measure) => [
      measure.threshold === null ? measure.name : `${measure.name}_${measure.threshold}_s`,
      measureName(measure),
      ...groups.map((group) => valueOf(group.figures, measure)),
      answer.definitions[measure.name] ?? "",
    ]),
  ];
  download(`figures-${answer.from.slice(0, 10)}-${answer.to.slice(0, 10)}.csv`, csv(rows));
}
