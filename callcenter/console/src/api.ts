/** Requests to the service. Every failure is an `ApiError` whose text says what to do next. */

import { noteServerTime } from "./clock";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
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
    const error = (content as { error?: { message?: string; next?: string } } | undefined)?.error;
    throw new ApiError(
      answer.status,
      error?.message ?? `The service answered ${answer.status}.`,
      error?.next ?? "Try again.",
    );
  }
  return content as T;
}

export const get = <T>(path: string): Promise<T> => request<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}): Promise<T> =>
  request<T>("POST", path, body);
export const put = <T>(path: string, body: unknown): Promise<T> => request<T>("PUT", path, body);
export const patch = <T>(path: string, body: unknown): Promise<T> =>
  request<T>("PATCH", path, body);
