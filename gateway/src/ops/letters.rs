//! Dead letters, as those who may read them do. A body can hold what a customer has typed.

use super::services::SERVICES;
use super::tries::{self, Try};
use crate::app::App;
use crate::users::unavailable;
use bakery_nats::dead::{self, DEAD, DEAD_MESSAGE_ID, DEAD_REASON, DEAD_SEQUENCE, Letter};
use bakery_nats::envelope::{AT, CAUSATION_ID, CORRELATION_ID, TRACEPARENT};
use bakery_nats::refusal::Refusal;
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// Of a body so much is shown.
const BODY_BYTES_MAX: usize = 4096;
/// Of a header so much is shown.
const HEADER_CHARS_MAX: usize = 500;
/// Letters that are read at the same time.
const READS_MAX: usize = 8;
/// Numbers that are looked at for one page: where letters were taken away there are gaps.
const NUMBERS_MAX: usize = 2000;
/// A page takes no longer.
const PAGE_TIMEOUT_MS: u64 = 5000;

/// A letter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetter {
    /// Its number among the dead letters.
    pub(crate) sequence: u64,
    /// When it was put there.
    at: DateTime<Utc>,
    /// Whose consumer could not take it; null where nobody can be asked to take it again.
    service: Option<String>,
    /// What it was sent to.
    subject: String,
    reason: Option<String>,
    /// Its number in the log.
    stream_sequence: Option<u64>,
    /// Of the message as it was sent.
    message_id: Option<String>,
    /// What the conversation is about: an order, as a rule.
    correlation_id: Option<String>,
    causation_id: Option<String>,
    /// The time it was said, as it came.
    said_at: Option<String>,
    traceparent: Option<String>,
    /// The body as text, or its beginning.
    body: String,
    /// How long it is.
    body_bytes: usize,
    /// Whether it is longer than what is shown.
    cut: bool,
    /// The newest try to have it handled again.
    resent: Option<Try>,
}

/// A page of letters.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterPage {
    /// The newest first.
    letters: Vec<DeadLetter>,
    /// For `before`; null on the last page.
    next: Option<u64>,
}

/// Who can be asked to take a letter again.
pub(crate) fn owner(letter: &Letter) -> Option<&'static str> {
    SERVICES.into_iter().find(|name| *name == letter.service)
}

/// A page of those that are older than `before`.
///
/// # Errors
/// 503 where the bus or the database does not answer.
pub(crate) async fn page(
    app: &App,
    before: Option<u64>,
    limit: usize,
) -> Result<DeadLetterPage, Refusal> {
    app.bus_is_there()?;
    let limit_ms = Duration::from_millis(PAGE_TIMEOUT_MS);
    let found = tokio::time::timeout(limit_ms, find(app, before, limit)).await;
    let (letters, next) = found.map_err(|_| Refusal::unavailable("the message bus"))??;
    let mut conn = app.users.connection().await?;
    let keys: Vec<_> = letters.iter().map(|letter| (letter.sequence, letter.at)).collect();
    let mut tries = tries::newest(&mut conn, &keys).await.map_err(unavailable)?;
    let show = |letter: Letter| {
        let resent = tries.remove(&(letter.sequence, letter.at));
        DeadLetter { resent, ..DeadLetter::from(letter) }
    };
    Ok(DeadLetterPage { letters: letters.into_iter().map(show).collect(), next })
}

/// The newest letters, and where to go on. Only so many numbers are looked at, so a page can be short
/// where there are gaps.
async fn find(
    app: &App,
    before: Option<u64>,
    limit: usize,
) -> Result<(Vec<Letter>, Option<u64>), Refusal> {
    let context = &app.bus.context;
    let known = context.get_stream(DEAD).await.map_err(|error| {
        tracing::warn!(%error, "the dead letters cannot be counted");
        Refusal::unavailable("the message bus")
    })?;
    let state = &known.cached_info().state;
    let (first, last) = (state.first_sequence.max(1), state.last_sequence);
    let from = before.map_or(last, |before| last.min(before.saturating_sub(1)));
    let numbers = (first..=from).rev().take(NUMBERS_MAX);
    let read = |number| async move { (number, dead::get(context, number).await) };
    let mut reads = stream::iter(numbers).map(read).buffered(READS_MAX);
    let (mut letters, mut seen) = (Vec::with_capacity(limit), first);
    while let Some((number, letter)) = reads.next().await {
        if letters.len() == limit {
            return Ok((letters, Some(seen)));
        }
        seen = number;
        letters.extend(letter?);
    }
    let more = seen > first;
    Ok((letters, more.then_some(seen)))
}

impl From<Letter> for DeadLetter {
    fn from(letter: Letter) -> Self {
        let text = |name| letter.header(name).map(|value| shortened(value).to_owned());
        let shown = letter.payload.get(..BODY_BYTES_MAX).unwrap_or(&letter.payload);
        Self {
            sequence: letter.sequence,
            at: letter.at,
            service: owner(&letter).map(str::to_owned),
            subject: letter.subject.clone(),
            reason: text(DEAD_REASON),
            stream_sequence: letter.header(DEAD_SEQUENCE).and_then(|text| text.parse().ok()),
            message_id: text(DEAD_MESSAGE_ID),
            correlation_id: text(CORRELATION_ID),
            causation_id: text(CAUSATION_ID),
            said_at: text(AT),
            traceparent: text(TRACEPARENT),
            body: String::from_utf8_lossy(shown).into_owned(),
            body_bytes: letter.payload.len(),
            cut: shown.len() < letter.payload.len(),
            resent: None,
        }
    }
}

fn shortened(text: &str) -> &str {
    let end = text.char_indices().nth(HEADER_CHARS_MAX);
    end.map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::{BODY_BYTES_MAX, DeadLetter, HEADER_CHARS_MAX};
    use async_nats::HeaderMap;
    use bakery_nats::dead::{DEAD_REASON, DEAD_SEQUENCE, Letter};

    fn letter(service: &str, body: impl Into<Vec<u8>>) -> Letter {
        let mut headers = HeaderMap::new();
        headers.insert(DEAD_REASON, "ä".repeat(HEADER_CHARS_MAX + 1));
        headers.insert(DEAD_SEQUENCE, "12");
        let (service, subject) = (service.to_owned(), "bakery.cmd.bank.main.charge".to_owned());
        let (at, payload) = (chrono::DateTime::default(), body.into().into());
        Letter { sequence: 7, at, service, subject, headers, payload }
    }

    #[test]
    fn a_letter_is_shown_as_far_as_it_fits() {
        let shown = DeadLetter::from(letter("bank", "x".repeat(BODY_BYTES_MAX + 1)));
        assert_eq!((shown.body.len(), shown.body_bytes), (BODY_BYTES_MAX, BODY_BYTES_MAX + 1));
        assert!(shown.cut);
        assert_eq!(shown.reason.unwrap().chars().count(), HEADER_CHARS_MAX);
        assert_eq!((shown.stream_sequence, shown.correlation_id), (Some(12), None));
        let whole = DeadLetter::from(letter("bank", "x".repeat(BODY_BYTES_MAX)));
        assert!(!whole.cut && whole.service.as_deref() == Some("bank"));
    }

    #[test]
    fn what_is_no_text_and_nobodys_is_shown_too() {
        let shown = DeadLetter::from(letter("nobody", b"\xff\x00{".to_vec()));
        assert_eq!((shown.body.as_str(), shown.service), ("\u{fffd}\0{", None));
    }
}
