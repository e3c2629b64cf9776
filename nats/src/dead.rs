//! Dead letters: a message that can never succeed is kept, with its reason, and the good ones of
//! its batch do not wait for it (reliability rule R9).

use crate::envelope::{MESSAGE_ID, Wire};
use async_nats::HeaderMap;
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// Why it is here, in one sentence.
pub const DEAD_REASON: &str = "Dead-Reason";
/// The subject it came on; sending it again means its body and headers to this subject.
pub const DEAD_SUBJECT: &str = "Dead-Subject";
/// Its number in the stream it came from.
pub const DEAD_SEQUENCE: &str = "Dead-Sequence";

/// Longest reason kept, in characters.
const REASON_LENGTH_MAX: usize = 500;

/// The letter for a message of the stream. Its id is made of the place it was read from and what
/// it says, so that the same message is parked once, however often it is read, and another one
/// that got its number after the stream was lost is parked as well.
pub fn letter(
    service: &str,
    subject: &str,
    sequence: u64,
    headers: Option<&HeaderMap>,
    payload: Bytes,
    reason: &str,
) -> Wire {
    let own = headers.into_iter().flat_map(HeaderMap::iter).filter_map(|(name, values)| {
        let name = name.to_string();
        let value = values.first()?;
        // The server's own headers mean something only where they were written.
        (!name.starts_with("Nats-")).then(|| (name, value.to_string()))
    });
    let line: String = reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(REASON_LENGTH_MAX)
        .collect();
    let added = [
        (MESSAGE_ID, format!("dead:{service}:{sequence}:{}", digest(subject, &payload))),
        (DEAD_REASON, line),
        (DEAD_SUBJECT, subject.to_owned()),
        (DEAD_SEQUENCE, sequence.to_string()),
    ];
    Wire {
        subject: format!("bakery.dead.{service}.{subject}"),
        headers: own.chain(added.map(|(name, value)| (name.to_owned(), value))).collect(),
        payload,
    }
}

fn digest(subject: &str, payload: &[u8]) -> String {
    let hash = Sha256::new().chain_update(subject).chain_update(payload).finalize();
    hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{DEAD_REASON, letter};
    use async_nats::HeaderMap;

    #[test]
    fn keeps_own_headers_drops_the_servers_and_tells_the_reason_in_one_line() {
        let mut headers = HeaderMap::new();
        headers.insert("Correlation-Id", "c");
        headers.insert("Nats-Msg-Id", "old");
        let dead = letter("bank", "bakery.cmd.x", 7, Some(&headers), "{}".into(), "a\r\nb");
        assert_eq!(dead.subject, "bakery.dead.bank.bakery.cmd.x");
        assert_eq!(dead.header("Correlation-Id"), Some("c"));
        assert!(dead.message_id().starts_with("dead:bank:7:"));
        assert_eq!(dead.header(DEAD_REASON), Some("a  b"));
    }
}
