//! Pictures of every page, for people and for `docs/screens`: written where `BAKERY_SCREENSHOTS` says.

use crate::browser::browse;
use crate::every::{lively, pages};
use crate::orders::buy;
use crate::world::World;
use std::path::PathBuf;

const FOLDER: &str = "BAKERY_SCREENSHOTS";
const DEVICES: [(&str, u32, u32); 2] = [("phone", 360, 800), ("desktop", 1280, 900)];
/// The demo's own branch, with its menu.
const BRANCH: &str = "main";
const WARES: [&str; 6] =
    ["sourdough", "croissant", "pretzel", "rye", "cinnamon-roll", "pain-au-chocolat"];
const ROUNDS: usize = 2;

#[test]
fn every_page_has_its_picture_taken_where_that_is_wanted() {
    #[expect(clippy::disallowed_methods, reason = "a test is asked for more by its environment")]
    let Ok(folder) = std::env::var(FOLDER) else {
        println!("no pictures: {FOLDER} names no folder");
        return;
    };
    // Tests run in the folder of their package; people say it from the repository's.
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    browse(async |world: &World| {
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut order = String::new();
        for _ in 0..ROUNDS {
            order = lively(world, BRANCH, &WARES).await;
        }
        let shop = world.tab(&format!("/?branch={BRANCH}")).await;
        buy(&shop, &["Cinnamon roll", "Baguette"]).await;
        shop.go(&format!("/?branch={BRANCH}")).await;
        shop.press("Add: Sourdough loaf").await;
        shop.press("Add: Butter croissant").await;
        shop.press("Add (1 is in the basket): Butter croissant").await;
        let tab = world.staff("operator", "/ops").await;
        for (page, path, there) in pages(BRANCH, &order) {
            for (device, width, height) in DEVICES {
                for theme in ["light", "dark"] {
                    tab.device(width, height, theme).await;
                    tab.go(&path).await;
                    tab.text(there).await;
                    let drawn = "[...document.images].every((one) => one.complete || one.loading === 'lazy')";
                    tab.until("all pictures", drawn).await;
                    let rates = "[...document.querySelectorAll('.way dd')].every((one) => one.textContent !== '–')";
                    tab.until("what is measured twice", rates).await;
                    if page == "shop" {
                        tab.text("header .balance").await;
                    }
                    tab.picture(&folder.join(format!("{page}-{theme}-{device}.png"))).await;
                }
            }
        }
    });
}
