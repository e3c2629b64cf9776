//! Parts of a charge, at their edges, and against a plain sum for any run of parts and refunds.

use super::PayingBack;
use crate::ledger::{Book, Booked, Charging, Circumstances, Transfer};
use bakery_nats::messages::bank::{Charge, PayBack, Refund};
use bakery_nats::money::{Currency, Money};
use chrono::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

const ANN: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const ORDER: Uuid = Uuid::from_u128(10);

fn money(amount: i64, currency: &str) -> Money {
    Money { amount, currency: Currency::try_from(currency.to_owned()).unwrap() }
}

fn eur(amount: i64) -> Money {
    money(amount, "EUR")
}

fn empty() -> Book {
    Book::new(HashMap::from([(ANN, eur(1000)), (BOB, eur(0))]), HashMap::new())
}

/// Ann has paid 300 of her 1000.
fn book() -> Book {
    let mut book = empty();
    let given = Circumstances {
        branch: "main".parse().unwrap(),
        at: DateTime::UNIX_EPOCH,
        already_refunded: false,
        refused_by_bank: false,
    };
    let charge = Charge { order_id: ORDER, account_id: ANN, amount: eur(300) };
    assert!(matches!(book.charge(&charge, &given), Charging::Charged { .. }));
    book
}

fn part(n: u128, amount: i64) -> PayBack {
    PayBack {
        refund_id: Uuid::from_u128(100 + n),
        order_id: ORDER,
        account_id: ANN,
        amount: eur(amount),
        made_at: DateTime::UNIX_EPOCH,
    }
}

fn refund(book: &mut Book) -> i64 {
    book.refund(&Refund { order_id: ORDER, account_id: ANN }, DateTime::UNIX_EPOCH).amount
}

fn has(book: &Book) -> i64 {
    book.balance(ANN).unwrap().amount
}

const TOO_MUCH: PayingBack = PayingBack::Absurd("it is more than is left of what was charged");

#[test]
fn parts_go_back_up_to_the_charge_and_not_a_cent_beyond() {
    let mut book = book();
    assert_eq!(book.pay_back(&part(1, 100)), PayingBack::PaidBack);
    assert_eq!(book.pay_back(&part(2, 201)), TOO_MUCH);
    assert_eq!(book.pay_back(&part(3, 200)), PayingBack::PaidBack);
    assert_eq!(book.pay_back(&part(4, 1)), TOO_MUCH);
    assert_eq!(has(&book), 1000);
}

#[test]
fn the_same_part_again_moves_nothing_and_with_other_content_it_is_refused() {
    let mut book = book();
    for _ in 0..3 {
        assert_eq!(book.pay_back(&part(1, 200)), PayingBack::PaidBack);
    }
    assert_eq!(has(&book), 900);
    let other = PayingBack::Absurd("the refund was paid with another sum or account before");
    assert_eq!(book.pay_back(&part(1, 100)), other);
    assert_eq!(book.pay_back(&PayBack { account_id: BOB, ..part(1, 200) }), other);
}

#[test]
fn money_goes_back_to_who_paid_in_what_was_paid_and_only_where_it_was() {
    let absurd = PayingBack::Absurd;
    let bobs = PayBack { account_id: BOB, ..part(1, 100) };
    assert_eq!(book().pay_back(&bobs), absurd("the order was paid from another account"));
    let dollars = PayBack { amount: money(100, "USD"), ..part(1, 100) };
    assert_eq!(book().pay_back(&dollars), absurd("the order was paid in another currency"));
    assert_eq!(book().pay_back(&part(1, -1)), absurd("the amount is negative"));
    assert_eq!(empty().pay_back(&part(1, 1)), absurd("the order was not charged"));
    let mut free = empty();
    assert_eq!(free.pay_back(&part(1, 0)), PayingBack::PaidBack);
    assert!(free.into_transfers().is_empty(), "nothing moved, and yet it was booked");
}

#[test]
fn a_refund_after_parts_gives_back_the_rest_and_a_part_after_it_nothing() {
    let mut parts = book();
    parts.pay_back(&part(1, 100));
    assert_eq!((refund(&mut parts), has(&parts)), (200, 1000));
    assert_eq!(refund(&mut parts), 200, "the same answer again");
    assert_eq!(parts.pay_back(&part(2, 1)), TOO_MUCH);
    assert_eq!(parts.pay_back(&part(1, 100)), PayingBack::PaidBack, "it was, before");

    let mut all = book();
    all.pay_back(&part(1, 300));
    assert_eq!((refund(&mut all), has(&all)), (0, 1000));
    assert_eq!(all.into_transfers().len(), 2, "a transfer of nothing was booked");
}

/// The same book as it is read for the next batch.
fn again(book: Book, transfers: &mut Vec<Transfer>) -> Book {
    let has = book.balance(ANN).unwrap().clone();
    transfers.extend(book.into_transfers());
    let booked = transfers.iter().map(|t| (t.id, Booked::from(t))).collect();
    let parts = transfers.iter().filter(|t| t.kind.as_str() == "pay-back");
    let sum = parts.map(|t| t.amount.amount).sum();
    Book::new(HashMap::from([(ANN, has)]), booked).with_paid_back(HashMap::from([(ORDER, sum)]))
}

proptest! {
    /// Any parts, some of them doubled, with a whole refund somewhere: no cent more than was paid.
    #[test]
    fn no_run_of_parts_and_refunds_gives_back_more_than_was_charged(
        parts in vec((0u128..6, 0i64..200), 0..12),
        refund_at in 0usize..14,
    ) {
        let mut transfers = Vec::new();
        let mut book = again(book(), &mut transfers);
        let (mut paid, mut left) = (HashMap::new(), 300);
        for (n, (id, amount)) in parts.into_iter().enumerate() {
            if n == refund_at {
                prop_assert_eq!(refund(&mut book), left);
                left = 0;
            }
            let expected = match paid.get(&id) {
                Some(before) => *before == amount,
                None => amount <= left,
            };
            let is = book.pay_back(&part(id, amount)) == PayingBack::PaidBack;
            if paid.contains_key(&id) || amount > 0 {
                prop_assert_eq!(is, expected);
            }
            if is && amount > 0 && !paid.contains_key(&id) {
                paid.insert(id, amount);
                left -= amount;
            }
            prop_assert_eq!(has(&book), 1000 - left);
            book = again(book, &mut transfers);
        }
    }
}
