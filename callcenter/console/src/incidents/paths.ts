/** Addresses of incidents at the service, and of their pages here. */

import { addressOf } from "../routes";
import type { Me } from "../types";
import type { WholeIncident } from "./types";

export const incidentPath = (anyId: string, rest = ""): string =>
  `incidents/${encodeURIComponent(anyId)}${rest}`;

export const incidentPage = (incidentId: string): string => addressOf("incidents", incidentId);

/** "call 2" for a call of an incident of several; nothing where there is only one. */
export function callName(incident: WholeIncident, callId: string | undefined): string {
  const number = incident.calls.findIndex((call) => call.id === callId) + 1;
  return incident.calls.length > 1 && number > 0 ? `call ${number}` : "";
}

/** Whether the service lets a person type into, join and separate an incident of these calls. */
export function mayChange(me: Me, calls: readonly { state: string; seat: string | null }[]): boolean {
  if (me.role === "officer") return false;
  if (me.role !== "operator") return true;
  return calls.some(
    (call) => call.state !== "closed" || (me.seat !== null && call.seat === me.seat),
  );
}

/** The calls of an incident but this one. */
export function othersThan(incident: WholeIncident | null, callId: string): WholeIncident["calls"] {
  return (incident?.calls ?? []).filter((call) => call.id !== callId);
}
