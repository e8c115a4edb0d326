import { useEffect } from "react";
import { useAsked } from "../asked";
import type { Floor } from "../floor";
import { Problem } from "../problem";
import type { Me, Queue } from "../types";
import { inEnginesOrder } from "./order";
import { SeatTable } from "./seat-table";
import { Surges } from "./surges";
import { WaitingTable } from "./waiting-table";

/** Estimates and places change without any event. */
const EVERY_MS = 2000;

/** The whole floor for whoever leads it: who waits, in which order, and who could take them. */
export function FloorPage({ me, floor }: { me: Me; floor: Floor }) {
  const { answer, problem, again } = useAsked<{ queues: Queue[] }>("queues", EVERY_MS);
  useEffect(again, [floor.calls, again]);
  const queues = answer?.queues ?? [];
  const waiting = inEnginesOrder(queues, floor.calls);
  return (
    <>
      <section aria-label="Waiting calls">
        <h2>
          Waiting <span className="count">{waiting.length}</span>
        </h2>
        <Problem problem={problem} />
        <WaitingTable
          waiting={waiting}
          queues={queues}
          seats={floor.seats}
          me={me}
          onDone={again}
        />
      </section>
      <section aria-label="Seats">
        <h2>
          Seats <span className="count">{Object.keys(floor.seats).length}</span>
        </h2>
        <SeatTable seats={floor.seats} calls={floor.calls} me={me} />
      </section>
      {me.role !== "operator" && (
        <section aria-label="Surge">
          <Surges calls={floor.calls} />
        </section>
      )}
    </>
  );
}
