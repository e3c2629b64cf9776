//! Rounds of the clock on a real Postgres: nothing is lost or doubled, whatever happens between
//! publishing and moving on.

use crate::{bake, jobs, put_well, scheduler, sweep};
use async_nats::jetstream::context::{PublishError as ClientError, PublishErrorKind};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::publish::{Outlet, PublishError};
use bakery_scheduler::Ticker;
use bakery_testbed::at;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

/// A stream that a test holds in its hand.
#[derive(Default)]
struct Stream {
    log: Arc<Mutex<Vec<Wire>>>,
    /// Messages are stored and the acknowledgement is lost.
    unsure: bool,
    /// What happens while messages are on their way: after the jobs were read, before they move.
    meanwhile: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

impl Stream {
    fn meanwhile(event: impl Future<Output = ()> + Send + 'static) -> Self {
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
async fn round(pool: &Pool, stream: Stream, seconds: i64) -> (Vec<Wire>, bool) {
    let outlet = Arc::new(stream);
    let clock = Arc::new(move || at(seconds));
    let ticker = Ticker { pool: pool.clone(), outlet: outlet.clone(), clock };
    let done = ticker.round().await.is_ok();
    let sent = std::mem::take(&mut *outlet.log.lock().unwrap());
    (sent, done)
}

/// The transport ids; the stream keeps one message of each.
fn ids(wires: &[Wire]) -> BTreeSet<&str> {
    wires.iter().map(Wire::message_id).collect()
}

async fn next_at(pool: &Pool) -> DateTime<Utc> {
    jobs(pool).await[0].next_at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_fires_what_is_due_and_the_next_one_does_not_repeat_it() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1), sweep("late", "0 0 0 1 1 *")], 0).await;
    assert_eq!(round(&pool, Stream::default(), 59).await.0, []);
    let (fired, _) = round(&pool, Stream::default(), 120).await;
    assert_eq!(fired.len(), 2);
    let donut = &jobs(&pool).await[0];
    assert_eq!((donut.last_at, donut.next_at), (Some(at(120)), at(180)));
    assert_eq!(round(&pool, Stream::default(), 179).await.0, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_that_may_be_lost_go_out_again_under_the_same_ids() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let unsure = Stream { unsure: true, ..Stream::default() };
    let (first, done) = round(&pool, unsure, 60).await;
    assert!(!done);
    assert_eq!(next_at(&pool).await, at(60), "the job has not moved");

    let (again, done) = round(&pool, Stream::default(), 120).await;
    assert!(done);
    assert_eq!(again.first(), first.first());
    assert_eq!((again.len(), next_at(&pool).await), (2, at(180)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slower_scheduler_fires_the_same_ticks_and_takes_nothing_back() {
    let pool = scheduler().await;
    put_well(&pool, &[sweep("sweep", "0 * * * * *")], 0).await;
    let log: Arc<Mutex<Vec<Wire>>> = Arc::default();
    let (other, shared) = (pool.clone(), log.clone());
    let faster = async move {
        let (sent, done) = round(&other, Stream::default(), 180).await;
        assert!(done);
        shared.lock().unwrap().extend(sent);
    };
    let slower = Stream { log, ..Stream::meanwhile(faster) };
    let (sent, done) = round(&pool, slower, 60).await;
    assert!(done);
    assert_eq!((sent.len(), ids(&sent).len()), (4, 3), "one tick went out twice");
    assert_eq!(next_at(&pool).await, at(240));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_with_a_new_line_is_not_moved_by_the_ticks_of_the_old_one() {
    let pool = scheduler().await;
    put_well(&pool, &[bake("donut", "0 * * * * *", 1)], 0).await;
    let other = pool.clone();
    // The request came a moment earlier and waited for its commit: both lines are due at 60.
    let put_new = async move { put_well(&other, &[bake("donut", "0 1 * * * *", 1)], 59).await };
    let (fired, _) = round(&pool, Stream::meanwhile(put_new), 60).await;
    let donut = &jobs(&pool).await[0];
    assert_eq!((fired.len(), donut.last_at, donut.next_at), (1, None, at(60)));
}
