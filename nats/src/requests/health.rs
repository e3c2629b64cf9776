//! How a service and what it depends on are doing.

use crate::request::request;
use serde::{Deserialize, Serialize};

request!(InventoryHealth -> Health: "inventory" "health", "how inventory and its database are");
request!(OrdersHealth -> Health: "orders" "health", "how orders and its database are");
request!(BankHealth -> Health: "bank" "health", "how the bank and its database are");
request!(GatewayHealth -> Health: "gateway" "health", "how the gateway is");
request!(SchedulerHealth -> Health: "scheduler" "health", "how the scheduler and its database are");

/// Asks inventory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InventoryHealth {}

/// Asks orders.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OrdersHealth {}

/// Asks the bank.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BankHealth {}

/// Asks a gateway.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct GatewayHealth {}

/// Asks the scheduler.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SchedulerHealth {}

/// A service's own report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `up` when every dependency is.
    pub state: State,
    /// Each thing it depends on.
    pub dependencies: Vec<Dependency>,
}

/// One thing something depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Such as `postgres`.
    pub name: String,
    /// Whether it answers.
    pub state: State,
    /// How long the answer took, in milliseconds.
    pub latency_ms: u64,
    /// What is wrong, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Whether something answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It answers.
    Up,
    /// It does not.
    Down,
}

impl Health {
    /// Up when every dependency is.
    pub fn of(dependencies: Vec<Dependency>) -> Self {
        let up = dependencies.iter().all(|dependency| dependency.state == State::Up);
        Self { state: if up { State::Up } else { State::Down }, dependencies }
    }
}
