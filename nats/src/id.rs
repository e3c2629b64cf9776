//! The two kinds of id (reliability rule R3).
//!
//! The *business id* names what a message is about (an order, a tick, a transfer) and stays the
//! same for ever; together with the step it is the key of the record. The *transport id* is the
//! `Nats-Msg-Id`: it carries the attempt, so that a redelivery repeats it (and the stream drops
//! the double) while a re-drive gets a fresh one (and is never swallowed).

use crate::message::Kind;
use std::fmt;
use uuid::Uuid;

/// The namespace of every id the bakery derives.
const NAMESPACE: Uuid = Uuid::from_u128(0x6ba7_e12d_0bad_4b1e_8a4e_7c0f_fee0_b4ed);

/// A uuid (v5) that is the same for the same parts, whoever computes it and whenever.
pub fn derived(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes())
}

/// `service:business id:step:kind:attempt`, as stored in `Nats-Msg-Id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportId {
    /// The service that sends.
    pub service: String,
    /// What the message is about.
    pub business_id: Uuid,
    /// The step of that business.
    pub step: String,
    /// Command, event or tick.
    pub kind: Kind,
    /// 1 for the first emission; each re-drive asks with the next one.
    pub attempt: u32,
}

impl fmt::Display for TransportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, business_id, step, kind, attempt } = self;
        write!(f, "{service}:{business_id}:{step}:{kind}:{attempt}")
    }
}

/// The attempt at the end of a transport id; 1 where a foreign id has none.
pub fn attempt_of(message_id: &str) -> u32 {
    message_id.rsplit(':').next().and_then(|last| last.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::{TransportId, attempt_of, derived};
    use crate::message::Kind;

    #[test]
    fn derived_ids_depend_on_every_part_and_on_nothing_else() {
        assert_eq!(derived(&["a", "b"]), derived(&["a", "b"]));
        assert_ne!(derived(&["a", "b"]), derived(&["ab"]));
        assert_ne!(derived(&["a", "b"]), derived(&["b", "a"]));
    }

    #[test]
    fn the_attempt_is_read_back_from_the_transport_id() {
        let id = TransportId {
            service: "orders".to_owned(),
            business_id: derived(&["x"]),
            step: "reserve".to_owned(),
            kind: Kind::Cmd,
            attempt: 12,
        };
        assert_eq!(attempt_of(&id.to_string()), 12);
        assert_eq!(attempt_of("by-hand"), 1);
    }
}
