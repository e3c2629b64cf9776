//! What the gateway takes from the stream: news of orders and accounts, for what people see of their
//! users, and for those outside who are told of orders. It answers nothing.

use super::refunded;
use super::seen::{self, Said};
use crate::notify::{event, outbox};
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::message::{DecodeError, Message, decode};
use bakery_nats::messages::bank::AccountOpened;
use bakery_nats::messages::orders::{OrderChanged, OrderRefunded, Status};
use bakery_nats::process::{Answers, Handler, Input as InputTrait};
use bakery_nats::record::Records;
use bakery_nats::subject::Subject;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Everything the gateway takes.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is the message of its name")]
pub enum Input {
    OrderChanged(OrderChanged),
    OrderRefunded(OrderRefunded),
    AccountOpened(AccountOpened),
}

impl InputTrait for Input {
    fn decode(subject: &Subject, payload: &[u8]) -> Result<Self, DecodeError> {
        let (service, name) = (subject.service.as_str(), subject.name.as_str());
        if (service, name) == (AccountOpened::SERVICE, AccountOpened::NAME) {
            return Ok(Self::AccountOpened(decode(payload)?));
        }
        if (service, name) == (OrderRefunded::SERVICE, OrderRefunded::NAME) {
            return Ok(Self::OrderRefunded(decode(payload)?));
        }
        if service != OrderChanged::SERVICE || name.parse::<Status>().is_err() {
            return Err(DecodeError::UnknownName(name.to_owned()));
        }
        let changed: OrderChanged = decode(payload)?;
        if changed.name() != name {
            let rule = "the subject names another status than the body";
            return Err(DecodeError::Rule { name: OrderChanged::NAME, rule });
        }
        Ok(Self::OrderChanged(changed))
    }

    fn key(&self) -> (Uuid, &'static str) {
        match self {
            Self::OrderChanged(body) => (body.business_id(), body.name()),
            Self::OrderRefunded(body) => (body.business_id(), OrderRefunded::STEP),
            Self::AccountOpened(body) => (body.business_id(), AccountOpened::STEP),
        }
    }
}

/// Keeps what was said.
pub struct News;

impl Handler for News {
    const SERVICE: &'static str = "gateway";
    type Input = Input;
    /// People read the view, and learn of outside; what they wait for comes over `live/feed.rs`.
    const REST_MS: u64 = 50;

    async fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Input>>,
        _known: &Records,
    ) -> Result<Answers, HandlerError> {
        seen::keep_orders(conn, &newest(&batch)).await?;
        refunded::keep(conn, &refunds(&batch)).await?;
        seen::keep_accounts(conn, &accounts(&batch)).await?;
        let facts: Vec<event::Fact> = batch.iter().filter_map(event::fact).collect();
        outbox::write(conn, &facts).await?;
        Ok(Answers::default())
    }
}

/// The newest version of each order in a batch, by id: two batches with the same orders wait for
/// each other in one direction.
fn newest(batch: &[Delivered<Input>]) -> Vec<Said<'_, OrderChanged>> {
    let mut orders: BTreeMap<Uuid, Said<'_, OrderChanged>> = BTreeMap::new();
    for message in batch {
        let Input::OrderChanged(body) = &message.body else { continue };
        let said = Said { branch: message.meta.branch(), at: message.meta.at, body };
        let known = orders.entry(body.order_id).or_insert(said);
        if known.body.version < body.version {
            *known = said;
        }
    }
    orders.into_values().collect()
}

/// No two have the same id: of doubles a handler sees one.
fn refunds(batch: &[Delivered<Input>]) -> Vec<Said<'_, OrderRefunded>> {
    let said = batch.iter().filter_map(|message| match &message.body {
        Input::OrderRefunded(body) => {
            Some(Said { branch: message.meta.branch(), at: message.meta.at, body })
        }
        _ => None,
    });
    said.collect()
}

fn accounts(batch: &[Delivered<Input>]) -> Vec<Said<'_, AccountOpened>> {
    let mut accounts: BTreeMap<Uuid, Said<'_, AccountOpened>> = BTreeMap::new();
    for message in batch {
        let Input::AccountOpened(body) = &message.body else { continue };
        let said = Said { branch: message.meta.branch(), at: message.meta.at, body };
        accounts.insert(body.account_id, said);
    }
    accounts.into_values().collect()
}

#[cfg(test)]
mod tests;
