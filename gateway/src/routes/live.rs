//! Looking on: one order, the kitchen, the board at the counter, the shelf. The same path is a
//! WebSocket for who asks for one, and server-sent events for everybody else.

pub(crate) mod docs;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::token::Claims;
use crate::client::ClientAddress;
use crate::live::event::Topic;
use crate::live::keeper::Needs;
use crate::live::listener::{Listener, Pass, Wish};
use crate::live::place::Client;
use crate::live::{socket, stream};
use crate::params::{Id, Params};
use crate::problem::Problem;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bakery_nats::refusal::{FieldError, Refusal};
use std::time::Duration;
use uuid::Uuid;

/// What [`LAST_EVENT_ID`] and the field of the query look like.
const EVENT_ID: &str = "must be the id of an event";
const LAST_EVENT_ID: &str = "Last-Event-ID";

/// Who looks on, and over what.
pub(crate) struct Looker {
    /// None: server-sent events.
    upgrade: Option<WebSocketUpgrade>,
    /// By the header, which a client that connects again sets by itself.
    last_event_id: Option<u64>,
    address: ClientAddress,
    claims: Option<Claims>,
}

impl FromRequestParts<App> for Looker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let upgrade = if wants_socket(&parts.headers) {
            let upgrade = WebSocketUpgrade::from_request_parts(parts, app).await;
            Some(upgrade.map_err(|error| {
                Problem::new(StatusCode::BAD_REQUEST, "malformed", error.body_text())
            })?)
        } else {
            None
        };
        let last_event_id = last_event_id(&parts.headers)?;
        let address = parts.extensions.get().copied().unwrap_or(ClientAddress::UNKNOWN);
        let claims = parts.extensions.get().cloned();
        Ok(Self { upgrade, last_event_id, address, claims })
    }
}

/// Whether a request would like to become a WebSocket.
pub(crate) fn wants_socket(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::UPGRADE).iter().filter_map(|value| value.to_str().ok());
    let mut protocols = values.flat_map(|value| value.split(',')).map(str::trim);
    protocols.any(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

/// An empty one is what a client says that has seen no event yet.
fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let Some(value) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    let wrong = || {
        let errors = vec![FieldError::new(LAST_EVENT_ID, EVENT_ID)];
        let detail = format!("the header {LAST_EVENT_ID} is wrong");
        Refusal { errors, ..Refusal::new(400, "invalid_header", detail) }
    };
    id.map(Some).ok_or_else(wrong)
}

/// `GET /orders/{id}/live?last_event_id=`.
pub(crate) async fn order(
    State(app): State<App>,
    caller: Caller,
    Id(order_id): Id<Uuid>,
    mut params: Params,
    looker: Looker,
) -> Result<Response, Problem> {
    let last = params.last_event_id();
    params.finish(Some(()))?;
    let order = app.order(&caller, order_id).await?;
    let needs = Needs::OrdersOf(order.account_id);
    looker.look(app, Topic::Order(order_id), last, Some((caller, needs))).await
}

/// `GET /kitchen/live?branch=&last_event_id=`.
pub(crate) async fn kitchen(
    State(app): State<App>,
    caller: Caller,
    mut params: Params,
    looker: Looker,
) -> Result<Response, Problem> {
    let (last, branch) = (params.last_event_id(), params.branch());
    let branch = params.finish(branch)?;
    looker.look(app, Topic::Kitchen(branch), last, Some((caller, Needs::Kitchen))).await
}

/// `GET /display/live?branch=&last_event_id=`.
pub(crate) async fn display(
    State(app): State<App>,
    mut params: Params,
    looker: Looker,
) -> Result<Response, Problem> {
    let (last, branch) = (params.last_event_id(), params.branch());
    let branch = params.finish(branch)?;
    looker.look(app, Topic::Display(branch), last, None).await
}

/// `GET /shelf/live?branch=&last_event_id=`.
pub(crate) async fn shelf(
    State(app): State<App>,
    mut params: Params,
    looker: Looker,
) -> Result<Response, Problem> {
    let (last, branch) = (params.last_event_id(), params.branch());
    let branch = params.finish(branch)?;
    looker.look(app, Topic::Shelf(branch), last, None).await
}

impl Looker {
    async fn look(
        self,
        app: App,
        topic: Topic,
        last: Option<u64>,
        let_in: Option<(Caller, Needs)>,
    ) -> Result<Response, Problem> {
        let now = (app.users.clock)();
        let left = |claims: &Claims| u64::try_from(claims.left_s(now)).unwrap_or_default();
        let good_for = Duration::from_secs(self.claims.as_ref().map_or(0, left));
        let pass = let_in.map(|(caller, needs)| {
            let session_id = caller.session_id;
            Pass { session_id, needs, good_for }
        });
        let user = self.claims.map(|claims| claims.sub);
        let client = Client::of(user, self.address);
        // Who connects again says in the header what is newest; the query is from the first time.
        let last_event_id = self.last_event_id.or(last);
        let listener = Listener::open(app, Wish { topic, client, last_event_id, pass }).await?;
        Ok(match self.upgrade {
            Some(upgrade) => socket::answer(upgrade, listener),
            None => stream::answer(listener),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{last_event_id, wants_socket};
    use axum::http::HeaderMap;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn only_a_websocket_is_a_websocket() {
        for yes in ["websocket", "WebSocket", "h2c, websocket"] {
            assert!(wants_socket(&headers("upgrade", yes)), "{yes}");
        }
        for no in ["h2c", "", "websockets"] {
            assert!(!wants_socket(&headers("upgrade", no)), "{no}");
        }
        assert!(!wants_socket(&HeaderMap::new()));
    }

    #[test]
    fn an_id_that_is_none_of_ours_is_named() {
        let read = |value: &str| last_event_id(&headers("last-event-id", value));
        assert_eq!(read("42").unwrap(), Some(42));
        assert_eq!(read("").unwrap(), None);
        assert_eq!(last_event_id(&HeaderMap::new()).unwrap(), None);
        for wrong in ["-1", "x", "1.5", "99999999999999999999999"] {
            let refusal = read(wrong).unwrap_err();
            assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (400, "Last-Event-ID"));
        }
    }
}
