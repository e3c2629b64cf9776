//! What the orders service takes from the stream: the answers to its asks, and news of branches,
//! products and accounts.

mod paid_back;

use crate::branch;
use crate::deadline::pause_s;
use crate::known;
use crate::order::{Effect, Fact, Order};
use crate::row::{self, OrderRow, Write};
use crate::saga::Event;
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::message::{DecodeError, Message, decode};
use bakery_nats::messages::bank::{AccountOpened, Charged, Declined, PaidBack, Refunded};
use bakery_nats::messages::inventory::{
    BranchChanged, ProductListed, Released, ReserveRefused, Reserved, Restocked, Sold,
};
use bakery_nats::process::{Answers, Handler, Input as InputTrait};
use bakery_nats::record::Records;
use bakery_nats::subject::Subject;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Everything the orders service takes.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is the message of its name")]
pub enum Input {
    Reserved(Reserved),
    ReserveRefused(ReserveRefused),
    Sold(Sold),
    Released(Released),
    Restocked(Restocked),
    Charged(Charged),
    Declined(Declined),
    Refunded(Refunded),
    PaidBack(PaidBack),
    BranchChanged(BranchChanged),
    ProductListed(ProductListed),
    AccountOpened(AccountOpened),
}

impl InputTrait for Input {
    fn decode(subject: &Subject, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(match subject.name.as_str() {
            Reserved::NAME => Self::Reserved(decode(payload)?),
            ReserveRefused::NAME => Self::ReserveRefused(decode(payload)?),
            Sold::NAME => Self::Sold(decode(payload)?),
            Released::NAME => Self::Released(decode(payload)?),
            Restocked::NAME => Self::Restocked(decode(payload)?),
            Charged::NAME => Self::Charged(decode(payload)?),
            Declined::NAME => Self::Declined(decode(payload)?),
            Refunded::NAME => Self::Refunded(decode(payload)?),
            PaidBack::NAME => Self::PaidBack(decode(payload)?),
            BranchChanged::NAME => Self::BranchChanged(decode(payload)?),
            ProductListed::NAME => Self::ProductListed(decode(payload)?),
            AccountOpened::NAME => Self::AccountOpened(decode(payload)?),
            other => return Err(DecodeError::UnknownName(other.to_owned())),
        })
    }

    fn key(&self) -> (Uuid, &'static str) {
        match self {
            Self::Reserved(body) => (body.business_id(), Reserved::STEP),
            Self::ReserveRefused(body) => (body.business_id(), ReserveRefused::STEP),
            Self::Sold(body) => (body.business_id(), Sold::STEP),
            Self::Released(body) => (body.business_id(), Released::STEP),
            Self::Restocked(body) => (body.business_id(), Restocked::STEP),
            Self::Charged(body) => (body.business_id(), Charged::STEP),
            Self::Declined(body) => (body.business_id(), Declined::STEP),
            Self::Refunded(body) => (body.business_id(), Refunded::STEP),
            Self::PaidBack(body) => (body.business_id(), PaidBack::STEP),
            Self::BranchChanged(body) => (body.business_id(), BranchChanged::STEP),
            Self::ProductListed(body) => (body.business_id(), ProductListed::STEP),
            Self::AccountOpened(body) => (body.business_id(), AccountOpened::STEP),
        }
    }
}

impl Input {
    /// What it says of an order's saga; `None` for all else.
    fn fact(&self) -> Option<(Uuid, Fact)> {
        let (order_id, _) = self.key();
        let fact = match self {
            Self::Reserved(body) => Fact::Reserved(body.clone()),
            Self::ReserveRefused(body) => Fact::ReserveRefused(body.clone()),
            Self::Charged(body) => Fact::Charged(body.clone()),
            Self::Declined(body) => Fact::Declined(body.clone()),
            Self::Sold(_) => Fact::Plain(Event::Sold),
            Self::Released(_) => Fact::Plain(Event::Released),
            Self::Restocked(_) => Fact::Plain(Event::Restocked),
            Self::Refunded(_) => Fact::Plain(Event::Refunded),
            Self::PaidBack(_)
            | Self::BranchChanged(_)
            | Self::ProductListed(_)
            | Self::AccountOpened(_) => return None,
        };
        Some((order_id, fact))
    }
}

/// The handler of the service.
pub struct Saga;

impl Handler for Saga {
    const SERVICE: &'static str = "orders";
    type Input = Input;
    /// Every order comes by here four times on its way: so few milliseconds halve the transactions.
    const REST_MS: u64 = 3;

    async fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Input>>,
        _known: &Records,
    ) -> Result<Answers, HandlerError> {
        remember(conn, &batch).await?;
        let mut answers = paid_back::paid_back(conn, &batch).await?;
        let facts: Vec<_> = batch
            .into_iter()
            .filter_map(|m| m.body.fact().map(|(id, fact)| (m.position, id, fact, m.meta.at)))
            .collect();
        let ids: Vec<Uuid> = facts.iter().map(|(_, id, ..)| *id).collect();
        let mut orders = load(conn, &ids).await?;

        let mut moved = BTreeSet::new();
        for (position, id, fact, at) in facts {
            let Some(order) = orders.get_mut(&id) else {
                answers.bury(position, "there is no such order");
                continue;
            };
            match order.apply(&fact, at) {
                Effect::Moved(outgoing) => {
                    moved.insert(id);
                    outgoing.into_iter().for_each(|message| answers.push(position, message));
                }
                Effect::Late => tracing::debug!(order.id = %id, ?fact, "too late to matter"),
                Effect::Impossible(reason) => answers.bury(position, reason),
            }
        }
        save(conn, orders.values().filter(|order| moved.contains(&order.id))).await?;
        Ok(answers)
    }
}

/// Reads and locks orders.
pub(crate) async fn load(
    conn: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Order>, HandlerError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = OrderRow::lock(conn, ids).await?;
    rows.into_iter().map(|row| Ok((row.id, row.read()?))).collect()
}

/// Writes orders, each with the deadline of its attempt.
pub(crate) async fn save(
    conn: &mut AsyncPgConnection,
    orders: impl Iterator<Item = &Order>,
) -> Result<(), HandlerError> {
    let write = |order| Write { order, due_in_s: pause_s(order.id, order.attempt) };
    row::update(conn, &orders.map(write).collect::<Vec<_>>()).await
}

async fn remember(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Input>],
) -> Result<(), HandlerError> {
    let mut branches = Vec::new();
    let mut products = Vec::new();
    let mut accounts = Vec::new();
    for message in batch {
        match &message.body {
            Input::BranchChanged(body) => branches.push((body.version, &body.branch)),
            Input::ProductListed(body) => {
                products.push((message.meta.branch().clone(), body.product_id.clone()));
            }
            Input::AccountOpened(body) => accounts.push(body.account_id),
            _ => {}
        }
    }
    branch::add(conn, &branches).await?;
    known::add_products(conn, &products).await?;
    known::add_accounts(conn, &accounts).await?;
    Ok(())
}
