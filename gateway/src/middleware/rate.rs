//! How many requests one client may send: those that read, and fewer of those that write.

use crate::app::App;
use crate::client::ClientAddress;
use crate::config::Guard;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// All limits are for a minute.
const WINDOW_S: u64 = 60;
/// What one client may read, if nothing else is said.
const READS_MAX: u32 = 1200;
/// What one client may write, if nothing else is said.
const WRITES_MAX: u32 = 300;

/// What one address may send in all, as so many clients: else whoever makes guests would multiply
/// their own part.
const CLIENTS_PER_ADDRESS: u32 = 10;

/// Who is counted, where that is known better than by the address: whoever finds out who the user
/// is puts this into the request's extensions, before this layer.
#[derive(Clone, Debug)]
pub(crate) struct RateKey(pub(crate) String);

/// Counts the request, refuses what is too much, and tells the client where it stands.
pub(crate) async fn rate(State(app): State<App>, request: Request, next: Next) -> Response {
    let address = request.extensions().get().copied().unwrap_or(ClientAddress::UNKNOWN);
    let Some((bucket, limit)) = limit(request.method(), address.is_own, &app.guard) else {
        return next.run(request).await;
    };
    let window = Duration::from_secs(WINDOW_S);
    let place = format!("address {}", address.network());
    let key = match request.extensions().get() {
        Some(RateKey(key)) => {
            let most = limit.saturating_mul(CLIENTS_PER_ADDRESS);
            let all = app.rate.check("address", &place, most, window).await;
            if let Err(problem) = all.or_refuse() {
                return problem.into_response();
            }
            format!("key {key}")
        }
        None => place,
    };
    match app.rate.check(bucket, &key, limit, window).await.or_refuse() {
        Ok(decision) => {
            let mut response = next.run(request).await;
            decision.tell(response.headers_mut());
            response
        }
        Err(problem) => problem.into_response(),
    }
}

/// The bucket that a request is counted in and its limit, where there is one. Without a word from
/// the operator this machine has none.
fn limit(method: &Method, is_own: bool, guard: &Guard) -> Option<(&'static str, u32)> {
    let (bucket, set, otherwise) = if method.is_safe() {
        ("default", guard.rate_limit_per_minute, READS_MAX)
    } else {
        ("writes", guard.rate_limit_writes_per_minute, WRITES_MAX)
    };
    let unset = if is_own { 0 } else { otherwise };
    let limit = set.unwrap_or(unset);
    (limit > 0).then_some((bucket, limit))
}

#[cfg(test)]
mod tests {
    use super::limit;
    use crate::config::Guard;
    use axum::http::Method;

    #[test]
    fn this_machine_has_no_limit_unless_it_is_told_one() {
        let (own, other) = (true, false);
        let unset = Guard::default();
        assert_eq!(limit(&Method::GET, own, &unset), None);
        assert_eq!(limit(&Method::GET, other, &unset), Some(("default", 1200)));
        assert_eq!(limit(&Method::POST, own, &unset), None);
        assert_eq!(limit(&Method::DELETE, other, &unset), Some(("writes", 300)));
        let set = Guard { rate_limit_per_minute: Some(7), ..Guard::default() };
        assert_eq!(limit(&Method::HEAD, own, &set), Some(("default", 7)));
        assert_eq!(limit(&Method::HEAD, other, &set), Some(("default", 7)));
        let off = Guard { rate_limit_writes_per_minute: Some(0), ..Guard::default() };
        assert_eq!(limit(&Method::POST, other, &off), None);
    }
}
