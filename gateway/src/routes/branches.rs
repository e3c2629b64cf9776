//! The branches of the bakery, and which are open now.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::params::{Id, Params};
use axum::Json;
use axum::extract::State;
use bakery_nats::branch::Branch;
use bakery_nats::requests::inventory::{BranchState, GetBranch, ListBranches};
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A branch as people see it, all in one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BranchView)]
pub(crate) struct View {
    #[serde(flatten)]
    branch: Branch,
    open: bool,
    closes_at: Option<DateTime<Utc>>,
    opens_at: Option<DateTime<Utc>>,
    date: NaiveDate,
    discounting: bool,
    /// What the clock in the shop shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<DateTime<Utc>>,
}

impl From<BranchState> for View {
    fn from(state: BranchState) -> Self {
        let BranchState { branch, open, closes_at, opens_at, date, discounting, now } = state;
        Self { branch, open, closes_at, opens_at, date, discounting, now }
    }
}

/// Every branch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BranchViews)]
pub(crate) struct Views {
    branches: Vec<View>,
}

/// `GET /branches`.
pub(crate) async fn list(State(app): State<App>, params: Params) -> Answer<Views> {
    params.finish(Some(()))?;
    let reply = app.ask(&ListBranches {}).await?;
    Ok(Json(Views { branches: reply.branches.into_iter().map(View::from).collect() }))
}

/// `GET /branches/{id}`.
pub(crate) async fn branch(State(app): State<App>, Id(branch): Id<Slug>) -> Answer<View> {
    let state = app.ask(&GetBranch { branch }).await?;
    Ok(Json(state.into()))
}
