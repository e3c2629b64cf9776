//! The pipeline in one document. All parts are asked for at once; one that does not answer in time is
//! null, and said to be unknown, and takes no other along.

use super::services::{self, Service};
use super::streams::{self, ConsumerState, StreamState};
use crate::app::App;
use crate::routes::health::{self, Dependency};
use bakery_nats::dead::DEAD;
use bakery_nats::requests::pipeline::{GetPipeline, InFlight};
use bakery_nats::topology::STREAM;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::future::Future;
use std::time::Duration;
use utoipa::ToSchema;

/// A part that has not answered by then is unknown. How the dependencies are has a bound of its own.
const PART_TIMEOUT_MS: u64 = 1500;

/// The pipeline, in counters: a rate is the difference of two of these documents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Pipeline {
    /// When it was asked for, by the gateway's clock.
    measured_at: DateTime<Utc>,
    /// Every service; null where that is unknown, as in all below.
    services: Option<Vec<Service>>,
    /// The same as at `/health`.
    dependencies: Vec<Dependency>,
    /// The log of commands, events and ticks.
    stream: Option<StreamState>,
    /// The durable consumers of the log, by name.
    consumers: Option<Vec<ConsumerState>>,
    /// What waits for an answer.
    orders: Option<InFlight>,
    /// The stream of dead letters.
    dead_letters: Option<StreamState>,
    /// The parts that are null, and why.
    unknown: Vec<Unknown>,
}

/// A part that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UnknownPart)]
pub(crate) struct Unknown {
    /// The name of its field.
    part: &'static str,
    reason: String,
}

/// Asks for all parts.
pub(crate) async fn measure(app: App) -> Pipeline {
    let measured_at = (app.users.clock)();
    let (client, context) = (&app.bus.client, &app.bus.context);
    let in_flight = async { app.ask(&GetPipeline {}).await.map_err(|refusal| refusal.detail) };
    let (services, health, stream, consumers, orders, dead_letters) = tokio::join!(
        part(&app, services::ask(client)),
        health::report(&app),
        part(&app, streams::state(context, STREAM)),
        part(&app, streams::consumers(context)),
        part(&app, in_flight),
        part(&app, streams::state(context, DEAD)),
    );
    let mut unknown = Vec::new();
    Pipeline {
        measured_at,
        services: known("services", services, &mut unknown),
        dependencies: health.dependencies,
        stream: known("stream", stream, &mut unknown),
        consumers: known("consumers", consumers, &mut unknown),
        orders: known("orders", orders, &mut unknown),
        dead_letters: known("dead_letters", dead_letters, &mut unknown),
        unknown,
    }
}

/// One part, or why it is unknown.
async fn part<T>(app: &App, ask: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    app.bus_is_there().map_err(|refusal| refusal.detail)?;
    let timed = tokio::time::timeout(Duration::from_millis(PART_TIMEOUT_MS), ask).await;
    timed.unwrap_or_else(|_| Err(format!("no answer within {PART_TIMEOUT_MS} ms")))
}

fn known<T>(part: &'static str, told: Result<T, String>, unknown: &mut Vec<Unknown>) -> Option<T> {
    told.map_err(|reason| unknown.push(Unknown { part, reason })).ok()
}

#[cfg(test)]
mod tests {
    use super::{Unknown, known};

    #[test]
    fn what_is_unknown_is_named_with_its_reason() {
        let mut unknown = Vec::new();
        assert_eq!(known("stream", Ok(7), &mut unknown), Some(7));
        let reason = "no answer within 1500 ms".to_owned();
        assert_eq!(known::<u8>("orders", Err(reason.clone()), &mut unknown), None);
        assert_eq!(unknown, [Unknown { part: "orders", reason }]);
    }
}
