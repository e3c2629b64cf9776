//! What may be given back of an order, at its edges and against a plain count; and how a refund
//! comes to its end.

use super::{Paying, REFUNDS_MAX, Refund, plan};
use crate::order::Order;
use crate::saga::State;
use bakery_nats::messages::bank::PaidBack;
use bakery_nats::messages::inventory::{Line, ReservedUnit};
use bakery_nats::money::{Currency, Money};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::orders::{Customer, Item};
use bakery_nats::requests::receipts::ReceiptShop;
use bakery_nats::requests::refunds::{RefundLine, RefundState};
use chrono::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashSet;
use uuid::Uuid;

fn eur(amount: i64) -> Money {
    Money { amount, currency: Currency::try_from("EUR".to_owned()).unwrap() }
}

/// A line of units at these prices; the n-th unit of the k-th product has the id 100k + n.
fn item(k: u128, product: &str, prices: &[i64]) -> Item {
    let unit = |(n, price): (usize, &i64)| ReservedUnit {
        id: Uuid::from_u128(100 * k + n as u128),
        price: *price,
        full_price: None,
        baked_at: DateTime::UNIX_EPOCH,
        batch_id: None,
    };
    Item {
        product_id: product.parse().unwrap(),
        name: Some(product.to_owned()),
        quantity: u32::try_from(prices.len()).unwrap(),
        prices: Vec::new(),
        line_total: Some(prices.iter().sum()),
        units: prices.iter().enumerate().map(unit).collect(),
    }
}

fn order(state: State, items: Vec<Item>) -> Order {
    let total = items.iter().filter_map(|item| item.line_total).sum();
    Order {
        id: Uuid::from_u128(1),
        branch: "main".parse().unwrap(),
        shop: ReceiptShop {
            branch: "main".parse().unwrap(),
            name: "Bakery".to_owned(),
            address: String::new(),
            time_zone: "UTC".parse().unwrap(),
        },
        day: DateTime::UNIX_EPOCH.date_naive(),
        number: 7,
        account_id: Uuid::from_u128(2),
        customer: Customer { name: "Ada".to_owned(), email: None },
        state,
        version: 7,
        items,
        price: Some(eur(total)),
        paid: true,
        reason: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        attempt: 1,
    }
}

/// Two breads, one of them at a discount, and a donut.
fn served() -> Order {
    order(State::Served, vec![item(1, "bread", &[150, 300]), item(2, "donut", &[120])])
}

fn refund(lines: Vec<RefundLine>) -> Refund {
    Refund {
        id: Uuid::from_u128(50),
        order_id: Uuid::from_u128(1),
        branch: "main".parse().unwrap(),
        account_id: Uuid::from_u128(2),
        idempotency_key: "k".to_owned(),
        request_hash: Vec::new(),
        price: eur(lines.iter().map(|line| line.amount).sum()),
        lines,
        reason: "burnt".to_owned(),
        state: RefundState::Asked,
        made_at: DateTime::UNIX_EPOCH,
        paid_at: None,
        attempt: 1,
    }
}

fn line(product: &str, quantity: u32) -> Line {
    Line { product_id: product.parse().unwrap(), quantity }
}

/// Product, quantity and sum of each line.
fn short(lines: &[RefundLine]) -> Vec<(String, u32, i64)> {
    lines.iter().map(|l| (l.product_id.to_string(), l.quantity, l.amount)).collect()
}

fn fields(refusal: &Refusal) -> Vec<(&str, &str)> {
    refusal.errors.iter().map(|error| (error.field.as_str(), error.reason.as_str())).collect()
}

#[test]
fn without_lines_everything_that_is_left_is_given_back() {
    let order = served();
    let all = plan(&order, &[], None).unwrap();
    assert_eq!(short(&all), [("bread".to_owned(), 2, 450), ("donut".to_owned(), 1, 120)]);
    let one = refund(plan(&order, &[], Some(&[line("bread", 1)])).unwrap());
    let rest = plan(&order, std::slice::from_ref(&one), None).unwrap();
    assert_eq!(short(&rest), [("bread".to_owned(), 1, 150), ("donut".to_owned(), 1, 120)]);
    let nothing = plan(&order, &[one, refund(rest)], None).unwrap_err();
    assert_eq!((nothing.status, nothing.code.as_str()), (409, "nothing_to_refund"));
}

#[test]
fn the_dearest_units_that_are_left_come_first() {
    let order = served();
    let first = refund(plan(&order, &[], Some(&[line("bread", 1)])).unwrap());
    assert_eq!((first.price.amount, &first.lines[0].units), (300, &vec![Uuid::from_u128(101)]));
    let second = plan(&order, &[first], Some(&[line("bread", 1)])).unwrap();
    assert_eq!((second[0].amount, &second[0].units), (150, &vec![Uuid::from_u128(100)]));
}

