//! Values that several rows show: one order of a loaf and two donuts, by Ada.

use bakery_nats::branch::Branch;
use bakery_nats::calendar::{OpeningHours, Span};
use bakery_nats::messages::inventory::{Day, DayLine, Line, Reserved, ReservedLine, ReservedUnit};
use bakery_nats::messages::orders::{OrderChanged, Reason, Status};
use bakery_nats::money::{Currency, Money};
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

pub(crate) fn id(text: &str) -> Uuid {
    text.parse().unwrap()
}

pub(crate) fn order_id() -> Uuid {
    id("019ab5f2-8c00-7a31-9d4e-5b6c7d8e9f01")
}

pub(crate) fn account_id() -> Uuid {
    id("7c9e6679-7425-40de-944b-e07fc1f90ae7")
}

pub(crate) fn transfer_id() -> Uuid {
    id("2b1f8a54-6c3d-5e7f-8a9b-0c1d2e3f4a5b")
}

pub(crate) fn batch_id() -> Uuid {
    id("c56a4180-65aa-52ec-a945-5fd21dec0538")
}

pub(crate) fn refund_id() -> Uuid {
    id("019ab5f2-8c00-7a31-9d4e-5b6c7d8e9f77")
}

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

pub(crate) fn main() -> Slug {
    slug("main")
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn eur() -> Currency {
    Currency::try_from("EUR".to_owned()).unwrap()
}

pub(crate) fn euros(amount: i64) -> Money {
    Money { amount, currency: eur() }
}

pub(crate) fn lines() -> Vec<Line> {
    let line = |product: &str, quantity| Line { product_id: slug(product), quantity };
    vec![line("sourdough", 1), line("donut", 2)]
}

pub(crate) fn loaf() -> ReservedUnit {
    ReservedUnit {
        id: id("a3c1f0de-1111-5abc-8def-000000000001"),
        price: 620,
        full_price: None,
        baked_at: at("2026-11-24T07:30:00Z"),
        batch_id: None,
    }
}

pub(crate) fn donuts() -> Vec<ReservedUnit> {
    let donut = |text: &str| ReservedUnit {
        id: id(text),
        price: 150,
        full_price: None,
        baked_at: at("2026-11-24T08:00:00Z"),
        batch_id: None,
    };
    let ids = ["a3c1f0de-2222-5abc-8def-000000000001", "a3c1f0de-2222-5abc-8def-000000000002"];
    ids.map(donut).to_vec()
}

pub(crate) fn reserved() -> Reserved {
    let line = |product: &str, name: &str, line_total, units: Vec<ReservedUnit>| ReservedLine {
        product_id: slug(product),
        name: name.to_owned(),
        quantity: u32::try_from(units.len()).unwrap(),
        line_total,
        units,
    };
    Reserved {
        order_id: order_id(),
        lines: vec![
            line("sourdough", "Sourdough loaf", 620, vec![loaf()]),
            line("donut", "Donut", 300, donuts()),
        ],
        total: 920,
        currency: eur(),
    }
}

pub(crate) fn cancelled() -> Reason {
    Reason { code: "cancelled".to_owned(), detail: "it was called off by request".to_owned() }
}

/// Every field is filled: an order called off after it was reserved.
pub(crate) fn order_changed() -> OrderChanged {
    OrderChanged {
        order_id: order_id(),
        number: "007".to_owned(),
        status: Status::Cancelled,
        version: 3,
        account_id: account_id(),
        lines: lines(),
        total: Some(920),
        currency: Some(eur()),
        reason: Some(cancelled()),
    }
}

pub(crate) fn date() -> NaiveDate {
    "2026-11-24".parse().unwrap()
}

/// Closed on Sundays, and with a short Saturday.
pub(crate) fn branch() -> Branch {
    let span = |open: &str, close: &str| {
        Some(Span { open: open.parse().unwrap(), close: close.parse().unwrap() })
    };
    let weekday = span("07:00", "18:00");
    Branch {
        id: main(),
        name: "Bakery on the square".to_owned(),
        address: "1 Market Square".to_owned(),
        time_zone: "Europe/Berlin".parse().unwrap(),
        hours: OpeningHours {
            sat: span("08:00", "13:00"),
            sun: None,
            ..OpeningHours::daily(weekday.unwrap())
        },
        currency: eur(),
        closed: false,
    }
}

pub(crate) fn day() -> Day {
    let line = DayLine {
        product_id: slug("donut"),
        baked: 660,
        free: 0,
        reserved: 1,
        sold_full: 500,
        sold_discount: 40,
        stale: 112,
        thrown: 7,
        returned: 2,
        missed: 31,
        takings: 78_300,
        refunds: 300,
    };
    Day { date: date(), currency: eur(), lines: vec![line] }
}
