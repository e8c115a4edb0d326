/** Requests to the service. Every failure is an `ApiError` whose text says what to do next. */

import { noteServerTime } from "./clock";

/** One value of what was sent that the service refuses: "queues.0.ring_s" and why. */
export interface FieldProblem {
  path: string;
  reason: string;
}

/** What the service says of a failure. */
export interface ProblemDetail {
  code?: string;
  message?: string;
  next?: string;
  fields?: FieldProblem[];
  [more: string]: unknown;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly next: string,
    readonly detail: ProblemDetail = {},
  ) {
    super(message);
  }

  get fields(): FieldProblem[] {
    return this.detail.fields ?? [];
  }
}

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  return body === undefined
    ? send<T>(method, path, {})
    : send<T>(method, path, {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
}

async function send<T>(method: string, path: string, sent: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/${path}`, { method, credentials: "same-origin", ...sent });
  } catch {
    throw new ApiError(0, "The service does not answer.", "Calls go on. Try again in a moment.");
  }
  noteServerTime(answer.headers.get("Date"), Date.now());
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  let content: unknown;
  try {
    content = text ? JSON.parse(text) : undefined;
  } catch {
    content = undefined;
  }
  if (!answer.ok) {
    const error = (content as { error?: ProblemDetail } | undefined)?.error;
    throw new ApiError(
      answer.status,
      error?.message ?? `The service answered ${answer.status}.`,
      error?.next ?? "Try again.",
      error,
    );
  }
  return content as T;
}

export const get = <T>(path: string): Promise<T> => request<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}): Promise<T> =>
  request<T>("POST", path, body);
/** `sound`: a WAV file. */
export const postSound = <T>(path: string, sound: ArrayBuffer): Promise<T> =>
  send<T>("POST", path, { headers: { "Content-Type": "audio/wav" }, body: sound });
export const put = <T>(path: string, body: unknown): Promise<T> => request<T>("PUT", path, body);
export const remove = (path: string): Promise<unknown> => request("DELETE", path);
export const patch = <T>(path: string, body: unknown): Promise<T> =>
  request<T>("PATCH", path, body);

/** "figures" with {by: "queue", from: ""} as "figures?by=queue": what is empty is left out. */
export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter(([, value]) => value);
  const search = new URLSearchParams(given as [string, string][]).toString();
  return search ? `${path}?${search}` : path;
}
