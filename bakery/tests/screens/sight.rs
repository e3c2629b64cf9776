//! How a page looks and behaves, whatever is on it.

use crate::tab::Tab;
use serde_json::json;
use std::path::Path;

impl Tab<'_> {
    /// The window of a device, and its theme (`light` or `dark`).
    pub(crate) async fn device(&self, width: u32, height: u32, theme: &str) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
        let theme = json!({ "features": [
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]});
        self.cdp("Emulation.setEmulatedMedia", theme).await;
    }

    /// Nothing of the page is wider than the window.
    pub(crate) async fn fits(&self, what: &str) {
        let script = r#"
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return [];
            const out = [...document.body.querySelectorAll("*")].filter((one) => shown(one) && one.getBoundingClientRect().right > wide + 1);
            return ["wider than " + wide, ...out.slice(-5).map((one) => one.outerHTML.slice(0, 200))];"#;
        let out = self.js(script, json!([])).await;
        assert_eq!(out, json!([]), "{what} at {}", self.path().await);
    }

    /// Nothing happened that must not: no script of somebody else, no error, nothing the policy forbids.
    pub(crate) async fn behaved(&self) {
        let misdeeds = self.js("return globalThis.misdeeds ?? []", json!([])).await;
        assert_eq!(misdeeds, json!([]), "at {}", self.path().await);
    }

    /// A picture of what is seen.
    pub(crate) async fn picture(&self, file: &Path) {
        let png = self.driver().await.screenshot_as_png().await.expect("a picture");
        std::fs::write(file, png).expect("a file");
    }
}
