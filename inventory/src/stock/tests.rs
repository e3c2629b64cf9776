//! The rules of the shelf, one by one, and against a model that knows nothing of sections.

use super::{Decision, FreeUnit, Section, Sections, broken_rule, decide, price};
use bakery_nats::messages::inventory::{Line, ProductState};
use bakery_nats::money::Currency;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const SHELF_LIFE_S: i64 = 100;

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn line(product: &str, quantity: u32) -> Line {
    Line { product_id: slug(product), quantity }
}

fn today() -> NaiveDate {
    moment(0).date_naive()
}

/// With which all units were baked.
const BATCH: Uuid = Uuid::from_u128(1 << 64);

/// A section with units baked at these seconds; unit n has the id n.
fn section(currency: &str, unit_price: i64, baked: &[i64]) -> Section {
    let unit = |(n, at): (usize, &i64)| FreeUnit {
        id: Uuid::from_u128(n as u128),
        batch_id: BATCH,
        baked_at: moment(*at),
        stale_at: moment(*at + SHELF_LIFE_S),
        day: today(),
    };
    Section {
        name: "Bread".to_owned(),
        state: ProductState::OnSale,
        unit_price,
        full_price: unit_price,
        discounted: false,
        currency: Currency::try_from(currency.to_owned()).unwrap(),
        today: today(),
        free: baked.iter().enumerate().map(unit).collect(),
    }
}

fn shelf(sections: &[(&str, Section)]) -> Sections {
    sections.iter().map(|(id, s)| ((slug("main"), slug(id)), s.clone())).collect()
}

fn held(decision: &Decision) -> Vec<u128> {
    match decision {
        Decision::Held { lines, .. } => {
            lines.iter().flat_map(|line| &line.units).map(|unit| unit.id.as_u128()).collect()
        }
        Decision::Refused { .. } => Vec::new(),
    }
}

#[test]
fn the_oldest_units_are_taken_first_and_priced_by_us() {
    let mut sections = shelf(&[("bread", section("EUR", 300, &[0, 1, 2]))]);
    let decision = decide(&mut sections, &slug("main"), &[line("bread", 2)], moment(10));
    assert_eq!(held(&decision), [0, 1]);
    let Decision::Held { lines, total, .. } = decision else { panic!("refused") };
    assert_eq!((total, lines[0].line_total), (600, 600));
    let next = decide(&mut sections, &slug("main"), &[line("bread", 1)], moment(10));
    assert_eq!(held(&next), [2]);
}

#[test]
fn all_lines_are_held_or_none_and_the_missing_are_named() {
    let mut sections =
        shelf(&[("bread", section("EUR", 1, &[0, 1])), ("donut", section("EUR", 1, &[0]))]);
    let wish = [line("bread", 2), line("donut", 2)];
    let Decision::Refused { code, missing } =
        decide(&mut sections, &slug("main"), &wish, moment(10))
    else {
        panic!("held")
    };
    assert_eq!(code, "out_of_stock");
    assert_eq!(missing.len(), 1);
    assert_eq!((missing[0].wanted, missing[0].available), (2, 1));
    let after = decide(&mut sections, &slug("main"), &[line("bread", 2)], moment(10));
    assert_eq!(held(&after), [0, 1], "a refused order took something");
}

#[test]
fn a_unit_is_sold_until_the_second_before_it_is_stale() {
    for (now, sold) in [(SHELF_LIFE_S - 1, true), (SHELF_LIFE_S, false)] {
        let mut sections = shelf(&[("bread", section("EUR", 1, &[0]))]);
        let decision = decide(&mut sections, &slug("main"), &[line("bread", 1)], moment(now));
        assert_eq!(!held(&decision).is_empty(), sold, "at {now} s");
    }
}

#[test]
fn units_of_yesterday_and_of_tomorrow_are_not_sold() {
    let mut bread = section("EUR", 1, &[0, 1, 2]);
    bread.free[0].day = today().pred_opt().unwrap();
    bread.free[2].day = today().succ_opt().unwrap();
    let mut sections = shelf(&[("bread", bread)]);
    let decision = decide(&mut sections, &slug("main"), &[line("bread", 2)], moment(10));
    let Decision::Refused { code: "out_of_stock", missing } = decision else { panic!("held") };
    assert_eq!(missing[0].available, 1);
    let decision = decide(&mut sections, &slug("main"), &[line("bread", 1)], moment(10));
    assert_eq!(held(&decision), [1]);
}

