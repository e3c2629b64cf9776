//! `inventory.bake-now`: a batch is put on the shelf by hand.

use crate::handlers::{BATCH_UNITS_MAX, Batch, bake, shelf_life};
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
        let key =
            |asked: &Asked<BakeNow>| (asked.body.branch.clone(), asked.body.product_id.clone());
        let products = Product::lock(conn, &batch.iter().map(key).collect()).await?;

        let mut seen = BTreeSet::new();
        let mut results = Vec::with_capacity(batch.len());
        let mut baked = Vec::with_capacity(batch.len());
        for asked in batch {
            let wish = wish(&asked.body);
            let life = shelf_life(&products, &wish);
            let done_before = known.has(wish.batch_id, Baked::STEP) || !seen.insert(wish.batch_id);
            results.push(match (wrong_field(&asked.body), life) {
                (Some(error), _) => Err(Refusal::invalid(vec![error])),
                (None, None) => Err(Refusal::invalid(vec![FieldError::new(
                    "product_id",
                    "there is no such product at this branch",
                )])),
                (None, Some(life)) => {
                    let event = wish.event(life);
                    let reply = BakedNow { batch_id: wish.batch_id, stale_at: event.stale_at };
                    let step = (!done_before).then(|| {
                        let outgoing = vec![Outgoing::attempt(&wish.branch, 1, &event)];
                        baked.push((wish, life));
                        Step { business_id: reply.batch_id, name: Baked::STEP.to_owned(), outgoing }
                    });
                    Ok(Written { reply, step })
                }
            });
        }
        bake(conn, baked.iter().map(|(batch, life)| (batch, *life))).await?;
        Ok(results)
    }
}

fn wish(body: &BakeNow) -> Batch {
    let BakeNow { batch_id, branch, product_id, quantity, baked_at } = body.clone();
    Batch { batch_id, branch, product_id, quantity, baked_at }
}

fn wrong_field(body: &BakeNow) -> Option<FieldError> {
    (!(1..=BATCH_UNITS_MAX).contains(&body.quantity))
        .then(|| FieldError::new("quantity", "must be 1 to 10,000"))
}
