//! Re-drive (R4): what an order or a refund waits for is asked again when its deadline has passed,
//! for ever, or until its time for being paid is over and it gives up. So no hop has to be
//! reliable.
//!
//! After an outage or a restore the answers may be there already, only unread or forgotten. So an
//! order gives up only at a deadline that somebody watched, and is asked once more at any other.

use crate::deadline::ALARM_ATTEMPT;
use crate::handlers::save;
use crate::order::{Effect, Fact, Order};
use crate::refund;
use crate::row::{self, OrderRow};
use crate::saga::Event;
use crate::watch::{GAP_MAX, Watch};
use bakery_nats::Pool;
use bakery_nats::envelope::{Outgoing, Wire, new_trace};
use bakery_nats::error::HandlerError;
use bakery_nats::publish::Outlet;
use bakery_nats::record::{Origin, Record};
use bakery_nats::request::Clock;
use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const PERIOD_MS: u64 = 500;
/// Orders driven in one transaction, and refunds.
const ORDERS_MAX: i64 = 200;
/// How long an answer may take to be heard after an outage, until the consumer reads again and what
/// was asked anew is answered. Deadlines that pass within it count as not watched, and it is the
/// time that an order has left after one of those, at least.
const LISTEN: Duration = Duration::from_secs(30);
/// The subject of the records of steps that the clock took.
pub(crate) const DEADLINE: &str = "(deadline)";
/// The only step of the clock that is no repeat.
pub(crate) const GIVE_UP: &str = "give-up";

/// Looks for due orders twice a second until it is told to stop.
pub async fn run<O: Outlet>(pool: Pool, outlet: Arc<O>, clock: Clock, stop: CancellationToken) {
    let mut timer = tokio::time::interval(Duration::from_millis(PERIOD_MS));
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut watch = Watch::begun(Instant::now());
    while stop.run_until_cancelled(timer.tick()).await.is_some() {
        let begun = Instant::now();
        let watched = watch.lasts(begun);
        let wires = match round(pool.clone(), clock(), watched).await {
            Ok(wires) => wires,
            Err(error) => {
                tracing::warn!(error = error.chain(), "due orders must wait");
                continue;
            }
        };
        watch.looked(begun);
        if wires.is_empty() {
            continue;
        }
        tracing::info!(messages = wires.len(), "asking again for what was not answered in time");
        if let Err(error) = outlet.publish(wires).await {
            tracing::warn!(%error, "not sent; the next deadline asks again");
        }
    }
}

/// One transaction over the due orders; gives what is to be sent after its commit. The deadlines
/// have been `watched` for so long.
pub async fn round(
    pool: Pool,
    now: DateTime<Utc>,
    watched: Duration,
) -> Result<Vec<Wire>, HandlerError> {
    let begun = Instant::now();
    let task = tokio::spawn(async move {
        let passing = |error| HandlerError::Passing(Box::new(error));
        let mut conn = pool.get().await.map_err(passing)?;
        conn.transaction(async |conn| drive(conn, now, (begun, watched)).await).await
    });
    task.await.map_err(|panic| HandlerError::Passing(Box::new(panic)))?
}

async fn drive(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    (begun, watched): (Instant, Duration),
) -> Result<Vec<Wire>, HandlerError> {
    let mut orders = Vec::new();
    let mut unwatched = Vec::new();
    let mut records = Vec::new();
    let mut wires = Vec::new();
    let found = OrderRow::lock_due(conn, ORDERS_MAX, watched.saturating_sub(LISTEN)).await?;
    // A database that hung has found deadlines that passed meanwhile, and nobody watched them.
    if begun.elapsed() > GAP_MAX {
        return Err(HandlerError::Passing("the look at the deadlines took too long".into()));
    }
    for due in found {
        let mut order = match due.order.read() {
            Ok(order) => order,
            Err(error) => {
                // One damaged row must not keep all others waiting.
                tracing::error!(error = error.chain(), "an open order cannot be driven");
                continue;
            }
        };
        let (step, outgoing) = again(&mut order, due.time_is_over && !due.unwatched, now);
        let record = record((order.id, order.id, order.attempt), &step, &outgoing, now);
        let own = record.wires("orders", &record.message_id, 1);
        wires.extend(own.map_err(|error| HandlerError::Permanent(Box::new(error)))?);
        records.push(record);
        if due.unwatched {
            unwatched.push(order.id);
        }
        orders.push(order);
    }
    save(conn, orders.iter()).await?;
    row::leave_time(conn, &unwatched, LISTEN).await?;
    let (again, asked) = refunds(conn, now).await?;
    records.extend(again);
    wires.extend(asked);
    Record::insert(conn, &records).await?;
    Ok(wires)
}

/// Asks the bank again for every refund that it has not answered in time, for ever. The records are
/// the refund's own, behind its step `pay-back`: however many there are, they keep no step of the
/// order from being read.
async fn refunds(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
) -> Result<(Vec<Record>, Vec<Wire>), HandlerError> {
    let (mut driven, mut records, mut wires) = (Vec::new(), Vec::new(), Vec::new());
    for row in refund::row::lock_due(conn, ORDERS_MAX).await? {
        let mut refund = match row.read() {
            Ok(refund) => refund,
            Err(error) => {
                tracing::error!(error = error.chain(), "an open refund cannot be driven");
                continue;
            }
        };
        let outgoing = [refund.ask_again()];
        let (id, attempt) = (refund.id, refund.attempt);
        if attempt >= ALARM_ATTEMPT {
            tracing::error!(refund.id = %id, attempt, "nobody answers this refund");
        }
        let step = format!("pay-back-again-{attempt}");
        let record = record((id, refund.order_id, attempt), &step, &outgoing, now);
        let own = record.wires("orders", &record.message_id, 1);
        wires.extend(own.map_err(|error| HandlerError::Permanent(Box::new(error)))?);
        records.push(record);
        driven.push(refund);
    }
    refund::row::update(conn, &driven).await?;
    Ok((records, wires))
}

/// Gives up an order that is not paid in time; asks again for any other. The name of the step is
/// a new one each time.
fn again(order: &mut Order, give_up: bool, now: DateTime<Utc>) -> (String, Vec<Outgoing>) {
    if give_up && let Effect::Moved(outgoing) = order.apply(&Fact::Plain(Event::TimedOut), now) {
        return (GIVE_UP.to_owned(), outgoing);
    }
    let outgoing = order.ask_again();
    let (state, attempt) = (order.state.as_str(), order.attempt);
    if attempt >= ALARM_ATTEMPT {
        tracing::error!(order.id = %order.id, state, attempt, "nobody answers this order");
    }
    (format!("again-{state}-{attempt}"), outgoing)
}

/// The record of a step that the clock took with an order or one of its refunds: part of the
/// timeline. Nothing is owed: what is not sent now is asked again at the next deadline.
fn record(
    (business_id, order_id, attempt): (Uuid, Uuid, u32),
    step: &str,
    outgoing: &[Outgoing],
    now: DateTime<Utc>,
) -> Record {
    let message_id = format!("orders:{business_id}:{step}");
    let origin = Origin {
        subject: DEADLINE.to_owned(),
        traceparent: new_trace(order_id, &message_id),
        message_id,
        causation_id: None,
        correlation_id: order_id,
        at: now,
        attempt,
    };
    Record::new((business_id, step), Vec::new(), &origin, outgoing, false)
}
