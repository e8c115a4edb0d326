/** Which page the address names: everything stands behind the hash, so that links work anywhere. */

import type { Me } from "./types";

export const PAGES = [
  "desk",
  "floor",
  "tasks",
  "responses",
  "incidents",
  "figures",
  "staffing",
  "rosters",
  "boundaries",
  "administration",
] as const;
export type PageName = (typeof PAGES)[number];

export interface Route {
  page: PageName;
  /** The call that is open beside the list of calls. */
  callId: string | null;
  /** What follows the page's name: a part of the page. */
  part: string;
}

export const pageTitle: Record<PageName, string> = {
  desk: "Calls",
  floor: "Floor",
  tasks: "Tasks",
  responses: "Responses",
  incidents: "Incidents",
  figures: "Figures",
  staffing: "Staffing",
  rosters: "Rosters",
  boundaries: "Boundaries",
  administration: "Administration",
};

/** The pages that a role may open; the service refuses the others' data anyway. */
export function pagesFor(role: Me["role"]): readonly PageName[] {
  switch (role) {
    case "admin":
    case "supervisor":
      return PAGES;
    case "operator":
      return ["desk", "floor", "tasks", "responses", "incidents"];
    case "officer":
      return ["responses"];
  }
}

/** What is shown for this address: a call, a page that the role may open, or what it sees first. */
export function pageFor(role: Me["role"], route: Route): PageName {
  const [first = "desk"] = pagesFor(role);
  if (route.callId !== null) return "desk";
  return pagesFor(role).includes(route.page) ? route.page : first;
}

/** "#call/1.2" is the desk with that call; "#administration/seats" a part of a page. */
export function routeOf(hash: string): Route {
  const [head = "", ...rest] = hash.replace(/^#/, "").split("/");
  const tail = decoded(rest.join("/"));
  if (head === "call") return { page: "desk", callId: tail || null, part: "" };
  const page = PAGES.find((name) => name === head) ?? "desk";
  return { page, callId: null, part: tail };
}

export function addressOf(page: PageName, part = ""): string {
  if (page === "desk") return "#";
  return part ? `#${page}/${encodeURIComponent(part)}` : `#${page}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
