//! How much one client may ask for in a while: counted in Redis for all gateways together, and in
//! this process besides.
//!
//! What this gateway has counted itself is always enough to refuse. So a limit holds for each
//! gateway also while Redis is away, and after Redis has forgotten everything; it is never off.

mod key;
mod local;
mod shared;
mod window;

use crate::problem::Problem;
use crate::redis::Redis;
use axum::http::header::{HeaderName, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use key::Key;
use local::Local;
use std::sync::Arc;
use std::time::{Duration, Instant};
use window::Usage;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Counts.
pub(crate) struct RateLimiter {
    redis: Option<Arc<Redis>>,
    local: Local,
    start: Instant,
}

/// So many in any window of that length. The name is for people and programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    bucket: &'static str,
    limit: u32,
    window: Duration,
}

/// Whether somebody may go on, and how far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision {
    rule: Rule,
    usage: Usage,
    allowed: bool,
}

impl RateLimiter {
    /// With this Redis, or alone.
    pub(crate) fn new(redis: Option<Arc<Redis>>) -> Self {
        Self { redis, local: Local::default(), start: Instant::now() }
    }

    /// Counts one more for the key, unless there were `limit` within the window already. What is
    /// refused is not counted: who goes on trying is not locked out for longer.
    ///
    /// The bucket must be a name of the program's own, of a few letters: it is told to clients.
    pub(crate) async fn check(
        &self,
        bucket: &'static str,
        key: &str,
        limit: u32,
        window: Duration,
    ) -> Decision {
        let rule = Rule { bucket, limit, window };
        let key = Key::of(&rule, key);
        let usage = self.local.usage(&key, &rule, self.start.elapsed());
        if usage.used >= limit {
            return Decision { rule, usage, allowed: false };
        }
        let Some(decision) = self.shared(&key, &rule).await else {
            return self.local.take(&key, &rule, self.start.elapsed());
        };
        if decision.allowed {
            self.local.count(&key, &rule, self.start.elapsed());
        }
        decision
    }

    async fn shared(&self, key: &Key, rule: &Rule) -> Option<Decision> {
        let redis = self.redis.as_ref()?;
        let client = redis.usable()?;
        redis.tried(shared::take(client, key, rule)).await
    }
}

impl Decision {
    /// Who may not go on is answered with a problem.
    pub(crate) fn or_refuse(self) -> Result<Self, Problem> {
        if self.allowed { Ok(self) } else { Err(self.problem()) }
    }

    /// Tells the client where it stands (draft-ietf-httpapi-ratelimit-headers).
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        for (name, value) in self.headers() {
            headers.append(name, value);
        }
    }

    fn problem(&self) -> Problem {
        let wait_s = self.wait_s();
        let detail = format!("too many requests; try again in {wait_s} s");
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail);
        let problem = problem.with(RETRY_AFTER, wait_s.into());
        self.headers().into_iter().fold(problem, |problem, (name, value)| problem.with(name, value))
    }

    fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let Rule { bucket, limit, window } = self.rule;
        let left = limit.saturating_sub(self.usage.used);
        let policy = format!("\"{bucket}\";q={limit};w={}", window.as_secs());
        let state = format!("\"{bucket}\";r={left};t={}", self.wait_s());
        let both = [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)];
        let value = |(name, text)| Some((name, HeaderValue::try_from(text).ok()?));
        both.into_iter().filter_map(value).collect()
    }

    /// Whole seconds until more is allowed than now.
    fn wait_s(&self) -> u64 {
        self.usage.freed_in.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
