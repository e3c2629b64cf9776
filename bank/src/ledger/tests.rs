//! Each rule of the ledger by itself, at its edges.

use super::{
    BALANCE_MAX, Book, Booked, Charging, Circumstances, Depositing, House, Reason, TransferKind,
};
use bakery_nats::messages::bank::{Charge, Refund};
use bakery_nats::money::{Currency, Money};
use bakery_nats::requests::bank::Deposit;
use chrono::DateTime;
use std::collections::HashMap;
use uuid::Uuid;

const ANN: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const ORDER: Uuid = Uuid::from_u128(10);
const OTHER_ORDER: Uuid = Uuid::from_u128(11);
const DEPOSIT: Uuid = Uuid::from_u128(20);

fn money(amount: i64, currency: &str) -> Money {
    Money { amount, currency: Currency::try_from(currency.to_owned()).unwrap() }
}

fn eur(amount: i64) -> Money {
    money(amount, "EUR")
}

/// Ann has so much; Bob has 50.
fn book(anns: i64) -> Book {
    Book::new(HashMap::from([(ANN, eur(anns)), (BOB, eur(50))]), HashMap::new())
}

fn charge(order_id: Uuid, amount: i64) -> Charge {
    Charge { order_id, account_id: ANN, amount: eur(amount) }
}

fn refund(order_id: Uuid) -> Refund {
    Refund { order_id, account_id: ANN }
}

fn deposit(amount: i64) -> Deposit {
    Deposit { deposit_id: DEPOSIT, account_id: ANN, amount: eur(amount) }
}

fn at() -> DateTime<chrono::Utc> {
    DateTime::UNIX_EPOCH
}

fn given() -> Circumstances {
    Circumstances {
        branch: "main".parse().unwrap(),
        at: at(),
        already_refunded: false,
        refused_by_bank: false,
    }
}

fn charged(order_id: Uuid) -> Charging {
    Charging::Charged { transfer_id: TransferKind::Charge.transfer_id(order_id) }
}

/// What the ledger would load of these transfers in a later batch.
fn later(book: Book) -> Book {
    let balances = book.balances.clone();
    let made = book.into_transfers();
    Book::new(balances, made.iter().map(|t| (t.id, Booked::from(t))).collect())
}

#[test]
fn a_balance_that_is_exactly_enough_is_charged_and_empty_after() {
    let mut book = book(100);
    assert_eq!(book.charge(&charge(ORDER, 100), &given()), charged(ORDER));
    assert_eq!(book.balance(ANN), Some(&eur(0)));
    let [transfer] = book.into_transfers().try_into().unwrap();
    let till = House::Till("main".parse().unwrap()).account_id(&eur(0).currency);
    assert_eq!(transfer.entries(), [(ANN, -100), (till, 100)]);
    assert_eq!((transfer.order_id, transfer.at), (Some(ORDER), at()));
}

#[test]
fn one_cent_short_takes_nothing() {
    let mut book = book(99);
    let declined = Charging::Declined(Reason::InsufficientFunds);
    assert_eq!(book.charge(&charge(ORDER, 100), &given()), declined);
    assert_eq!(book.balance(ANN), Some(&eur(99)));
    assert!(book.into_transfers().is_empty());
}

#[test]
fn two_charges_of_one_batch_cannot_overdraw_the_account_together() {
    let mut book = book(100);
    assert_eq!(book.charge(&charge(ORDER, 60), &given()), charged(ORDER));
    let declined = Charging::Declined(Reason::InsufficientFunds);
    assert_eq!(book.charge(&charge(OTHER_ORDER, 60), &given()), declined);
    assert_eq!(book.balance(ANN), Some(&eur(40)));
    assert_eq!(book.balance(BOB), Some(&eur(50)));
}

#[test]
fn an_account_that_is_not_there_is_unknown() {
    let mut book = book(100);
    let stranger = Charge { account_id: Uuid::from_u128(9), ..charge(ORDER, 1) };
    let declined = Charging::Declined(Reason::UnknownAccount);
    assert_eq!(book.charge(&stranger, &given()), declined);
}

