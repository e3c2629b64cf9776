//! The answering side of requests: a service's desk at the Services API, so that `nats micro ls`,
//! `info` and `stats` show it. Everything that waits here is bounded; what is too much is refused
//! at once with 503.

use crate::Pool;
use crate::connect::Bus;
use crate::publish::Outlet;
use crate::refusal::Refusal;
use crate::relay;
use crate::request::{Asked, Clock, REFUSAL, Request};
use crate::write::{self, Done, Writer};
use async_nats::service::{self, ServiceExt, endpoint::Endpoint};
use async_nats::{HeaderMap, service::error::Error as ServiceError};
use futures::StreamExt;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Queries of one kind that are answered at the same time.
const QUERIES_MAX: usize = 128;
/// Writes of one kind that wait for the next commit.
const WRITES_WAITING_MAX: usize = 2000;
/// Writes that share one commit.
const WRITES_BATCH_MAX: usize = 200;

/// Why a desk cannot open.
#[derive(Debug, thiserror::Error)]
#[error("the service {service} cannot register at the Services API: {reason}")]
pub struct ServeError {
    service: &'static str,
    reason: String,
}

/// One service's desk.
pub struct Desk {
    service: service::Service,
    name: &'static str,
    clock: Clock,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Desk {
    /// Registers the service.
    pub async fn open(
        bus: &Bus,
        name: &'static str,
        about: &str,
        clock: Clock,
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Result<Self, ServeError> {
        let service = bus
            .client
            .service_builder()
            .description(about)
            .start(name, env!("CARGO_PKG_VERSION"))
            .await
            .map_err(|error| ServeError { service: name, reason: error.to_string() })?;
        Ok(Self { service, name, clock, tasks, stop })
    }

    async fn endpoint<R: Request>(&self) -> Result<Endpoint, ServeError> {
        let group = self.service.group(format!("bakery.q.{}", self.name));
        let about = [("about".to_owned(), R::ABOUT.to_owned())];
        group
            .endpoint_builder()
            .name(R::NAME)
            .metadata(about.into())
            .add(R::NAME)
            .await
            .map_err(|error| ServeError { service: self.name, reason: error.to_string() })
    }

    /// Answers one kind of question.
    pub async fn query<R, F, Fut>(&self, answer: F) -> Result<(), ServeError>
    where
        R: Request,
        F: Fn(Asked<R>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R::Reply, Refusal>> + Send,
    {
        let mut endpoint = self.endpoint::<R>().await?;
        let (clock, stop, tasks) = (self.clock.clone(), self.stop.clone(), self.tasks.clone());
        let (answer, room) = (Arc::new(answer), Arc::new(Semaphore::new(QUERIES_MAX)));
        self.tasks.spawn(async move {
            while let Some(Some(request)) = stop.run_until_cancelled(endpoint.next()).await {
                let Ok(place) = room.clone().try_acquire_owned() else {
                    respond::<R>(&request, Err(overloaded(R::SERVICE))).await;
                    continue;
                };
                let (answer, at) = (answer.clone(), clock());
                tasks.spawn(async move {
                    let result = match read::<R>(&request, at) {
                        Ok(asked) => answer(asked).await,
                        Err(refusal) => Err(refusal),
                    };
                    respond::<R>(&request, result).await;
                    drop(place);
                });
            }
        });
        Ok(())
    }

    /// Takes one kind of write: what waits together is committed together, then answered, then
    /// its messages are published.
    pub async fn writes<W: Writer, O: Outlet>(
        &self,
        pool: Pool,
        writer: W,
        outlet: Arc<O>,
    ) -> Result<(), ServeError> {
        let mut endpoint = self.endpoint::<W::Request>().await?;
        let (sender, receiver) = mpsc::channel(WRITES_WAITING_MAX);
        let (clock, stop) = (self.clock.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            while let Some(Some(request)) = stop.run_until_cancelled(endpoint.next()).await {
                let refused = match read::<W::Request>(&request, clock()) {
                    Ok(asked) => match sender.try_send((request, asked)) {
                        Ok(()) => continue,
                        Err(full) => (full.into_inner().0, overloaded(W::Request::SERVICE)),
                    },
                    Err(refusal) => (request, refusal),
                };
                respond::<W::Request>(&refused.0, Err(refused.1)).await;
            }
        });
        let tasks = self.tasks.clone();
        self.tasks.spawn(commit_in_groups(pool, Arc::new(writer), outlet, receiver, tasks));
        Ok(())
    }
}

type Waiting<R> = (service::Request, Asked<R>);

async fn commit_in_groups<W: Writer, O: Outlet>(
    pool: Pool,
    writer: Arc<W>,
    outlet: Arc<O>,
    mut receiver: mpsc::Receiver<Waiting<W::Request>>,
    tasks: TaskTracker,
) {
    let mut waiting = Vec::with_capacity(WRITES_BATCH_MAX);
    while receiver.recv_many(&mut waiting, WRITES_BATCH_MAX).await > 0 {
        let (requests, batch): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
        match write::process(pool.clone(), writer.clone(), batch).await {
            Ok(done) => {
                for (request, reply) in requests.iter().zip(done.replies) {
                    respond::<W::Request>(request, reply).await;
                }
                if done.wires.is_empty() {
                    continue;
                }
                let (pool, outlet) = (pool.clone(), outlet.clone());
                tasks.spawn(async move {
                    let sent = relay::send(&pool, outlet.as_ref(), done.wires, done.keys).await;
                    if let Err(error) = sent {
                        tracing::warn!(error, "a batch is stored but not sent; the relay will");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(error = error.chain(), "writes refused: a passing fault");
                for request in &requests {
                    let database = format!("the {} database", W::Request::SERVICE);
                    respond::<W::Request>(request, Err(Refusal::unavailable(&database))).await;
                }
            }
        }
    }
}

fn read<R: Request>(
    request: &service::Request,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<Asked<R>, Refusal> {
    // An empty body reads as `{}`, so that `nats req bakery.q.inventory.products ''` works.
    let payload: &[u8] = match request.message.payload.as_ref() {
        [] => b"{}",
        bytes => bytes,
    };
    let body = serde_json::from_slice(payload).map_err(|error| {
        Refusal::new(400, "malformed", format!("the request cannot be read: {error}"))
    })?;
    Ok(Asked { request_id: Uuid::now_v7(), at, body })
}

async fn respond<R: Request>(request: &service::Request, result: Done<R>) {
    let sent = match result {
        Ok(reply) => {
            request.respond(Ok(serde_json::to_vec(&reply).unwrap_or_default().into())).await
        }
        Err(refusal) => {
            let mut headers = HeaderMap::new();
            let json = serde_json::to_string(&refusal).unwrap_or_default();
            headers.insert(REFUSAL, json.as_str());
            let error = ServiceError { code: refusal.status.into(), status: refusal.code };
            request.respond_with_headers(Err(error), headers).await
        }
    };
    if let Err(error) = sent {
        // The asker gives up by its own time-out and may ask again.
        tracing::warn!(%error, request = R::NAME, "an answer could not be sent");
    }
}

fn overloaded(service: &str) -> Refusal {
    Refusal::new(503, "overloaded", format!("the {service} service has too much to do; try again"))
}
