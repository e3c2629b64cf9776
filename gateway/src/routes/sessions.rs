//! Sessions: signing in, going on, signing out.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::auth::attempts;
use crate::auth::caller::Caller;
use crate::auth::refresh::{RefreshToken, hash_of};
use crate::auth::token::{self, ACCESS_LIFE_S};
use crate::client::ClientAddress;
use crate::input::Body;
use crate::problem::Problem;
use crate::routes::users::body::{RefreshBody, SignInBody, is_username};
use crate::users::row::User;
use crate::users::session::{self, Rotated};
use crate::users::unavailable;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bakery_nats::refusal::Refusal;
use diesel::result::Error as DieselError;
use diesel_async::AsyncConnection;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a client keeps (RFC 6749).
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    refresh_token: String,
}

impl Tokens {
    /// Those of a session, which is in the database.
    pub(crate) fn of(app: &App, caller: &Caller, refresh: RefreshToken) -> Result<Self, Problem> {
        let users = &app.users;
        let access_token = token::issue(&users.key, caller, (users.clock)()).map_err(|error| {
            tracing::error!(%error, "a token cannot be written");
            Problem::internal()
        })?;
        let refresh_token = refresh.text;
        Ok(Self { access_token, token_type: "Bearer", expires_in: ACCESS_LIFE_S, refresh_token })
    }
}

/// A new refresh token that nobody has yet.
pub(crate) fn new_token() -> Result<RefreshToken, Problem> {
    RefreshToken::new().map_err(|_| {
        tracing::error!("the machine gives no random numbers");
        Problem::internal()
    })
}

/// `POST /sessions`. Whether it is the username or the password that is wrong nobody is told, and it
/// takes as long.
pub(crate) async fn sign_in(
    State(app): State<App>,
    address: ClientAddress,
    Body(body): Body<SignInBody>,
) -> Answer<Tokens> {
    let login = body.read()?;
    attempts::password(&app, address, &login.username).await?;
    let user = named(&app, &login.username).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let fits = app.users.passwords.fits(login.password, hash.clone()).await?;
    let user = user.filter(|user| fits && !user.disabled).ok_or_else(wrong_credentials)?;
    let (token, session_id) = (new_token()?, Uuid::now_v7());
    let mut conn = app.users.connection().await?;
    let begun = conn.transaction(async |conn| -> Result<bool, DieselError> {
        session::begin(conn, (session_id, user.id), hash.as_deref(), &token.hash).await
    });
    if !begun.await.map_err(unavailable)? {
        return Err(wrong_credentials());
    }
    let (role, account_id) = (user.role(), user.account_id);
    let caller = Caller { user_id: user.id, role, account_id, session_id };
    // Where this is one session too many, the oldest has ended.
    app.users.live.forget(|other| other.user_id == user.id);
    Ok(Json(Tokens::of(&app, &caller, token)?))
}

/// The user, whose connection is given back before the hash is compared.
async fn named(app: &App, username: &str) -> Result<Option<User>, Refusal> {
    if !is_username(username) {
        return Ok(None);
    }
    let mut conn = app.users.connection().await?;
    User::named(&mut conn, username).await.map_err(unavailable)
}

/// `POST /sessions/refresh`.
pub(crate) async fn refresh(
    State(app): State<App>,
    Body(body): Body<RefreshBody>,
) -> Answer<Tokens> {
    let hash = hash_of(&body.read()?).ok_or_else(Problem::unauthorized)?;
    let token = new_token()?;
    let mut conn = app.users.connection().await?;
    let rotated = conn.transaction(async |conn| -> Result<Rotated, DieselError> {
        session::rotate(conn, &hash, &token.hash).await
    });
    match rotated.await.map_err(unavailable)? {
        Rotated::To(caller) => Ok(Json(Tokens::of(&app, &caller, token)?)),
        Rotated::Unknown => Err(Problem::unauthorized()),
        Rotated::Ended(session_id) => {
            app.users.live.forget(|caller| caller.session_id == session_id);
            tracing::warn!(session.id = %session_id, "a refresh token came twice: the session ends");
            Err(Problem::unauthorized())
        }
    }
}

/// `DELETE /sessions/current`.
pub(crate) async fn sign_out(
    State(app): State<App>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let mut conn = app.users.connection().await?;
    session::revoke(&mut conn, caller.session_id).await.map_err(unavailable)?;
    app.users.live.forget(|other| other.session_id == caller.session_id);
    Ok(StatusCode::NO_CONTENT)
}

fn wrong_credentials() -> Problem {
    Problem::unauthorized_as("wrong_credentials", "the username or the password is wrong")
}
