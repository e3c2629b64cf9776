//! What every message of the stream has in common.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;
use uuid::Uuid;

/// What a message is: the second token of its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Asks an owner to do something; imperative.
    Cmd,
    /// Says what happened; past tense.
    Evt,
    /// The clock of the shop speaks.
    Tick,
}

impl Kind {
    /// The subject token.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cmd => "cmd",
            Self::Evt => "evt",
            Self::Tick => "tick",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Cmd, Self::Evt, Self::Tick].into_iter().find(|k| k.as_str() == text).ok_or(())
    }
}

/// A message with its own name on the bus. Its JSON form is frozen: a new meaning gets a new
/// [`NAME`](Message::NAME) (`reserve-v2`) beside the old one.
pub trait Message: Serialize + DeserializeOwned {
    /// Command, event or tick.
    const KIND: Kind;
    /// The addressed service of a command, the speaking one otherwise.
    const SERVICE: &'static str;
    /// The last token of the subject.
    const NAME: &'static str;
    /// The step it belongs to: an answer has the step of the command it answers.
    const STEP: &'static str;

    /// What it is about.
    fn business_id(&self) -> Uuid;
}

/// Declares the [`Message`] facts of a body, one line each, so that a file of messages reads as
/// a table.
macro_rules! message {
    ($body:ident: $kind:ident $service:literal $name:literal, step $step:literal by $id:ident) => {
        impl crate::message::Message for $body {
            const KIND: crate::message::Kind = crate::message::Kind::$kind;
            const SERVICE: &'static str = $service;
            const NAME: &'static str = $name;
            const STEP: &'static str = $step;

            fn business_id(&self) -> uuid::Uuid {
                self.$id
            }
        }
    };
}
pub(crate) use message;

/// Why the body of a message cannot be read. Such a message can never succeed.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The subject does not name a message this service takes.
    #[error("no message of the name {0:?} is known here")]
    UnknownName(String),
    /// The body is not the JSON of that message.
    #[error("the body of {name:?} cannot be read: {source}")]
    Body {
        /// The name of the message.
        name: &'static str,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
    /// A rule of the message is broken.
    #[error("the body of {name:?} breaks a rule: {rule}")]
    Rule {
        /// The name of the message.
        name: &'static str,
        /// The broken rule.
        rule: &'static str,
    },
}

/// Reads the body of one message.
pub fn decode<M: Message>(payload: &[u8]) -> Result<M, DecodeError> {
    if contains_nul(payload) {
        // Postgres cannot store it, so every service would fail on it for ever.
        return Err(DecodeError::Rule { name: M::NAME, rule: "a text holds the character NUL" });
    }
    serde_json::from_slice(payload).map_err(|source| DecodeError::Body { name: M::NAME, source })
}

fn contains_nul(payload: &[u8]) -> bool {
    const ESCAPED_NUL: &[u8] = b"\\u0000";
    payload.windows(ESCAPED_NUL.len()).any(|window| window == ESCAPED_NUL)
}
