//! The guard before a route: who does not show a good token is told 401, who may not come here 403.

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::token::{self, Claims};
use crate::middleware::rate::RateKey;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use bakery_nats::requests::gateway::Role;

const SCHEME: &str = "bearer";

/// Whose request this is, as far as a genuine token says: known before the limits, so that users are
/// counted and not the address they share. Whether the session still lives is the guard's to ask.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let users = &app.users;
    let token = bearer(request.headers());
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

#[cfg(test)]
mod tests {
    use super::bearer;
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
}
