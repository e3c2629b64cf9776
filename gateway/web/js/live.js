// What changes, as it happens: server-sent events, read by `fetch` because an EventSource cannot
// send a token. A connection that is lost is made again behind the last event that was seen. A page that
// is left ends it: browsers keep such pages for the way back, and have six connections for all tabs.

import { ask, problem, tellReached } from "./api.js";

const PAUSE_MIN_MS = 500;
const PAUSE_MAX_MS = 15_000;
/** The gateway gives a sign of life each 15 s; after so long without one the connection is dead. */
const SILENCE_MAX_MS = 40_000;
/** What no new try mends. 401 comes after the token was renewed. */
const FINAL = [400, 401, 403, 404, 422];
/** No event is as long, in characters. */
const LENGTH_MAX = 4_000_000;

/**
 * Follows a path behind /api/v1, such as "/shelf/live?branch=main".
 * `onEvent(name, data, id)` gets each event (`snapshot` or `reset` first: how things stand);
 * `onState(state, error)` gets `connecting`, `live`, `lost`, and `over` with the error that no new try
 * mends. Gives `{ close() }`. A browser has few connections for all its tabs: in a hidden tab there is
 * none, and what was missed comes when it is seen again; with `stays` there is one all the same.
 */
export function follow(path, { area, onEvent, onState = () => {}, stays = false }) {
  const here = { closed: false, left: false, last: null, pause: PAUSE_MIN_MS, state: "", control: null, wake: () => {} };
  here.rests = () => here.left || (!stays && document.hidden);
  const state = (now, error) => {
    if (here.state === now || here.closed) return;
    here.state = now;
    onState(now, error);
  };
  const hurry = () => here.wake();
  const turned = ({ type }) => {
    if (type !== "visibilitychange") here.left = type === "pagehide";
    if (here.rests()) here.control?.abort();
    else here.wake();
  };
  const turns = [[window, "pagehide"], [window, "pageshow"], [document, "visibilitychange"]];
  addEventListener("online", hurry);
  for (const [where, turn] of turns) where.addEventListener(turn, turned);
  const close = () => {
    here.closed = true;
    removeEventListener("online", hurry);
    for (const [where, turn] of turns) where.removeEventListener(turn, turned);
    here.control?.abort();
    here.wake();
  };
  run(here, path, { area, onEvent, state }).finally(close);
  return { close };
}

async function run(here, path, { area, onEvent, state }) {
  state("connecting");
  while (!here.closed) {
    if (here.rests()) {
      await new Promise((resolve) => { here.wake = resolve; });
      state("connecting");
      continue;
    }
    try {
      await connect(here, path, { area, onEvent, state });
    } catch (error) {
      if (here.closed) return;
      if (FINAL.includes(error.status)) return state("over", error);
      if (error.retryAfter) here.pause = Math.max(here.pause, error.retryAfter * 1000);
    }
    if (here.closed) return;
    if (here.rests()) continue;
    state("lost");
    const pause = here.pause * (0.5 + Math.random());
    here.pause = Math.min(here.pause * 2, PAUSE_MAX_MS);
    await new Promise((resolve) => {
      here.wake = resolve;
      if (!here.left) setTimeout(resolve, pause);
    });
  }
}

/** One connection, until it ends. */
async function connect(here, path, { area, onEvent, state }) {
  here.control = new AbortController();
  const headers = here.last === null ? {} : { "Last-Event-ID": here.last };
  let watch = setTimeout(() => here.control.abort(), SILENCE_MAX_MS);
  try {
    const response = await ask("GET", path, { area, headers, accept: "text/event-stream", signal: here.control.signal });
    if (!response.ok) throw await problem(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const take = parser((name, data, id) => {
      if (id) here.last = id;
      if (name === "end") return;
      try {
        onEvent(name, data, id);
      } catch (error) {
        // A fault of the page, and not of the connection.
        console.error(error);
      }
      state("live");
    });
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      clearTimeout(watch);
      watch = setTimeout(() => here.control.abort(), SILENCE_MAX_MS);
      here.pause = PAUSE_MIN_MS;
      take(value);
      if (here.state !== "live" && here.last !== null) state("live");
    }
  } catch (error) {
    if (error.status === undefined && !here.closed && !here.rests()) tellReached(false);
    throw error;
  } finally {
    clearTimeout(watch);
    here.control.abort();
  }
}

/** Takes pieces of a stream, and gives the events in it. Exported for tests. */
export function parser(onEvent) {
  let rest = "";
  let event = { name: "message", data: [], id: null };
  return (piece) => {
    rest += piece;
    if (rest.length > LENGTH_MAX) throw new Error("an event without end");
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        const { name, data, id } = event;
        event = { name: "message", data: [], id: null };
        if (data.length > 0) onEvent(name, JSON.parse(data.join("\n")), id);
        continue;
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === "event") event.name = value;
      else if (field === "data") event.data.push(value);
      else if (field === "id") event.id = value;
    }
  };
}
