//! What every request handler can reach.

use crate::auth::caller::Caller;
use crate::cache::Cache;
use crate::checkup::Checkup;
use crate::config::{Guard, Notifications};
use crate::live::Live;
use crate::ops::pipeline::Pipeline;
use crate::problem::{Problem, internal};
use crate::rate::RateLimiter;
use crate::routes::health::Report;
use crate::users::Users;
use crate::watch::Watch;
use async_nats::connection::State as ConnectionState;
use axum::Json;
use bakery_nats::ask::ask;
use bakery_nats::connect::Bus;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Request;
use bakery_nats::requests::health::Dependency;
use bakery_nats::requests::orders::{GetOrder, Order};
use bakery_nats::slug::Slug;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What most handlers answer: JSON, or a problem document.
pub(crate) type Answer<T> = Result<Json<T>, Problem>;

/// The gateway's state, shared by all requests.
#[derive(Clone)]
pub(crate) struct App {
    /// Where the services are asked.
    pub(crate) bus: Bus,
    /// The menu and orders, for a moment.
    pub(crate) cache: Arc<Cache>,
    /// Who waits for which order.
    pub(crate) watch: Arc<Watch>,
    /// Who looks on at what.
    pub(crate) live: Arc<Live>,
    /// How the gateway was a moment ago.
    pub(crate) own_health: Arc<Checkup<[Dependency; 2]>>,
    /// How everything was a moment ago.
    pub(crate) health: Arc<Checkup<Report>>,
    /// How the pipeline was a moment ago.
    pub(crate) pipeline: Arc<Checkup<Pipeline>>,
    /// Who may ask, and what is known of them.
    pub(crate) users: Arc<Users>,
    /// Who has asked for how much.
    pub(crate) rate: Arc<RateLimiter>,
    /// How much is taken, from whom, and over what.
    pub(crate) guard: Arc<Guard>,
    /// What people outside are told by.
    pub(crate) notify: Arc<Notifications>,
    /// Ends all waiting.
    pub(crate) stop: CancellationToken,
}

impl App {
    /// Asks the owning service.
    pub(crate) async fn ask<R: Request>(&self, request: &R) -> Result<R::Reply, Refusal> {
        self.bus_is_there()?;
        ask(&self.bus.client, request).await
    }

    /// Without the bus nobody is asked: the client would keep the request until it is connected again,
    /// long after the caller was told that nothing was done.
    pub(crate) fn bus_is_there(&self) -> Result<(), Refusal> {
        if self.bus.client.connection_state() == ConnectionState::Connected {
            return Ok(());
        }
        Err(Refusal::unavailable("the message bus"))
    }

    /// Asks inventory to change a branch or what is on its menu. The menu that is kept is old
    /// then, also where the answer did not come.
    pub(crate) async fn change<R: Request>(
        &self,
        branch: &Slug,
        request: &R,
    ) -> Result<R::Reply, Refusal> {
        let outcome = self.ask(request).await;
        self.cache.drop_menu(branch).await;
        outcome
    }

    /// An order that is the caller's to see, as it was a moment ago at the most, and as its caller has
    /// left it at the least. Another one is refused in the words in which the orders service refuses
    /// what is not there, and no sooner: it is asked of its owner as well.
    pub(crate) async fn order(&self, caller: &Caller, order_id: Uuid) -> Result<Order, Refusal> {
        let (app, caller) = (self.clone(), *caller);
        let ask = async move { app.ask(&GetOrder { order_id }).await };
        let may_see = move |order: &Order| caller.may_see_orders_of(order.account_id);
        let read = self.cache.order(order_id, may_see, ask).await?;
        let order: Order = serde_json::from_slice(&read.json).map_err(|error| {
            tracing::error!(%error, order.id = %order_id, "an order in the cache cannot be read");
            internal()
        })?;
        if may_see(&order) {
            return Ok(order);
        }
        if read.was_kept {
            self.ask(&GetOrder { order_id }).await?;
        }
        Err(Refusal::not_found("order", order_id))
    }

    /// Asks orders to change an order. What is kept of it is old then, also where the answer did not
    /// come.
    pub(crate) async fn change_order<R: Request>(
        &self,
        order_id: Uuid,
        request: &R,
    ) -> Answer<R::Reply> {
        let outcome = self.ask(request).await;
        self.cache.drop_order(order_id).await;
        Ok(Json(outcome?))
    }

    /// Asks the owning service and passes its answer on.
    pub(crate) async fn answer<R: Request>(&self, request: &R) -> Answer<R::Reply> {
        Ok(Json(self.ask(request).await?))
    }
}
