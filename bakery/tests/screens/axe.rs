//! axe-core, which judges pages as people see them who see little: fetched once by npm, kept in `target`.

use crate::programs::run;
use crate::tab::Tab;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::OnceLock;

/// Newer ones may find more: it is changed by hand, and what it finds is mended with it.
const AXE: &str = "4.14.1";
const FETCHED_WITHIN_S: &str = "60";
/// What is at least as bad may not be there.
const BAD: [&str; 2] = ["serious", "critical"];

/// Its script, fetched once; the reason where it cannot be.
pub(crate) fn axe() -> Result<String, String> {
    static SCRIPT: OnceLock<Result<String, String>> = OnceLock::new();
    SCRIPT.get_or_init(fetch).clone()
}

fn fetch() -> Result<String, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("axe-{AXE}"));
    let script = folder.join("package/axe.min.js");
    if !script.exists() {
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let place = folder.to_string_lossy();
        let package = format!("axe-core@{AXE}");
        let pack = ["npm", "pack", "--silent", "--pack-destination", &place, &package];
        run("timeout", &[&[FETCHED_WITHIN_S], &pack[..]].concat())?;
        let packed = folder.join(format!("axe-core-{AXE}.tgz"));
        let packed = packed.to_string_lossy();
        run("tar", &["-xzf", &packed, "-C", &place, "package/axe.min.js"])?;
    }
    std::fs::read_to_string(script).map_err(|error| error.to_string())
}

impl Tab<'_> {
    /// What axe-core finds that is serious or critical, one line a finding.
    pub(crate) async fn barriers(&self, axe: &str) -> Vec<String> {
        self.js(&format!("{axe}; return true"), json!([])).await;
        let script = r#"
            const [bad, done] = arguments;
            axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => done(violations
                .filter(({ impact }) => bad.includes(impact))
                .flatMap(({ id, impact, help, nodes }) => nodes.map(({ target, any }) =>
                    `${impact} ${id}: ${help}: ${target} ${any.map(({ message }) => message).join("; ")}`))),
                (error) => done([String(error)]));"#;
        let found = self.js_later(script, json!([BAD])).await;
        let lines = found.as_array().cloned().unwrap_or_default();
        lines.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What a script calls its last argument with.
    async fn js_later(&self, script: &str, arguments: Value) -> Value {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let said = self.driver().await.execute_async(script, arguments).await;
        said.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }
}