#[test]
fn what_is_off_sale_is_named_before_what_is_short_and_what_is_retired_is_unknown() {
    let bread = section("EUR", 1, &[0, 1]);
    let off_sale = Section { state: ProductState::OffSale, ..bread.clone() };
    let retired = Section { state: ProductState::Retired, ..bread.clone() };
    let mut sections = shelf(&[("bread", bread), ("donut", off_sale), ("bun", retired)]);
    let mut refused = |lines: &[Line]| {
        let decision = decide(&mut sections, &slug("main"), lines, moment(1));
        let missed = decision.missed().len();
        let Decision::Refused { code, missing } = decision else { panic!("held") };
        assert_eq!(missing.len(), 1);
        assert!(missing[0].product_id == slug("bread") || missing[0].available == 0);
        (missing[0].product_id.to_string(), code, missed)
    };
    let (bread, donut, bun) = (line("bread", 3), line("donut", 1), line("bun", 1));
    let found = refused(&[bread.clone(), donut.clone(), bun]);
    assert_eq!(found, ("bun".to_owned(), "unknown_product", 0), "nobody missed what is not sold");
    assert_eq!(refused(&[bread.clone(), donut]), ("donut".to_owned(), "off_sale", 1));
    assert_eq!(refused(&[bread]), ("bread".to_owned(), "out_of_stock", 1));
}

#[test]
fn unknown_products_and_mixed_currencies_are_refused_whole() {
    let mut sections =
        shelf(&[("bread", section("EUR", 1, &[0])), ("bagel", section("USD", 1, &[0]))]);
    let mut code = |lines: &[Line]| match decide(&mut sections, &slug("main"), lines, moment(1)) {
        Decision::Refused { code, .. } => code,
        Decision::Held { .. } => "held",
    };
    assert_eq!(code(&[line("bread", 1), line("none", 1)]), "unknown_product");
    assert_eq!(code(&[line("bread", 1), line("bagel", 1)]), "mixed_currencies");
    assert_eq!(code(&[line("bread", 1)]), "held");
}

#[test]
fn the_discount_is_off_the_full_price_rounded_down() {
    assert_eq!(price(199, 50, false), 199);
    assert_eq!(price(199, 50, true), 99);
    assert_eq!(price(199, 0, true), 199);
    assert_eq!(price(199, 100, true), 0);
    assert_eq!(price(i64::MAX, 1, true), i64::MAX / 100 * 99 + 6);
}

#[test]
fn senseless_wishes_are_told_apart() {
    assert_eq!(broken_rule(&[line("a", 1), line("b", 2)]), None);
    assert!(broken_rule(&[]).is_some());
    assert!(broken_rule(&[line("a", 0)]).is_some());
    assert!(broken_rule(&[line("a", 1), line("b", 1), line("a", 1)]).is_some());
}

proptest! {
    /// Against a model: one list of (product, baked at, id), scanned from the front.
    #[test]
    fn any_run_of_orders_agrees_with_a_plain_list(
        breads in proptest::collection::btree_set(0_i64..300, 0..20),
        donuts in proptest::collection::btree_set(0_i64..300, 0..20),
        orders in proptest::collection::vec((0_u32..6, 0_u32..6, 0_i64..400), 1..20),
    ) {
        let stock = |set: &BTreeSet<i64>| section("EUR", 2, &set.iter().copied().collect::<Vec<_>>());
        let mut sections = shelf(&[("bread", stock(&breads)), ("donut", stock(&donuts))]);
        let mut model: Vec<Vec<i64>> =
            [&breads, &donuts].map(|set| set.iter().copied().collect()).to_vec();
        let mut now = 0;
        for (bread, donut, wait) in orders {
            now += wait;
            let lines: Vec<Line> = [("bread", bread), ("donut", donut)]
                .into_iter()
                .filter(|(_, quantity)| *quantity > 0)
                .map(|(id, quantity)| line(id, quantity))
                .collect();
            if lines.is_empty() {
                continue;
            }
            for list in &mut model {
                list.retain(|baked| baked + SHELF_LIFE_S > now);
            }
            let enough = model[0].len() >= bread as usize && model[1].len() >= donut as usize;
            let decision = decide(&mut sections, &slug("main"), &lines, moment(now));
            let Decision::Held { lines, total, .. } = decision else {
                prop_assert!(!enough, "refused although there was enough");
                continue;
            };
            prop_assert!(enough, "held although there was not enough");
            prop_assert_eq!(total, i64::from(bread + donut) * 2);
            for held in lines {
                let list = &mut model[usize::from(held.product_id == slug("donut"))];
                let oldest: Vec<_> = list.drain(..held.units.len()).map(moment).collect();
                let taken: Vec<_> = held.units.iter().map(|unit| unit.baked_at).collect();
                prop_assert_eq!(taken, oldest);
            }
        }
    }
}
