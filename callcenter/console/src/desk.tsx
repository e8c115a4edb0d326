import { useEffect, useState } from "react";
import { AdministrationPage } from "./administration/administration-page";
import { Boundary } from "./boundary";
import { CallList } from "./call-list";
import { CallPage } from "./call-page";
import { isWaiting, withItsSeat, type Floor } from "./floor";
import { FiguresPage } from "./figures/figures-page";
import { FloorPage } from "./floor-page/floor-page";
import { Header } from "./header";
import { IncidentsPage } from "./incidents/incidents-page";
import { useLive } from "./live";
import { Notices } from "./notices";
import { ResponsesPage } from "./responses/responses-page";
import { BoundariesPage } from "./boundaries/boundaries-page";
import { OnDuty } from "./rosters/on-duty";
import { RostersPage } from "./rosters/rosters-page";
import { pageFor, routeOf, type Route } from "./routes";
import { Seats } from "./seats";
import { StaffingPage } from "./staffing/staffing-page";
import { TasksPage } from "./tasks/tasks-page";
import type { Me } from "./types";

/** Everything that somebody who is signed in sees. */
export function Desk({ me, onSignedOut }: { me: Me; onSignedOut: () => void }) {
  const [route, setRoute] = useState<Route>(() => routeOf(location.hash));
  const { callId } = route;
  const { floor, dispatch } = useLive(callId, onSignedOut);

  useEffect(() => {
    const follow = () => setRoute(routeOf(location.hash));
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);

  // An operator's own call opens by itself, once, as soon as the phone rings.
  const ownId = me.seat ? floor.seats[me.seat]?.call_id : null;
  useEffect(() => {
    if (ownId) location.hash = `#call/${encodeURIComponent(ownId)}`;
  }, [ownId]);

  const waiting = Object.values(floor.calls).filter(isWaiting).length;
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Hotline console` : "Hotline console";
  }, [waiting]);

  const page = pageFor(me.role, route);
  return (
    <>
      <Header me={me} floor={floor} page={page} onSignedOut={onSignedOut} />
      <Notices
        notices={floor.notices}
        calls={floor.calls}
        onDismiss={(id) => dispatch({ type: "dismissed", id })}
      />
      {page === "desk" ? (
        <Calls me={me} callId={callId} floor={floor} />
      ) : (
        <main className="page">
          <Boundary key={page}>
            {page === "floor" && <FloorPage me={me} floor={floor} />}
            {page === "responses" && me.officer && <OnDuty />}
            {page === "responses" && <ResponsesPage me={me} floor={floor} />}
            {page === "tasks" && <TasksPage me={me} floor={floor} />}
            {page === "incidents" && <IncidentsPage id={route.part} me={me} />}
            {page === "figures" && <FiguresPage />}
            {page === "staffing" && <StaffingPage />}
            {page === "rosters" && <RostersPage />}
            {page === "boundaries" && <BoundariesPage />}
            {page === "administration" && <AdministrationPage part={route.part} me={me} />}
          </Boundary>
        </main>
      )}
    </>
  );
}

/** The calls and seats, and the one call that is open. */
function Calls({ me, callId, floor }: { me: Me; callId: string | null; floor: Floor }) {
  return (
    <main className={callId ? "one-call" : "no-call"}>
      {callId && (
        <section className="call" aria-label="The call">
          <Boundary key={callId}>
            {floor.call ? (
              <CallPage
                key={floor.call.id}
                call={withItsSeat(floor.call, floor.seats)}
                segments={floor.segments}
                me={me}
              />
            ) : (
              <p className="quiet">{floor.problem ?? "Opening …"}</p>
            )}
          </Boundary>
        </section>
      )}
      <section className="floor" aria-label="Calls and seats">
        <Boundary>
          <CallList calls={floor.calls} seats={floor.seats} chosen={callId} />
          <Seats seats={floor.seats} me={me} />
        </Boundary>
      </section>
    </main>
  );
}