#[test]
fn another_currency_is_declined_whatever_the_sum() {
    let mut book = book(100);
    for amount in [0, 1, 100] {
        let dollars = Charge { amount: money(amount, "USD"), ..charge(ORDER, 1) };
        let declined = Charging::Declined(Reason::WrongCurrency);
        assert_eq!(book.charge(&dollars, &given()), declined);
    }
}

#[test]
fn a_charge_after_its_refund_is_declined_by_the_tombstone() {
    let mut book = book(100);
    let given = Circumstances { already_refunded: true, ..given() };
    let declined = Charging::Declined(Reason::AlreadyRefunded);
    assert_eq!(book.charge(&charge(ORDER, 1), &given), declined);
    assert!(book.into_transfers().is_empty());
}

#[test]
fn a_charge_after_its_refund_is_declined_by_the_ledger_where_the_record_is_gone() {
    let mut first = book(100);
    first.charge(&charge(ORDER, 60), &given());
    first.refund(&refund(ORDER), at());
    let mut second = later(first);
    let declined = Charging::Declined(Reason::AlreadyRefunded);
    assert_eq!(second.charge(&charge(ORDER, 60), &given()), declined);
    assert!(second.into_transfers().is_empty());
}

#[test]
fn a_charge_the_bank_is_told_to_refuse_takes_nothing() {
    let mut book = book(100);
    let given = Circumstances { refused_by_bank: true, ..given() };
    let declined = Charging::Declined(Reason::RefusedByBank);
    assert_eq!(book.charge(&charge(ORDER, 1), &given), declined);
    assert!(book.into_transfers().is_empty());
}

#[test]
fn a_free_order_is_charged_and_moves_nothing() {
    let mut book = book(0);
    assert_eq!(book.charge(&charge(ORDER, 0), &given()), charged(ORDER));
    assert_eq!(book.refund(&refund(ORDER), at()).amount, 0);
    assert!(book.into_transfers().is_empty());
}

#[test]
fn a_negative_sum_is_absurd_and_moves_nothing() {
    let mut book = book(100);
    assert!(matches!(book.charge(&charge(ORDER, -1), &given()), Charging::Absurd(_)));
    assert!(matches!(book.charge(&charge(ORDER, i64::MIN), &given()), Charging::Absurd(_)));
    assert!(book.into_transfers().is_empty());
}

#[test]
fn a_repeated_charge_whose_record_is_gone_is_answered_from_the_ledger() {
    let mut first = book(100);
    first.charge(&charge(ORDER, 60), &given());
    let mut second = later(first);
    assert_eq!(second.charge(&charge(ORDER, 60), &given()), charged(ORDER));
    assert!(matches!(second.charge(&charge(ORDER, 61), &given()), Charging::Absurd(_)));
    let bobs = Charge { account_id: BOB, ..charge(ORDER, 60) };
    assert!(matches!(second.charge(&bobs, &given()), Charging::Absurd(_)));
    assert_eq!(second.balance(ANN), Some(&eur(40)));
    assert!(second.into_transfers().is_empty());
}

#[test]
fn a_refund_gives_back_what_was_charged_in_an_earlier_batch() {
    let mut first = book(100);
    first.charge(&charge(ORDER, 60), &given());
    let mut second = later(first);
    assert_eq!(second.refund(&refund(ORDER), at()).amount, 60);
    assert_eq!(second.balance(ANN), Some(&eur(100)));
    let [transfer] = second.into_transfers().try_into().unwrap();
    let till = House::Till("main".parse().unwrap()).account_id(&eur(0).currency);
    assert_eq!(transfer.entries(), [(ANN, 60), (till, -60)]);
}

#[test]
fn a_refund_gives_back_what_was_charged_in_the_same_batch() {
    let mut book = book(100);
    book.charge(&charge(ORDER, 60), &given());
    assert_eq!(book.refund(&refund(ORDER), at()).amount, 60);
    assert_eq!(book.balance(ANN), Some(&eur(100)));
    assert_eq!(book.into_transfers().len(), 2);
}

