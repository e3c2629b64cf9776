// What the shop needs only once somebody presses a button is loaded when the page is shown already.

import { tellReached } from "../api.js";
import { loadBranches } from "../branch.js";
import { untilDone } from "../page.js";

const signing = () => import("./signing.js");
const checkout = () => import("./checkout.js");

/** Where a part cannot be loaded the bakery is away, and the page says so. */
const away = () => tellReached(false);

/** Browsers keep that a part failed: what was pressed needs a new page, once the bakery answers. */
const pressed = (part, open) => () => part().then(open, async () => {
  await untilDone(loadBranches, away);
  location.reload();
});

/** What buttons do. */
export const later = {
  sign: pressed(signing, ({ signDialog }) => signDialog()),
  about: pressed(signing, ({ aboutDialog }) => aboutDialog()),
  checkout: pressed(checkout, (part) => part.checkout()),
};

/** Loads all of it. */
export const fetchLater = () => Promise.all([signing(), checkout()]).catch(away);
