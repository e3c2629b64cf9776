//! `scheduler.bake-due`: a batch comes out of the oven, each unit with an id of its own.

use crate::product::Product;
use crate::unit::{NewUnit, Unit};
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::error::HandlerError;
use bakery_nats::id::derived;
use bakery_nats::messages::inventory::Baked;
use bakery_nats::messages::scheduler::BakeDue;
use bakery_nats::process::Answers;
use bakery_nats::slug::Slug;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// Units of one batch, at the most.
pub(crate) const BATCH_UNITS_MAX: u32 = 10_000;

/// A batch to bake, whoever asked for it.
pub(crate) struct Batch {
    pub(crate) batch_id: Uuid,
    pub(crate) branch: Slug,
    pub(crate) product_id: Slug,
    pub(crate) quantity: u32,
    pub(crate) baked_at: DateTime<Utc>,
}

impl Batch {
    /// What is said of it once it is on the shelf.
    pub(crate) fn event(&self, shelf_life: TimeDelta) -> Baked {
        Baked {
            batch_id: self.batch_id,
            product_id: self.product_id.clone(),
            quantity: self.quantity,
            baked_at: self.baked_at,
            stale_at: self.baked_at + shelf_life,
        }
    }
}

/// One batch of ticks. The sections named in it are locked.
pub(crate) async fn bake_due(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<BakeDue>],
    products: &[Product],
) -> Result<Answers, HandlerError> {
    let mut answers = Answers::default();
    let mut baked = Vec::with_capacity(batch.len());
    for message in batch {
        let tick = &message.body;
        let batch = Batch {
            batch_id: tick.tick_id,
            branch: message.meta.branch().clone(),
            product_id: tick.product_id.clone(),
            quantity: tick.quantity,
            baked_at: tick.due_at,
        };
        match shelf_life(products, &batch) {
            Some(_) if !(1..=BATCH_UNITS_MAX).contains(&tick.quantity) => {
                answers.bury(message.position, "the quantity is not between 1 and 10,000");
            }
            Some(shelf_life) => baked.push((message.position, batch, shelf_life)),
            None => answers.bury(message.position, "there is no such product at this branch"),
        }
    }
    let batches = baked.iter().map(|(_, batch, shelf_life)| (batch, *shelf_life));
    for ((position, batch, _), event) in baked.iter().zip(bake(conn, batches).await?) {
        answers.push(*position, Outgoing::answer(&batch.branch, &event));
    }
    Ok(answers)
}

/// How long a batch stays fresh; `None` where the product does not exist.
pub(crate) fn shelf_life(products: &[Product], batch: &Batch) -> Option<TimeDelta> {
    let same =
        |p: &&Product| p.branch == batch.branch.as_str() && p.id == batch.product_id.as_str();
    let product = products.iter().find(same)?;
    TimeDelta::try_seconds(product.shelf_life_s.into())
}

/// Puts batches on the shelf, in one statement.
pub(crate) async fn bake(
    conn: &mut AsyncPgConnection,
    batches: impl Iterator<Item = (&Batch, TimeDelta)>,
) -> Result<Vec<Baked>, HandlerError> {
    let mut units = Vec::new();
    let mut events = Vec::new();
    for (batch, shelf_life) in batches {
        let event = batch.event(shelf_life);
        units.extend((0..batch.quantity).map(|n| unit(batch, n, event.stale_at)));
        events.push(event);
    }
    Unit::bake(conn, &units).await?;
    Ok(events)
}

fn unit(batch: &Batch, n: u32, stale_at: DateTime<Utc>) -> NewUnit {
    NewUnit {
        id: derived(&["unit", &batch.batch_id.to_string(), &n.to_string()]),
        branch: batch.branch.to_string(),
        product_id: batch.product_id.to_string(),
        batch_id: batch.batch_id,
        baked_at: batch.baked_at,
        stale_at,
        state: "free",
    }
}