#[test]
fn a_refund_of_something_never_charged_gives_nothing() {
    let mut book = book(100);
    let refunded = book.refund(&refund(ORDER), at());
    assert_eq!((refunded.amount, refunded.account_id), (0, ANN));
    assert!(book.into_transfers().is_empty());
}

#[test]
fn a_refund_is_made_once_even_where_its_record_is_gone() {
    let mut first = book(100);
    first.charge(&charge(ORDER, 60), &given());
    first.refund(&refund(ORDER), at());
    let mut second = later(first);
    assert_eq!(second.refund(&refund(ORDER), at()).amount, 60);
    assert!(second.into_transfers().is_empty());
}

#[test]
fn a_refund_goes_to_who_paid_whatever_it_says() {
    let mut book = book(100);
    book.charge(&charge(ORDER, 60), &given());
    let refunded = book.refund(&Refund { account_id: BOB, ..refund(ORDER) }, at());
    assert_eq!((refunded.account_id, refunded.amount), (ANN, 60));
    assert_eq!((book.balance(ANN), book.balance(BOB)), (Some(&eur(100)), Some(&eur(50))));
}

#[test]
fn deposits_of_one_batch_add_up() {
    let mut book = book(1);
    for n in 1..=3 {
        let deposit = Deposit { deposit_id: Uuid::from_u128(n), ..deposit(100) };
        assert_eq!(book.deposit(&deposit, at()), Depositing::Paid);
    }
    assert_eq!(book.balance(ANN), Some(&eur(301)));
    let world = House::World.account_id(&eur(0).currency);
    let transfers = book.into_transfers();
    assert!(transfers.iter().all(|t| t.entries() == [(ANN, 100), (world, -100)]));
}

#[test]
fn the_same_deposit_again_changes_nothing_in_this_batch_or_later() {
    let mut first = book(0);
    assert_eq!(first.deposit(&deposit(100), at()), Depositing::Paid);
    assert_eq!(first.deposit(&deposit(100), at()), Depositing::PaidBefore);
    let mut second = later(first);
    assert_eq!(second.deposit(&deposit(100), at()), Depositing::PaidBefore);
    assert_eq!(second.balance(ANN), Some(&eur(100)));
}

#[test]
fn a_deposit_id_with_another_sum_account_or_currency_is_refused() {
    let mut book = book(0);
    book.deposit(&deposit(100), at());
    let bobs = Deposit { account_id: BOB, ..deposit(100) };
    let dollars = Deposit { amount: money(100, "USD"), ..deposit(100) };
    for other in [deposit(101), bobs, dollars] {
        assert_eq!(book.deposit(&other, at()), Depositing::IdReused);
    }
    assert_eq!(book.into_transfers().len(), 1);
}

#[test]
fn a_deposit_into_no_account_or_in_another_currency_is_refused() {
    let mut book = book(0);
    let stranger = Deposit { account_id: Uuid::from_u128(9), ..deposit(1) };
    assert_eq!(book.deposit(&stranger, at()), Depositing::UnknownAccount);
    let dollars = Deposit { amount: money(1, "USD"), ..deposit(1) };
    assert_eq!(book.deposit(&dollars, at()), Depositing::WrongCurrency(eur(0).currency));
    assert!(book.into_transfers().is_empty());
}

#[test]
fn an_account_can_be_filled_to_the_brim_and_no_further() {
    let mut book = book(BALANCE_MAX - 1);
    assert_eq!(book.deposit(&deposit(2), at()), Depositing::TooMuch);
    assert_eq!(book.deposit(&deposit(1), at()), Depositing::Paid);
    assert_eq!(book.balance(ANN), Some(&eur(BALANCE_MAX)));
}

#[test]
fn each_kind_of_transfer_has_an_id_of_its_own() {
    let kinds = [TransferKind::Charge, TransferKind::Refund, TransferKind::Deposit];
    let ids: std::collections::BTreeSet<Uuid> =
        kinds.iter().map(|kind| kind.transfer_id(ORDER)).collect();
    assert_eq!(ids.len(), 3);
}
