//! Limits with Redis, without it, and while it comes and goes.

use super::key::Key;
use super::{RateLimiter, Rule, shared};
use crate::redis::Redis;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use bakery_embedded::{Servers, Temporary};
use fred::interfaces::{ClientLike, ServerInterface};
use std::sync::Arc;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);
/// Nothing that a test waits for takes longer. Redis that comes back is found after 2 s, and is not asked for
/// a second after each answer that was too slow.
const WAIT_S: u64 = 30;
/// Where all that are not refused at once waited, the ten without Redis would take 20 s (2 s for a
/// connection), and the 505 with one that hangs 25 s (50 ms each).
const CHECKED_WITHIN_S: u64 = 12;

async fn redis() -> (Servers, Arc<Redis>) {
    let wanted = Temporary { redis: true, ..Temporary::default() };
    let servers = Servers::temporary(wanted).await.unwrap();
    let redis = connected(&servers).await;
    (servers, redis)
}

async fn connected(servers: &Servers) -> Arc<Redis> {
    let redis = Redis::open(&servers.redis.as_ref().unwrap().url()).unwrap();
    redis.client().wait_for_connect().await.unwrap();
    Arc::new(redis)
}

/// How many of so many tries are allowed.
async fn allowed(limiter: &RateLimiter, key: &str, limit: u32, tries: u32) -> u32 {
    let mut allowed = 0;
    for _ in 0..tries {
        let decision = limiter.check("test", key, limit, MINUTE).await;
        allowed += u32::from(decision.or_refuse().is_ok());
    }
    allowed
}

#[tokio::test]
async fn without_redis_each_gateway_counts_alone() {
    for redis in [None, Some(Arc::new(Redis::open("redis://127.0.0.1:1").unwrap()))] {
        let limiter = RateLimiter::new(redis);
        let start = Instant::now();
        assert_eq!(allowed(&limiter, "ada", 5, 100).await, 5);
        assert_eq!(allowed(&limiter, "bo", 5, 100).await, 5);
        assert!(start.elapsed() < Duration::from_secs(CHECKED_WITHIN_S), "each waits");
    }
}

#[tokio::test]
async fn a_client_is_told_where_it_stands() {
    let limiter = RateLimiter::new(None);
    let decision = limiter.check("test", "ada", 2, MINUTE).await;
    let mut headers = HeaderMap::new();
    decision.tell(&mut headers);
    assert_eq!(headers["ratelimit-policy"], "\"test\";q=2;w=60");
    let state = headers["ratelimit"].to_str().unwrap();
    let wait_s: u64 = state.strip_prefix("\"test\";r=1;t=").unwrap().parse().unwrap();
    assert!((60..=65).contains(&wait_s));
    assert_eq!(allowed(&limiter, "ada", 2, 1).await, 1);
    let problem = limiter.check("test", "ada", 2, MINUTE).await.or_refuse().unwrap_err();
    let refused = problem.into_response();
    assert_eq!((refused.status().as_u16(), refused.headers().len()), (429, 4));
    assert!(refused.headers()["ratelimit"].to_str().unwrap().starts_with("\"test\";r=0;t="));
}

