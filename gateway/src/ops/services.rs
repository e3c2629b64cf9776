//! Who is there: every running service tells about itself on the bus (the Services API).

use async_nats::Client;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

/// All services, in the order in which they are shown.
pub(crate) const SERVICES: [&str; 5] = ["gateway", "inventory", "orders", "bank", "scheduler"];
/// Where all of them are asked at once.
const QUESTION: &str = "$SRV.STATS";
/// Who has not answered by then is not there.
const ANSWER_TIMEOUT_MS: u64 = 1000;
/// When each service was heard of, nobody else is expected after such a silence.
const SILENCE_MS: u64 = 100;
/// Answers that are read, of all services together.
const INSTANCES_MAX: usize = 200;

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ServicePresence)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) state: Presence,
    /// The start of the oldest living instance.
    pub(crate) since: Option<DateTime<Utc>>,
    /// Requests over the bus that the living instances have answered.
    pub(crate) requests: u64,
    /// Those of them that were refused.
    pub(crate) errors: u64,
    /// The oldest first.
    pub(crate) instances: Vec<Instance>,
}

/// Whether anybody answers for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Presence {
    /// Somebody does.
    Up,
    /// Nobody does.
    Down,
}

/// One process of a service. Its counters begin with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ServiceInstance)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) requests: u64,
    pub(crate) errors: u64,
}

/// What an instance tells of itself.
#[derive(Debug, Deserialize)]
struct Told {
    name: String,
    id: String,
    version: String,
    started: DateTime<Utc>,
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    num_requests: u64,
    num_errors: u64,
}

/// Asks all at once and waits until all have answered, or the time is over.
///
/// # Errors
/// The bus takes no question, in a few words.
pub(crate) async fn ask(client: &Client) -> Result<Vec<Service>, String> {
    let failed = |error: &dyn std::error::Error| {
        tracing::warn!(error = %error, "the services cannot be asked who is there");
        "the message bus does not answer just now".to_owned()
    };
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.map_err(|error| failed(&error))?;
    let asked = client.publish_with_reply(QUESTION, inbox, "".into()).await;
    asked.map_err(|error| failed(&error))?;
    let end = Instant::now() + Duration::from_millis(ANSWER_TIMEOUT_MS);
    let mut told: Vec<Told> = Vec::new();
    while told.len() < INSTANCES_MAX {
        let all = SERVICES.iter().all(|name| told.iter().any(|one| one.name == *name));
        let left = end.saturating_duration_since(Instant::now());
        let silence = if all { left.min(Duration::from_millis(SILENCE_MS)) } else { left };
        let Ok(Some(answer)) = timeout(silence, answers.next()).await else { break };
        match serde_json::from_slice(&answer.payload) {
            Ok(one) => told.push(one),
            // Nobody at all is there.
            Err(_) if answer.status.is_some() => break,
            Err(error) => tracing::warn!(%error, "what a service tells of itself cannot be read"),
        }
    }
    Ok(sorted(told))
}

fn sorted(mut told: Vec<Told>) -> Vec<Service> {
    told.sort_by(|one, other| (one.started, &one.id).cmp(&(other.started, &other.id)));
    let service = |name: &&str| {
        let own = told.iter().filter(|one| one.name == **name);
        let instances: Vec<Instance> = own.map(Instance::of).collect();
        Service {
            name: (*name).to_owned(),
            state: if instances.is_empty() { Presence::Down } else { Presence::Up },
            since: instances.first().map(|one| one.started_at),
            requests: instances.iter().map(|one| one.requests).sum(),
            errors: instances.iter().map(|one| one.errors).sum(),
            instances,
        }
    };
    SERVICES.iter().map(service).collect()
}

impl Instance {
    fn of(told: &Told) -> Self {
        Self {
            id: told.id.clone(),
            version: told.version.clone(),
            started_at: told.started,
            requests: told.endpoints.iter().map(|one| one.num_requests).sum(),
            errors: told.endpoints.iter().map(|one| one.num_errors).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Presence, SERVICES, Told, sorted};
    use serde_json::json;

    fn told(name: &str, id: &str, started: &str, requests: u64) -> Told {
        let endpoint = json!({"num_requests": requests, "num_errors": 1, "queue_group": "q"});
        let (name, version) = (json!(name), json!("0.1.0"));
        let told = json!({"type": "io.nats.micro.v1.stats_response", "name": name, "id": id,
            "version": version, "started": started, "endpoints": [endpoint, endpoint]});
        serde_json::from_value(told).unwrap()
    }

    #[test]
    fn all_services_are_shown_those_nobody_answers_for_as_down() {
        let told = vec![
            told("bank", "young", "2026-11-24T11:00:00Z", 1),
            told("bank", "old", "2026-11-24T10:00:00Z", 10),
            told("somebody-else", "x", "2026-11-24T09:00:00Z", 5),
        ];
        let services = sorted(told);
        let names: Vec<&str> = services.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, SERVICES);
        let bank = &services[3];
        assert_eq!((bank.state, bank.requests, bank.errors), (Presence::Up, 22, 4));
        assert_eq!(bank.since, Some("2026-11-24T10:00:00Z".parse().unwrap()));
        let ids: Vec<&str> = bank.instances.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["old", "young"]);
        let down = services.iter().filter(|one| one.state == Presence::Down);
        assert!(down.clone().all(|one| one.since.is_none() && one.instances.is_empty()));
        assert_eq!(down.count(), 4);
    }
}
