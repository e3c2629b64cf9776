//! Calls to webhooks: what is due is signed and posted, and the answer's status says how it went.

use super::delivery::{self, DueCall, Ticket};
use super::post::{PostError, Poster};
use super::retry::{Outcome, Verdict};
use super::sign::signatures;
use super::worker::Channel;
use axum::http::{HeaderName, HeaderValue};
use bakery_nats::request::Clock;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

/// Calls of one gateway at the same time: more than there are webhooks.
const CALLS_MAX: usize = 32;

/// Calls webhooks.
pub(super) struct Calls {
    poster: Poster,
    clock: Clock,
}

impl Calls {
    /// By this clock, the machine's: whoever is called compares it with their own.
    pub(super) fn new(poster: Poster, clock: Clock) -> Self {
        Self { poster, clock }
    }

    fn headers(&self, due: &DueCall) -> Option<Vec<(HeaderName, HeaderValue)>> {
        let (id, at_s) = (due.ticket.id.to_string(), (self.clock)().timestamp());
        let secrets = std::iter::once(&due.secret).chain(&due.old_secret).map(Vec::as_slice);
        let signed = signatures(secrets, &id, at_s, &due.body);
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", at_s.to_string()),
            ("webhook-signature", signed),
        ];
        let read = |(name, value): (&'static str, String)| {
            Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
        };
        headers.into_iter().map(read).collect()
    }
}

impl Channel for Calls {
    const AT_ONCE_MAX: usize = CALLS_MAX;
    type Due = DueCall;

    async fn take(&self, conn: &mut AsyncPgConnection, room: i64) -> QueryResult<Vec<DueCall>> {
        delivery::take_calls(conn, room).await
    }

    fn ticket(due: &DueCall) -> &Ticket {
        &due.ticket
    }

    async fn tell(&self, due: &DueCall) -> Outcome {
        let Some(headers) = self.headers(due) else {
            return Outcome::unanswered(Verdict::Never, "it cannot be signed");
        };
        outcome(self.poster.post(&due.url, headers, due.body.clone()).await)
    }
}

/// What an answer means. A redirect is no success: nobody follows it.
fn outcome(answer: Result<u16, PostError>) -> Outcome {
    match answer {
        Ok(status @ 200..=299) => Outcome::delivered(status),
        Ok(410) => Outcome::answered(Verdict::Gone, 410, "it is gone"),
        Ok(status @ 300..=399) => {
            Outcome::answered(Verdict::Later, status, "it sent us elsewhere, where we do not go")
        }
        Ok(status) => Outcome::answered(Verdict::Later, status, "it did not take it"),
        Err(error) => Outcome::unanswered(Verdict::Later, error.reason()),
    }
}
