import { inFewWords, type Change } from "./document";
import { stepsInWords } from "./sections";

/** What differs, place by place: before and after. */
export function ChangeList({ changes, before, after }: { changes: Change[]; before: string; after: string }) {
  if (changes.length === 0) return <p className="quiet">No difference.</p>;
  return (
    <div className="wide">
      <table className="list changes">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">{before}</th>
            <th scope="col">{after}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.steps.join(" ")}>
              <th scope="row">{stepsInWords(change.steps).join(" › ")}</th>
              <td>{inFewWords(change.before)}</td>
              <td>{inFewWords(change.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
