//! What the bank takes from the stream, and in which order a batch is worked on.

mod charge;
mod pay_back;
mod refund;

use crate::account::Account;
use crate::ledger::{Book, Booked, Transfer, TransferKind};
use crate::manners::Manners;
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::message::{DecodeError, Message, decode};
use bakery_nats::messages::bank::{Charge, PayBack, Refund};
use bakery_nats::money::Money;
use bakery_nats::process::{Answers, Handler, Input as InputTrait};
use bakery_nats::record::Records;
use bakery_nats::subject::Subject;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Everything the bank takes.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is the message of its name")]
pub enum Input {
    Charge(Charge),
    PayBack(PayBack),
    Refund(Refund),
}

impl InputTrait for Input {
    fn decode(subject: &Subject, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(match subject.name.as_str() {
            Charge::NAME => Self::Charge(decode(payload)?),
            PayBack::NAME => Self::PayBack(decode(payload)?),
            Refund::NAME => Self::Refund(decode(payload)?),
            other => return Err(DecodeError::UnknownName(other.to_owned())),
        })
    }

    fn key(&self) -> (Uuid, &'static str) {
        match self {
            Self::Charge(body) => (body.business_id(), Charge::STEP),
            Self::PayBack(body) => (body.business_id(), PayBack::STEP),
            Self::Refund(body) => (body.business_id(), Refund::STEP),
        }
    }
}

/// The handler of the service.
#[derive(Debug, Default)]
pub struct Ledger {
    manners: Manners,
}

impl Ledger {
    /// The ledger of a bank that may misbehave; the default is one that never does.
    pub fn new(manners: Manners) -> Self {
        Self { manners }
    }
}

impl Handler for Ledger {
    const SERVICE: &'static str = "bank";
    type Input = Input;

    /// An undo comes after what it undoes: the charges first, and what gives back all that is left
    /// at the end.
    async fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Input>>,
        known: &Records,
    ) -> Result<Answers, HandlerError> {
        let sorted = sort(batch);
        let mut book = open(conn, &sorted).await?;
        let mut answers = charge::charge(&mut book, &sorted.charges, known, &self.manners.rules());
        answers.extend(pay_back::pay_back(&mut book, &sorted.pay_backs));
        answers.extend(refund::refund(&mut book, &sorted.refunds));
        Transfer::book(conn, &book.into_transfers()).await?;
        Ok(answers)
    }
}

/// A batch, by what is asked.
#[derive(Default)]
struct Sorted {
    charges: Vec<Delivered<Charge>>,
    pay_backs: Vec<Delivered<PayBack>>,
    refunds: Vec<Delivered<Refund>>,
}

fn sort(batch: Vec<Delivered<Input>>) -> Sorted {
    let mut sorted = Sorted::default();
    for Delivered { position, meta, body } in batch {
        match body {
            Input::Charge(body) => sorted.charges.push(Delivered { position, meta, body }),
            Input::PayBack(body) => sorted.pay_backs.push(Delivered { position, meta, body }),
            Input::Refund(body) => sorted.refunds.push(Delivered { position, meta, body }),
        }
    }
    sorted
}

/// Reads what was booked for the orders, and locks every account whose money may move: of those
/// who shall pay, and of those who have paid.
async fn open(conn: &mut AsyncPgConnection, sorted: &Sorted) -> Result<Book, HandlerError> {
    let Sorted { charges, pay_backs, refunds } = sorted;
    let charged = charges.iter().map(|message| message.body.order_id);
    let orders = charged.chain(refunds.iter().map(|message| message.body.order_id));
    let mut booked = Booked::load(conn, &of_orders(orders)).await?;
    let payers = charges.iter().map(|message| message.body.account_id);
    let payers = payers.chain(pay_backs.iter().map(|message| message.body.account_id));
    let accounts = payers.chain(booked.values().map(|booked| booked.account_id)).collect();
    let balances = balances(&Account::lock(conn, &accounts).await?)?;
    let paid_back = parts(conn, sorted, &mut booked).await?;
    Ok(Book::new(balances, booked).with_paid_back(paid_back))
}

/// Parts of one order have ids of their own, and so no lock in common but that of the account. What
/// was booked for their orders is therefore read behind it: it is what all others have left.
async fn parts(
    conn: &mut AsyncPgConnection,
    Sorted { pay_backs, refunds, .. }: &Sorted,
    booked: &mut HashMap<Uuid, Booked>,
) -> Result<HashMap<Uuid, i64>, HandlerError> {
    let of_parts = || pay_backs.iter().map(|message| message.body.order_id);
    let orders: BTreeSet<Uuid> =
        of_parts().chain(refunds.iter().map(|message| message.body.order_id)).collect();
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    if !pay_backs.is_empty() {
        let mut transfers = of_orders(of_parts());
        let part = TransferKind::PayBack;
        transfers.extend(pay_backs.iter().map(|m| part.transfer_id(m.body.refund_id)));
        booked.extend(Booked::load(conn, &transfers).await?);
    }
    Ok(Booked::paid_back(conn, &orders).await?)
}

/// The transfers that an order can have one of.
fn of_orders(orders: impl Iterator<Item = Uuid>) -> BTreeSet<Uuid> {
    let kinds = [TransferKind::Charge, TransferKind::Refund];
    orders.flat_map(|id| kinds.map(|kind| kind.transfer_id(id))).collect()
}

/// What is in each account.
pub(crate) fn balances(accounts: &[Account]) -> Result<HashMap<Uuid, Money>, HandlerError> {
    let balance = |account: &Account| {
        let damaged = |error| HandlerError::Permanent(Box::new(error));
        Ok((account.id, account.balance().map_err(damaged)?))
    };
    accounts.iter().map(balance).collect()
}
