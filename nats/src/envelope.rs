//! A message around its body: the headers, what came in, what goes out, and what is on the wire.

use crate::id::{TransportId, attempt_of};
use crate::message::{Kind, Message};
use crate::slug::Slug;
use crate::subject::Subject;
use async_nats::HeaderMap;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The transport id; the stream drops a second message with the same one for two minutes.
pub const MESSAGE_ID: &str = "Nats-Msg-Id";
/// What the whole conversation is about: the order id.
pub const CORRELATION_ID: &str = "Correlation-Id";
/// The transport id of the message that caused this one.
pub const CAUSATION_ID: &str = "Causation-Id";
/// W3C Trace Context.
pub const TRACEPARENT: &str = "traceparent";
/// The shop's time at which it was said (RFC 3339): the only clock its handler sees.
pub const AT: &str = "At";

/// Longest body of a message, in bytes: with its headers it fits into `max_msg_size` of the stream.
pub const BODY_SIZE_MAX: usize = 252 * 1024;

/// What is known of a message besides its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// The subject, taken apart.
    pub subject: Subject,
    /// The transport id.
    pub message_id: String,
    /// What the whole conversation is about.
    pub correlation_id: Uuid,
    /// The transport id of the cause, if there was one.
    pub causation_id: Option<String>,
    /// The trace it belongs to.
    pub traceparent: String,
    /// The shop's time.
    pub at: DateTime<Utc>,
}

impl Meta {
    /// The branch it happens at.
    pub fn branch(&self) -> &Slug {
        &self.subject.branch
    }

    /// Which emission of the same business this is, from 1.
    pub fn attempt(&self) -> u32 {
        attempt_of(&self.message_id)
    }
}

/// A message that was read, with its place in the batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered<T> {
    /// Where it stands in its batch; an answer names it.
    pub position: usize,
    /// Headers and subject.
    pub meta: Meta,
    /// The body.
    pub body: T,
}

impl<T> Delivered<T> {
    /// The same message with another form of its body.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Delivered<U> {
        Delivered { position: self.position, meta: self.meta, body: f(self.body) }
    }
}

/// A message a handler wants sent. It is stored with the record, byte for byte, before it goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outgoing {
    /// Where it goes.
    pub subject: String,
    /// What it is about.
    pub business_id: Uuid,
    /// The step it belongs to.
    pub step: String,
    /// Command, event or tick.
    pub kind: Kind,
    /// The attempt of a command. An answer has none: it takes the attempt of what it answers.
    pub attempt: Option<u32>,
    /// The JSON of the body.
    pub body: Box<RawValue>,
}

impl Outgoing {
    /// An answer: it takes the attempt of the message it answers.
    pub fn answer<M: Message>(branch: &Slug, body: &M) -> Self {
        Self::build(branch, M::NAME, M::STEP, None, body)
    }

    /// A command, or an event nobody asked for, with an attempt of its own.
    pub fn attempt<M: Message>(branch: &Slug, attempt: u32, body: &M) -> Self {
        Self::build(branch, M::NAME, M::STEP, Some(attempt), body)
    }

    /// The same under another name than the type's: the status events of an order.
    pub fn named<M: Message>(branch: &Slug, name: &str, attempt: u32, body: &M) -> Self {
        Self::build(branch, name, name, Some(attempt), body)
    }

    fn build<M: Message>(
        branch: &Slug,
        name: &str,
        step: &str,
        attempt: Option<u32>,
        body: &M,
    ) -> Self {
        let subject = Subject {
            kind: M::KIND,
            service: M::SERVICE.to_owned(),
            branch: branch.clone(),
            name: name.to_owned(),
        };
        Self {
            subject: subject.to_string(),
            business_id: body.business_id(),
            step: step.to_owned(),
            kind: M::KIND,
            attempt,
            body: raw(body),
        }
    }
}

/// What caused an emission: enough to fill the headers of what it caused.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The transport id of the cause.
    pub message_id: String,
    /// What the whole conversation is about.
    pub correlation_id: Uuid,
    /// The trace.
    pub traceparent: String,
    /// The shop's time of the step; a repeat tells the same time again.
    pub at: DateTime<Utc>,
    /// The attempt an answer takes.
    pub attempt: u32,
}

/// A message ready to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Where it goes.
    pub subject: String,
    /// Header names and values, in this order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub payload: Bytes,
}

impl Wire {
    /// Puts the headers around a stored message. The same cause gives the same bytes.
    pub fn of(service: &str, outgoing: &Outgoing, cause: &Cause) -> Self {
        let message_id = TransportId {
            service: service.to_owned(),
            business_id: outgoing.business_id,
            step: outgoing.step.clone(),
            kind: outgoing.kind,
            attempt: outgoing.attempt.unwrap_or(cause.attempt),
        }
        .to_string();
        let headers = [
            (CORRELATION_ID, cause.correlation_id.to_string()),
            (CAUSATION_ID, cause.message_id.clone()),
            (TRACEPARENT, child_trace(&cause.traceparent, &message_id)),
            (AT, cause.at.to_rfc3339_opts(SecondsFormat::Micros, true)),
            (MESSAGE_ID, message_id),
        ];
        Self {
            subject: outgoing.subject.clone(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            payload: Bytes::from(outgoing.body.get().to_owned()),
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The transport id.
    pub fn message_id(&self) -> &str {
        self.header(MESSAGE_ID).unwrap_or_default()
    }

    /// The headers as the client library wants them.
    pub fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            map.insert(name.as_str(), value.as_str());
        }
        map
    }
}

/// Why the headers of a message cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MetaError {
    /// The subject is not one of ours.
    #[error(transparent)]
    Subject(#[from] crate::subject::NotASubject),
    /// A header is missing or cannot be read.
    #[error("the header {0} is missing or cannot be read")]
    Header(&'static str),
}

/// Reads the headers of a message.
pub fn read_meta<'h>(
    subject: &str,
    header: impl Fn(&'static str) -> Option<&'h str>,
) -> Result<Meta, MetaError> {
    let required = |name| header(name).ok_or(MetaError::Header(name));
    let at = DateTime::parse_from_rfc3339(required(AT)?).map_err(|_| MetaError::Header(AT))?;
    Ok(Meta {
        subject: subject.parse()?,
        message_id: required(MESSAGE_ID)?.to_owned(),
        correlation_id: required(CORRELATION_ID)?
            .parse()
            .map_err(|_| MetaError::Header(CORRELATION_ID))?,
        causation_id: header(CAUSATION_ID).map(ToOwned::to_owned),
        traceparent: header(TRACEPARENT).unwrap_or_default().to_owned(),
        at: at.to_utc(),
    })
}

/// The first entry of a trace, for something that nobody upstream traces.
pub fn new_trace(correlation_id: Uuid, message_id: &str) -> String {
    format!("00-{}-{}-01", correlation_id.simple(), span(message_id))
}

/// The trace goes on: same trace id, and a span id derived from the message, so that the same
/// message always carries the same header.
fn child_trace(parent: &str, message_id: &str) -> String {
    let trace_id = parent.split('-').nth(1).filter(|id| id.len() == 32);
    match trace_id {
        Some(id) => format!("00-{id}-{}-01", span(message_id)),
        None => String::new(),
    }
}

fn span(message_id: &str) -> String {
    Sha256::digest(message_id).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The body as it is stored and sent. Our own types always serialise: their map keys are texts.
fn raw<T: Serialize>(body: &T) -> Box<RawValue> {
    serde_json::value::to_raw_value(body).unwrap_or_default()
}
