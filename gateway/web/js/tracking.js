// The page `tracking`.

import { openPage } from "./page.js";

await openPage({ page: "tracking", onBranch: () => location.reload() });
