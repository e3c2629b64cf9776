//! The menu, kept in Redis for a moment. A cache only: whatever fails here is a miss, and costs a
//! request next to nothing. Errors are never kept.

use crate::redis::Redis;
use axum::body::Bytes;
use bakery_nats::slug::Slug;
use fred::interfaces::KeysInterface;
use fred::types::{Expiration, SetOptions};
use std::sync::Arc;

/// How old a menu may be.
const MENU_LIFE_MS: i64 = 1000;
/// After a change no menu is kept for so long: longer than an answer from before the change can be
/// on its way.
const MENU_GONE_MS: i64 = 5000;

/// The cache; without Redis everything is a miss.
pub(crate) struct Cache {
    redis: Option<Arc<Redis>>,
}

impl Cache {
    /// In this Redis, where there is one.
    pub(crate) fn new(redis: Option<Arc<Redis>>) -> Self {
        Self { redis }
    }

    /// The menu as JSON, if it is known.
    pub(crate) async fn menu(&self, branch: &Slug) -> Option<Bytes> {
        let redis = self.redis.as_ref()?;
        let menu = redis.usable()?.get::<Option<Bytes>, _>(menu_key(branch));
        redis.tried(menu).await.flatten().filter(|json| !json.is_empty())
    }

    /// Keeps a menu, where none is kept and none was dropped just now.
    pub(crate) async fn keep_menu(&self, branch: &Slug, json: Bytes) {
        let Some(redis) = self.redis.as_ref() else { return };
        let Some(client) = redis.usable() else { return };
        let life = Some(Expiration::PX(MENU_LIFE_MS));
        let absent = Some(SetOptions::NX);
        redis.tried(client.set::<(), _, _>(menu_key(branch), json, life, absent, false)).await;
    }

    /// Drops the menu, because it has changed. An empty one in its place keeps out whoever asked
    /// before the change. Tried also where Redis is not usable just now: after this failure
    /// nobody reads the cache until a menu that is still in it is too old.
    pub(crate) async fn drop_menu(&self, branch: &Slug) {
        let Some(redis) = self.redis.as_ref() else { return };
        let life = Some(Expiration::PX(MENU_GONE_MS));
        let client = redis.client();
        redis.tried(client.set::<(), _, _>(menu_key(branch), "", life, None, false)).await;
    }

    /// Asks for a sign of life; `None` when there is no cache.
    pub(crate) async fn ping(&self) -> Option<Result<(), String>> {
        Some(self.redis.as_ref()?.ping().await)
    }
}

fn menu_key(branch: &Slug) -> String {
    format!("bakery:menu:{branch}")
}

#[cfg(test)]
mod tests {
    use super::Cache;
    use crate::redis::Redis;
    use bakery_embedded::{Servers, Temporary};
    use bakery_nats::slug::Slug;
    use fred::interfaces::ClientLike;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    fn open(url: &str) -> Arc<Redis> {
        Arc::new(Redis::open(url).unwrap())
    }

    #[tokio::test]
    async fn without_redis_everything_is_a_miss_at_once() {
        let branch: Slug = "main".parse().unwrap();
        // Nobody listens on port 1.
        for url in [None, Some("redis://127.0.0.1:1")] {
            let cache = Cache::new(url.map(open));
            let start = Instant::now();
            for _ in 0..100 {
                cache.keep_menu(&branch, "{}".into()).await;
                assert_eq!(cache.menu(&branch).await, None);
            }
            cache.drop_menu(&branch).await;
            assert!(start.elapsed() < Duration::from_secs(1));
            assert_eq!(cache.ping().await.is_some_and(|pong| pong.is_err()), url.is_some());
        }
    }

    /// On a busy machine a command may be too slow, and be a miss like any other.
    async fn until_kept(cache: &Cache, branch: &Slug) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while cache.menu(branch).await.is_none() {
            assert!(Instant::now() < deadline, "nothing is ever kept");
            cache.keep_menu(branch, "{}".into()).await;
        }
    }

    #[tokio::test]
    async fn a_menu_that_was_dropped_does_not_come_back_with_a_late_answer() {
        let wanted = Temporary { redis: true, ..Temporary::default() };
        let servers = Servers::temporary(wanted).await.unwrap();
        let redis = open(&servers.redis.as_ref().unwrap().url());
        redis.client().wait_for_connect().await.unwrap();
        let cache = Cache::new(Some(redis));
        let branch: Slug = "main".parse().unwrap();
        until_kept(&cache, &branch).await;
        cache.drop_menu(&branch).await;
        assert_eq!(cache.menu(&branch).await, None);
        cache.keep_menu(&branch, "{}".into()).await;
        assert_eq!(cache.menu(&branch).await, None, "an answer from before the change was kept");
        servers.stop().await.unwrap();
    }
}
