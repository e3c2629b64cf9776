//! What is on the shelf of a branch, and how old it is.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::params::{Id, Params};
use axum::extract::State;
use bakery_nats::requests::shelf::{GetShelf, ShelfReply};
use bakery_nats::slug::Slug;

/// `GET /admin/branches/{id}/shelf`.
pub(crate) async fn shelf(
    State(app): State<App>,
    Id(branch): Id<Slug>,
    params: Params,
) -> Answer<ShelfReply> {
    params.finish(Some(()))?;
    app.answer(&GetShelf { branch }).await
}
