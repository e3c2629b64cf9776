//! The menu and single orders, kept in Redis for a moment. A cache only: whatever fails here is a
//! miss, and costs a request next to nothing. Errors are never kept. Who asks for the same thing at
//! the same time is answered together, also without Redis.

mod known;
mod shelves;

use crate::flight::Flights;
use crate::problem::internal;
use crate::redis::Redis;
use axum::body::Bytes;
use bakery_nats::refusal::Refusal;
use bakery_nats::slug::Slug;
use fred::interfaces::KeysInterface;
use fred::types::{Expiration, SetOptions};
use futures::FutureExt;
use known::Known;
use serde::Serialize;
use shelves::Shelves;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

/// How old may be what was not dropped. Not longer than Redis is left alone after a failure
/// (`circuit.rs`): a change that could not be told to it is not seen afterwards either.
const LIFE_MS: i64 = 1000;
/// An answer may be so long on its way before it is kept.
const ANSWER_MS: i64 = 5000;
/// After a change nothing is read for so long: until the last answer from before it is too old as well.
const GONE_MS: i64 = ANSWER_MS + LIFE_MS;

/// What somebody is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// As JSON.
    pub(crate) json: Bytes,
    /// It was in Redis, and its owner was not asked.
    pub(crate) was_kept: bool,
}

/// Where something is kept.
#[derive(Clone)]
struct Place {
    key: String,
    /// While there is something under this key, what is kept is old.
    dropped: String,
}

impl Place {
    /// Of the menu of a branch whose shelf changed last with this message. No two states of a shelf have
    /// one key, so nothing has to be dropped when it changes, and an answer from before that comes late
    /// is kept where nobody looks. Gateways may have heard of different messages, so what is dropped is
    /// dropped for all numbers.
    fn menu(branch: &Slug, number: u64) -> Self {
        let all = format!("bakery:menu:{branch}");
        Self { key: format!("{all}:{number}"), dropped: format!("{all}:dropped") }
    }

    fn order(id: Uuid) -> Self {
        let key = format!("bakery:order:{id}");
        Self { dropped: format!("{key}:dropped"), key }
    }
}

/// The cache; without Redis everything is a miss.
pub(crate) struct Cache {
    redis: Option<Arc<Redis>>,
    flights: Flights<String, Result<Read, Refusal>>,
    /// The orders that this gateway has put into Redis.
    orders: Known,
    shelves: Shelves,
}

impl Cache {
    /// In this Redis, where there is one.
    pub(crate) fn new(redis: Option<Arc<Redis>>) -> Self {
        Self {
            redis,
            flights: Flights::default(),
            orders: Known::default(),
            shelves: Shelves::default(),
        }
    }

    /// The menu of a branch as JSON: what is kept since its shelf last changed, or else what its owner
    /// answers.
    pub(crate) async fn menu<T: Serialize>(
        &self,
        branch: &Slug,
        ask: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<Bytes, Refusal> {
        let read = self.get("menu", self.menu_place(branch), |_| true, ask).await?;
        Ok(read.json)
    }

    /// Drops the menu, because somebody has changed it here; the log has no word of it yet.
    pub(crate) async fn drop_menu(&self, branch: &Slug) {
        self.drop(self.menu_place(branch)).await;
    }

    /// There is news of a shelf, the log's message of this number: older menus are not read any more.
    pub(crate) fn shelf_changed(&self, branch: &Slug, number: u64) {
        self.shelves.changed(branch, number);
    }

    /// The number of the last one.
    #[cfg(test)]
    pub(crate) fn last_change(&self, branch: &Slug) -> u64 {
        self.shelves.last_change(branch)
    }

    fn menu_place(&self, branch: &Slug) -> Place {
        Place::menu(branch, self.shelves.last_change(branch))
    }

    /// An order: what is kept, or else what its owner answers. It is kept where the reader may see it.
    pub(crate) async fn order<T: Serialize>(
        &self,
        id: Uuid,
        may_see: impl FnOnce(&T) -> bool + Send + 'static,
        ask: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<Read, Refusal> {
        // Before the question goes out: the news may overtake the answer.
        let room = self.redis.is_some() && self.orders.add(id, Instant::now());
        self.get("order", Place::order(id), move |order: &T| room && may_see(order), ask).await
    }

    /// Drops an order, because it has changed.
    pub(crate) async fn drop_order(&self, id: Uuid) {
        self.drop(Place::order(id)).await;
    }

    /// There is news of an order: where this gateway keeps it, it is dropped. What another one has
    /// put there that one drops. While Redis is away the news do not wait for it.
    pub(crate) async fn order_changed(&self, id: Uuid) {
        self.flights.forget(&Place::order(id).key);
        let kept = self.orders.contains(id, Instant::now());
        if kept && self.redis.as_ref().is_some_and(|redis| redis.usable().is_some()) {
            self.drop_order(id).await;
        }
    }

    async fn get<T: Serialize>(
        &self,
        what: &'static str,
        place: Place,
        keep: impl FnOnce(&T) -> bool + Send + 'static,
        ask: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<Read, Refusal> {
        let redis = self.redis.clone();
        let flight = || {
            let place = place.clone();
            async move {
                let redis = redis.as_deref();
                if let Some(json) = read(redis, &place).await {
                    count(what, "hit");
                    return Ok(Read { json, was_kept: true });
                }
                count(what, "miss");
                let (json, keep) = {
                    let answer = ask.await?;
                    (json(&answer)?, keep(&answer))
                };
                if let Some(redis) = redis.filter(|_| keep) {
                    write(redis, &place.key, json.clone()).await;
                }
                Ok(Read { json, was_kept: false })
            }
            .boxed()
        };
        self.flights.join(place.key.clone(), flight).await
    }

    /// For longer than an answer from before the change can be on its way nothing of it is read. Tried
    /// also where Redis is not usable just now: after this failure nobody reads the cache until what is
    /// still in it is too old.
    async fn drop(&self, place: Place) {
        self.flights.forget(&place.key);
        let Some(redis) = self.redis.as_ref() else { return };
        let life = Some(Expiration::PX(GONE_MS));
        redis.tried(redis.client().set::<(), _, _>(place.dropped, "", life, None, false)).await;
    }

    /// Asks for a sign of life; `None` when there is no cache.
    pub(crate) async fn ping(&self) -> Option<Result<(), String>> {
        Some(self.redis.as_ref()?.ping().await)
    }
}

/// What is kept, unless it was dropped just now.
async fn read(redis: Option<&Redis>, place: &Place) -> Option<Bytes> {
    let redis = redis?;
    let both = vec![place.key.as_str(), place.dropped.as_str()];
    let both = redis.usable()?.mget::<Vec<Option<Bytes>>, _>(both);
    match redis.tried(both).await?.as_slice() {
        [Some(json), None] => Some(json.clone()),
        _ => None,
    }
}

/// Keeps it, where nothing is kept.
async fn write(redis: &Redis, key: &str, json: Bytes) {
    let Some(client) = redis.usable() else { return };
    let life = Some(Expiration::PX(LIFE_MS));
    redis.tried(client.set::<(), _, _>(key, json, life, Some(SetOptions::NX), false)).await;
}

fn json<T: Serialize>(answer: &T) -> Result<Bytes, Refusal> {
    serde_json::to_vec(answer).map(Bytes::from).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        internal()
    })
}

fn count(what: &'static str, outcome: &'static str) {
    metrics::counter!("bakery_cache_reads_total", "what" => what, "outcome" => outcome)
        .increment(1);
}

#[cfg(test)]
mod tests;
