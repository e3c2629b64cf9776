//! The rules of a branch's day, to the microsecond.

use super::{Discount, Shop};
use bakery_nats::branch::Branch;
use bakery_nats::calendar::{OpeningHours, Span};
use bakery_nats::messages::scheduler::{DiscountDue, tick_id};
use bakery_nats::money::Currency;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant() -> TimeDelta {
    TimeDelta::microseconds(1)
}

fn span(open: &str, close: &str) -> Span {
    Span { open: open.parse().unwrap(), close: close.parse().unwrap() }
}

/// Open in Berlin, every day.
fn shop(open: &str, close: &str, discounts: &[&str]) -> Shop {
    let branch = Branch {
        id: "main".parse().unwrap(),
        name: "Bakery on the square".to_owned(),
        address: String::new(),
        time_zone: "Europe/Berlin".parse().unwrap(),
        hours: OpeningHours::daily(span(open, close)),
        currency: Currency::try_from("EUR".to_owned()).unwrap(),
        closed: false,
    };
    let mut shop = Shop { branch, version: 1, discounts: Vec::new(), closed_day: None };
    let discount = |from| Discount { from, day: shop.today(from) };
    shop.discounts = discounts.iter().map(|at| discount(time(at))).collect();
    shop
}

#[test]
fn a_discount_lasts_from_its_very_moment_until_its_day_ends() {
    let shop = shop("07:00", "18:00", &["2026-11-24T16:30:00Z"]);
    let (from, close) = (time("2026-11-24T16:30:00Z"), time("2026-11-24T17:00:00Z"));
    for (at, on) in [
        (from - instant(), false),
        (from, true),
        (close - instant(), true),
        (close, false),
        (from + TimeDelta::days(1), false),
    ] {
        assert_eq!(shop.is_discounting(at), on, "{at}");
    }
}

#[test]
fn the_earliest_discount_of_the_newest_day_is_remembered() {
    let (late, early) = ("2026-11-24T16:30:00Z", "2026-11-24T16:00:00Z");
    let (yesterday, tonight) = ("2026-11-23T16:30:00Z", "2026-11-24T17:00:00Z");
    for (known, kept) in [
        (vec![], None),
        (vec![late, early], Some(early)),
        (vec![early, late], Some(early)),
        (vec![late, yesterday], Some(late)),
        (vec![yesterday, late], Some(late)),
        // What begins at closing belongs to the next day.
        (vec![early, tonight], Some(tonight)),
    ] {
        let shop = shop("07:00", "18:00", &known);
        assert_eq!(shop.newest_discount().map(|kept| kept.from), kept.map(time), "{known:?}");
    }
}

#[test]
fn a_discount_stays_with_its_day_whatever_the_hours_become() {
    let mut shop = shop("07:00", "18:00", &["2026-11-24T16:30:00Z"]);
    let (late, tomorrow) = (time("2026-11-24T17:30:00Z"), time("2026-11-25T10:00:00Z"));
    for tuesday in [Some(span("07:00", "17:30")), Some(span("07:00", "12:00")), None] {
        shop.branch.hours.tue = tuesday;
        assert!(!shop.is_discounting(tomorrow), "{tuesday:?}");
    }
    shop.branch.hours.tue = Some(span("07:00", "20:00"));
    assert!(shop.is_discounting(late), "the day became longer, and so did its discount");
    assert!(!shop.is_discounting(tomorrow));
}

