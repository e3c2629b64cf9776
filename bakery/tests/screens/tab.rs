//! A tab as a person uses it: things are pressed and filled in by their names, and looked for until
//! they are there.

use crate::browser::{Browser, FORWARDED_FOR};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use thirtyfour::support::sleep;
use thirtyfour::{WebDriver, WebElement, WindowHandle};

/// What is to be seen is there within this. A page reads its branch every 15 s, and one that was away for
/// long comes back after up to 23 s; what it should show and does not, it never shows.
const SEEN_WITHIN_S: u64 = 60;
const LOOK_AGAIN_MS: u64 = 60;

/// How the pages say that a service did not answer in time, or had too much to do.
const BUSY: &str = "Please try again in a moment.";

/// What the scripts below share. While a dialog is open nothing else can be reached.
const FIND: &str = r#"
const root = document.querySelector("dialog[open]") ?? document;
const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim();
const shown = (element) => element.checkVisibility({ visibilityProperty: true });
const all = (css) => [...document.querySelectorAll(css)].filter(shown);
const reached = (css) => all(css).filter((one) => root.contains(one));
const nameOf = (element) => tidy(element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent);
const said = (element) => tidy(element.innerText ?? element.textContent);
const aim = (found) => {
  if (!found) return null;
  found.scrollIntoView({ block: "center", behavior: "instant" });
  Object.assign(globalThis, { aimed: found, pressed: false });
  return found;
};
"#;
/// Runs in every page before its own scripts: notes what must not happen, and whether a press hit what it was
/// aimed at.
const WATCH: &str = r#"
globalThis.misdeeds = [];
addEventListener("securitypolicyviolation", (event) => misdeeds.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
addEventListener("error", (event) => { if (event.message) misdeeds.push(`error: ${event.message}`); });
addEventListener("unhandledrejection", (event) => misdeeds.push(`rejection: ${event.reason}`));
addEventListener("click", ({ target }) => { globalThis.pressed ||= globalThis.aimed?.contains(target); }, { capture: true });
"#;

/// One tab.
pub(crate) struct Tab<'a> {
    browser: &'a Browser,
    handle: WindowHandle,
    origin: String,
}

