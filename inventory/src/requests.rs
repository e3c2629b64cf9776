//! What inventory is asked, one file a request.

pub(crate) mod bake_now;
pub(crate) mod branches;
pub(crate) mod catalogue;
pub(crate) mod day;
pub(crate) mod list_products;
pub(crate) mod menu;
pub(crate) mod put_branch;
pub(crate) mod set_product_state;
pub(crate) mod shelf;
pub(crate) mod switch_branch;

use crate::branch;
use crate::shop::Shop;
use bakery_nats::Pool;
use bakery_nats::envelope::Outgoing;
use bakery_nats::id::derived;
use bakery_nats::messages::inventory::BranchChanged;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::{Asked, Request};
use bakery_nats::slug::Slug;
use bakery_nats::write::Step;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;
use std::collections::BTreeSet;
use std::fmt::Display;

/// The attempt under which a version is said when it is new.
const FIRST: u32 = 1;

/// A connection, or the refusal to tell.
async fn connection(pool: &Pool) -> Result<Object<AsyncPgConnection>, Refusal> {
    pool.get().await.map_err(unavailable)
}

/// The cause goes to the log, the asker learns that it is worth trying again.
fn unavailable(error: impl Display) -> Refusal {
    tracing::warn!(%error, "a request cannot be answered");
    Refusal::unavailable("the inventory database")
}

/// A branch that must be there.
async fn shop(conn: &mut AsyncPgConnection, id: &Slug) -> Result<Shop, Refusal> {
    let found = branch::load(conn, &BTreeSet::from([id.clone()])).await.map_err(unavailable)?;
    found.into_values().next().ok_or_else(|| no_branch(id))
}

/// Whether a text can be shown to people: so many characters at the most, none a control character.
fn clean(text: &str, length_max: usize) -> bool {
    text.chars().count() <= length_max && !text.chars().any(char::is_control)
}

fn no_branch(id: &Slug) -> Refusal {
    Refusal::not_found("branch", id)
}

/// The step of a request that has made a branch this, or found it so: its version is said, or said
/// once more. Nothing where no version was ever said.
fn branch_said<R: Request>(asked: &Asked<R>, shop: &Shop, changed: bool) -> Option<Step> {
    let Shop { branch, version, .. } = shop.clone();
    let change_id = derived(&["branch", branch.id.as_str(), &version.to_string()]);
    let id = branch.id.clone();
    let said = BranchChanged { change_id, version, branch };
    let outgoing = vec![Outgoing::attempt(&id, attempt(changed, asked.at), &said)];
    let step = Step { business_id: asked.request_id, name: R::NAME.to_owned(), outgoing };
    (version > 0).then_some(step)
}

/// The attempt under which a version is said: at its change the first one. Whoever asks for the same
/// again may do so because somebody has missed it: then a number that none had before, or the stream
/// would drop it as a double.
fn attempt(changed: bool, at: DateTime<Utc>) -> u32 {
    if changed { FIRST } else { u32::try_from(at.timestamp()).unwrap_or(u32::MAX) }
}
