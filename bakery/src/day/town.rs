//! The customers: who comes when, and what for. A plain function of the seed.

use super::Day;
use super::counter::Counter;
use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use futures::StreamExt;

/// Customers in the shop at once, at the most; the others wait in the street.
const IN_SHOP_MAX: usize = 128;
const PEOPLE: usize = 60;
/// Money in a purse, in cents; one in thirty has next to none.
const PURSE: std::ops::Range<i64> = 8_000..50_000;
const EMPTY_PURSE: i64 = 120;
/// How much oftener most things are bought than a whole cheesecake.
const COMMON: usize = 12;
/// How busy each hour after opening is, against the others.
const BUSY: [u32; 11] = [8, 7, 4, 3, 5, 7, 4, 3, 4, 6, 7];
/// The last ones come so long after closing.
const TOO_LATE_MIN: u32 = 4;
const NAMES: [&str; 12] = [
    "Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Margaret", "Dennis", "Frances", "Ken",
    "Radia", "Leslie",
];

/// Somebody with money.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) purse: i64,
}

/// One wish of one customer.
pub(super) struct Visit {
    pub(super) at: DateTime<Utc>,
    /// Which of the people.
    pub(super) person: usize,
    pub(super) name: &'static str,
    /// Products and quantities.
    pub(super) basket: Vec<(&'static str, u32)>,
    /// Thinks better of it once it is paid.
    pub(super) regrets: bool,
}

/// Everybody, and when they come.
pub(super) struct Town {
    pub(super) people: Vec<Person>,
    visits: Vec<Visit>,
}

impl Town {
    pub(super) fn of(seed: u64, customers: u32, day: &Day) -> Self {
        let mut rng = Rng::with_seed(seed);
        let people: Vec<Person> = (0..PEOPLE).map(|n| person(&mut rng, n)).collect();
        let mut visits: Vec<Visit> =
            (0..customers).filter_map(|_| visit(&mut rng, &people, day)).collect();
        visits.sort_by_key(|visit| visit.at);
        Self { people, visits }
    }

    /// Sends them in, each at their time, and waits until the last one has gone.
    pub(super) async fn visit(&self, day: &Day, counter: &Counter) {
        let come = futures::stream::iter(&self.visits).map(|visit| async move {
            day.wait_for(visit.at).await;
            counter.serve(&day.branch, visit).await;
        });
        come.buffer_unordered(IN_SHOP_MAX).collect::<()>().await;
    }
}

fn person(rng: &mut Rng, n: usize) -> Person {
    let name = NAMES.get(n % NAMES.len()).copied().unwrap_or("Ada");
    let purse = if n % 30 == 29 { EMPTY_PURSE } else { rng.i64(PURSE) };
    Person { name, purse }
}

fn visit(rng: &mut Rng, people: &[Person], day: &Day) -> Option<Visit> {
    let n = rng.usize(..people.len());
    let person = people.get(n)?;
    let (cake, common) = day.shop.menu.split_last()?;
    let mut basket: Vec<(&'static str, u32)> = Vec::new();
    for _ in 0..rng.usize(1..=3) {
        let choice = rng.usize(..common.len() * COMMON + 1) / COMMON;
        let product = common.get(choice).unwrap_or(cake);
        if basket.iter().all(|(other, _)| other != product) {
            // One or two of most things; a whole cake is enough.
            let most = if product == cake { 1 } else { rng.u32(1..=3) };
            basket.push((product, rng.u32(1..=most)));
        }
    }
    Some(Visit {
        at: day.open + TimeDelta::seconds(i64::from(second(rng, day))),
        person: n,
        name: person.name,
        basket,
        regrets: rng.u32(..100) < 3,
    })
}

/// When somebody comes, in seconds after opening.
fn second(rng: &mut Rng, day: &Day) -> u32 {
    const HOUR_S: u32 = 3600;
    if rng.u32(..100) == 0 {
        let open_s = u32::try_from((day.close - day.open).num_seconds()).unwrap_or_default();
        return open_s + rng.u32(..TOO_LATE_MIN * 60);
    }
    let mut draw = rng.u32(..BUSY.iter().sum::<u32>());
    for (hour, busy) in (0..).zip(BUSY) {
        if draw < busy {
            return hour * HOUR_S + rng.u32(..HOUR_S);
        }
        draw -= busy;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::Town;
    use crate::day::Day;
    use std::sync::{Arc, OnceLock};

    #[test]
    fn the_same_seed_is_the_same_town_and_most_come_while_it_is_open() {
        let day = Day::today(&Arc::new(OnceLock::new())).unwrap();
        let [one, two] = [7, 7].map(|seed| Town::of(seed, 500, &day));
        let baskets = |town: &Town| -> Vec<_> {
            town.visits.iter().map(|visit| (visit.at, visit.basket.clone())).collect()
        };
        assert_eq!(baskets(&one), baskets(&two));
        assert_ne!(baskets(&one), baskets(&Town::of(8, 500, &day)));
        let late = one.visits.iter().filter(|visit| visit.at >= day.close).count();
        assert!((1..50).contains(&late), "{late} of 500 come after closing");
        assert!(one.visits.iter().all(|visit| visit.at >= day.open && visit.at < day.end));
    }
}
