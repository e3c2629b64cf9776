//! What inventory takes from the stream, and in which order a batch is worked on.

mod bake;
mod confirm;
mod put_back;
mod reserve;
mod sweep;

pub(crate) use bake::{BATCH_UNITS_MAX, Batch, bake, shelf_life};

use crate::product::Product;
use crate::stock::SectionKey;
use crate::unit::Unit;
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::message::{DecodeError, Message, decode};
use bakery_nats::messages::inventory::{Confirm, Release, Reserve, Restock};
use bakery_nats::messages::scheduler::{BakeDue, SweepDue};
use bakery_nats::process::{Answers, Handler, Input as InputTrait};
use bakery_nats::record::Records;
use bakery_nats::slug::Slug;
use bakery_nats::subject::Subject;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Everything inventory takes.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each variant is the message of its name")]
pub enum Input {
    Reserve(Reserve),
    Confirm(Confirm),
    Release(Release),
    Restock(Restock),
    Bake(BakeDue),
    Sweep(SweepDue),
}

impl InputTrait for Input {
    fn decode(subject: &Subject, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(match subject.name.as_str() {
            Reserve::NAME => Self::Reserve(decode(payload)?),
            Confirm::NAME => Self::Confirm(decode(payload)?),
            Release::NAME => Self::Release(decode(payload)?),
            Restock::NAME => Self::Restock(decode(payload)?),
            BakeDue::NAME => Self::Bake(decode(payload)?),
            SweepDue::NAME => Self::Sweep(decode(payload)?),
            other => return Err(DecodeError::UnknownName(other.to_owned())),
        })
    }

    fn key(&self) -> (Uuid, &'static str) {
        match self {
            Self::Reserve(body) => (body.business_id(), Reserve::STEP),
            Self::Confirm(body) => (body.business_id(), Confirm::STEP),
            Self::Release(body) => (body.business_id(), Release::STEP),
            Self::Restock(body) => (body.business_id(), Restock::STEP),
            Self::Bake(body) => (body.business_id(), BakeDue::STEP),
            Self::Sweep(body) => (body.business_id(), SweepDue::STEP),
        }
    }
}

/// The messages of a batch by kind, each in the order of the stream.
#[derive(Default)]
struct Sorted {
    reserve: Vec<Delivered<Reserve>>,
    confirm: Vec<Delivered<Confirm>>,
    release: Vec<Delivered<Release>>,
    restock: Vec<Delivered<Restock>>,
    bake: Vec<Delivered<BakeDue>>,
    sweep: Vec<Delivered<SweepDue>>,
}

impl Sorted {
    fn of(batch: Vec<Delivered<Input>>) -> Self {
        let mut sorted = Self::default();
        for Delivered { position, meta, body } in batch {
            macro_rules! to {
                ($kind:ident, $body:ident) => {
                    sorted.$kind.push(Delivered { position, meta, body: $body })
                };
            }
            match body {
                Input::Reserve(body) => to!(reserve, body),
                Input::Confirm(body) => to!(confirm, body),
                Input::Release(body) => to!(release, body),
                Input::Restock(body) => to!(restock, body),
                Input::Bake(body) => to!(bake, body),
                Input::Sweep(body) => to!(sweep, body),
            }
        }
        sorted
    }
}

/// The handler of the service.
pub struct Shelf;

impl Handler for Shelf {
    const SERVICE: &'static str = "inventory";
    type Input = Input;

    /// What is baked can be sold in the same batch; an undo comes after what it undoes.
    async fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Input>>,
        known: &Records,
    ) -> Result<Answers, HandlerError> {
        let batch = Sorted::of(batch);
        let touched = touched(conn, &batch).await?;
        let products = Product::lock(conn, &touched).await?;
        let mut answers = bake::bake_due(conn, &batch.bake, &products).await?;
        answers.extend(reserve::reserve(conn, &batch.reserve, &products, known).await?);
        answers.extend(confirm::confirm(conn, &batch.confirm).await?);
        answers.extend(put_back::release(conn, &batch.release, known).await?);
        answers.extend(put_back::restock(conn, &batch.restock, known).await?);
        answers.extend(sweep::sweep(conn, &batch.sweep).await?);
        Ok(answers)
    }
}

/// Every section of the shelf the batch may change: they are locked in one statement, so that two
/// batches can never wait for each other in a circle.
async fn touched(
    conn: &mut AsyncPgConnection,
    batch: &Sorted,
) -> Result<BTreeSet<SectionKey>, HandlerError> {
    let mut keys = BTreeSet::new();
    for message in &batch.reserve {
        let branch = message.meta.branch();
        keys.extend(message.body.lines.iter().map(|l| (branch.clone(), l.product_id.clone())));
    }
    for message in &batch.bake {
        keys.insert((message.meta.branch().clone(), message.body.product_id.clone()));
    }
    let undone: Vec<Uuid> = (batch.release.iter().map(|m| m.body.order_id))
        .chain(batch.restock.iter().map(|m| m.body.order_id))
        .collect();
    if !undone.is_empty() {
        keys.extend(Unit::sections_of(conn, &undone).await?.into_iter().filter_map(key));
    }
    if !batch.sweep.is_empty() {
        let branches = batch.sweep.iter().map(|m| m.meta.branch().as_str()).collect();
        keys.extend(Product::of_branches(conn, &branches).await?.into_iter().filter_map(key));
    }
    Ok(keys)
}

/// A key read from the database; what was written there was a slug.
fn key((branch, id): (String, String)) -> Option<SectionKey> {
    Some((Slug::try_from(branch).ok()?, Slug::try_from(id).ok()?))
}