/// A Tuesday on which it closes at 17:30 in Berlin, a cron line that does not know it, and a person.
#[test]
fn a_schedule_lowers_the_prices_of_its_own_date_only_and_a_person_those_of_the_day_that_comes() {
    let mut shop = shop("07:00", "17:30", &[]);
    let (job, nobody): (Slug, _) = ("discount".parse().unwrap(), Uuid::nil());
    let begins = |shop: &Shop, due_at, tick_id| {
        let tick = DiscountDue { tick_id, job: job.clone(), due_at };
        shop.discount(&tick).map(|discount| discount.day)
    };
    let scheduled = |shop: &Shop, at| begins(shop, at, tick_id(&shop.branch.id, &job, at));
    let (today, tomorrow) = (date("2026-11-24"), date("2026-11-25"));
    let (morning, close) = (time("2026-11-24T05:00:00Z"), time("2026-11-24T16:30:00Z"));
    for (at, by_schedule, by_hand) in [
        (morning, Some(today), Some(today)),
        (close - instant(), Some(today), Some(today)),
        (close, None, Some(tomorrow)),
    ] {
        assert_eq!(scheduled(&shop, at), by_schedule, "{at}");
        assert_eq!(begins(&shop, at, nobody), by_hand, "{at}");
    }
    shop.branch.hours.tue = None;
    assert_eq!(scheduled(&shop, morning), None, "a day of rest has no prices");
}

#[test]
fn a_late_discount_of_another_day_neither_begins_nor_ends_one() {
    let shop = shop("07:00", "18:00", &["2026-11-24T16:30:00Z", "2026-11-23T16:30:00Z"]);
    assert!(shop.is_discounting(time("2026-11-23T16:45:00Z")));
    assert!(!shop.is_discounting(time("2026-11-24T10:00:00Z")));
    assert!(shop.is_discounting(time("2026-11-24T16:45:00Z")));
}

#[test]
fn people_see_when_it_closes_or_when_it_opens() {
    let mut shop = shop("07:00", "18:00", &["2026-11-24T16:30:00Z"]);
    let (open, close) = (time("2026-11-24T06:00:00Z"), time("2026-11-24T17:00:00Z"));
    let told = |shop: &Shop, at| {
        let state = shop.state(at);
        (state.open, state.closes_at, state.opens_at, state.date, state.discounting)
    };
    let (today, tomorrow) = (date("2026-11-24"), date("2026-11-25"));
    assert_eq!(told(&shop, open - instant()), (false, None, Some(open), today, false));
    assert_eq!(told(&shop, open), (true, Some(close), None, today, false));
    assert_eq!(told(&shop, close - instant()), (true, Some(close), None, today, true));
    let next = open + TimeDelta::days(1);
    assert_eq!(told(&shop, close), (false, None, Some(next), tomorrow, false));
    shop.branch.closed = true;
    assert_eq!(told(&shop, open), (false, None, None, today, false));
    shop.branch.closed = false;
    shop.branch.hours = OpeningHours::default();
    assert_eq!(told(&shop, open), (false, None, None, today, false));
}

#[test]
fn the_money_of_a_day_moves_until_the_next_opening() {
    let mut shop = shop("07:00", "18:00", &[]);
    let (open, next) = (time("2026-11-24T06:00:00Z"), time("2026-11-25T06:00:00Z"));
    assert_eq!(shop.money_of(date("2026-11-24")), (Some(open), Some(next)));
    shop.branch.hours.wed = None;
    let (_, to) = shop.money_of(date("2026-11-24"));
    assert_eq!(to, Some(next + TimeDelta::days(1)), "a day of rest has no money of its own");
    assert_eq!(shop.money_of(date("2026-11-25")), (None, None));
}

#[test]
fn a_branch_that_never_shuts_has_days_without_a_gap_between_them() {
    let shop = shop("00:00", "24:00", &[]);
    let (from, to) = (time("2026-11-23T23:00:00Z"), time("2026-11-24T23:00:00Z"));
    assert_eq!(shop.money_of(date("2026-11-24")), (Some(from), Some(to)));
    assert_eq!(shop.money_of(date("2026-11-25")).0, Some(to));
}

#[test]
fn the_last_date_there_is_has_no_morning_after_it() {
    assert_eq!(shop("00:00", "24:00", &[]).money_of(NaiveDate::MAX), (None, None));
}
