//! What the operator asks over the bus: a user before anybody can sign in, and a fresh reading of
//! the log.

use super::row::Newcomer;
use super::{register, seen, unavailable};
use crate::app::App;
use crate::auth::password::is_hash;
use crate::checks::Checks;
use crate::routes::users::body::{name, new_username};
use bakery_chassis::StartError;
use bakery_nats::process::Handler;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::gateway::{AddUser, RebuildUsers, UserView, UsersRebuilt};
use bakery_nats::serve::Desk;
use bakery_nats::topology::STREAM;
use diesel_async::AsyncConnection;
use std::fmt::Display;
use std::time::Duration;

/// Answers both.
pub(crate) async fn answer(desk: &Desk, app: &App) -> Result<(), StartError> {
    let own = app.clone();
    let add = move |asked: Asked<AddUser>| {
        let app = own.clone();
        async move { add_user(&app, asked.body).await }
    };
    desk.query::<AddUser, _, _>(add).await?;
    let own = app.clone();
    let rebuild = move |_: Asked<RebuildUsers>| {
        let app = own.clone();
        async move { rebuild(&app).await }
    };
    Ok(desk.query::<RebuildUsers, _, _>(rebuild).await?)
}

async fn add_user(app: &App, wanted: AddUser) -> Result<UserView, Refusal> {
    let mut checks = Checks::default();
    let AddUser { username, password_hash, name: called, role } = wanted;
    let username = new_username(Some(&username), &mut checks);
    if !is_hash(&password_hash) {
        checks.wrong("password_hash", "must be a hash such as `bakery user add` makes");
    }
    let called = name(Some(&called), &mut checks);
    let (username, name) = checks.finish(username.zip(called))?;
    let (username, password_hash) = (Some(username), Some(password_hash));
    let opening = app.users.opening(None)?;
    let newcomer = Newcomer { username, password_hash, name, email: None, role, opening };
    let user = register::add(app, &newcomer).await?;
    tracing::info!(user.id = %user.id, %role, "a user was added");
    Ok(user.view())
}

/// The bus sets the consumer back within this, or nothing is read again.
const RESET_TIMEOUT_S: u64 = 2;

/// Has the log read from its start, over what is known. The consumer is set back before the commit: where
/// that fails nothing was forgotten, and where the commit fails all of it was taken already.
async fn rebuild(app: &App) -> Result<UsersRebuilt, Refusal> {
    let mut conn = app.users.connection().await?;
    let known = conn.transaction(async |conn| -> Result<i64, Failed> {
        let known = seen::forget_taken(conn).await.map_err(Failed::Database)?;
        // Who reads the tables waits for this, and so it has a short end.
        let limit = Duration::from_secs(RESET_TIMEOUT_S);
        let reset = tokio::time::timeout(limit, read_again(app)).await;
        reset.map_err(|_| Failed::Bus("it does not answer".to_owned()))??;
        Ok(known)
    });
    match known.await {
        Ok(known) => {
            tracing::info!(known, "the view of users is built anew");
            Ok(UsersRebuilt { known })
        }
        Err(Failed::Database(error)) => Err(unavailable(error)),
        Err(Failed::Bus(error)) => {
            tracing::warn!(error, "the log cannot be read again");
            Err(Refusal::unavailable("the message bus"))
        }
    }
}

async fn read_again(app: &App) -> Result<(), Failed> {
    let failed = |error: &dyn Display| Failed::Bus(error.to_string());
    let stream =
        app.bus.context.get_stream_no_info(STREAM).await.map_err(|error| failed(&error))?;
    let reset = stream.reset_consumer(super::news::News::SERVICE, Some(1)).await;
    reset.map(|_| ()).map_err(|error| failed(&error))
}

/// What stood in the way of a rebuild.
enum Failed {
    Database(diesel::result::Error),
    Bus(String),
}

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}
