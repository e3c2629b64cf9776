// The page `kitchen`.

import { openPage } from "./page.js";

await openPage({ page: "kitchen", staff: true, onBranch: () => location.reload() });
