//! Users: becoming one, being one, and what the operator does with them.

pub(crate) mod body;
pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::auth::attempts;
use crate::auth::caller::Caller;
use crate::auth::refresh::RefreshToken;
use crate::client::ClientAddress;
use crate::input::Body;
use crate::params::{Id, Params};
use crate::problem::Problem;
use crate::routes::sessions::{Tokens, new_token};
use crate::users::profile::{self, Profile};
use crate::users::row::{Newcomer, User};
use crate::users::{register, session, unavailable};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::requests::gateway::{Role, UserView};
use body::{DisabledBody, GuestBody, PasswordBody, RoleBody, UserBody};
use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Users of a page where nothing is said.
const PAGE: u16 = 20;

/// Somebody new, signed in.
#[derive(Serialize, ToSchema)]
struct Welcome {
    user: UserView,
    #[serde(flatten)]
    tokens: Tokens,
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserPage)]
pub(crate) struct Page {
    /// In the order in which they came.
    users: Vec<UserView>,
    /// The cursor of the next page; null on the last.
    next: Option<Uuid>,
}

/// `POST /users`.
pub(crate) async fn register(
    State(app): State<App>,
    address: ClientAddress,
    Body(body): Body<UserBody>,
) -> Result<Response, Problem> {
    let new = body.read()?;
    let opening = app.users.opening(new.currency.as_ref())?;
    attempts::newcomer(&app, address).await?;
    let password_hash = app.users.passwords.hash(new.login.password).await?;
    let newcomer = Newcomer {
        username: Some(new.login.username),
        password_hash: Some(password_hash),
        name: new.name,
        email: new.email,
        role: Role::Customer,
        opening,
    };
    welcome(&app, &newcomer).await
}

/// `POST /guests`.
pub(crate) async fn guest(
    State(app): State<App>,
    address: ClientAddress,
    Body(body): Body<GuestBody>,
) -> Result<Response, Problem> {
    let (name, currency) = body.read()?;
    let opening = app.users.opening(currency.as_ref())?;
    attempts::newcomer(&app, address).await?;
    let (username, password_hash, email) = (None, None, None);
    let role = Role::Customer;
    let guest = Newcomer { username, password_hash, name, email, role, opening };
    welcome(&app, &guest).await
}

async fn welcome(app: &App, newcomer: &Newcomer) -> Result<Response, Problem> {
    let token: RefreshToken = new_token()?;
    let (user, caller) = register::add_and_sign_in(app, newcomer, &token).await?;
    let location = format!("/api/v1/users/{}", user.id);
    let welcome = Welcome { user: user.view(), tokens: Tokens::of(app, &caller, token)? };
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(welcome)).into_response())
}

/// `GET /users/me`.
pub(crate) async fn me(State(app): State<App>, caller: Caller) -> Answer<Profile> {
    Ok(Json(profile(&app, caller.user_id).await?))
}

/// `GET /users/{id}`.
pub(crate) async fn user(State(app): State<App>, Id(id): Id<Uuid>) -> Answer<Profile> {
    Ok(Json(profile(&app, id).await?))
}

async fn profile(app: &App, id: Uuid) -> Result<Profile, Refusal> {
    let found = {
        let mut conn = app.users.connection().await?;
        User::get(&mut conn, id).await.map_err(unavailable)?
    };
    profile::of(app, found.ok_or_else(|| not_found(id))?).await
}

/// `GET /users?after=&limit=`.
pub(crate) async fn list(State(app): State<App>, mut params: Params) -> Answer<Page> {
    let wanted = (params.cursor("after"), params.limit().unwrap_or(PAGE));
    let (after, limit) = params.finish(Some(wanted))?;
    let mut conn = app.users.connection().await?;
    // One more than is shown tells whether there is a next page.
    let rows = User::page(&mut conn, after, i64::from(limit) + 1).await.map_err(unavailable)?;
    let more = rows.len() > usize::from(limit);
    let shown = rows.into_iter().take(usize::from(limit));
    let users: Vec<UserView> = shown.map(User::view).collect();
    let next = users.last().filter(|_| more).map(|user| user.id);
    Ok(Json(Page { users, next }))
}

