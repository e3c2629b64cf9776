//! Owners that do not answer, or answer late: who waits for them waits with the others, and not long.

use super::{DISPLAY, House, Looker, Stage, spawn, within};
use crate::live::Bounds;
use futures::StreamExt;
use futures::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::task::AbortOnDropHandle;

const SHELF: &str = "/api/v1/shelf/live";
/// Answers and failures are kept for a second, and nobody waits for more than a few: on a busy machine that
/// may be over before all have come. So it is tried so often.
const ROUNDS_MAX: usize = 3;

/// An owner that gives its answer, if it has one, late.
struct Slow {
    asked: Arc<AtomicUsize>,
    _desk: AbortOnDropHandle<()>,
}

impl Slow {
    /// In the place of a service; open when this returns.
    async fn open(stage: &mut Stage, service: &'static str, late: Option<(u64, Value)>) -> Self {
        stage.shop.close(service).await;
        let client = stage.shop.bus("operator").await.client;
        let mut requests = client.subscribe(format!("bakery.q.{service}.*")).await.unwrap();
        let mut ready = client.subscribe("ready").await.unwrap();
        client.publish("ready", "".into()).await.unwrap();
        ready.next().await.unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let _desk = spawn(async move {
            while let Some(request) = requests.next().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let Some((pause_ms, reply)) = &late else { continue };
                tokio::time::sleep(Duration::from_millis(*pause_ms)).await;
                let reply = reply.to_string();
                client.publish(request.reply.unwrap(), reply.into()).await.unwrap();
            }
        });
        Self { asked, _desk }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// So many begin to look at the same time: which of them were refused, and with what.
async fn crowd(house: &House, path: &str, lookers: usize) -> Vec<Option<u16>> {
    let lookers = (0..lookers).map(|_| house.sse(path, &[]));
    let status = |looker: &Looker| match looker {
        Looker::Refused(status, _) => Some(*status),
        Looker::Sse(_) | Looker::Socket(_) => None,
    };
    within(join_all(lookers)).await.iter().map(status).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_does_not_answer_is_asked_once_for_all_who_wait() {
    let mut stage = Stage::open().await;
    for (service, path) in [("orders", DISPLAY), ("inventory", SHELF)] {
        let slow = Slow::open(&mut stage, service, None).await;
        let mut rounds = Vec::new();
        while rounds.len() < ROUNDS_MAX && rounds.last() != Some(&1) {
            let (house, before) = (stage.house(Bounds::default()).await, slow.asked());
            assert_eq!(crowd(&house, path, 4).await, [Some(503); 4], "{path}");
            let asked = slow.asked();
            rounds.push(asked - before);
            // It is no failure for ever.
            tokio::time::sleep(Duration::from_millis(1100)).await;
            assert_eq!(crowd(&house, path, 1).await, [Some(503)]);
            assert_eq!(slow.asked(), asked + 1, "{path}");
            house.close().await;
        }
        assert_eq!(rounds.last(), Some(&1), "{path}: {rounds:?}");
    }
}

/// Each answer is too old for the next one, who asks anew.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_longer_than_seconds_for_a_place_that_is_held_meanwhile() {
    let mut rounds: Vec<Vec<Option<u16>>> = Vec::new();
    let is_so = |refused: &Vec<_>| refused.contains(&None) && refused.contains(&Some(503));
    while rounds.len() < ROUNDS_MAX && !rounds.last().is_some_and(is_so) {
        let mut stage = Stage::open().await;
        let board = json!({"orders": []});
        let _slow = Slow::open(&mut stage, "orders", Some((1500, board))).await;
        let house = stage.house(Bounds::default()).await;
        rounds.push(crowd(&house, DISPLAY, 6).await);
        house.close().await;
    }
    assert!(rounds.last().is_some_and(is_so), "{rounds:?}");
}
