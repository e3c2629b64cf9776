//! The request headers that mean something to us: `Idempotency-Key`, `Prefer: wait`, and `Accept`
//! where there is a choice.

use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use bakery_nats::refusal::{FieldError, Refusal};
use std::convert::Infallible;

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The longest key.
pub(crate) const IDEMPOTENCY_KEY_LENGTH_MAX: usize = 255;
/// The longest that one request may wait for its order.
pub(crate) const WAIT_MAX_S: u64 = 20;

/// The customer's own name for a write: the same one again is the same write.
pub(crate) struct IdempotencyKey(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(idempotency_key(&parts.headers)?))
    }
}

/// The same where it is needed: a repeat without one would do again what nothing takes back.
pub(crate) struct RequiredKey(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for RequiredKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let key = idempotency_key(&parts.headers)?;
        Ok(Self(key.ok_or_else(|| wrong_key("must be given, so that a repeat is a repeat"))?))
    }
}

/// For how many seconds the customer would like to wait for the end of the order. What cannot be
/// read is no preference: RFC 7240 lets nobody be refused for one.
pub(crate) struct Wait(pub(crate) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for Wait {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(wait_s(&parts.headers)))
    }
}

/// Whether somebody prefers a table (`text/csv`) to JSON. A type that is not offered is nobody's
/// reason to be refused: RFC 9110 lets us answer with what we have.
pub(crate) struct PrefersCsv(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for PrefersCsv {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(prefers_csv(&parts.headers)))
    }
}

/// Whether somebody prefers a text for people (`text/plain`) to JSON.
pub(crate) struct PrefersText(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for PrefersText {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(prefers(&parts.headers, "text/plain")))
    }
}

fn prefers_csv(headers: &HeaderMap) -> bool {
    prefers(headers, "text/csv")
}

/// Only who names it by its name gets it.
fn prefers(headers: &HeaderMap, wanted: &str) -> bool {
    let (mut other, mut json) = (0.0, 0.0);
    let lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for accepted in lines.flat_map(|line| line.split(',')) {
        let mut parts = accepted.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map(str::parse::<f32>);
        // A weight that cannot be read is none.
        let weight = weight.map_or(1.0, |weight| weight.unwrap_or(0.0));
        match name.as_str() {
            "application/json" => json = weight,
            name if name == wanted => other = weight,
            _ => {}
        }
    }
    other > json
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let length_ok = (1..=IDEMPOTENCY_KEY_LENGTH_MAX).contains(&value.len());
    let visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if length_ok && visible && given.next().is_none() => Ok(Some(key.to_owned())),
        _ => {
            let length = IDEMPOTENCY_KEY_LENGTH_MAX;
            let reason = format!("must be given once, 1 to {length} visible ASCII characters");
            Err(wrong_key(&reason))
        }
    }
}

fn wrong_key(reason: &str) -> Refusal {
    let errors = vec![FieldError::new(IDEMPOTENCY_KEY, reason)];
    let detail = format!("the header {IDEMPOTENCY_KEY} is wrong");
    Refusal { errors, ..Refusal::new(400, "invalid_header", detail) }
}

fn wait_s(headers: &HeaderMap) -> Option<u64> {
    let lines = headers.get_all("Prefer").iter().filter_map(|value| value.to_str().ok());
    let wait = lines.flat_map(|line| line.split(',')).find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"'))
    })?;
    let seconds = wait.parse::<u64>().ok().filter(|seconds| *seconds > 0)?;
    Some(seconds.min(WAIT_MAX_S))
}

#[cfg(test)]
mod tests {
    use super::{IDEMPOTENCY_KEY, WAIT_MAX_S, idempotency_key, prefers_csv, wait_s};
    use axum::http::{HeaderMap, HeaderValue};

    fn headers(name: &'static str, values: &[&[u8]]) -> HeaderMap {
        let value = |value: &&[u8]| (name, HeaderValue::from_bytes(value).unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in values.iter().map(value) {
            map.append(name, value);
        }
        map
    }

    #[test]
    fn a_key_is_up_to_255_visible_ascii_characters() {
        let read = |values: &[&[u8]]| idempotency_key(&headers(IDEMPOTENCY_KEY, values));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[b"a-1~!"]), Ok(Some("a-1~!".to_owned())));
        let longest = [b'k'; 255];
        assert!(read(&[&longest]).is_ok());
        let (empty, space, umlaut, too_long) =
            (b"".as_slice(), b"a b".as_slice(), "ä".as_bytes(), [b'k'; 256].as_slice());
        for bad in [&[empty][..], &[space], &[umlaut], &[too_long], &[b"a", b"a"]] {
            let refusal = read(bad).unwrap_err();
            assert_eq!((refusal.status, refusal.code.as_str()), (400, "invalid_header"));
            assert_eq!(refusal.errors[0].field, "Idempotency-Key");
        }
    }

    #[test]
    fn the_first_wait_counts_up_to_its_bound() {
        let read = |values: &[&[u8]]| wait_s(&headers("Prefer", values));
        assert_eq!(read(&[b"wait=5"]), Some(5));
        assert_eq!(read(&[b"return=minimal, Wait = 7; x=y"]), Some(7));
        assert_eq!(read(&[b"respond-async", b"wait=\"3\""]), Some(3));
        assert_eq!(read(&[b"wait=2, wait=9"]), Some(2));
        assert_eq!(read(&[b"wait=3600"]), Some(WAIT_MAX_S));
        for no_wait in ["", "wait", "wait=", "wait=0", "wait=-1", "wait=1.5", "wait=soon"] {
            assert_eq!(read(&[no_wait.as_bytes()]), None, "{no_wait}");
        }
    }

    #[test]
    fn a_table_is_for_who_prefers_it_by_name() {
        let read = |values: &[&[u8]]| prefers_csv(&headers("Accept", values));
        for yes in [
            "text/csv",
            "Text/CSV; charset=utf-8",
            "application/json;q=0.5, text/csv",
            "text/csv, */*",
        ] {
            assert!(read(&[yes.as_bytes()]), "{yes}");
        }
        assert!(read(&[b"text/html", b"text/csv"]));
        for no in [
            "",
            "*/*",
            "text/*",
            "application/json",
            "application/json, text/csv",
            "text/csv;q=0",
            "text/csv;q=high",
            "text/csv; q=0.1, application/json",
        ] {
            assert!(!read(&[no.as_bytes()]), "{no}");
        }
        assert!(!read(&[]));
    }
}
