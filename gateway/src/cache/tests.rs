//! The cache with Redis, without it, and while it is away.

use super::Cache;
use crate::redis::Redis;
use axum::body::Bytes;
use bakery_embedded::{Servers, Temporary};
use bakery_nats::slug::Slug;
use fred::interfaces::ClientLike;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(1);
const READERS: u32 = 1000;
/// Where each of the 99 waited for its command, they would take 5 s.
const READ_WITHIN_S: u64 = 4;

fn open(url: &str) -> Arc<Redis> {
    Arc::new(Redis::open(url).unwrap())
}

async fn servers() -> (Servers, Arc<Redis>) {
    let wanted = Temporary { redis: true, ..Temporary::default() };
    let servers = Servers::temporary(wanted).await.unwrap();
    let redis = open(&servers.redis.as_ref().unwrap().url());
    redis.client().wait_for_connect().await.unwrap();
    (servers, redis)
}

/// What is answered for the order while its owner says this.
async fn order(cache: &Cache, owner: &'static str) -> Bytes {
    cache.order(ID, |_| true, async move { Ok(owner) }).await.unwrap().json
}

/// On a busy machine a command may be too slow, and be a miss like any other; so may what makes room.
async fn until_kept(cache: &Cache, owner: &'static str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while order(cache, "something else").await != format!("{owner:?}") {
        assert!(Instant::now() < deadline, "nothing is ever kept");
        drop(cache.redis.as_ref().unwrap().client().flushall::<()>(false).await);
        order(cache, owner).await;
    }
}

#[tokio::test]
async fn without_redis_everything_is_a_miss_at_once() {
    // Nobody listens on port 1.
    for url in [None, Some("redis://127.0.0.1:1")] {
        let cache = Cache::new(url.map(open));
        let start = Instant::now();
        for owner in ["1", "2", "3"].iter().cycle().take(99) {
            assert_eq!(order(&cache, owner).await, format!("{owner:?}"));
        }
        cache.drop_order(ID).await;
        assert!(start.elapsed() < Duration::from_secs(READ_WITHIN_S), "each waits");
        assert_eq!(cache.ping().await.is_some_and(|pong| pong.is_err()), url.is_some());
    }
}

#[tokio::test]
async fn an_order_that_has_changed_does_not_come_back_with_a_late_answer() {
    let (servers, redis) = servers().await;
    let [cache, other] = [redis.clone(), redis].map(|redis| Arc::new(Cache::new(Some(redis))));
    until_kept(&cache, "reserved").await;
    cache.drop_order(ID).await;
    assert_eq!(order(&cache, "confirmed").await, "\"confirmed\"");
    // While this answer is on its way the order is cancelled at another gateway.
    let late = async move {
        other.drop_order(ID).await;
        Ok("preparing")
    };
    assert_eq!(cache.order(ID, |_| true, late).await.unwrap().json, "\"preparing\"");
    assert_eq!(order(&cache, "cancelled").await, "\"cancelled\"", "an old answer was kept");
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn what_the_reader_may_not_see_is_not_kept() {
    let (servers, redis) = servers().await;
    let cache = Cache::new(Some(redis));
    for _ in 0..3 {
        let read = cache.order(ID, |_| false, async { Ok("somebody else's") }).await.unwrap();
        assert!(!read.was_kept);
    }
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn news_of_an_order_drops_what_is_kept_of_it() {
    let (servers, redis) = servers().await;
    let cache = Cache::new(Some(redis));
    until_kept(&cache, "reserved").await;
    cache.order_changed(ID).await;
    assert_eq!(order(&cache, "confirmed").await, "\"confirmed\"");
    servers.stop().await.unwrap();
}

async fn menu(cache: &Cache, branch: &Slug, owner: &'static str) -> Bytes {
    cache.menu(branch, async move { Ok(owner) }).await.unwrap()
}

async fn until_menu_kept(cache: &Cache, branch: &Slug) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while menu(cache, branch, "something else").await != "\"three left\"" {
        assert!(Instant::now() < deadline, "nothing is ever kept");
        drop(cache.redis.as_ref().unwrap().client().flushall::<()>(false).await);
        menu(cache, branch, "three left").await;
    }
}

#[tokio::test]
async fn a_menu_that_was_changed_by_hand_is_old_also_for_who_has_heard_more_of_its_shelf() {
    let (servers, redis) = servers().await;
    let [here, there] = [redis.clone(), redis].map(|redis| Cache::new(Some(redis)));
    let main: Slug = "main".parse().unwrap();
    here.shelf_changed(&main, 7);
    there.shelf_changed(&main, 8);
    until_menu_kept(&there, &main).await;
    here.drop_menu(&main).await;
    assert_eq!(menu(&there, &main, "off sale").await, "\"off sale\"");
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn a_menu_from_before_its_shelf_changed_is_not_read_any_more() {
    let (servers, redis) = servers().await;
    let cache = Arc::new(Cache::new(Some(redis)));
    let main: Slug = "main".parse().unwrap();
    until_menu_kept(&cache, &main).await;
    let menu = async |owner: &'static str| menu(&cache, &main, owner).await;
    cache.shelf_changed(&main, 7);
    // While this answer is on its way the last one is sold.
    let (told, branch) = (cache.clone(), main.clone());
    let late = async move {
        told.shelf_changed(&branch, 8);
        Ok("one left")
    };
    assert_eq!(cache.menu(&main, late).await.unwrap(), "\"one left\"");
    assert_eq!(menu("none left").await, "\"none left\"", "an old answer was kept");
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn a_thousand_who_come_at_once_are_one_question() {
    let cache = Cache::new(None);
    let (asked, answered) = (Arc::new(AtomicU32::new(0)), CancellationToken::new());
    let readers = (0..READERS).map(|_| {
        let asked = asked.clone();
        let answered = answered.clone();
        cache.order(ID, |_| true, async move {
            asked.fetch_add(1, Ordering::Relaxed);
            answered.cancelled().await;
            Ok("reserved")
        })
    });
    let all_are_in = async {
        // As often as there are readers: in each turn some of them come in.
        for _ in 0..READERS {
            tokio::task::yield_now().await;
        }
        answered.cancel();
    };
    let (answers, ()) = tokio::join!(futures::future::join_all(readers), all_are_in);
    assert!(answers.into_iter().all(|answer| answer.unwrap().json == "\"reserved\""));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}
