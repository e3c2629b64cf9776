//! What can be bought, as it changes. The log says that something happened on a shelf; what can be
//! bought then is asked of inventory, once for everybody, and those products are told that differ.
//!
//! A shelf is a state and no history: who comes back is told all of it.

use super::cut::Cut;
use super::event::{Shown, Topic};
use super::hub::Seat;
use crate::app::App;
use bakery_nats::messages::inventory::ProductState;
use bakery_nats::money::Money;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::{Discount, Menu, MenuEntry};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Changes are gathered for so long.
const PAUSE_MS: u64 = 250;
/// What somebody begins with may be so old.
const BEGIN_AGE_MS: u64 = 1000;
/// A failure is told again for so long.
const FAILURE_LIFE_MS: u64 = 1000;
/// Units go stale and prices change without a word in the log, so it is asked anew after so long.
const REFRESH_S: u64 = 5;
/// Branches whose shelf is looked at.
const SHELVES_MAX: usize = 256;

/// The shelves that somebody looks at.
#[derive(Debug, Default)]
pub(crate) struct Shelves(Mutex<HashMap<Slug, Arc<Shelf>>>);

/// One branch's.
#[derive(Debug, Default)]
struct Shelf {
    /// Held by the one who asks; the last failure, if nothing was answered since.
    asking: tokio::sync::Mutex<Option<Failure>>,
    stand: Mutex<Option<Stand>>,
}

#[derive(Debug)]
struct Failure {
    /// When it was known.
    at: Instant,
    refusal: Refusal,
}

#[derive(Debug)]
struct Stand {
    asked: Instant,
    through: u64,
    lines: Vec<Line>,
}

/// What can be bought of one product.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Line {
    product_id: Slug,
    name: String,
    available: i64,
    price: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    discount: Option<Discount>,
    state: ProductState,
    /// When the newest of them came out of the oven.
    #[serde(skip_serializing_if = "Option::is_none")]
    baked_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct Whole<'a> {
    products: &'a [Line],
}

#[derive(Serialize)]
struct Gone<'a> {
    product_id: &'a Slug,
}

impl From<MenuEntry> for Line {
    fn from(entry: MenuEntry) -> Self {
        let MenuEntry { id, name, available, price, discount, state, baked_at, .. } = entry;
        Self { product_id: id, name, available, price, discount, state, baked_at }
    }
}

impl Shelves {
    /// Looks at a shelf from now on: the place, and how it stands.
    ///
    /// # Errors
    /// 404 for an unknown branch, 503 where inventory cannot be asked.
    pub(crate) async fn look(
        &self,
        app: &App,
        (branch, name): (&Slug, &str),
        cut: &Arc<Cut>,
    ) -> Result<(Seat, Shown), Refusal> {
        let too_many = || Refusal::new(503, "overloaded", "too many shelves are looked at");
        let shelf = self.shelf(branch).ok_or_else(too_many)?;
        refresh(app, branch, &shelf, Duration::from_millis(BEGIN_AGE_MS)).await?;
        // Under this lock nothing is told, so nothing comes between the two.
        let stand = shelf.lock();
        let unknown = || Refusal::unavailable("the shelf");
        let Stand { through, lines, .. } = stand.as_ref().ok_or_else(unknown)?;
        let shown = Shown::of(*through, name, &Whole { products: lines }).ok_or_else(unknown)?;
        let topic = Topic::Shelf(branch.clone());
        let (seat, _) = app.live.hub.join_now(&topic, app.live.bounds.queue_events_max, cut);
        Ok((seat, shown))
    }

    /// Tells what changes, until the gateway stops.
    pub(crate) async fn run(app: App) {
        let mut timer = interval(Duration::from_millis(PAUSE_MS));
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while app.stop.run_until_cancelled(timer.tick()).await.is_some() {
            app.stop.run_until_cancelled(app.live.shelves.round(&app)).await;
        }
    }

    async fn round(&self, app: &App) {
        let watched = app.live.hub.shelves();
        self.lock().retain(|branch, shelf| {
            // Somebody holds it who is about to look.
            let held = Arc::strong_count(shelf) > 1;
            held || watched.iter().any(|(one, _)| one == branch)
        });
        for (branch, changed) in watched {
            let Some(shelf) = self.lock().get(&branch).cloned() else { continue };
            let age = if changed { Duration::ZERO } else { Duration::from_secs(REFRESH_S) };
            if let Err(refusal) = refresh(app, &branch, &shelf, age).await {
                tracing::debug!(%branch, %refusal, "a shelf cannot be looked at just now");
                shelf.forget_age();
            }
        }
    }

