//! The answering side of requests: a service's desk at the Services API, so that `nats micro ls`,
//! `info` and `stats` show it. Everything that waits here is bounded; what is too much is refused
//! at once with 503.

use crate::Pool;
use crate::connect::Bus;
use crate::envelope::Wire;
use crate::publish::Outlet;
use crate::record::Key;
use crate::refusal::Refusal;
use crate::relay;
use crate::request::{Asked, Clock, REFUSAL, Request};
use crate::write::{self, Done, Writer};
use async_nats::service::{self, ServiceExt, endpoint::Endpoint};
use async_nats::{HeaderMap, service::error::Error as ServiceError};
use futures::{Stream, StreamExt, future};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Queries of one kind that are answered at the same time.
const QUERIES_MAX: usize = 128;
/// Writes of one kind that wait for the next commit.
const WRITES_WAITING_MAX: usize = 2000;
/// Refused writes of one kind that are being mended, and how long that may take: less than the
/// asker waits.
const MENDING_MAX: usize = 64;
const MENDING_TIMEOUT_MS: u64 = 2000;
/// Batches of one kind whose messages are sent, and that wait for being noted.
const SENT_MAX: usize = 1000;
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

    /// Takes the service off the Services API.
    pub async fn close(self) {
        if let Err(error) = self.service.stop().await {
            tracing::debug!(error, service = self.name, "the desk is closed all the same");
        }
    }

    async fn endpoint<R: Request>(
        &self,
    ) -> Result<impl Stream<Item = service::Request> + use<R>, ServeError> {
        let group = self.service.group(format!("bakery.q.{}", self.name));
        let about = [("about".to_owned(), R::ABOUT.to_owned())];
        group
            .endpoint_builder()
            .name(R::NAME)
            .metadata(about.into())
            .add(R::NAME)
            .await
            .map_err(|error| ServeError { service: self.name, reason: error.to_string() })
            .map(|endpoint: Endpoint| endpoint.filter(|request| future::ready(is_honest(request))))
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
        let (sent, to_settle) = mpsc::channel(SENT_MAX);
        self.tasks.spawn(relay::settle_all(pool.clone(), to_settle));
        let group = Group {
            pool,
            writer: Arc::new(writer),
            outlet,
            sent,
            tasks: self.tasks.clone(),
            mending: Arc::new(Semaphore::new(MENDING_MAX)),
        };
        self.tasks.spawn(group.run(receiver, sender.downgrade()));
        let (clock, stop) = (self.clock.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            while let Some(Some(request)) = stop.run_until_cancelled(endpoint.next()).await {
                let refused = match read::<W::Request>(&request, clock()) {
                    Ok(asked) => match sender.try_send(Waiting { request, asked, mended: false }) {
                        Ok(()) => continue,
                        Err(full) => (full.into_inner().request, overloaded(W::Request::SERVICE)),
                    },
                    Err(refusal) => (request, refusal),
                };
                respond::<W::Request>(&refused.0, Err(refused.1)).await;
            }
        });
        Ok(())
    }
}

/// A write that waits for the next commit.
struct Waiting<R> {
    request: service::Request,
    asked: Asked<R>,
    /// True if it was refused once already and is decided for the second and last time.
    mended: bool,
}

/// Commits the writes of one kind, all that wait at once.
struct Group<W, O> {
    pool: Pool,
    writer: Arc<W>,
    outlet: Arc<O>,
    /// Steps whose messages are in the stream.
    sent: mpsc::Sender<Vec<Key>>,
    tasks: TaskTracker,
    /// Refusals that are being mended.
    mending: Arc<Semaphore>,
}

impl<W: Writer, O: Outlet> Group<W, O> {
    /// Ends when the last sender is gone and everything that waited is answered.
    async fn run(
        self,
        mut receiver: mpsc::Receiver<Waiting<W::Request>>,
        again: mpsc::WeakSender<Waiting<W::Request>>,
    ) {
        let mut waiting = Vec::with_capacity(WRITES_BATCH_MAX);
        while receiver.recv_many(&mut waiting, WRITES_BATCH_MAX).await > 0 {
            let batch: Vec<_> = waiting.iter().map(|w| w.asked.clone()).collect();
            match write::commit(&self.pool, &self.writer, &batch).await {
                Ok(done) => {
                    for (waiting, reply) in waiting.drain(..).zip(done.replies) {
                        self.answer(waiting, reply, &again).await;
                    }
                    self.send(done.wires, done.keys);
                }
                Err(error) => {
                    tracing::warn!(error = error.chain(), "writes refused: a passing fault");
                    for waiting in waiting.drain(..) {
                        let database = format!("the {} database", W::Request::SERVICE);
                        let refusal = Refusal::unavailable(&database);
                        respond::<W::Request>(&waiting.request, Err(refusal)).await;
                    }
                }
            }
        }
    }

    /// Answers one write; a first refusal may be mended, aside and without holding up the others.
    async fn answer(
        &self,
        mut waiting: Waiting<W::Request>,
        reply: Done<W::Request>,
        again: &mpsc::WeakSender<Waiting<W::Request>>,
    ) {
        let (refusal, sender) = match (reply, again.upgrade()) {
            (Err(refusal), Some(sender)) if !waiting.mended && self.writer.can_mend(&refusal) => {
                (refusal, sender)
            }
            (reply, _) => return respond::<W::Request>(&waiting.request, reply).await,
        };
        let Ok(place) = self.mending.clone().try_acquire_owned() else {
            let refusal = overloaded(W::Request::SERVICE);
            return respond::<W::Request>(&waiting.request, Err(refusal)).await;
        };
        let writer = self.writer.clone();
        self.tasks.spawn(async move {
            let _place = place;
            let limit = Duration::from_millis(MENDING_TIMEOUT_MS);
            let refused = match timeout(limit, writer.mend(&waiting.asked, &refusal)).await {
                Err(_) => (waiting.request, Refusal::unavailable("what the request names")),
                Ok(Ok(false)) => (waiting.request, refusal),
                Ok(Err(other)) => (waiting.request, other),
                Ok(Ok(true)) => {
                    waiting.mended = true;
                    match sender.try_send(waiting) {
                        Ok(()) => return,
                        Err(full) => (full.into_inner().request, overloaded(W::Request::SERVICE)),
                    }
                }
            };
            respond::<W::Request>(&refused.0, Err(refused.1)).await;
        });
    }

    fn send(&self, wires: Vec<Wire>, keys: Vec<Key>) {
        if wires.is_empty() {
            return;
        }
        let (outlet, sent) = (self.outlet.clone(), self.sent.clone());
        self.tasks.spawn(async move {
            if let Err(error) = outlet.publish(wires).await {
                tracing::warn!(%error, "a batch is stored but not sent; the relay will");
            } else if sent.try_send(keys).is_err() {
                tracing::warn!("a batch is sent but not noted; the relay sends it once more");
            }
        });
    }
}

/// An answer goes to an inbox and nowhere else: an asker that names another subject would make the
/// service publish there with the service's own rights. Such a request gets no answer.
fn is_honest(request: &service::Request) -> bool {
    let reply = request.message.reply.as_ref();
    let honest = reply.is_some_and(|reply| reply.starts_with("_INBOX"));
    if !honest {
        let subject = request.message.subject.as_str();
        tracing::warn!(subject, ?reply, "a request that names no inbox is ignored");
    }
    honest
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
