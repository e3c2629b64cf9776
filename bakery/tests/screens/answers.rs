//! What the bakery answers, as it may come: refused, or late.

use crate::tab::Tab;
use serde_json::{Value, json};

const REFUSED: &str = r#"
const [part, status] = arguments;
const now = window.fetch;
let isOver = false;
window.fetch = (path, ...more) => {
  if (isOver || !String(path).includes(part)) return now(path, ...more);
  isOver = true;
  const headers = { "Content-Type": "application/problem+json" };
  return Promise.resolve(new Response(JSON.stringify({ status, code: "unavailable" }), { status, headers }));
};"#;

const LATE: &str = r#"
const [part] = arguments;
const now = window.fetch;
let isOver = false;
window.held = false;
window.fetch = async (path, options) => {
  if (isOver || !String(path).includes(part)) return now(path, options);
  isOver = true;
  // The page would give it up after a while; the test may take longer.
  const answer = await now(path, { ...options, signal: undefined });
  await new Promise((go) => {
    window.letGo = go;
    window.held = true;
  });
  return answer;
};"#;

impl Tab<'_> {
    /// The next request whose path has this in it is refused, once.
    pub(crate) async fn refuses(&self, part: &str, status: u16) {
        self.js(REFUSED, json!([part, status])).await;
    }

    /// The answer to the next request whose path has this in it is on its way until it is let go.
    pub(crate) async fn holds(&self, part: &str) {
        self.js(LATE, json!([part])).await;
    }

    /// Waits until there is such an answer.
    pub(crate) async fn held(&self) {
        self.until("an answer on its way", "window.held").await;
    }

    /// It comes.
    pub(crate) async fn let_go(&self) {
        self.js("window.letGo()", Value::Array(vec![])).await;
    }
}
