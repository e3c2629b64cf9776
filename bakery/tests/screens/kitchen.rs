//! Beside the columns of the kitchen: the bake list and the figures of the day.

use crate::browser::browse;
use crate::world::World;
use serde_json::json;

const BAKE_LIST: &str = "/kitchen/bake-list";
const NARROW: u32 = 1000;
const WIDE: u32 = 1400;
const HIGH: u32 = 900;
/// How often the bake list was asked for after `window.since`.
const ASKED_SINCE: &str = "performance.getEntriesByType('resource')
    .filter(({ name, startTime }) => name.includes('bake-list') && startTime > since).length";
/// From now on the bake list is not asked for because time goes by (`EVERY_MS` of the panel); counts how often
/// that was to be.
const NOT_BY_TIME: &str = "const later = window.setTimeout;
window.stopped = 0;
window.setTimeout = (work, ms, ...more) => (ms === 15_000 ? (window.stopped += 1, 0) : later(work, ms, ...more));";
const STOPPED: &str = "window.stopped > 0";

#[test]
fn a_tablet_that_is_turned_has_the_bake_list_at_once() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of tablets", &[("rye", "Rye bread", 540, 5)]).await;
        let path = format!("/kitchen?branch={branch}");
        let kitchen = world.staff("kitchen", &path).await;
        kitchen.device(NARROW, HIGH, "light").await;
        kitchen.before_each_page(NOT_BY_TIME).await;
        kitchen.go(&path).await;
        kitchen.sees(".column", "No new order").await;
        let loaded = "performance.getEntriesByType('resource').some(({ name }) => name.includes('panel.js'))";
        assert_eq!(kitchen.js(&format!("return {loaded}"), json!([])).await, false);
        for _ in 0..2 {
            kitchen.js("window.since = performance.now()", json!([])).await;
            kitchen.device(WIDE, HIGH, "light").await;
            kitchen.sees(".panel tr", "Rye bread").await;
            kitchen.until("a new bake list", &format!("{ASKED_SINCE} > 0")).await;
            kitchen.device(NARROW, HIGH, "light").await;
            kitchen.sees_no(".panel tr", "Rye bread").await;
        }
        kitchen.until("a bake list that was to come by time", STOPPED).await;
        kitchen.behaved().await;
    });
}

#[test]
fn a_panel_that_cannot_be_loaded_says_so_and_is_there_when_it_can() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of panels", &[("rye", "Rye bread", 540, 5)]).await;
        let path = format!("/kitchen?branch={branch}");
        let kitchen = world.staff("kitchen", &path).await;
        kitchen.device(NARROW, HIGH, "light").await;
        kitchen.go(&path).await;
        kitchen.sees(".column", "No new order").await;
        kitchen.cdp("Network.setBlockedURLs", json!({ "urls": ["*/panel.js*"] })).await;
        kitchen.press("Bake list and figures").await;
        kitchen.sees(".panel", "could not be loaded").await;
        kitchen.cdp("Network.setBlockedURLs", json!({ "urls": [] })).await;
        kitchen.sees(".panel tr", "Rye bread").await;
        kitchen.sees_no(".panel", "could not be loaded").await;
        kitchen.behaved().await;
    });
}

#[test]
fn a_bake_list_that_was_on_its_way_is_asked_for_once_more() {
    browse(async |world: &World| {
        let branch = world.branch("Bakery of lists", &[("rye", "Rye bread", 540, 5)]).await;
        let kitchen = world.staff("kitchen", &format!("/kitchen?branch={branch}")).await;
        kitchen.sees(".panel tr", "Rye bread").await;
        // What is asked for because of the orders that there are comes a moment after the first time.
        let twice = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('bake-list')).length > 1";
        kitchen.until("the second bake list", twice).await;
        // It may itself have come because time went by, so that ends only here.
        kitchen.js(NOT_BY_TIME, json!([])).await;
        kitchen.holds(BAKE_LIST).await;
        // Closed and opened, it is read anew.
        kitchen.press("Bake list and figures").await;
        kitchen.press("Bake list and figures").await;
        kitchen.held().await;
        kitchen.press("Bake list and figures").await;
        kitchen.press("Bake list and figures").await;
        kitchen.js("window.since = performance.now(); window.letGo()", json!([])).await;
        kitchen.until("a newer bake list", &format!("{ASKED_SINCE} > 0")).await;
        kitchen.until("a bake list that was to come by time", STOPPED).await;
        kitchen.behaved().await;
    });
}
