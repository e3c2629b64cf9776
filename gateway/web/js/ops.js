// The page `ops`.

import { openPage } from "./page.js";

await openPage({ page: "ops", staff: true, onBranch: () => location.reload() });