/// Where a command is too slow on a busy machine a gateway counts alone, so this tries until none is.
#[tokio::test]
async fn all_gateways_count_together_in_redis() {
    let (servers, redis) = redis().await;
    let (one, other) =
        (RateLimiter::new(Some(redis)), RateLimiter::new(Some(connected(&servers).await)));
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    for round in 0.. {
        let key = format!("ada {round}");
        let tries = (allowed(&one, &key, 5, 3), allowed(&other, &key, 5, 7));
        let (first, second) = (tries.0.await, tries.1.await);
        assert!((3, 2) <= (first, second) && (first, second) <= (3, 5));
        if (first, second) == (3, 2) && allowed(&one, &key, 5, 10).await == 0 {
            break;
        }
        assert!(Instant::now() < deadline, "they never count together");
    }
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn many_at_once_get_no_more_than_the_limit() {
    let (servers, redis) = redis().await;
    let limiter = RateLimiter::new(Some(redis));
    let ask = || limiter.check("test", "ada", 10, MINUTE);
    let decisions = futures::future::join_all((0..200).map(|_| ask())).await;
    let allowed = decisions.into_iter().filter(|decision| decision.or_refuse().is_ok()).count();
    assert_eq!(allowed, 10);
    servers.stop().await.unwrap();
}

/// The limit of sign-ins must hold whatever becomes of Redis.
#[tokio::test]
async fn a_limit_holds_while_redis_dies_comes_back_and_has_forgotten_everything() {
    let (servers, redis) = redis().await;
    let limiter = RateLimiter::new(Some(redis.clone()));
    assert_eq!(allowed(&limiter, "ada", 5, 3).await, 3);
    let process = servers.redis.as_ref().unwrap().process();
    process.kill().await.unwrap();
    assert_eq!(allowed(&limiter, "ada", 5, 20).await, 2);
    assert_eq!(allowed(&limiter, "bo", 5, 20).await, 5);
    process.restart().await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    // What is counted is in Redis again.
    while redis.client().dbsize::<u64>().await.unwrap_or(0) == 0 {
        assert!(Instant::now() < deadline, "Redis is never used again");
        allowed(&limiter, "somebody", 1_000_000, 1).await;
    }
    assert_eq!(allowed(&limiter, "ada", 5, 20).await, 0, "Redis has forgotten, so have we");
    assert_eq!(allowed(&limiter, "cy", 5, 4).await, 4);
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    while let Err(error) = redis.client().flushall::<()>(false).await {
        assert!(Instant::now() < deadline, "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(allowed(&limiter, "cy", 5, 20).await, 1);
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn a_redis_that_hangs_costs_little_time_and_no_limit() {
    let (servers, redis) = redis().await;
    let limiter = RateLimiter::new(Some(redis));
    servers.redis.as_ref().unwrap().process().pause().unwrap();
    let start = Instant::now();
    assert_eq!(allowed(&limiter, "ada", 5, 500).await, 5);
    for n in 0..500 {
        assert_eq!(allowed(&limiter, &n.to_string(), 1, 1).await, 1);
    }
    assert!(start.elapsed() < Duration::from_secs(CHECKED_WITHIN_S), "{:?}", start.elapsed());
    servers.redis.as_ref().unwrap().process().resume().unwrap();
    servers.stop().await.unwrap();
}

/// The script keeps the rule that the tests of `window.rs` try: never more in any window.
#[tokio::test]
async fn the_script_allows_no_more_than_the_limit_in_any_window() {
    let (servers, redis) = redis().await;
    let window = Duration::from_millis(600);
    let rule = Rule { bucket: "test", limit: 5, window };
    let key = Key::of(&rule, "ada");
    let (start, mut taken, mut waits) = (Instant::now(), Vec::new(), 0);
    // On a busy machine enough has not been tried by then.
    let is_enough = |taken: &[_], waits| taken.len() > 15 && waits > 50;
    while start.elapsed() < Duration::from_secs(3)
        || !is_enough(&taken, waits) && start.elapsed() < Duration::from_secs(WAIT_S)
    {
        let before = Instant::now();
        match shared::take(redis.client(), &key, &rule).await {
            Ok(decision) if decision.allowed => {
                taken.push((before, Instant::now()));
                assert!(decision.usage.used <= 5);
            }
            Ok(decision) => {
                waits += 1;
                let most = window + window / 12 + Duration::from_millis(1);
                assert!(decision.usage.freed_in <= most, "{decision:?}");
            }
            // Too slow on a busy machine.
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    assert!(is_enough(&taken, waits), "{} taken, {waits} refused", taken.len());
    for six in taken.windows(6) {
        let apart = six[5].1 - six[0].0;
        assert!(apart >= window, "six within {apart:?}");
    }
    servers.stop().await.unwrap();
}