    fn shelf(&self, branch: &Slug) -> Option<Arc<Shelf>> {
        let mut shelves = self.lock();
        let room = shelves.len() < SHELVES_MAX || shelves.contains_key(branch);
        room.then(|| shelves.entry(branch.clone()).or_default().clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Slug, Arc<Shelf>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn is_younger(&self, age: Duration) -> bool {
        self.lock().as_ref().is_some_and(|stand| stand.asked.elapsed() < age)
    }

    /// A change could not be asked for: the next round tries again.
    fn forget_age(&self) {
        if let Some(stand) = self.lock().as_mut()
            && let Some(long_ago) = stand.asked.checked_sub(Duration::from_secs(REFRESH_S))
        {
            stand.asked = long_ago;
        }
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Option<Stand>> {
        self.stand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks how a shelf stands, unless what is known is younger than this, and tells what differs. Those
/// who waited for an answer that failed do not ask again: each would wait as long, one after another.
async fn refresh(app: &App, branch: &Slug, shelf: &Shelf, age: Duration) -> Result<(), Refusal> {
    let mut failed = shelf.asking.lock().await;
    if shelf.is_younger(age) {
        return Ok(());
    }
    if let Some(Failure { at, refusal }) = failed.as_ref()
        && at.elapsed() < Duration::from_millis(FAILURE_LIFE_MS)
    {
        return Err(refusal.clone());
    }
    let (asked, through) = (Instant::now(), app.live.hub.last());
    let menu = match app.ask(&Menu { branch: branch.clone() }).await {
        Ok(menu) => menu,
        Err(refusal) => {
            *failed = Some(Failure { at: Instant::now(), refusal: refusal.clone() });
            return Err(refusal);
        }
    };
    *failed = None;
    let lines: Vec<Line> = menu.products.into_iter().map(Line::from).collect();
    let topic = Topic::Shelf(branch.clone());
    let mut stand = shelf.lock();
    let before = stand.as_ref().map_or(&[][..], |stand| &stand.lines);
    let changes = changes(before, &lines);
    for line in changes.0 {
        let shown = Shown::of(through, "product", line);
        shown.into_iter().for_each(|shown| app.live.hub.show(&topic, shown));
    }
    for product_id in changes.1 {
        let shown = Shown::of(through, "gone", &Gone { product_id });
        shown.into_iter().for_each(|shown| app.live.hub.show(&topic, shown));
    }
    *stand = Some(Stand { asked, through, lines });
    Ok(())
}

/// The lines that are new or other than before, and the products that are gone.
fn changes<'a>(before: &'a [Line], after: &'a [Line]) -> (Vec<&'a Line>, Vec<&'a Slug>) {
    let old: HashMap<&Slug, &Line> = before.iter().map(|line| (&line.product_id, line)).collect();
    let new: HashMap<&Slug, &Line> = after.iter().map(|line| (&line.product_id, line)).collect();
    let changed = after.iter().filter(|line| old.get(&line.product_id) != Some(line));
    let gone = before.iter().map(|line| &line.product_id).filter(|id| !new.contains_key(id));
    (changed.collect(), gone.collect())
}

#[cfg(test)]
mod tests {
    use super::{Line, changes};
    use bakery_nats::messages::inventory::ProductState;
    use serde_json::json;

    fn line(product: &str, available: i64) -> Line {
        Line {
            product_id: product.parse().unwrap(),
            name: product.to_owned(),
            available,
            price: serde_json::from_value(json!({"amount": 150, "currency": "EUR"})).unwrap(),
            discount: None,
            state: ProductState::OnSale,
            baked_at: None,
        }
    }

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        let before = [line("rye", 3), line("donut", 1), line("bun", 0)];
        let after = [line("rye", 3), line("donut", 0), line("pretzel", 9)];
        let (changed, gone) = changes(&before, &after);
        assert_eq!(changed, [&line("donut", 0), &line("pretzel", 9)]);
        assert_eq!(gone.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["bun"]);
        assert_eq!(changes(&after, &after), (vec![], vec![]));
        assert_eq!(changes(&[], &after).0.len(), 3);
    }
}
