//! The ledger, what the bank is asked, and its misbehaviour on a real Postgres.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong, and says what it measured"
)]

mod accounts;
mod behaviour;
mod charge;
mod deposit;
mod ledger;
mod pay_back;
mod refund;
mod till;
mod turns;

use bakery_bank::{DepositWriter, Ledger, MIGRATIONS, OpenAccountsWriter, account};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::bank::{Charge, Declined, Refund};
use bakery_nats::money::{Currency, Money};
use bakery_nats::process::Outcome;
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::{
    AccountStatement, Deposit, GetAccount, NewAccount, OpenAccounts,
};
use bakery_nats::write::{Done, commit};
use bakery_testbed::{at, database, id, message};
use diesel_async::SimpleAsyncConnection;
use std::sync::Arc;
use uuid::Uuid;

/// A bank in which Ada has 100.00 and Bob nothing.
async fn bank() -> Pool {
    let pool = database::fresh("bank", MIGRATIONS).await;
    let open = OpenAccounts { accounts: vec![new(ada(), 10_000), new(bob(), 0)] };
    message::write(&pool, OpenAccountsWriter, open, at(0)).await.0.expect("opened");
    pool
}

fn ada() -> Uuid {
    id("account", 1)
}

fn bob() -> Uuid {
    id("account", 2)
}

fn order_id(order: u64) -> Uuid {
    id("order", order)
}

fn money(amount: i64, currency: &str) -> Money {
    Money { amount, currency: Currency::try_from(currency.to_owned()).unwrap() }
}

fn eur(amount: i64) -> Money {
    money(amount, "EUR")
}

fn new(id: Uuid, opening: i64) -> NewAccount {
    NewAccount { id, name: "Ada".to_owned(), opening: eur(opening) }
}

/// Ada pays.
fn charge(order: u64, amount: i64) -> Charge {
    Charge { order_id: order_id(order), account_id: ada(), amount: eur(amount) }
}

fn charge_wire(order: u64, amount: i64) -> Wire {
    message::wire("orders", &charge(order, amount), at(1))
}

fn refund(order: u64) -> Refund {
    Refund { order_id: order_id(order), account_id: ada() }
}

fn refund_wire(order: u64) -> Wire {
    message::wire("orders", &refund(order), at(2))
}

/// One message to a bank that behaves, and its answer.
async fn answer(pool: &Pool, wire: &Wire) -> Wire {
    let mut answers = message::sent(pool, Ledger::default(), wire).await;
    assert_eq!(answers.len(), 1, "{} has not one answer", wire.message_id());
    answers.remove(0)
}

/// A batch to a bank that behaves, and the answer to each.
async fn answers(pool: &Pool, wires: &[Wire]) -> Vec<Wire> {
    let one = |outcome| match outcome {
        Outcome::Send(mut wires) if wires.len() == 1 => wires.remove(0),
        other => panic!("{other:?} is not one answer"),
    };
    message::handle(pool, Ledger::default(), wires).await.into_iter().map(one).collect()
}

/// Why the charge was declined.
fn code(answer: &Wire) -> String {
    message::body::<Declined>(answer).code
}

fn deposit(n: u64, amount: i64) -> Deposit {
    Deposit { deposit_id: id("deposit", n), account_id: ada(), amount: eur(amount) }
}

/// Deposits in one transaction, the n-th at the n-th second.
async fn deposits(pool: &Pool, bodies: &[Deposit]) -> Vec<Done<Deposit>> {
    let asked = |(n, body): (usize, &Deposit)| Asked {
        request_id: Uuid::now_v7(),
        at: at(i64::try_from(n).unwrap()),
        body: body.clone(),
    };
    let batch: Vec<_> = bodies.iter().enumerate().map(asked).collect();
    commit(pool, &Arc::new(DepositWriter), &batch).await.expect("no passing fault").replies
}

/// A question, as it comes to the desk.
fn asked<T>(body: T) -> Asked<T> {
    Asked { request_id: Uuid::now_v7(), at: at(0), body }
}

async fn statement(pool: &Pool, account_id: Uuid) -> AccountStatement {
    account(pool.clone(), asked(GetAccount { account_id })).await.expect("an account")
}

/// What is stored in the row of the account.
async fn balance(pool: &Pool, account_id: Uuid) -> i64 {
    let sql = format!("SELECT balance AS number FROM account WHERE id = '{account_id}'");
    database::number(pool, &sql).await
}

/// How many transfers of a kind there are.
async fn transfers(pool: &Pool, kind: &str) -> i64 {
    let sql = format!("SELECT count(*) AS number FROM transfer WHERE kind = '{kind}'");
    database::number(pool, &sql).await
}

/// How many records a business id has.
async fn records(pool: &Pool, business_id: Uuid) -> i64 {
    let sql = format!("SELECT count(*) AS number FROM record WHERE business_id = '{business_id}'");
    database::number(pool, &sql).await
}

/// Why the database does not do this.
async fn refused(pool: &Pool, sql: &str) -> String {
    let mut conn = pool.get().await.expect("a connection");
    match conn.batch_execute(sql).await {
        Ok(()) => panic!("the database did it: {sql}"),
        Err(error) => error.to_string(),
    }
}
