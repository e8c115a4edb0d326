import { post } from "./api";
import { useAction } from "./asked";
import { Problem } from "./problem";
import type { Seat } from "./types";

/** Time after a call: asked for while talking, ended when the record is saved. */
export function WrapUp({ seat }: { seat: Seat }) {
  const action = useAction();
  const say = (on: boolean) =>
    action.run(() => post(`seats/${encodeURIComponent(seat.id)}/wrap-up`, { on }));
  if (seat.state !== "talking" && seat.state !== "wrap_up") return null;
  return (
    <>
      {seat.state === "talking" ? (
        <button
          type="button"
          className="plain"
          aria-label={`Time after this call for ${seat.id}`}
          disabled={action.busy}
          onClick={() => say(true)}
        >
          Time after this call
        </button>
      ) : (
        <button
          type="button"
          aria-label={`Saved: ${seat.id} takes calls again`}
          disabled={action.busy}
          onClick={() => say(false)}
        >
          Saved, ready
        </button>
      )}
      <Problem problem={action.problem} />
    </>
  );
}
