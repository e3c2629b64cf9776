// The page `manager`.

import { openPage } from "./page.js";

await openPage({ page: "manager", staff: true, onBranch: () => location.reload() });
