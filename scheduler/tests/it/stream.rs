//! A stream that a test holds in its hand, and rounds of the clock at a moment.

use async_nats::jetstream::context::{PublishError as ClientError, PublishErrorKind};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::publish::{Outlet, PublishError};
use bakery_scheduler::Ticker;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// What it took, in its order.
#[derive(Default)]
pub(crate) struct Stream {
    pub(crate) log: Arc<Mutex<Vec<Wire>>>,
    /// Messages are stored and the acknowledgement is lost.
    pub(crate) unsure: bool,
    /// What happens while messages are on their way: after the jobs were read, before they move.
    pub(crate) meanwhile: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

impl Stream {
    pub(crate) fn meanwhile(event: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { meanwhile: Mutex::new(Some(Box::pin(event))), ..Self::default() }
    }
}

impl Outlet for Stream {
    async fn publish(&self, messages: Vec<Wire>) -> Result<(), PublishError> {
        let all = messages.len();
        self.log.lock().unwrap().extend(messages);
        let event = self.meanwhile.lock().unwrap().take();
        if let Some(event) = event {
            event.await;
        }
        if self.unsure {
            let source = ClientError::new(PublishErrorKind::TimedOut);
            let message_id = "the first".to_owned();
            return Err(PublishError::Unknown { failed: all, all, message_id, source });
        }
        Ok(())
    }
}

/// One round at a moment; gives what it sent, and whether it went well.
pub(crate) async fn round(pool: &Pool, stream: Stream, now: DateTime<Utc>) -> (Vec<Wire>, bool) {
    let outlet = Arc::new(stream);
    let clock = Arc::new(move || now);
    let ticker = Ticker { pool: pool.clone(), outlet: outlet.clone(), clock };
    let done = ticker.round().await.is_ok();
    let sent = std::mem::take(&mut *outlet.log.lock().unwrap());
    (sent, done)
}

/// What is fired at a moment.
pub(crate) async fn fired(pool: &Pool, now: DateTime<Utc>) -> Vec<Tick> {
    let (sent, done) = round(pool, Stream::default(), now).await;
    assert!(done);
    sent.iter().map(tick).collect()
}

/// The transport ids; the stream keeps one message of each.
pub(crate) fn ids(wires: &[Wire]) -> BTreeSet<&str> {
    wires.iter().map(Wire::message_id).collect()
}

/// A tick by what it says: branch, job and logical time.
pub(crate) type Tick = (String, String, DateTime<Utc>);

pub(crate) fn tick(wire: &Wire) -> Tick {
    let body: serde_json::Value = serde_json::from_slice(&wire.payload).unwrap();
    let text = |field: &str| body[field].as_str().unwrap().to_owned();
    let branch = wire.subject.split('.').nth(3).unwrap().to_owned();
    (branch, text("job"), text("due_at").parse().unwrap())
}

/// A clock that a test moves, and schedulers that go by it.
pub(crate) struct Shop {
    pub(crate) pool: Pool,
    pub(crate) stream: Arc<Stream>,
    now: Arc<AtomicI64>,
}

impl Shop {
    pub(crate) fn new(pool: Pool) -> Self {
        Self { pool, stream: Arc::default(), now: Arc::default() }
    }

    pub(crate) fn set(&self, now: DateTime<Utc>) {
        self.now.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// A scheduler that has just been started.
    pub(crate) fn ticker(&self) -> Ticker<Stream> {
        self.ticker_to(self.stream.clone())
    }

    /// One that publishes by another way.
    pub(crate) fn ticker_on(&self, stream: Stream) -> Ticker<Stream> {
        self.ticker_to(Arc::new(stream))
    }

    fn ticker_to(&self, outlet: Arc<Stream>) -> Ticker<Stream> {
        let now = self.now.clone();
        let clock =
            Arc::new(move || DateTime::from_timestamp_micros(now.load(Ordering::SeqCst)).unwrap());
        Ticker { pool: self.pool.clone(), outlet, clock }
    }
}