#[test]
fn more_than_is_left_of_a_line_is_refused_by_name_and_so_is_what_was_not_bought() {
    let order = served();
    let first = refund(plan(&order, &[], Some(&[line("bread", 1)])).unwrap());
    let wanted = [line("donut", 1), line("bread", 2), line("rye", 1)];
    let refusal = plan(&order, &[first], Some(&wanted)).unwrap_err();
    assert_eq!(refusal.status, 422);
    let expected = [
        ("lines[1].quantity", "must be at most 1: so many are not refunded yet"),
        ("lines[2].product_id", "there is no rye in this order"),
    ];
    assert_eq!(fields(&refusal), expected);
}

#[test]
fn after_very_many_refunds_only_all_that_is_left_can_be_refunded() {
    let order = order(State::Served, vec![item(1, "bread", &[100; REFUNDS_MAX + 2])]);
    let one = [line("bread", 1)];
    let mut made = Vec::new();
    for _ in 0..REFUNDS_MAX {
        made.push(refund(plan(&order, &made, Some(&one)).unwrap()));
    }
    let refusal = plan(&order, &made, Some(&one)).unwrap_err();
    assert_eq!((refusal.status, refusal.code.as_str()), (409, "too_many_refunds"));
    assert_eq!(plan(&order, &made, None).unwrap()[0].quantity, 2);
}

#[test]
fn an_order_is_refunded_from_preparing_on_and_cancelled_before() {
    for state in State::ALL {
        let order = order(state, vec![item(1, "bread", &[300])]);
        let planned = plan(&order, &[], None);
        if matches!(state, State::Preparing | State::Ready | State::Served) {
            assert_eq!(planned.unwrap().len(), 1, "{state:?}");
            continue;
        }
        let refusal = planned.unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str()), (409, "wrong_state"), "{state:?}");
        let early =
            matches!(state, State::Placed | State::Reserved | State::Charged | State::Confirmed);
        assert_eq!(refusal.detail.contains("before preparing it is cancelled"), early, "{state:?}");
    }
}

#[test]
fn the_banks_answer_ends_a_refund_once_and_only_if_it_is_about_it() {
    let mut open = refund(plan(&served(), &[], None).unwrap());
    let said = PaidBack {
        refund_id: open.id,
        order_id: open.order_id,
        account_id: open.account_id,
        amount: eur(570),
    };
    let at = DateTime::UNIX_EPOCH;
    for wrong in [
        PaidBack { amount: eur(569), ..said.clone() },
        PaidBack { account_id: Uuid::nil(), ..said.clone() },
        PaidBack { order_id: Uuid::nil(), ..said.clone() },
    ] {
        assert!(matches!(open.take(&wrong, at), Paying::Impossible(_)), "{wrong:?}");
        assert_eq!((open.state, open.paid()), (RefundState::Asked, 0));
    }
    assert_eq!(open.take(&said, at), Paying::Paid);
    assert_eq!((open.state, open.paid_at, open.paid()), (RefundState::Paid, Some(at), 570));
    assert_eq!(open.take(&said, at), Paying::Late);
}

#[test]
fn the_bank_is_asked_in_the_same_words_each_time() {
    let mut open = refund(plan(&served(), &[], None).unwrap());
    let (first, second) = (open.ask(), open.ask_again());
    assert_eq!((first.attempt, second.attempt), (Some(1), Some(2)));
    assert_eq!(first.body.get(), second.body.get());
}

proptest! {
    /// Any wishes, one after another: each unit goes once, at its price, and none beyond.
    #[test]
    fn no_run_of_refunds_gives_back_a_unit_twice_or_another_price(
        prices in vec(0i64..500, 1..8),
        wishes in vec(prop::option::of(1u32..6), 0..8),
    ) {
        let order = order(State::Ready, vec![item(1, "bread", &prices)]);
        let mut left = prices.clone();
        left.sort_unstable();
        let mut made: Vec<Refund> = Vec::new();
        for wish in wishes {
            let lines = wish.map(|quantity| vec![line("bread", quantity)]);
            let wanted = wish.map_or(left.len(), |quantity| quantity as usize);
            match plan(&order, &made, lines.as_deref()) {
                Ok(lines) => {
                    let dearest = left.split_off(left.len() - wanted);
                    prop_assert_eq!(lines[0].amount, dearest.iter().sum::<i64>());
                    made.push(refund(lines));
                }
                Err(_) => prop_assert!(wanted == 0 || wanted > left.len()),
            }
        }
        let units: Vec<Uuid> = made.iter().flat_map(|r| r.lines[0].units.clone()).collect();
        prop_assert_eq!(units.iter().collect::<HashSet<_>>().len(), units.len());
        let back: i64 = made.iter().map(|refund| refund.price.amount).sum();
        prop_assert_eq!(back, prices.iter().sum::<i64>() - left.iter().sum::<i64>());
    }
}
