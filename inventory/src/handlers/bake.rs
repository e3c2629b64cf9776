//! `scheduler.bake-due`: a batch comes out of the oven, each unit with an id of its own.

use crate::batch::{Batch, put_on_shelf};
use crate::handlers::Floor;
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::ProductState;
use bakery_nats::messages::scheduler::BakeDue;
use bakery_nats::process::Answers;
use bakery_nats::slug::Slug;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// Units of one batch, at the most.
pub(crate) const BATCH_UNITS_MAX: u32 = 10_000;

/// A batch to bake, whoever asked for it.
pub(crate) struct Wish {
    pub(crate) batch_id: Uuid,
    pub(crate) branch: Slug,
    pub(crate) product_id: Slug,
    pub(crate) quantity: u32,
    pub(crate) baked_at: DateTime<Utc>,
}

impl Wish {
    /// The batch; `None` where there is no such product, or not any more.
    pub(crate) fn batch(self, floor: &Floor) -> Option<Batch> {
        let Self { batch_id, branch, product_id, quantity, baked_at } = self;
        let product = floor.product(&branch, &product_id)?;
        if product.state() == ProductState::Retired {
            return None;
        }
        let stale_at = baked_at + TimeDelta::try_seconds(product.shelf_life_s.into())?;
        let day = floor.today(&branch, baked_at)?;
        Some(Batch { id: batch_id, branch, product_id, day, quantity, baked_at, stale_at })
    }
}

/// One batch of ticks. The sections named in it are locked.
pub(crate) async fn bake_due(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<BakeDue>],
    floor: &Floor,
) -> Result<Answers, HandlerError> {
    let mut answers = Answers::default();
    let mut baked = Vec::with_capacity(batch.len());
    for message in batch {
        let tick = &message.body;
        let wish = Wish {
            batch_id: tick.tick_id,
            branch: message.meta.branch().clone(),
            product_id: tick.product_id.clone(),
            quantity: tick.quantity,
            baked_at: tick.due_at,
        };
        match wish.batch(floor) {
            Some(_) if !(1..=BATCH_UNITS_MAX).contains(&tick.quantity) => {
                answers.bury(message.position, "the quantity is not between 1 and 10,000");
            }
            Some(batch) => {
                let event = Outgoing::answer(&batch.branch, &batch.event());
                answers.push(message.position, event);
                baked.push(batch);
            }
            None => answers.bury(message.position, "there is no such product at this branch"),
        }
    }
    put_on_shelf(conn, &baked).await?;
    Ok(answers)
}