/// `PUT /users/me/password`: ends all other sessions.
pub(crate) async fn password(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    Body(body): Body<PasswordBody>,
) -> Result<StatusCode, Problem> {
    let wanted = body.read()?;
    attempts::password(&app, address, &caller.user_id.to_string()).await?;
    let user = {
        let mut conn = app.users.connection().await?;
        User::get(&mut conn, caller.user_id).await.map_err(unavailable)?
    };
    let Some(old) = user.and_then(|user| user.password_hash) else {
        let detail = "a guest has no password to change";
        return Err(Problem::new(StatusCode::CONFLICT, "guest", detail));
    };
    if !app.users.passwords.fits(wanted.old, Some(old.clone())).await? {
        return Err(wrong_password().into());
    }
    let new = app.users.passwords.hash(wanted.new).await?;
    let mut conn = app.users.connection().await?;
    let (id, session_id) = (caller.user_id, caller.session_id);
    let changed = conn.transaction(async |conn| -> Result<bool, DieselError> {
        let changed = User::set_password(conn, id, &old, &new).await?;
        if changed {
            session::revoke_others(conn, id, Some(session_id)).await?;
        }
        Ok(changed)
    });
    if !changed.await.map_err(unavailable)? {
        return Err(wrong_password().into());
    }
    app.users.live.forget(|other| other.user_id == id && other.session_id != session_id);
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /users/{id}/role`: from now on, also for who is signed in.
pub(crate) async fn role(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<Uuid>,
    Body(body): Body<RoleBody>,
) -> Answer<UserView> {
    let role = body.read()?;
    not_oneself(&caller, id)?;
    let mut conn = app.users.connection().await?;
    let changed = conn.transaction(async |conn| -> Result<Option<User>, Change> {
        is_still_operator(conn, &caller).await?;
        Ok(User::set_role(conn, id, role).await?)
    });
    let changed = changed.await.map_err(Problem::from)?;
    app.users.live.forget(|other| other.user_id == id);
    if let Some(user) = changed {
        tracing::info!(user.id = %id, %role, "a user has another role");
        return Ok(Json(user.view()));
    }
    let guest = User::get(&mut conn, id).await.map_err(unavailable)?;
    guest.ok_or_else(|| not_found(id))?;
    let detail = "a guest cannot sign in again, and so is a customer for ever";
    Err(Problem::new(StatusCode::CONFLICT, "guest", detail))
}

/// `PUT /users/{id}/disabled`: ends all sessions of who is let in no more.
pub(crate) async fn disabled(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<Uuid>,
    Body(body): Body<DisabledBody>,
) -> Answer<UserView> {
    let disabled = body.read()?;
    not_oneself(&caller, id)?;
    let mut conn = app.users.connection().await?;
    let changed = conn.transaction(async |conn| -> Result<Option<User>, Change> {
        is_still_operator(conn, &caller).await?;
        let changed = User::set_disabled(conn, id, disabled).await?;
        if disabled {
            session::revoke_others(conn, id, None).await?;
        }
        Ok(changed)
    });
    let changed = changed.await.map_err(Problem::from)?;
    app.users.live.forget(|other| other.user_id == id);
    let user = changed.ok_or_else(|| not_found(id))?;
    tracing::info!(user.id = %id, disabled, "a user is let in no more, or again");
    Ok(Json(user.view()))
}

/// Why another user was not changed.
enum Change {
    /// Who wanted it is no operator any more.
    Forbidden,
    /// The database.
    Database(DieselError),
}

impl From<DieselError> for Change {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

impl From<Change> for Problem {
    fn from(change: Change) -> Self {
        match change {
            Change::Forbidden => Self::forbidden(),
            Change::Database(error) => unavailable(error).into(),
        }
    }
}

/// Two operators who take each other's role at once come one after the other here, and the second is
/// none any more.
async fn is_still_operator(conn: &mut AsyncPgConnection, caller: &Caller) -> Result<(), Change> {
    let operators = User::lock_operators(conn).await?;
    let still = operators.contains(&caller.user_id);
    still.then_some(()).ok_or(Change::Forbidden)
}

/// With the check above there is always an operator left.
fn not_oneself(caller: &Caller, id: Uuid) -> Result<(), Problem> {
    if caller.user_id != id {
        return Ok(());
    }
    let detail = "nobody changes their own role, or lets themselves out or in";
    Err(Problem::new(StatusCode::CONFLICT, "own_user", detail))
}

fn not_found(id: Uuid) -> Refusal {
    Refusal::not_found("user", id)
}

fn wrong_password() -> Refusal {
    Refusal::invalid(vec![FieldError::new("old", "is not the password")])
}
