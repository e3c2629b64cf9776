// Becoming somebody: a guest, a customer with a name to come back with, or staff.

import { ApiError, request } from "./api.js";
import { begin, end } from "./session.js";

/** Signs in with a username and a password. Without one of them nobody is asked: the answer would not say which. */
export async function signIn(area, username, password) {
  const missing = Object.entries({ username, password }).filter(([, given]) => given === "");
  const errors = missing.map(([field]) => ({ field, reason: "is required" }));
  if (errors.length > 0) throw new ApiError({ status: 422, code: "invalid_input", errors });
  const tokens = await request("POST", "/sessions", { body: { username, password } });
  // Nobody is signed in before it is known who: a page that is left meanwhile has no session without a name.
  begin(area, tokens, await request("GET", "/users/me", { headers: { Authorization: `Bearer ${tokens.access_token}` } }));
}

/** A guest leaves a name and has an account in the currency of the branch. */
export async function beGuest(area, name, currency) {
  const welcome = await request("POST", "/guests", { body: { name, currency } });
  begin(area, welcome, welcome.user);
}

/** A customer who can come back. */
export async function register(area, { username, password, name, currency }) {
  const welcome = await request("POST", "/users", { body: { username, password, name, currency } });
  begin(area, welcome, welcome.user);
}

/** Signs out, also where the gateway cannot be told: the tokens are forgotten here. */
export async function signOut(area) {
  await request("DELETE", "/sessions/current", { area }).catch(() => null);
  end(area);
}
