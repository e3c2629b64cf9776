//! The table of the API: each row is a method, a path, who may, and what is done. There is no row
//! without a word on who may.

use crate::app::App;
use crate::auth::guard::guard;
use crate::middleware::measure::measure;
use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post, put};
use bakery_nats::requests::gateway::Role;

/// Who may. Staff may all that those before them may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Everybody, also without a token.
    Anyone,
    /// Every user. What is not their own looks like what is not there.
    Customer,
    /// Who works on orders.
    Kitchen,
    /// Who runs the shop.
    Manager,
    /// Who runs the system.
    Operator,
}

impl Who {
    /// The least role; `None` where none is needed.
    pub(crate) fn role(self) -> Option<Role> {
        match self {
            Self::Anyone => None,
            Self::Customer => Some(Role::Customer),
            Self::Kitchen => Some(Role::Kitchen),
            Self::Manager => Some(Role::Manager),
            Self::Operator => Some(Role::Operator),
        }
    }
}

/// Method, path, and who may.
pub(crate) type Row = (&'static str, &'static str, Who);

/// The rows so far, as a router.
pub(crate) struct Table {
    app: App,
    /// The routes, each behind its guard.
    pub(crate) router: Router<App>,
    /// Those where one looks on: they have bounds of their own, and no end.
    pub(crate) live: Router<App>,
    /// The rows, for the API's document and for tests that try each of them.
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// Without rows.
    pub(crate) fn new(app: &App) -> Self {
        let (router, live) = (Router::new(), Router::new());
        Self { app: app.clone(), router, live, rows: Vec::new() }
    }

    /// `GET`, and so `HEAD`.
    pub(crate) fn get<H, T>(self, who: Who, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.row("GET", who, path, get(handler))
    }

    /// `POST`.
    pub(crate) fn post<H, T>(self, who: Who, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.row("POST", who, path, post(handler))
    }

    /// `PUT`.
    pub(crate) fn put<H, T>(self, who: Who, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.row("PUT", who, path, put(handler))
    }

    /// `DELETE`.
    pub(crate) fn delete<H, T>(self, who: Who, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.row("DELETE", who, path, delete(handler))
    }

    /// `GET` of what goes on: a WebSocket or server-sent events.
    pub(crate) fn live<H, T>(mut self, who: Who, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let plain = std::mem::take(&mut self.router);
        self.router = std::mem::take(&mut self.live);
        let row = self.row("GET", who, path, get(handler));
        Self { live: row.router, router: plain, ..row }
    }

    fn row(
        mut self,
        method: &'static str,
        who: Who,
        path: &'static str,
        handler: MethodRouter<App>,
    ) -> Self {
        self.rows.push((method, path, who));
        let handler = match who.role() {
            None => handler,
            Some(role) => handler.route_layer(from_fn_with_state((self.app.clone(), role), guard)),
        };
        let handler = handler.route_layer(from_fn_with_state(path, measure));
        Self { router: self.router.route(path, handler), ..self }
    }
}
