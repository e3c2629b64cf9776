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
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;
use std::collections::BTreeSet;
use std::fmt::Display;

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

/// The step of a request that has changed a branch to this.
fn branch_changed<R: Request>(asked: &Asked<R>, shop: &Shop) -> Step {
    let Shop { branch, version, .. } = shop.clone();
    let change_id = derived(&["branch", branch.id.as_str(), &version.to_string()]);
    let id = branch.id.clone();
    let changed = BranchChanged { change_id, version, branch };
    let outgoing = vec![Outgoing::attempt(&id, 1, &changed)];
    Step { business_id: asked.request_id, name: R::NAME.to_owned(), outgoing }
}
