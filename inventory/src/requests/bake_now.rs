//! `inventory.bake-now`: a batch is put on the shelf by hand.

use crate::batch::{Batch, put_on_shelf};
use crate::branch;
use crate::handlers::{BATCH_UNITS_MAX, Floor, Wish};
use crate::product::Product;
use bakery_nats::envelope::Outgoing;
use bakery_nats::error::HandlerError;
use bakery_nats::message::Message;
use bakery_nats::messages::inventory::Baked;
use bakery_nats::record::Record;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::{BakeNow, BakedNow};
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;
use std::collections::BTreeSet;

/// The writer of batches baked by hand.
pub struct BakeNowWriter;

impl Writer for BakeNowWriter {
    type Request = BakeNow;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<BakeNow>],
    ) -> Result<Vec<WriteResult<BakeNow>>, HandlerError> {
        let ids: BTreeSet<_> = batch.iter().map(|asked| asked.body.batch_id).collect();
        Record::lock(conn, &ids).await?;
        let known = Record::load(conn, &ids).await?;
        let floor = enter(conn, batch).await?;

        let mut seen = BTreeSet::new();
        let mut results = Vec::with_capacity(batch.len());
        let mut baked = Vec::with_capacity(batch.len());
        for asked in batch {
            let batch = match decide(&asked.body, &floor) {
                Ok(batch) => batch,
                Err(error) => {
                    results.push(Err(Refusal::invalid(vec![error])));
                    continue;
                }
            };
            let fresh = !known.has(batch.id, Baked::STEP) && seen.insert(batch.id);
            results.push(Ok(Written {
                reply: BakedNow { batch_id: batch.id, stale_at: batch.stale_at },
                step: fresh.then(|| Step {
                    business_id: batch.id,
                    name: Baked::STEP.to_owned(),
                    outgoing: vec![Outgoing::attempt(&batch.branch, 1, &batch.event())],
                }),
            }));
            baked.extend(fresh.then_some(batch));
        }
        put_on_shelf(conn, &baked).await?;
        Ok(results)
    }
}

/// Locks the sections of the batches and reads them.
async fn enter(
    conn: &mut AsyncPgConnection,
    batch: &[Asked<BakeNow>],
) -> Result<Floor, HandlerError> {
    let key = |asked: &Asked<BakeNow>| (asked.body.branch.clone(), asked.body.product_id.clone());
    let products = Product::lock(conn, &batch.iter().map(key).collect()).await?;
    let branches = batch.iter().map(|asked| asked.body.branch.clone()).collect();
    Ok(Floor { products, shops: branch::load(conn, &branches).await? })
}

fn decide(body: &BakeNow, floor: &Floor) -> Result<Batch, FieldError> {
    let BakeNow { batch_id, branch, product_id, quantity, baked_at } = body.clone();
    if !(1..=BATCH_UNITS_MAX).contains(&quantity) {
        return Err(FieldError::new("quantity", "must be 1 to 10,000"));
    }
    if !floor.shops.contains_key(&branch) {
        return Err(FieldError::new("branch", "there is no such branch"));
    }
    let wish = Wish { batch_id, branch, product_id, quantity, baked_at };
    let nothing = || FieldError::new("product_id", "there is no such product at this branch");
    wish.batch(floor).ok_or_else(nothing)
}
