//! What hyper answers by itself, where it can make no request of what it reads: a bare status. Here
//! it becomes a problem document, with the headers of all our answers.

use super::HEAD_BYTES_MAX;
use crate::middleware::access::{REQUEST_ID, new_id};
use crate::middleware::security::Security;
use crate::problem::{PROBLEM_JSON, Problem};
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};

/// An answer of ours always has a body, so this marks hyper's.
const NO_BODY: &str = "content-length: 0";

/// The answer in place of this one, if this one is hyper's.
pub(super) fn instead_of(written: &[u8], security: Security) -> Option<Bytes> {
    let problem = problem(written)?;
    let head = std::str::from_utf8(written).ok()?.strip_suffix("\r\n\r\n")?;
    if !head.split("\r\n").any(|line| line == NO_BODY) {
        return None;
    }
    let (json, id) = (problem.json(), new_id());
    tracing::info!(
        status = problem.status().as_u16(),
        request_id = id.to_str().unwrap_or_default(),
        "request not readable"
    );
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    headers.insert(CONTENT_LENGTH, json.len().into());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REQUEST_ID, id);
    security.add_to(&mut headers);

    let mut answer = Vec::new();
    for line in head.split("\r\n").filter(|line| *line != NO_BODY) {
        answer.extend_from_slice(line.as_bytes());
        answer.extend_from_slice(b"\r\n");
    }
    for (name, value) in &headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            answer.extend_from_slice(part);
        }
    }
    answer.extend_from_slice(b"\r\n");
    answer.extend_from_slice(&json);
    Some(answer.into())
}

fn problem(written: &[u8]) -> Option<Problem> {
    let status = written.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let status = StatusCode::from_bytes(status).ok()?;
    match status {
        StatusCode::BAD_REQUEST => {
            Some(Problem::new(status, "malformed", "this is no request of HTTP/1.1"))
        }
        StatusCode::URI_TOO_LONG => {
            Some(Problem::new(status, "uri_too_long", "the URI is too long"))
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            let detail = format!(
                "the head of the request is longer than {HEAD_BYTES_MAX} bytes, or has too many \
                 headers"
            );
            Some(Problem::new(status, "head_too_large", detail))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::instead_of;
    use crate::middleware::security::Security;

    const SECURITY: Security = Security { tls: false };

    #[test]
    fn only_what_hyper_says_by_itself_is_said_otherwise() {
        let own = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\
            content-length: 0\r\ndate: today\r\n\r\n";
        let answer = instead_of(own, SECURITY).unwrap();
        let answer = std::str::from_utf8(&answer).unwrap();
        let (head, json) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close")
        );
        assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", json.len())));
        assert_eq!(head.matches("content-length").count(), 1);
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!((&json["status"], &json["code"]), (&431.into(), &"head_too_large".into()));

        for others in [
            &b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n",
            b"content-length: 0\r\n\r\n",
            b"HTTP/1.1 4",
        ] {
            assert!(instead_of(others, SECURITY).is_none());
        }
    }
}
