//! Requests: asked over core NATS, answered at once by the owner, listed by `nats micro ls`.
//!
//! A request addresses a service, not a branch: the branch is in its body.

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use uuid::Uuid;

/// The header of an answer that refuses: the JSON of a [`Refusal`](crate::refusal::Refusal).
pub const REFUSAL: &str = "Refusal";

/// A question or an order to one service.
pub trait Request: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What comes back when it is not refused.
    type Reply: Serialize + DeserializeOwned + Send + 'static;
    /// Who answers.
    const SERVICE: &'static str;
    /// The last token of the subject.
    const NAME: &'static str;
    /// For people, in `nats micro info`.
    const ABOUT: &'static str;
}

/// `bakery.q.<service>.<name>`.
pub fn subject<R: Request>() -> String {
    format!("bakery.q.{}.{}", R::SERVICE, R::NAME)
}

/// The shop's clock as a service's edge reads it. Handlers never do: they get the time with the
/// message or the request.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Asked<R> {
    /// Names this request in records and logs.
    pub request_id: Uuid,
    /// The shop's time at which it came.
    pub at: DateTime<Utc>,
    /// What is asked.
    pub body: R,
}

/// Declares the [`Request`] facts of a body, one line each.
macro_rules! request {
    ($body:ident -> $reply:ty: $service:literal $name:literal, $about:literal) => {
        impl crate::request::Request for $body {
            type Reply = $reply;
            const SERVICE: &'static str = $service;
            const NAME: &'static str = $name;
            const ABOUT: &'static str = $about;
        }
    };
}
pub(crate) use request;
