//! The asking side of a request.

use crate::refusal::Refusal;
use crate::request::{REFUSAL, Request, subject};
use async_nats::{Client, RequestErrorKind};
use std::time::Duration;

/// How often a service that does not answer in time is asked at the most by who has patience.
const TRIES_MAX: u32 = 10;
const TRY_PAUSE_MS: u64 = 200;

/// Asks the owning service and waits for its answer, within the client's request time-out.
///
/// # Errors
/// The owner's refusal as it is; 503 where nobody answers, or not in time.
pub async fn ask<R: Request>(client: &Client, request: &R) -> Result<R::Reply, Refusal> {
    let payload = serde_json::to_vec(request).map_err(|error| internal::<R>(&error))?;
    let answer =
        client.request(subject::<R>(), payload.into()).await.map_err(|error| {
            match error.kind() {
                RequestErrorKind::NoResponders | RequestErrorKind::TimedOut => {
                    Refusal::unavailable(&format!("the {} service", R::SERVICE))
                }
                _ => Refusal::unavailable("the message bus"),
            }
        })?;
    if let Some(refusal) = answer.headers.as_ref().and_then(|headers| headers.get(REFUSAL)) {
        return Err(
            serde_json::from_str(refusal.as_str()).unwrap_or_else(|error| internal::<R>(&error))
        );
    }
    serde_json::from_slice(&answer.payload).map_err(|error| internal::<R>(&error))
}

/// Asks again where there is no answer in time, as it may be on a machine that has much else to do. For
/// what is done once however often it is asked for.
///
/// # Errors
/// Any other refusal, or still no answer.
pub async fn ask_patiently<R: Request>(client: &Client, request: &R) -> Result<R::Reply, Refusal> {
    let mut tries = 1;
    loop {
        match ask(client, request).await {
            Err(refusal) if refusal.code == "unavailable" && tries < TRIES_MAX => {
                tracing::info!(request = R::NAME, %refusal, "asked again");
            }
            answered => return answered,
        }
        tries += 1;
        tokio::time::sleep(Duration::from_millis(TRY_PAUSE_MS)).await;
    }
}

fn internal<R: Request>(error: &dyn std::error::Error) -> Refusal {
    tracing::error!(request = R::NAME, service = R::SERVICE, %error, "an answer cannot be read");
    Refusal::new(500, "internal", "the services do not understand each other; see the log")
}
