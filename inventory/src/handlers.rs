//! What inventory takes from the stream, and in which order a batch is worked on.

mod bake;
mod closing;
mod confirm;
mod discount;
mod floor;
mod opening;
mod put_back;
mod reserve;
mod sweep;
mod turn;

pub(crate) use bake::{BATCH_UNITS_MAX, Wish};
pub(crate) use floor::Floor;

use crate::branch;
use crate::day_product::Tallies;
use crate::product::Product;
use crate::stock::SectionKey;
use crate::unit::Unit;
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::message::{DecodeError, Message, decode};
use bakery_nats::messages::inventory::{Confirm, Release, Reserve, Restock};
use bakery_nats::messages::scheduler::{BakeDue, ClosingDue, DiscountDue, OpeningDue, SweepDue};
use bakery_nats::process::{Answers, Handler, Input as InputTrait};
use bakery_nats::record::Records;
use bakery_nats::slug::Slug;
use bakery_nats::subject::Subject;
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::collections::BTreeSet;
use turn::Turn;
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
    Opening(OpeningDue),
    Discount(DiscountDue),
    Closing(ClosingDue),
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
            OpeningDue::NAME => Self::Opening(decode(payload)?),
            DiscountDue::NAME => Self::Discount(decode(payload)?),
            ClosingDue::NAME => Self::Closing(decode(payload)?),
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
            Self::Opening(body) => (body.business_id(), OpeningDue::STEP),
            Self::Discount(body) => (body.business_id(), DiscountDue::STEP),
            Self::Closing(body) => (body.business_id(), ClosingDue::STEP),
        }
    }
}

/// The messages of a batch by kind, each in the order of the stream; the turns of the day in that
/// of the clock.
#[derive(Default)]
struct Sorted {
    reserve: Vec<Delivered<Reserve>>,
    confirm: Vec<Delivered<Confirm>>,
    release: Vec<Delivered<Release>>,
    restock: Vec<Delivered<Restock>>,
    bake: Vec<Delivered<BakeDue>>,
    sweep: Vec<Delivered<SweepDue>>,
    turns: Vec<Delivered<Turn>>,
    /// Every branch that a message is about.
    branches: BTreeSet<Slug>,
}

impl Sorted {
    fn of(batch: Vec<Delivered<Input>>) -> Self {
        let mut sorted = Self::default();
        for Delivered { position, meta, body } in batch {
            sorted.branches.insert(meta.branch().clone());
            macro_rules! to {
                ($kind:ident, $body:expr) => {
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
                Input::Opening(body) => to!(turns, Turn::Opening(body)),
                Input::Discount(body) => to!(turns, Turn::Discount(body)),
                Input::Closing(body) => to!(turns, Turn::Closing(body)),
            }
        }
        sorted.turns.sort_by_key(|message| message.body.due_at());
        sorted
    }
}

/// The handler of the service.
pub struct Shelf;

impl Handler for Shelf {
    const SERVICE: &'static str = "inventory";
    type Input = Input;

    /// What is baked can be sold in the same batch; an undo comes after what it undoes; a day is
    /// closed, and reported, after everything else that belongs to it.
    async fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Input>>,
        known: &Records,
    ) -> Result<Answers, HandlerError> {
        let batch = Sorted::of(batch);
        let floor = enter(conn, &batch).await?;
        let mut tallies = Tallies::default();
        let mut answers = bake::bake_due(conn, &batch.bake, &floor).await?;
        answers.extend(reserve::reserve(conn, &batch.reserve, &floor, known, &mut tallies).await?);
        answers.extend(confirm::confirm(conn, &batch.confirm).await?);
        answers.extend(put_back::release(conn, &batch.release, &floor, known).await?);
        answers.extend(put_back::restock(conn, &batch.restock, &floor, known, &mut tallies).await?);
        tallies.add(conn).await?;
        answers.extend(sweep::sweep(conn, &batch.sweep).await?);
        answers.extend(turn::turn(conn, &batch.turns, &floor).await?);
        Ok(answers)
    }
}

/// Locks what the batch may change, first branches, then sections, and reads it.
async fn enter(conn: &mut AsyncPgConnection, batch: &Sorted) -> Result<Floor, HandlerError> {
    let turning = batch.turns.iter().map(|message| message.meta.branch().clone()).collect();
    branch::lock(conn, &turning).await?;
    let touched = touched(conn, batch).await?;
    let products = Product::lock(conn, &touched).await?;
    // Read when the sections are locked: a discount locks them too, so none of an earlier
    // transaction is missed.
    let mut shops = branch::load(conn, &batch.branches).await?;
    // A discount counts from its logical time, which is compared with that of each order. So the
    // orders of its own batch must know of it, wherever it stands among them.
    for message in &batch.turns {
        if let (Turn::Discount(tick), Some(shop)) =
            (&message.body, shops.get_mut(message.meta.branch()))
        {
            let discount = shop.discount(tick);
            shop.discounts.extend(discount);
        }
    }
    Ok(Floor { products, shops })
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
    let whole: BTreeSet<&str> = (batch.sweep.iter().map(|m| m.meta.branch().as_str()))
        .chain(batch.turns.iter().map(|m| m.meta.branch().as_str()))
        .collect();
    if !whole.is_empty() {
        keys.extend(Product::of_branches(conn, &whole).await?.into_iter().filter_map(key));
    }
    Ok(keys)
}

/// A key read from the database; what was written there was a slug.
fn key((branch, id): (String, String)) -> Option<SectionKey> {
    Some((Slug::try_from(branch).ok()?, Slug::try_from(id).ok()?))
}
