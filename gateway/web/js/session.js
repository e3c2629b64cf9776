// Who is signed in, one session an area: customers (`shop`) and staff (`staff`) do not get into each
// other's way in two tabs of one browser. All tabs share a session; one of them renews its tokens.

import { problem } from "./api.js";
import { keep, recall, watch } from "./keep.js";

const SESSIONS = "/api/v1/sessions/refresh";
/** A token is renewed when so little of its life is left. */
const EARLY_MS = 60_000;
/** Browsers without locks (pages over plain HTTP) settle between tabs for so long. */
const SETTLE_MS = 40;
/** All tabs wait for who renews; an answer that did not come within this is none. */
const ANSWER_MAX_MS = 15_000;

const name = (area) => `session.${area}`;
const listeners = [];

/** `{ access, refresh, ends, user }`, or null. */
export const session = (area) => recall(name(area));

/** Keeps the tokens of an answer, and whose they are. */
export function begin(area, tokens, user) {
  const { access_token: access, refresh_token: refresh, expires_in } = tokens;
  keep(name(area), { access, refresh, ends: Date.now() + expires_in * 1000, user });
  tell(area);
}

/** Forgets the session. */
export function end(area) {
  if (session(area) === null) return;
  keep(name(area), null);
  tell(area);
}

/** Calls `changed(session)` when somebody signs in or out, in this tab or another, also while the page was left. */
export function onSession(area, changed) {
  let before = session(area)?.user?.id;
  const check = (now) => {
    if (now?.user?.id !== before) changed(now);
    before = now?.user?.id;
  };
  listeners.push([area, check]);
  watch(name(area), check);
  addEventListener("pageshow", (event) => event.persisted && check(session(area)));
}

function tell(area) {
  for (const [one, check] of listeners) if (one === area) check(session(area));
}

/** An access token that is good for a while, or null where nobody is signed in. */
export async function accessToken(area) {
  const now = session(area);
  if (now === null) return null;
  return now.ends - Date.now() > EARLY_MS ? now.access : renew(area, now.access);
}

const renewing = new Map();
/** Another token than `old`; null where the session has ended. What may pass is thrown, and ends nothing. */
export function renew(area, old) {
  if (!renewing.has(area)) {
    const done = alone(name(area), () => renewOnce(area, old)).finally(() => renewing.delete(area));
    renewing.set(area, done);
  }
  return renewing.get(area);
}

/** A refresh token is good once, so only one tab may use it, and the others take what it got. */
async function renewOnce(area, old) {
  const now = session(area);
  if (now === null || now.access !== old) return now?.access ?? null;
  const response = await fetch(SESSIONS, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: now.refresh }),
    signal: AbortSignal.timeout(ANSWER_MAX_MS),
  });
  if (response.status === 401) {
    // Another tab may have been faster where there are no locks.
    if (session(area)?.refresh === now.refresh) end(area);
    return session(area)?.access ?? null;
  }
  if (!response.ok) throw await problem(response);
  const tokens = await response.json();
  // Who signed out meanwhile stays out, and who signed in stays in.
  const is = session(area);
  if (is === null || is.user?.id !== now.user?.id) return is?.access ?? null;
  begin(area, tokens, now.user);
  return tokens.access_token;
}

async function alone(key, work) {
  if (navigator.locks) return navigator.locks.request(`bakery.${key}`, work);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * SETTLE_MS));
  return work();
}
