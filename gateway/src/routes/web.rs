//! What people see: the screens of `gateway/web`, which are in the program. A page may run and load
//! its own files and nothing else, and no text of anybody's can become markup or script in it.

use crate::app::App;
use crate::routes::still::Still;
use axum::Router;
use axum::body::Bytes;
use std::sync::LazyLock;

/// A page: its path, its file and the text of it.
macro_rules! page {
    ($path:literal, $file:literal) => {
        ($path, $file, include_str!(concat!("../../web/", $file)))
    };
}

/// Files and their texts.
macro_rules! files {
    ($($file:literal),+ $(,)?) => {
        [$(($file, include_str!(concat!("../../web/", $file)))),+]
    };
}

/// Of pages and of what they load: a picture can be opened as a page as well.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// Where a page is, and its file.
const PAGES: [(&str, &str, &str); 6] = [
    page!("/", "shop.html"),
    page!("/orders/{id}", "tracking.html"),
    page!("/kitchen", "kitchen.html"),
    page!("/display", "display.html"),
    page!("/manager", "manager.html"),
    page!("/ops", "ops.html"),
];

/// What pages load; pictures are in `/images`, everything else in `/web`.
const FILES: &[(&str, &str)] = &files![
    "css/base.css",
    "css/display.css",
    "css/kitchen.css",
    "css/manager.css",
    "css/ops.css",
    "css/shop.css",
    "css/timeline.css",
    "css/tracking.css",
    "images/baguette.svg",
    "images/cheesecake.svg",
    "images/cinnamon-roll.svg",
    "images/croissant.svg",
    "images/donut.svg",
    "images/icon.svg",
    "images/pain-au-chocolat.svg",
    "images/pretzel.svg",
    "images/product.svg",
    "images/rye.svg",
    "images/sourdough.svg",
    "js/api.js",
    "js/awake.js",
    "js/branch.js",
    "js/dialog.js",
    "js/display.js",
    "js/display/area.js",
    "js/display/fit.js",
    "js/display/idle.js",
    "js/display/numbers.js",
    "js/dom.js",
    "js/forms.js",
    "js/fullscreen.js",
    "js/header.js",
    "js/keep.js",
    "js/kitchen.js",
    "js/kitchen/beside.js",
    "js/kitchen/board.js",
    "js/kitchen/card.js",
    "js/kitchen/feed.js",
    "js/kitchen/notices.js",
    "js/kitchen/orders.js",
    "js/kitchen/panel.js",
    "js/kitchen/sound.js",
    "js/kitchen/work.js",
    "js/live.js",
    "js/manager.js",
    "js/manager/asking.js",
    "js/manager/branches.js",
    "js/manager/branchform.js",
    "js/manager/catalogue.js",
    "js/manager/charts.js",
    "js/manager/day.js",
    "js/manager/daycharts.js",
    "js/manager/daypicker.js",
    "js/manager/daytiles.js",
    "js/manager/fields.js",
    "js/manager/jobform.js",
    "js/manager/jobs.js",
    "js/manager/notes.js",
    "js/manager/office.js",
    "js/manager/order.js",
    "js/manager/orders.js",
    "js/manager/productform.js",
    "js/manager/refund.js",
    "js/manager/shelf.js",
    "js/manager/shelfcard.js",
    "js/once.js",
    "js/ops.js",
    "js/ops/consumers.js",
    "js/ops/letters.js",
    "js/ops/meter.js",
    "js/ops/orders.js",
    "js/ops/picture.js",
    "js/ops/search.js",
    "js/ops/spark.js",
    "js/page.js",
    "js/poll.js",
    "js/session.js",
    "js/shop.js",
    "js/shop/account.js",
    "js/shop/basket.js",
    "js/shop/checkout.js",
    "js/shop/later.js",
    "js/shop/menu.js",
    "js/shop/mine.js",
    "js/shop/signing.js",
    "js/shop/state.js",
    "js/shopclock.js",
    "js/sign.js",
    "js/staff.js",
    "js/status.js",
    "js/text.js",
    "js/text/de/display.js",
    "js/text/de/kitchen.js",
    "js/text/de/manager-orders.js",
    "js/text/de/manager-setup.js",
    "js/text/de/manager-shelf.js",
    "js/text/de/manager.js",
    "js/text/de/ops.js",
    "js/text/de/shared.js",
    "js/text/de/shop.js",
    "js/text/de/timeline.js",
    "js/text/de/tracking.js",
    "js/text/en/display.js",
    "js/text/en/kitchen.js",
    "js/text/en/manager-orders.js",
    "js/text/en/manager-setup.js",
    "js/text/en/manager-shelf.js",
    "js/text/en/manager.js",
    "js/text/en/ops.js",
    "js/text/en/shared.js",
    "js/text/en/shop.js",
    "js/text/en/timeline.js",
    "js/text/en/tracking.js",
    "js/theme.js",
    "js/timeline.js",
    "js/tracking.js",
    "js/tracking/actions.js",
    "js/tracking/lines.js",
    "js/tracking/outcome.js",
    "js/tracking/passports.js",
    "js/tracking/receipt.js",
    "js/tracking/steps.js",
];

/// All of it, by path.
static STILLS: LazyLock<Vec<(String, Still)>> = LazyLock::new(|| {
    let pages = PAGES.map(|(path, file, text)| (path.to_owned(), still(file, text)));
    let files = FILES.iter().map(|(file, text)| (path(file), still(file, text)));
    pages.into_iter().chain(files).collect()
});

/// The pages, and what they load.
pub(crate) fn routes() -> Router<App> {
    STILLS.iter().fold(Router::new(), |router, (path, still)| router.route(path, still.route()))
}

/// Where a file is.
fn path(file: &str) -> String {
    if file.starts_with("images/") { format!("/{file}") } else { format!("/web/{file}") }
}

fn still(file: &str, text: &'static str) -> Still {
    Still::of(content_type(file), POLICY, Bytes::from_static(text.as_bytes()))
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
