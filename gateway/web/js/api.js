// The one way to the REST interface: JSON in and out, problem documents as errors, the token of the
// area, renewed once where it was refused.

import { accessToken, end, renew } from "./session.js";

const API = "/api/v1";
/** What stands between us and a gateway that is away. */
const GATEWAY_IS_AWAY = [502, 504];
const KEY_BYTES = 16;
/** An answer that did not come within this is none. */
const ANSWER_MAX_MS = 15_000;

/** A request that was refused (RFC 9457), or that got no answer (`code` is `offline`). */
export class ApiError extends Error {
  constructor({ status = 0, code = "offline", title = "", detail = "", errors = [], retry_at = null }, retryAfter = null) {
    super(detail || title || code);
    Object.assign(this, { status, code, title, detail, errors, retryAt: retry_at, retryAfter });
  }

  /** What is wrong with a field, or undefined. */
  field(name) {
    return this.errors.find((error) => error.field === name)?.reason;
  }

  /** Whether the same request may succeed a little later. */
  get isPassing() {
    return this.code === "offline" || this.status === 503 || this.status === 429;
  }

  /** Whether it was answered for good: otherwise what was asked for may have been done. */
  get isRefused() {
    return this.status >= 400 && this.status < 500 && ![401, 429].includes(this.status);
  }
}

const reached = [];
/** Calls `told(true)` after each answer of the gateway, and `told(false)` after each that did not come. */
export const onReached = (told) => { reached.push(told); };
/** The live feed says the same of its connection. */
export const tellReached = (is) => { for (const told of reached) told(is); };

/** A key that names one write: the same one again is the same write. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Asks the API. `path` is behind /api/v1. Options: `body` (sent as JSON), `key` (Idempotency-Key),
 * `prefer` (such as "wait=5"), `area` (whose token is sent), `accept`, `signal` (else it ends by itself).
 * Gives the JSON of the answer, or its text where it is none, or null where there is none.
 */
export async function request(method, path, options = {}) {
  const signal = options.signal ?? AbortSignal.timeout(ANSWER_MAX_MS);
  const response = await ask(method, path, { ...options, signal });
  if (!response.ok) throw await problem(response);
  if (response.status === 204) return null;
  const isJson = response.headers.get("Content-Type")?.includes("json");
  return lost(() => (isJson ? response.json() : response.text()), signal);
}

/** The same with the answer as it is: for what goes on, and for headers. A refused token is renewed once. */
export async function ask(method, path, options = {}) {
  const token = options.area ? await lost(() => accessToken(options.area), options.signal) : null;
  const response = await send(method, path, options, token);
  if (response.status !== 401 || token === null) return response;
  const other = await lost(() => renew(options.area, token), options.signal);
  if (other === null || other === token) return response;
  const again = await send(method, path, options, other);
  if (again.status === 401) end(options.area);
  return again;
}

async function send(method, path, { body, key, prefer, accept, headers, signal }, token) {
  const all = { Accept: accept ?? "application/json", ...headers };
  if (body !== undefined) all["Content-Type"] = "application/json";
  if (key) all["Idempotency-Key"] = key;
  if (prefer) all.Prefer = prefer;
  if (token) all.Authorization = `Bearer ${token}`;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await lost(() => fetch(API + path, { method, headers: all, body: text, signal, cache: "no-store" }), signal);
  tellReached(!GATEWAY_IS_AWAY.includes(response.status));
  return response;
}

/** The network's failures in the words of an ApiError; too late is none as well. */
async function lost(work, signal) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError || (signal?.aborted && signal.reason?.name !== "TimeoutError")) throw error;
    tellReached(false);
    throw new ApiError({});
  }
}

/** The error that an answer is. */
export async function problem(response) {
  const after = Number(response.headers.get("Retry-After"));
  const bare = { status: response.status, code: `http_${response.status}`, title: response.statusText };
  if (GATEWAY_IS_AWAY.includes(response.status)) bare.code = "offline";
  const document = await response.json().catch(() => ({}));
  return new ApiError({ ...bare, ...document }, after || null);
}
