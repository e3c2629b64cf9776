//! What people outside can be told of, and which news of the log is one of these events. A plain
//! function of a message: what becomes of an event is decided in `outbox.rs`.

use super::body::Data;
use crate::users::news::Input;
use bakery_nats::envelope::Delivered;
use bakery_nats::messages::orders::{OrderChanged, OrderRefunded, Status};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use std::str::FromStr;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

/// Something that happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Placed,
    Confirmed,
    Preparing,
    Ready,
    Served,
    Rejected,
    Declined,
    Cancelled,
    Refunded,
}

impl Event {
    /// All of them.
    pub(crate) const ALL: [Self; 9] = [
        Self::Placed,
        Self::Confirmed,
        Self::Preparing,
        Self::Ready,
        Self::Served,
        Self::Rejected,
        Self::Declined,
        Self::Cancelled,
        Self::Refunded,
    ];

    /// As people write it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "order.placed",
            Self::Confirmed => "order.confirmed",
            Self::Preparing => "order.preparing",
            Self::Ready => "order.ready",
            Self::Served => "order.served",
            Self::Rejected => "order.rejected",
            Self::Declined => "order.declined",
            Self::Cancelled => "order.cancelled",
            Self::Refunded => "order.refunded",
        }
    }

    /// What a status means to people outside. That units are held is no news to them.
    fn of(status: Status) -> Option<Self> {
        Some(match status {
            Status::Placed => Self::Placed,
            Status::Reserved => return None,
            Status::Confirmed => Self::Confirmed,
            Status::Preparing => Self::Preparing,
            Status::Ready => Self::Ready,
            Status::Served => Self::Served,
            Status::Rejected => Self::Rejected,
            Status::Declined => Self::Declined,
            Status::Cancelled => Self::Cancelled,
        })
    }
}

/// Its names.
impl PartialSchema for Event {
    fn schema() -> RefOr<Schema> {
        let names = Self::ALL.map(Self::as_str);
        let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
        Schema::from(text.build()).into()
    }
}

impl ToSchema for Event {}

impl FromStr for Event {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|event| event.as_str() == text).ok_or(())
    }
}

/// An event of one order.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) event: Event,
    /// The shop's time of it.
    pub(crate) at: DateTime<Utc>,
    /// Tells it from the same event of the same order at another time: the version, or the refund.
    pub(crate) which: String,
    /// What is said of it.
    pub(crate) data: Data,
}

impl Fact {
    /// What order it is about.
    pub(crate) fn order_id(&self) -> Uuid {
        self.data.order_id
    }
}

/// The event that a message of the log is to people outside, if it is one.
pub(crate) fn fact(message: &Delivered<Input>) -> Option<Fact> {
    let (branch, at) = (message.meta.branch(), message.meta.at);
    match &message.body {
        Input::OrderChanged(order) => changed(order, branch, at),
        Input::OrderRefunded(refund) => Some(refunded(refund, branch, at)),
        Input::AccountOpened(_) => None,
    }
}

fn changed(order: &OrderChanged, branch: &Slug, at: DateTime<Utc>) -> Option<Fact> {
    let data = Data {
        order_id: order.order_id,
        number: order.number.clone(),
        branch: branch.clone(),
        status: Some(order.status),
        total: order.total,
        refunded: None,
        currency: order.currency.clone(),
        version: Some(order.version),
    };
    Some(Fact { event: Event::of(order.status)?, at, which: order.version.to_string(), data })
}

/// Money that was paid back for an order that stays as it is. The manager's words are the order's.
fn refunded(refund: &OrderRefunded, branch: &Slug, at: DateTime<Utc>) -> Fact {
    let data = Data {
        order_id: refund.order_id,
        number: refund.number.clone(),
        branch: branch.clone(),
        status: None,
        total: None,
        refunded: Some(refund.amount),
        currency: Some(refund.currency.clone()),
        version: None,
    };
    Fact { event: Event::Refunded, at, which: refund.refund_id.to_string(), data }
}
