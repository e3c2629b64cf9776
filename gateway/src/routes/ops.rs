//! The pipeline and its dead letters, for those who run the system. A body sent along is not looked
//! at: the path says it all.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::auth::caller::Caller;
use crate::ops::letters::{self, DeadLetterPage};
use crate::ops::pipeline::{self, Pipeline};
use crate::ops::resend::{self, Resent};
use crate::params::{Id, Params};
use axum::Json;
use axum::extract::State;
use futures::FutureExt;

/// Letters of a page where nothing is said.
const PAGE: u16 = 20;
const PLACE: &str = "must be the value of next of the page before";

/// `GET /ops/pipeline`: asked for once for all who ask within a second.
pub(crate) async fn pipeline(State(app): State<App>) -> Json<Pipeline> {
    let asked = app.clone();
    Json(app.pipeline.get(|| pipeline::measure(asked).boxed()).await)
}

/// `GET /ops/dead-letters?before=&limit=`.
pub(crate) async fn letters(State(app): State<App>, mut params: Params) -> Answer<DeadLetterPage> {
    let wanted = (params.parsed("before", PLACE), params.limit().unwrap_or(PAGE));
    let (before, limit) = params.finish(Some(wanted))?;
    Ok(Json(letters::page(&app, before, usize::from(limit)).await?))
}

/// `POST /ops/dead-letters/{sequence}/resend`.
pub(crate) async fn resend(
    State(app): State<App>,
    caller: Caller,
    Id(sequence): Id<u64>,
) -> Answer<Resent> {
    Ok(Json(resend::resend(&app, caller.user_id, sequence).await?))
}
