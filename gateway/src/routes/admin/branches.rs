//! Opening and changing branches.

mod body;
pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::checks::Checks;
use crate::input::Body;
use crate::params::Id;
use crate::routes::branches::View;
use axum::Json;
use axum::extract::State;
use bakery_nats::requests::inventory::SwitchBranch;
use bakery_nats::slug::Slug;
use body::BranchBody;
use serde::Deserialize;
use utoipa::ToSchema;

/// `PUT /admin/branches/{id}`: the branch is new, or changed to this.
pub(crate) async fn put(
    State(app): State<App>,
    Id(id): Id<Slug>,
    Body(body): Body<BranchBody>,
) -> Answer<View> {
    let put = body.read(id)?;
    Ok(Json(app.change(&put.id, &put).await?.into()))
}

/// `PUT /admin/branches/{id}/switch`: closed by hand, or open again by its hours.
pub(crate) async fn switch(
    State(app): State<App>,
    Id(branch): Id<Slug>,
    Body(body): Body<SwitchBody>,
) -> Answer<View> {
    let mut checks = Checks::default();
    let closed = checks.needed("closed", body.closed);
    let closed = checks.finish(closed)?;
    Ok(Json(app.change(&branch.clone(), &SwitchBranch { branch, closed }).await?.into()))
}

/// The body of a switch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchBody {
    #[schema(value_type = bool)]
    closed: Option<bool>,
}