impl<'a> Tab<'a> {
    pub(crate) async fn at(browser: &'a Browser, handle: WindowHandle, origin: String) -> Self {
        let tab = Self { browser, handle, origin };
        tab.before_each_page(WATCH).await;
        tab.cdp("Network.enable", json!({})).await;
        let headers = json!({ FORWARDED_FOR.as_str(): browser.address });
        tab.cdp("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await;
        tab
    }

    /// This tab is what the person looks at.
    async fn look(&self) {
        self.driver().await;
    }

    /// The driver, with this tab before it.
    pub(crate) async fn driver(&self) -> &WebDriver {
        let driver = &self.browser.driver;
        driver.switch_to_window(self.handle.clone()).await.expect("the tab");
        driver
    }

    /// Has a script run in each page from now on, before its own.
    pub(crate) async fn before_each_page(&self, script: &str) {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Asks Chromium itself.
    pub(crate) async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.look().await;
        let done = self.browser.driver.cdp().send_raw(command, parameters).await;
        done.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Goes to a path, as by the address bar.
    pub(crate) async fn go(&self, path: &str) {
        self.look().await;
        // A tab in the back is drawn and counted down more slowly.
        self.cdp("Page.bringToFront", json!({})).await;
        let address = format!("{}{path}", self.origin);
        self.browser.driver.goto(&address).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Loads the page anew.
    pub(crate) async fn reload(&self) {
        self.look().await;
        self.browser.driver.refresh().await.expect("it is loaded anew");
    }

    /// Path and query of where it is.
    pub(crate) async fn path(&self) -> String {
        let path =
            self.js("return location.pathname + location.search + location.hash", json!([])).await;
        path.as_str().unwrap_or_default().to_owned()
    }

    /// The result of a script.
    pub(crate) async fn js(&self, script: &str, arguments: Value) -> Value {
        self.look().await;
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let found = self.browser.driver.execute(format!("{FIND}{script}"), arguments).await;
        found.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// What a script finds, once it is there.
    async fn find(&self, what: &str, script: &str, arguments: Value) -> Value {
        self.look().await;
        self.cdp("Page.bringToFront", json!({})).await;
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        let end = Instant::now() + Duration::from_secs(SEEN_WITHIN_S);
        loop {
            let found =
                self.browser.driver.execute(format!("{FIND}{script}"), arguments.clone()).await;
            // A page that is just being left has no answer.
            let last = match &found {
                Ok(found) if !matches!(found.json(), Value::Null | Value::Bool(false)) => {
                    return found.json().clone();
                }
                Ok(_) => String::new(),
                Err(error) => format!(" ({error})"),
            };
            if Instant::now() > end {
                let here = "return location.href + '\\n' + document.body.innerText.slice(0, 3000)";
                let here = self.browser.driver.execute(here, vec![]).await;
                let here = here.map(|here| here.json().as_str().unwrap_or_default().to_owned());
                panic!(
                    "within {SEEN_WITHIN_S} s there was not {what}{last}; at {}",
                    here.unwrap_or_default()
                );
            }
            sleep(Duration::from_millis(LOOK_AGAIN_MS)).await;
        }
    }

    /// Waits until a condition holds.
    pub(crate) async fn until(&self, what: &str, condition: &str) -> Value {
        self.find(what, &format!("return {condition}"), json!([])).await
    }

    /// Waits until something of this selector says this.
    pub(crate) async fn sees(&self, css: &str, text: &str) {
        let script = "return all(arguments[0]).some((one) => said(one).includes(arguments[1]))";
        self.find(&format!("{text:?} in {css}"), script, json!([css, text])).await;
    }

    /// Waits until nothing of this selector says this.
    pub(crate) async fn sees_no(&self, css: &str, text: &str) {
        let script = "return !all(arguments[0]).some((one) => said(one).includes(arguments[1]))";
        self.find(&format!("no {text:?} in {css}"), script, json!([css, text])).await;
    }

    /// What the first of this selector says.
    pub(crate) async fn text(&self, css: &str) -> String {
        let script = "const [one] = all(arguments[0]); return one ? said(one) || ' ' : null";
        let text = self.find(css, script, json!([css])).await;
        text.as_str().unwrap_or_default().trim().to_owned()
    }

    /// Presses what has this name.
    pub(crate) async fn press(&self, name: &str) {
        self.press_in("", name).await;
    }

    /// Presses what has this name inside of a selector.
    pub(crate) async fn press_in(&self, css: &str, name: &str) {
        let script = r#"
            const kinds = ["a", "button", "summary", "label.tick"].map((kind) => `${arguments[0]} ${kind}`);
            const found = reached(kinds.join()).find((one) => nameOf(one) === arguments[1] && !one.disabled && !one.ariaDisabled);
            return aim(found);"#;
        self.press_found(&format!("{name:?} to press in {css:?}"), script, json!([css, name]))
            .await;
    }

    /// Presses what sends a form, and again where the bakery was too busy for it, until a condition holds.
    pub(crate) async fn press_until(&self, css: &str, name: &str, what: &str, condition: &str) {
        let end = Instant::now() + Duration::from_secs(SEEN_WITHIN_S);
        let is_busy = format!("all('.form-error').some((one) => said(one).includes('{BUSY}'))");
        loop {
            self.press_in(css, name).await;
            if self.until(what, &format!("{is_busy} ? 'busy' : {condition}")).await != "busy" {
                return;
            }
            assert!(Instant::now() < end, "the bakery is too busy for {name:?}");
            sleep(Duration::from_millis(LOOK_AGAIN_MS)).await;
        }
    }

    /// Presses the first of this selector.
    pub(crate) async fn press_at(&self, css: &str) {
        let script = r#"
            const [found] = reached(arguments[0]);
            return aim(found);"#;
        self.press_found(&format!("{css:?} to press"), script, json!([css])).await;
    }

    async fn press_found(&self, what: &str, script: &str, arguments: Value) {
        let end = Instant::now() + Duration::from_secs(SEEN_WITHIN_S);
        loop {
            let found = self.find(what, script, arguments.clone()).await;
            // It may be drawn anew, or be covered by what is just going away.
            match self.element(found).click().await {
                Ok(()) if !self.is_lost().await => return,
                ended if Instant::now() > end => panic!("{what}: not pressed, {ended:?}"),
                _ => sleep(Duration::from_millis(LOOK_AGAIN_MS)).await,
            }
        }
    }

    /// Whether the last press missed: of what is drawn anew between down and up not it is clicked but what it
    /// stood in, and the driver does not say so. A page that was left knows of no press.
    async fn is_lost(&self) -> bool {
        let pressed = self.browser.driver.execute("return globalThis.pressed", vec![]).await;
        pressed.is_ok_and(|pressed| *pressed.json() == Value::Bool(false))
    }

    /// Fills in the field with this label, in place of what stands in it.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let script = r#"
            const field = reached("input, textarea").find((one) => nameOf(one) === arguments[0] && !one.disabled);
            field?.focus();
            field?.select?.();
            return field !== undefined;"#;
        self.find(&format!("the field {label:?}"), script, json!([label])).await;
        if text.is_empty() {
            self.js("document.activeElement.value = ''", json!([])).await;
        } else {
            self.cdp("Input.insertText", json!({ "text": text })).await;
        }
    }

    /// Chooses in a select, by the words of the choice.
    pub(crate) async fn choose(&self, label: &str, choice: &str) {
        let script = r#"
            const select = reached("select").find((one) => nameOf(one).startsWith(arguments[0]));
            return [...(select?.options ?? [])].find((one) => tidy(one.textContent) === arguments[1]) ?? null;"#;
        let what = format!("{choice:?} of {label:?}");
        self.press_found(&what, script, json!([label, choice])).await;
    }

    fn element(&self, found: Value) -> WebElement {
        WebElement::from_json(found, self.browser.driver.handle().clone()).expect("an element")
    }

    /// Signs in as staff.
    pub(crate) async fn sign_in(&self, role: &str, password: &str) {
        self.fill("Username", role).await;
        self.fill("Password", password).await;
        let is_in = "all('header .who').some((one) => said(one).includes('Sign out'))";
        self.press_until("", "Sign in", "somebody who is signed in", is_in).await;
    }
}
