//! What is asked, and in which proportion: customers order and look, the kitchen moves orders on.

use crate::session::{Api, Session};
use anyhow::Result;
use bakery_nats::slug::Slug;
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// So many orders are between an order and its first step in the kitchen: it is paid by then.
const UNDER_WAY: usize = 100;
/// Orders that are remembered for being read.
const READABLE_MAX: usize = 1000;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    Create,
    Read,
    List,
    Advance,
    Health,
}

/// One in so many requests is an order, at the least.
pub(super) const REQUESTS_PER_ORDER: u32 = 3;
/// Ten requests, over and over.
const MIX: [Operation; 10] = [
    Operation::Create,
    Operation::Read,
    Operation::Advance,
    Operation::Read,
    Operation::Create,
    Operation::List,
    Operation::Advance,
    Operation::Read,
    Operation::Create,
    Operation::Health,
];

impl Operation {
    /// What the request of this number is.
    pub(super) fn of(n: u32) -> Self {
        let turn = usize::try_from(n).unwrap_or_default() % MIX.len();
        MIX.get(turn).copied().unwrap_or(Self::Health)
    }

    /// For people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "create order",
            Self::Read => "read order",
            Self::List => "list orders",
            Self::Advance => "status change",
            Self::Health => "health",
        }
    }

    /// The p99 that we want to stay under, in milliseconds.
    pub(super) fn target_ms(self) -> u64 {
        match self {
            Self::Create | Self::Advance => 50,
            Self::Read | Self::Health => 10,
            Self::List => 20,
        }
    }
}

/// A step that the kitchen can take: the order and what is done with it.
type Step = (Uuid, &'static str);

/// What is known of the orders so far.
#[derive(Default)]
struct Known {
    /// The order and the customer whose it is.
    readable: VecDeque<(Uuid, usize)>,
    next: VecDeque<Step>,
}

/// Everybody who asks.
pub(super) struct Counter {
    api: Api,
    kitchen: Session,
    customers: Vec<Session>,
    products: Vec<Slug>,
    known: Mutex<Known>,
}

#[derive(Deserialize)]
struct Placed {
    id: Uuid,
}

impl Counter {
    pub(super) fn new(
        api: Api,
        kitchen: Session,
        customers: Vec<Session>,
        products: Vec<Slug>,
    ) -> Self {
        Self { api, kitchen, customers, products, known: Mutex::default() }
    }

    /// Sends a request; whether it was answered as it should be. `None` where there is nothing to ask.
    pub(super) async fn ask(&self, operation: Operation, n: u32) -> Option<bool> {
        let asked = match operation {
            Operation::Create => self.create(n).await.map(Some),
            Operation::Read => self.read(n).await,
            Operation::List => self.list().await.map(Some),
            Operation::Advance => self.advance().await,
            Operation::Health => {
                send(self.api.get("/health")).await.map(|good| Some(good.is_some()))
            }
        };
        asked.unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), operation = operation.name(), "no answer");
            Some(false)
        })
    }

    async fn create(&self, n: u32) -> Result<bool> {
        let turn = usize::try_from(n)?;
        let (customer, product) =
            (turn % self.customers.len(), turn / MIX.len() % self.products.len());
        let (Some(session), Some(product)) =
            (self.customers.get(customer), self.products.get(product))
        else {
            return Ok(false);
        };
        let items = json!([{"product_id": product, "quantity": 1}]);
        let body = json!({"customer": {"name": "Ada"}, "items": items});
        let request = session.sign(self.api.post("/orders").json(&body)).await?;
        let Some(answer) = send(request).await? else { return Ok(false) };
        let Placed { id } = serde_json::from_slice(&answer)?;
        self.with_known(|known| {
            known.next.push_back((id, "start"));
            known.readable.push_back((id, customer));
            if known.readable.len() > READABLE_MAX {
                known.readable.pop_front();
            }
        });
        Ok(true)
    }

    async fn read(&self, n: u32) -> Result<Option<bool>> {
        let turn = usize::try_from(n)?;
        let chosen = self.with_known(|known| {
            let among = known.readable.len().max(1);
            known.readable.get(turn % among).copied()
        });
        let Some((id, customer)) = chosen else { return Ok(None) };
        let Some(session) = self.customers.get(customer) else { return Ok(None) };
        let request = session.sign(self.api.get(&format!("/orders/{id}"))).await?;
        Ok(Some(send(request).await?.is_some()))
    }

    async fn list(&self) -> Result<bool> {
        let request = self.kitchen.sign(self.api.get("/orders?branch=main&limit=20")).await?;
        Ok(send(request).await?.is_some())
    }

    /// The oldest step, where enough orders came after it.
    async fn advance(&self) -> Result<Option<bool>> {
        let step = self.with_known(|known| {
            let ready = known.next.len() > UNDER_WAY;
            ready.then(|| known.next.pop_front()).flatten()
        });
        let Some((id, action)) = step else { return Ok(None) };
        let request =
            self.kitchen.sign(self.api.post(&format!("/kitchen/orders/{id}/{action}"))).await?;
        let good = send(request).await?.is_some();
        if let Some(next) = next(action).filter(|_| good) {
            self.with_known(|known| known.next.push_back((id, next)));
        }
        Ok(Some(good))
    }

    fn with_known<T>(&self, with: impl FnOnce(&mut Known) -> T) -> T {
        // No code panics while it holds the lock.
        with(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn next(action: &str) -> Option<&'static str> {
    match action {
        "start" => Some("ready"),
        "ready" => Some("serve"),
        _ => None,
    }
}

/// The body of an answer that is as it should be.
async fn send(request: RequestBuilder) -> Result<Option<Vec<u8>>> {
    let answer = request.send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    let good = matches!(status, StatusCode::OK | StatusCode::ACCEPTED);
    if !good {
        tracing::warn!(%status, body = %String::from_utf8_lossy(&body), "not as it should be");
    }
    Ok(good.then(|| body.to_vec()))
}
