// The page `shop`.

import { openPage } from "./page.js";

await openPage({ page: "shop", onBranch: () => location.reload() });
