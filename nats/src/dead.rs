//! Dead letters: a message that can never succeed is kept, with its reason, and the good ones of
//! its batch do not wait for it (reliability rule R9).

use crate::envelope::{MESSAGE_ID, Wire};
use crate::refusal::Refusal;
use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::RawMessageErrorKind;
use bytes::Bytes;
use chrono::{DateTime, SubsecRound, Utc};
use sha2::{Digest, Sha256};

/// The stream they are in.
pub const DEAD: &str = "DEAD";
/// What the subjects of letters begin with.
const PREFIX: &str = "bakery.dead.";
/// Why it is here, in one sentence.
pub const DEAD_REASON: &str = "Dead-Reason";
/// The subject it came on.
pub const DEAD_SUBJECT: &str = "Dead-Subject";
/// Its number in the stream it came from.
pub const DEAD_SEQUENCE: &str = "Dead-Sequence";
/// Its transport id: the letter has one of its own.
pub const DEAD_MESSAGE_ID: &str = "Dead-Message-Id";

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
    let added = [
        (MESSAGE_ID, format!("dead:{service}:{sequence}:{}", digest(subject, &payload))),
        (DEAD_REASON, line(reason)),
        (DEAD_SUBJECT, subject.to_owned()),
        (DEAD_SEQUENCE, sequence.to_string()),
    ];
    let old = headers.and_then(|headers| headers.get(MESSAGE_ID));
    let old = old.map(|old| (DEAD_MESSAGE_ID, old.to_string()));
    let added = added.into_iter().chain(old).map(|(name, value)| (name.to_owned(), value));
    Wire {
        subject: format!("{PREFIX}{service}.{subject}"),
        headers: own.chain(added).collect(),
        payload,
    }
}

/// A reason as it is told: one line, and not too long.
pub(crate) fn line(reason: &str) -> String {
    let plain = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(REASON_LENGTH_MAX).collect()
}

/// A letter as it lies in the stream.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its number there.
    pub sequence: u64,
    /// When it was put there, to the microsecond: what a database keeps.
    pub at: DateTime<Utc>,
    /// Who could not take it. The bus lets a service speak below its own name only.
    pub service: String,
    /// What it was sent to.
    pub subject: String,
    /// As they are; those of the old message and those that were added.
    pub headers: HeaderMap,
    /// The body as it came.
    pub payload: Bytes,
}

impl Letter {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.as_str())
    }
}

impl From<StreamMessage> for Letter {
    fn from(stored: StreamMessage) -> Self {
        let StreamMessage { subject, sequence, headers, payload, time } = stored;
        let below = subject.strip_prefix(PREFIX).unwrap_or_default();
        let (service, subject) = below.split_once('.').unwrap_or((below, ""));
        let at = DateTime::from_timestamp(time.unix_timestamp(), time.nanosecond());
        let (service, subject) = (service.to_owned(), subject.to_owned());
        let at = at.unwrap_or_default().trunc_subsecs(6);
        Self { sequence, at, service, subject, headers, payload }
    }
}

/// Reads one letter; `None` where there is none of this number.
///
/// # Errors
/// 503 where the bus does not say.
pub async fn get(context: &Context, sequence: u64) -> Result<Option<Letter>, Refusal> {
    if sequence == 0 {
        return Ok(None);
    }
    let failed = |error: &dyn std::error::Error| {
        tracing::warn!(error = %error, sequence, "a dead letter could not be read");
        Refusal::unavailable("the message bus")
    };
    let stream = context.get_stream_no_info(DEAD).await.map_err(|error| failed(&error))?;
    match stream.get_raw_message(sequence).await {
        Ok(stored) => Ok(Some(stored.into())),
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

fn digest(subject: &str, payload: &[u8]) -> String {
    let hash = Sha256::new().chain_update(subject).chain_update(payload).finalize();
    hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{DEAD_MESSAGE_ID, DEAD_REASON, Letter, letter};
    use async_nats::HeaderMap;
    use async_nats::jetstream::message::StreamMessage;

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
        assert_eq!(dead.header(DEAD_MESSAGE_ID), Some("old"));
    }

    #[test]
    fn a_letter_says_who_put_it_there_and_what_it_was_sent_to() {
        let read = |subject: &str| {
            let (subject, headers) = (subject.into(), HeaderMap::new());
            let time = async_nats::datetime::from_nanos(1_764_000_000_123_456_789).unwrap();
            let payload = "{}".into();
            Letter::from(StreamMessage { subject, sequence: 7, headers, payload, time })
        };
        let letter = read("bakery.dead.bank.bakery.cmd.bank.main.charge");
        assert_eq!((letter.service.as_str(), letter.sequence), ("bank", 7));
        assert_eq!(letter.subject, "bakery.cmd.bank.main.charge");
        assert_eq!(letter.at.timestamp_subsec_nanos(), 123_456_000);
        let odd = read("bakery.dead.x");
        assert_eq!((odd.service.as_str(), odd.subject.as_str()), ("x", ""));
    }
}
