// Requests to the server: with a deadline, and every failure as words that say what to do.

import { parse } from "./json.js";

/** No answer takes longer to begin; what is slower is said to be away. */
const PATIENCE_MS = 20_000;

/** Tells `signed-in`, `signed-out`, `reachable` and `unreachable`. */
export const connection = new EventTarget();

const tell = (name) => connection.dispatchEvent(new Event(name));

/** A request that came to nothing. */
export class Trouble extends Error {
  constructor(message, { status = 0, retryAfter = null } = {}) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** An answer of any status; throws a `Trouble` if there is none. `signal` is what may end it. */
export async function reach(path, init) {
  try {
    const response = await fetch(path, { credentials: "same-origin", redirect: "error", ...init });
    tell("reachable");
    return response;
  } catch (error) {
    const isLate = init.signal.aborted && init.signal.reason?.name === "TimeoutError";
    if (init.signal.aborted && !isLate) throw error;
    tell("unreachable");
    throw new Trouble(
      isLate
        ? "The server did not answer in time. It may be busy, or away."
        : "The server cannot be reached. Check that it runs and that this device has a connection.",
    );
  }
}

/** The answer, whatever its body; throws a `Trouble` for everything but a 2xx. `deadline` is for all of it, or `null`. */
export async function request(path, { method = "GET", body, signal, deadline = PATIENCE_MS } = {}) {
  const ends = [deadline !== null && AbortSignal.timeout(deadline), signal].filter(Boolean);
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const response = await reach(path, { method, headers, body: sent, signal: AbortSignal.any(ends) });
  if (!response.ok) throw await refusal(response, path);
  if (path.startsWith("/api/") && path !== "/api/health") tell("signed-in");
  return response;
}

async function refusal(response, path) {
  if (response.status === 401 && path !== "/sign-in") tell("signed-out");
  let detail = "";
  try {
    const problem = JSON.parse(await response.text());
    detail = String(problem.detail ?? problem.title ?? "").slice(0, 400);
  } catch {
    // No problem details: something between us and the server answered.
  }
  const retryAfter = Number(response.headers.get("retry-after")) || null;
  const said = detail === "" ? "" : ` ${detail[0].toUpperCase()}${detail.slice(1)}.`;
  return new Trouble(`${words(response.status)}${said}`, { status: response.status, retryAfter });
}

function words(status) {
  if (status === 401) return "Not signed in.";
  if (status === 404) return "There is nothing here (404).";
  if (status === 421) return "The server does not answer under this name (421).";
  if (status === 429) return "Too many tries (429).";
  if (status === 503) return "Not available right now (503).";
  return status >= 500 ? `The server failed (${status}).` : `The server refused this (${status}).`;
}

/** The answer as JSON; `exact` keeps numbers as they were sent, see `json.js`. */
export async function ask(path, options = {}) {
  const response = await request(path, options);
  try {
    return options.exact ? parse(await response.text()) : await response.json();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Trouble("The answer broke off, or is not what this page expects. After an upgrade, reload the page.");
  }
}

/** A page of a list. */
export function page(path, filters, { cursor = null, limit = 50, signal, exact = false } = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, cursor, limit })) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  return ask(`${path}?${query}`, { signal, exact });
}

export const sessionPath = (id) => `/api/sessions/${encodeURIComponent(id)}`;
