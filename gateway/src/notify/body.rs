//! What a webhook is told, as JSON. The outbox keeps it byte by byte, so that a repeat has the same
//! signature; mails are written from it. No personal data is in here.

use super::event::Fact;
use bakery_nats::messages::orders::Status;
use bakery_nats::money::{Currency, Money};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a test says it is.
pub(crate) const TEST: &str = "webhook.test";

/// The body of a call.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Payload<T> {
    pub(crate) r#type: String,
    /// When it happened, by the shop's clock.
    pub(crate) timestamp: DateTime<Utc>,
    pub(crate) data: T,
}

/// What is said of an order.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Data {
    pub(crate) order_id: Uuid,
    /// The number called out at the counter.
    pub(crate) number: String,
    pub(crate) branch: Slug,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
    /// What it costs in minor units, once that is known.
    pub(crate) total: Option<i64>,
    /// What went back of it, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refunded: Option<i64>,
    pub(crate) currency: Option<Currency>,
    /// The higher one is the newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i64>,
}

impl Data {
    /// What went back, or what it costs.
    pub(crate) fn money(&self) -> Option<Money> {
        let amount = self.refunded.or(self.total)?;
        Some(Money { amount, currency: self.currency.clone()? })
    }
}

/// Nothing is said with a test.
#[derive(Serialize)]
struct Nothing {}

/// The body for an event.
pub(crate) fn of(fact: &Fact) -> Result<String, serde_json::Error> {
    let (r#type, data) = (fact.event.as_str().to_owned(), fact.data.clone());
    serde_json::to_string(&Payload { r#type, timestamp: fact.at, data })
}

/// The body of a test.
pub(crate) fn test(at: DateTime<Utc>) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Payload { r#type: TEST.to_owned(), timestamp: at, data: Nothing {} })
}
