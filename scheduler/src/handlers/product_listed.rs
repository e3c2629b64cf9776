//! `inventory.product-listed`: a product is baked as its baker says, or not any more.

use crate::board::Board;
use crate::job::Placed;
use crate::product::{self, ProductKey};
use crate::schedule::Timing;
use crate::standard;
use bakery_nats::envelope::Delivered;
use bakery_nats::messages::inventory::{ProductListed, ProductState};
use bakery_nats::process::Answers;
use bakery_nats::requests::scheduler::{Job, JobKey, When};
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use std::collections::BTreeMap;

/// News of a product that can be carried out.
pub(super) struct Listed {
    pub(super) key: ProductKey,
    version: i64,
    at: DateTime<Utc>,
    retired: bool,
    /// Its job; `None` where it is not baked by the clock.
    baking: Option<(Job, Timing)>,
}

/// The messages that can be carried out; the others are buried.
pub(super) fn readable(batch: Vec<Delivered<ProductListed>>, answers: &mut Answers) -> Vec<Listed> {
    let mut read = Vec::with_capacity(batch.len());
    for message in batch {
        let key = (message.meta.branch().clone(), message.body.product_id.clone());
        match baking(&key, &message.body) {
            Ok(baking) => {
                let (version, at) = (message.body.version, message.meta.at);
                let retired = message.body.state == ProductState::Retired;
                read.push(Listed { key, version, at, retired, baking });
            }
            Err(reason) => answers.bury(message.position, reason),
        }
    }
    read
}

/// The job of a product, or why there can be none.
fn baking(
    (branch, product_id): &ProductKey,
    listed: &ProductListed,
) -> Result<Option<(Job, Timing)>, String> {
    let production = listed.production.filter(|_| listed.state != ProductState::Retired);
    let Some(production) = production else {
        return Ok(None);
    };
    let job = standard::of_product(branch, product_id, production)
        .ok_or_else(|| format!("a batch of {} cannot be baked", production.batch))?;
    let timing = Timing::read(&job.when);
    let timing = timing.map_err(|error| format!("production.{} {error}", error.field()))?;
    Ok(Some((job, timing)))
}

/// Takes what is newer than what was heard before.
pub(super) async fn apply(
    conn: &mut AsyncPgConnection,
    board: &mut Board,
    batch: Vec<Listed>,
) -> QueryResult<()> {
    let mut newest: BTreeMap<ProductKey, Listed> = BTreeMap::new();
    for listed in batch {
        let newer = newest.get(&listed.key).is_none_or(|known| known.version < listed.version);
        if newer {
            newest.insert(listed.key.clone(), listed);
        }
    }
    let versions = newest.iter().map(|(key, listed)| (key.clone(), listed.version)).collect();
    for key in product::note_newer(conn, &versions).await? {
        let Some(listed) = newest.remove(&key) else { continue };
        let (branch, product_id) = key;
        let Some(name) = standard::bake_name(&product_id) else { continue };
        let key = JobKey { branch, name };
        match listed.baking {
            Some((job, timing)) => put(board, &key, job, timing, listed.at),
            // Whoever has put a job of another kind in its place goes on, unless nobody sells it.
            None if (listed.retired || board.get(&key).is_some_and(is_ours))
                && board.remove(&key) =>
            {
                tracing::info!(branch = %key.branch, job = %key.name, "is not baked any more");
            }
            None => {}
        }
    }
    Ok(())
}

/// Whether a job is of the kind that a product's production makes.
fn is_ours(placed: &Placed) -> bool {
    matches!(placed.job.when, When::EveryS(_))
}

/// Whoever has held the job, or said what becomes of missed ticks, is not overruled.
fn put(board: &mut Board, key: &JobKey, mut job: Job, timing: Timing, at: DateTime<Utc>) {
    if let Some(known) = board.get(key) {
        job.misfire = known.job.misfire;
        job.paused = known.job.paused;
    }
    board.put(job, timing, at);
}
