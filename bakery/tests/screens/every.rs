//! What holds for every page: nothing in it keeps anybody out, it is light, it is quiet, and all of it
//! speaks the language that was chosen.

use crate::axe::axe;
use crate::browser::browse;
use crate::tab::Tab;
use crate::world::World;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Of all that a page loads before it is there, but for the answers of the API: those are as long as the
/// bakery has branches and orders, and these tests make many.
const FIRST_LOAD_BYTES_MAX: u64 = 100 * 1024;
/// Sooner or later a busy bakery answers all that a page asks for, within this.
const QUIET_WITHIN_S: u64 = 60;
const WIDTHS: [(u32, u32); 2] = [(360, 800), (1280, 900)];
const THEMES: [&str; 2] = ["light", "dark"];
const SHELF: [(&str, &str, i64, u32); 3] = [
    ("sourdough", "Sourdough loaf", 620, 9),
    ("rye", "Rye bread", 540, 9),
    ("donut", "Donut", 150, 2),
];

/// A page, and what stands in it when it is there.
pub(crate) type Page = (&'static str, String, &'static str);

/// All pages of a branch, and one of its orders.
pub(crate) fn pages(branch: &str, order: &str) -> [Page; 6] {
    [
        ("shop", format!("/?branch={branch}"), ".menu .price"),
        ("tracking", format!("/orders/{order}"), ".steps"),
        ("kitchen", format!("/kitchen?branch={branch}"), ".ticket"),
        ("display", format!("/display?branch={branch}"), ".area li"),
        ("manager", format!("/manager?branch={branch}"), ".panel table"),
        ("ops", format!("/ops?branch={branch}"), ".node[data-name=bank][data-state=up]"),
    ]
}

/// Orders in every column; the id of one that is ready.
pub(crate) async fn lively(world: &World, branch: &str, wares: &[&str]) -> String {
    let token = world.token("kitchen").await;
    let mut last = String::new();
    let ways: [&[&str]; 6] =
        [&[], &["start"], &["start", "ready", "serve"], &[], &["start"], &["start", "ready"]];
    let names = ["Ada", "Grace", "Katherine", "Hedy", "Emmy", "Mary"];
    for (i, (way, name)) in ways.into_iter().zip(names).enumerate() {
        let bought = [(wares[i % wares.len()], 1), (wares[(i + 1) % wares.len()], 1)];
        let order = world.order(branch, name, &bought).await;
        last = order["id"].as_str().expect("an id").to_owned();
        for verb in way {
            world.api(&token, "POST", &format!("/kitchen/orders/{last}/{verb}"), Value::Null).await;
        }
    }
    last
}

/// A tab of somebody who may see everything.
async fn operator(world: &World) -> Tab<'_> {
    world.staff("operator", "/ops").await
}

#[test]
fn no_page_keeps_anybody_out_in_either_theme_on_a_phone_or_a_desk() {
    let axe = match axe() {
        Ok(axe) => axe,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    browse(async |world: &World| {
        let branch = world.branch("Bakery of axes", &SHELF).await;
        let order = lively(world, &branch, &["sourdough", "rye"]).await;
        let tab = operator(world).await;
        let mut found = Vec::new();
        for (page, path, there) in pages(&branch, &order) {
            for (width, height) in WIDTHS {
                for theme in THEMES {
                    tab.device(width, height, theme).await;
                    tab.go(&path).await;
                    tab.text(there).await;
                    tab.fits(page).await;
                    let barriers = tab.barriers(&axe).await;
                    let line = |one: &String| format!("{page} {width} {theme}: {one}");
                    found.extend(barriers.iter().map(line));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn every_page_is_light_and_quiet() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of light things", &SHELF).await;
        let order = lively(world, &branch, &["sourdough", "rye"]).await;
        operator(world).await.behaved().await;
        for (page, path, there) in pages(&branch, &order) {
            // In a tab of its own, so that nothing was loaded before.
            let tab = world.browser.tab(&world.demo.origin).await;
            tab.cdp("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
            tab.go(&path).await;
            tab.text(there).await;
            let load = "performance.getEntriesByType('navigation')[0].loadEventEnd > 0";
            tab.until("the end of the load", load).await;
            let script = "const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource').filter(({ name }) => !name.includes('/api/'))];
                return [entries.reduce((sum, one) => sum + one.encodedBodySize, 0), entries.length, Math.round(entries[0].loadEventEnd)]";
            let measured = tab.js(script, json!([])).await;
            println!(
                "{page}: {} bytes in {} answers, loaded after {} ms",
                measured[0], measured[1], measured[2]
            );
            let bytes = measured[0].as_u64().expect("a number");
            assert!(bytes > 0 && bytes < FIRST_LOAD_BYTES_MAX, "{page}: {bytes} bytes");
            tab.behaved().await;
            let mut errors = world.browser.errors().await;
            // Chromium notes each 503 of a service that is busy, which the page asks again by itself.
            let is_busy = |errors: &[String]| {
                !errors.is_empty() && errors.iter().all(|line| line.contains("status of 503"))
            };
            let end = Instant::now() + Duration::from_secs(QUIET_WITHIN_S);
            while is_busy(&errors) && Instant::now() < end {
                tab.reload().await;
                tab.text(there).await;
                tab.behaved().await;
                errors = world.browser.errors().await;
            }
            assert_eq!(errors, [""; 0], "{page}: the console");
        }
    });
}

#[test]
fn every_page_speaks_german_when_it_is_asked_to() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of words", &SHELF).await;
        let order = lively(world, &branch, &["sourdough", "rye"]).await;
        let tab = operator(world).await;
        tab.until("English", "document.documentElement.lang === 'en'").await;
        tab.choose("Language", "Deutsch").await;
        tab.until("German", "document.documentElement.lang === 'de'").await;
        for (page, path, there) in pages(&branch, &order) {
            tab.go(&path).await;
            tab.text(there).await;
            tab.until("German", "document.documentElement.lang === 'de'").await;
            let script = r#"
                // What is no word in any language: ids, the subjects and bodies of messages, and the names of
                // branches, which are those of all tests.
                const words = document.body.cloneNode(true);
                const names = `select:has(option[value="${arguments[0]}"]) option`;
                for (const one of words.querySelectorAll(`code, pre, ${names}`)) one.remove();
                return words.textContent.match(/\b[a-z]{2,}\.[a-z]{2,}(_[a-z]+)*\b/g) ?? []"#;
            let keys = tab.js(script, json!([branch])).await;
            assert_eq!(keys, json!([]), "{page}: keys without words");
            let title = tab.js("return document.title", json!([])).await;
            assert!(!title.as_str().unwrap_or("shop.").contains(".title"), "{page}: {title}");
        }
        tab.choose("Sprache", "English").await;
        tab.until("English", "document.documentElement.lang === 'en'").await;
    });
}
