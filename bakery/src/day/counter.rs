//! The counter: the HTTP interface as customers and the kitchen use it, and what they saw of it.

use super::town::{Person, Visit};
use crate::session::{Api, Session, send_patiently};
use anyhow::{Context, Result, bail};
use bakery_nats::slug::Slug;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The longest a customer waits for the end of an order, and for any answer at all.
const WAIT_S: u64 = 10;
const ANSWER_TIMEOUT_S: u64 = 30;
/// Between two looks at what is waited for.
const LOOK_PAUSE_MS: u64 = 25;

/// What customers saw.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) came: AtomicU64,
    pub(super) bought: AtomicU64,
    pub(super) sold_out: AtomicU64,
    pub(super) no_money: AtomicU64,
    pub(super) found_it_closed: AtomicU64,
    pub(super) served: AtomicU64,
    /// In minor units.
    pub(super) paid: AtomicU64,
}

/// An order as a customer sees it, or the problem there was with it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Seen {
    id: Uuid,
    /// The word of an order, the number of a problem.
    status: Value,
    total: Option<u64>,
    code: String,
    detail: String,
}

/// A way to order at the running bakery.
pub(super) struct Counter {
    api: Api,
    /// Who works here.
    staff: Session,
    /// In the order of the town's people.
    customers: Vec<Session>,
    pub(super) tally: Arc<Tally>,
}

impl Counter {
    /// Where the staff has signed in, and nobody has come yet.
    pub(super) async fn open(addr: SocketAddr, username: &str, password: &str) -> Result<Self> {
        let client = Client::builder().timeout(Duration::from_secs(ANSWER_TIMEOUT_S)).build()?;
        let api = Api::at(client, &format!("http://{addr}"));
        let staff = api.sign_in(username, password).await?;
        Ok(Self { api, staff, customers: Vec::new(), tally: Arc::default() })
    }

    /// Lets somebody in as the next customer, with the money in their purse.
    pub(super) async fn welcome(&mut self, person: &Person, currency: &str) -> Result<()> {
        let (customer, account_id) = self.api.guest(person.name, currency).await?;
        let path = format!("/accounts/{account_id}/deposits");
        let purse = json!({"amount": {"amount": person.purse, "currency": currency}});
        // Once, however often it is sent.
        let deposit = self.api.post(&path).header("Idempotency-Key", account_id.to_string());
        let paid_in = send_patiently(self.staff.sign(deposit.json(&purse)).await?).await?;
        let http = paid_in.status();
        if !http.is_success() {
            bail!("a purse was not paid in: {http} {}", paid_in.json::<Seen>().await?.detail);
        }
        self.customers.push(customer);
        Ok(())
    }

    /// Reads; anything but 200 is an error.
    pub(super) async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let answer = self.staff.sign(self.api.get(path)).await?.send().await?;
        let status = answer.status();
        if status != StatusCode::OK {
            bail!("GET {path}: {status} {}", answer.json::<Seen>().await?.detail);
        }
        answer.json().await.with_context(|| format!("GET {path} gave something unknown"))
    }

    /// Reads again and again until something is found; `None` where that takes longer than `within`.
    pub(super) async fn read_until<T: DeserializeOwned, F>(
        &self,
        path: &str,
        within: Duration,
        mut find: impl FnMut(T) -> Result<Option<F>>,
    ) -> Result<Option<F>> {
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            // A service that is late just now is asked again.
            match self.read(path).await {
                Ok(answer) => {
                    if let Some(found) = find(answer)? {
                        return Ok(Some(found));
                    }
                }
                Err(error) => {
                    tracing::warn!(path, error = format!("{error:#}"), "it must wait");
                }
            }
            tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
        }
        Ok(None)
    }

    async fn post(
        &self,
        session: &Session,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Seen)> {
        let mut request = session.sign(self.api.post(path)).await?;
        if let Some(body) = body {
            request = request.header("Prefer", format!("wait={WAIT_S}")).json(body);
        }
        let answer = request.send().await?;
        Ok((answer.status(), answer.json().await?))
    }

    /// One customer: orders, waits for the end, and now and then calls it off.
    pub(super) async fn serve(&self, branch: &Slug, visit: &Visit) {
        self.count(&self.tally.came, 1);
        if let Err(error) = self.sell(branch, visit).await {
            tracing::warn!(error = format!("{error:#}"), "a customer was not served");
        }
    }

    async fn sell(&self, branch: &Slug, visit: &Visit) -> Result<()> {
        let item = |(product, quantity): &(&str, u32)| json!({"product_id": product, "quantity": quantity});
        let wish = json!({
            "branch": branch,
            "customer": {"name": visit.name},
            "items": visit.basket.iter().map(item).collect::<Vec<_>>(),
        });
        let customer = self.customers.get(visit.person).context("nobody has come in")?;
        let (http, order) = self.post(customer, "/orders", Some(&wish)).await?;
        let tally = &self.tally;
        let seen = match (http.as_u16(), order.status.as_str(), order.code.as_str()) {
            (409, _, "branch_closed") => &tally.found_it_closed,
            (200..=202, Some("rejected"), _) => &tally.sold_out,
            (200..=202, Some("declined"), _) => &tally.no_money,
            (200..=202, Some("confirmed" | "preparing" | "ready" | "served"), _) => {
                self.count(&tally.paid, order.total.unwrap_or_default());
                &tally.bought
            }
            // It is under way still, or was given up.
            (200..=202, Some(_), _) => return Ok(()),
            _ => bail!("an order was answered with {http}: {}", order.detail),
        };
        self.count(seen, 1);
        if visit.regrets && order.status == "confirmed" {
            self.advance(order.id, "cancel").await?;
        }
        Ok(())
    }

    /// Moves an order on; false where somebody else was faster.
    pub(super) async fn advance(&self, id: Uuid, action: &str) -> Result<bool> {
        let kitchen = if action == "cancel" { "" } else { "/kitchen" };
        let path = format!("{kitchen}/orders/{id}/{action}");
        let (http, order) = self.post(&self.staff, &path, None).await?;
        match http {
            StatusCode::CONFLICT => Ok(false),
            http if http.is_success() => Ok(true),
            http => bail!("{action} was answered with {http}: {}", order.detail),
        }
    }

    pub(super) fn count(&self, what: &AtomicU64, by: u64) {
        what.fetch_add(by, Ordering::Relaxed);
    }
}
