//! Who outside is told of orders: programs by webhooks, customers by mail.
//!
//! Nobody outside asks again, so what they are told is an outbox row, committed with the news it is
//! about. Workers of all gateways take due rows, each for itself for a while; whoever is told twice
//! sees the same id.

mod address;
pub(crate) mod body;
mod call;
pub(crate) mod channel;
pub(crate) mod delivery;
pub(crate) mod event;
mod letter;
mod mail;
pub(crate) mod outbox;
mod post;
mod retry;
mod settle;
pub(crate) mod sign;
mod sweep;
pub(crate) mod target;
pub(crate) mod webhook;
mod worker;

use crate::app::App;
use crate::config::Webhooks;
use bakery_chassis::StartError;
use bakery_nats::Pool;
use call::Calls;
use mail::Letters;
use post::Poster;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// Opens the ways that are configured and closes the others; from then on what is due is sent, and
/// what has ended is swept.
pub(crate) async fn open(app: &App, pool: &Pool, tasks: &TaskTracker) -> Result<(), StartError> {
    let failed = |error: String| StartError::Service(format!("telling people outside: {error}"));
    let letters = app.notify.mail.as_ref().map(|mail| Letters::open(app, mail)).transpose();
    let letters = letters.map_err(|error| failed(format!("SMTP_URL: {error}")))?;
    let webhooks = app.notify.webhooks;
    channel::announce(pool, letters.is_some(), webhooks != Webhooks::Off).await.map_err(failed)?;
    if let Some(letters) = letters {
        tasks.spawn(worker::run(Arc::new(letters), pool.clone(), app.stop.clone()));
    }
    if webhooks != Webhooks::Off {
        let poster = Poster::new(webhooks == Webhooks::OnPrivate);
        let poster = poster.map_err(|error| failed(format!("TLS: {error}")))?;
        let calls = Calls::new(poster, app.users.clock.clone());
        tasks.spawn(worker::run(Arc::new(calls), pool.clone(), app.stop.clone()));
    }
    tasks.spawn(crate::sweep::run(
        pool.clone(),
        &sweep::SWEEPS,
        "what people outside are told",
        app.stop.clone(),
    ));
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
