//! What the bank takes from the stream, and in which order a batch is worked on.

mod charge;
mod refund;

use crate::account::Account;
use crate::ledger::{Book, Booked, Transfer, TransferKind};
use crate::manners::Manners;
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::message::{DecodeError, Message, decode};
use bakery_nats::messages::bank::{Charge, Refund};
use bakery_nats::money::Money;
use bakery_nats::process::{Answers, Handler, Input as InputTrait};
use bakery_nats::record::Records;
use bakery_nats::subject::Subject;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Everything the bank takes.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is the message of its name")]
pub enum Input {
    Charge(Charge),
    Refund(Refund),
}

impl InputTrait for Input {
    fn decode(subject: &Subject, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(match subject.name.as_str() {
            Charge::NAME => Self::Charge(decode(payload)?),
            Refund::NAME => Self::Refund(decode(payload)?),
            other => return Err(DecodeError::UnknownName(other.to_owned())),
        })
    }

    fn key(&self) -> (Uuid, &'static str) {
        match self {
            Self::Charge(body) => (body.business_id(), Charge::STEP),
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

    /// An undo comes after what it undoes: the charges first.
    async fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Input>>,
        known: &Records,
    ) -> Result<Answers, HandlerError> {
        let (charges, refunds) = sort(batch);
        let mut book = open(conn, &charges, &refunds).await?;
        let mut answers = charge::charge(&mut book, &charges, known, &self.manners.rules());
        answers.extend(refund::refund(&mut book, &refunds));
        Transfer::book(conn, &book.into_transfers()).await?;
        Ok(answers)
    }
}

fn sort(batch: Vec<Delivered<Input>>) -> (Vec<Delivered<Charge>>, Vec<Delivered<Refund>>) {
    let (mut charges, mut refunds) = (Vec::new(), Vec::new());
    for Delivered { position, meta, body } in batch {
        match body {
            Input::Charge(body) => charges.push(Delivered { position, meta, body }),
            Input::Refund(body) => refunds.push(Delivered { position, meta, body }),
        }
    }
    (charges, refunds)
}

/// Reads what was booked for the orders, and locks every account whose money may move: of those
/// who shall pay, and of those who have paid.
async fn open(
    conn: &mut AsyncPgConnection,
    charges: &[Delivered<Charge>],
    refunds: &[Delivered<Refund>],
) -> Result<Book, HandlerError> {
    let charged = charges.iter().map(|message| message.body.order_id);
    let orders = charged.chain(refunds.iter().map(|message| message.body.order_id));
    let kinds = [TransferKind::Charge, TransferKind::Refund];
    let transfers = orders.flat_map(|id| kinds.map(|kind| kind.transfer_id(id))).collect();
    let booked = Booked::load(conn, &transfers).await?;
    let payers = charges.iter().map(|message| message.body.account_id);
    let accounts = payers.chain(booked.values().map(|booked| booked.account_id)).collect();
    Ok(Book::new(balances(&Account::lock(conn, &accounts).await?)?, booked))
}

/// What is in each account.
pub(crate) fn balances(accounts: &[Account]) -> Result<HashMap<Uuid, Money>, HandlerError> {
    let balance = |account: &Account| {
        let damaged = |error| HandlerError::Permanent(Box::new(error));
        Ok((account.id, account.balance().map_err(damaged)?))
    };
    accounts.iter().map(balance).collect()
}
