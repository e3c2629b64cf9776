//! The counters that all gateways share, in Redis.

use super::key::Key;
use super::window::{SLOTS, Usage, slot};
use super::{Decision, Rule};
use fred::clients::Client;
use fred::error::Error;
use fred::interfaces::LuaInterface;
use std::time::Duration;

/// Reads, decides and counts in one step, so that no two gateways decide on the same count.
const TAKE: &str = include_str!("take.lua");

/// Decides and counts.
///
/// # Errors
/// Redis does not answer, or not in this way.
pub(super) async fn take(client: &Client, key: &Key, rule: &Rule) -> Result<Decision, Error> {
    let name = format!("bakery:rate:{key}");
    let slot_ms = u64::try_from(slot(rule.window).as_millis()).unwrap_or(u64::MAX);
    let arguments = vec![rule.limit.to_string(), slot_ms.to_string(), SLOTS.to_string()];
    let (taken, used, freed_in_ms): (i64, u32, u64) = client.eval(TAKE, name, arguments).await?;
    let usage = Usage { used, freed_in: Duration::from_millis(freed_in_ms) };
    Ok(Decision { rule: *rule, usage, allowed: taken == 1 })
}
