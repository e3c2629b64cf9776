// The page `display`.

import { openPage } from "./page.js";

await openPage({ page: "display", staff: true, onBranch: () => location.reload() });
