//! The guard before a route: who does not show a good token is told 401, who may not come here 403.

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::token::{self, Claims};
use crate::live::socket::{BEARER, PROTOCOL};
use crate::middleware::rate::RateKey;
use crate::problem::Problem;
use crate::routes::live::wants_socket;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use axum::middleware::Next;
use axum::response::Response;
use bakery_nats::requests::gateway::Role;

const SCHEME: &str = "bearer";
/// What the paths end in where one looks on.
const LIVE: &str = "/live";

/// Whose request this is, as far as a genuine token says: known before the limits, so that users are
/// counted and not the address they share. Whether the session still lives is the guard's to ask.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let users = &app.users;
    let token = bearer(request.headers()).or_else(|| socket_bearer(&request));
    let claims = token.and_then(|token| token::read(&users.key, token, (users.clock)()));
    if let Some(claims) = claims {
        request.extensions_mut().insert(RateKey(format!("user {}", claims.sub)));
        request.extensions_mut().insert(claims);
    }
    next.run(request).await
}

/// Lets those pass who have this role, or a later one.
pub(crate) async fn guard(
    State((app, least)): State<(App, Role)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = caller(&app, request.extensions().get()).await?;
    if caller.role < least {
        return Err(Problem::forbidden());
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Whose token it is. All that is wrong with one is answered alike: why it is refused would help
/// nobody but who forges one.
async fn caller(app: &App, claims: Option<&Claims>) -> Result<Caller, Problem> {
    let users = &app.users;
    let claims = claims.ok_or_else(Problem::unauthorized)?;
    let caller = users.live.caller(&users.pool, claims.sid).await?;
    caller.filter(|caller| caller.user_id == claims.sub).ok_or_else(Problem::unauthorized)
}

/// The token in the one header where it may stand: never in a query or a body (RFC 6750).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let value = given.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let good = scheme.eq_ignore_ascii_case(SCHEME) && given.next().is_none();
    good.then(|| token.trim_start())
}

/// The token beside our own subprotocol, where somebody asks for a WebSocket to look on: a browser
/// can set no header there. Who sets one is known by that alone.
fn socket_bearer(request: &Request) -> Option<&str> {
    let headers = request.headers();
    let looks_on = wants_socket(headers) && request.uri().path().ends_with(LIVE);
    if !looks_on || headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let offered = values.filter_map(|value| value.to_str().ok());
    let offered: Vec<&str> = offered.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut tokens = offered.iter().filter_map(|protocol| protocol.strip_prefix(BEARER));
    let token = tokens.next().filter(|_| offered.contains(&PROTOCOL));
    token.filter(|_| tokens.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::{bearer, socket_bearer};
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::HeaderMap;
    use axum::http::header::AUTHORIZATION;

    #[test]
    fn a_token_stands_in_one_header_behind_its_scheme() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(read(&["Bearer a.b.c"]).as_deref(), Some("a.b.c"));
        assert_eq!(read(&["bearer  a.b.c"]).as_deref(), Some("a.b.c"));
        let bad: [&[&str]; 6] =
            [&[], &[""], &["a.b.c"], &["Basic a.b.c"], &["Bearer"], &["Bearer a", "Bearer a"]];
        for bad in bad {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_browser_names_its_token_beside_our_subprotocol_and_only_where_it_looks_on() {
        let read = |path: &str, headers: &[(&str, &str)]| {
            let mut request = Request::get(path);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            socket_bearer(&request.body(Body::empty()).unwrap()).map(str::to_owned)
        };
        let (path, upgrade) = ("/api/v1/kitchen/live", ("upgrade", "websocket"));
        let protocol = "sec-websocket-protocol";
        let both = (protocol, "bakery.v1, bearer.a.b.c");
        assert_eq!(read(path, &[upgrade, both]).as_deref(), Some("a.b.c"));
        let apart = [upgrade, (protocol, "bearer.a.b.c"), (protocol, "bakery.v1")];
        assert_eq!(read(path, &apart).as_deref(), Some("a.b.c"));
        for (path, headers) in [
            (path, &[both][..]),
            ("/api/v1/kitchen/orders", &[upgrade, both]),
            ("/api/v1/kitchen/orders?x=/live", &[upgrade, both]),
            (path, &[upgrade, (protocol, "bearer.a.b.c")]),
            (path, &[upgrade, (protocol, "bakery.v1")]),
            (path, &[upgrade, (protocol, "bakery.v1, bearer.a, bearer.b")]),
            (path, &[upgrade, both, ("authorization", "Bearer x")]),
        ] {
            assert_eq!(read(path, headers), None, "{path} {headers:?}");
        }
    }
}
