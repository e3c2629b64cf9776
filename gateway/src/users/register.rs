//! How somebody becomes a user: the username is claimed, the bank opens the account, and only then is
//! there a user. Where the bank does not answer there is none, and the same can be tried again.

use super::row::{self, Newcomer, User};
use super::{session, unavailable};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::refresh::RefreshToken;
use crate::problem::internal;
use bakery_nats::id::derived;
use bakery_nats::money::{Currency, Money};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::bank::{NewAccount, OpenAccounts};
use diesel::result::Error as DieselError;
use diesel_async::AsyncConnection;
use uuid::Uuid;

/// The account of a user in a currency, the same whenever it is asked for: whoever takes a claim over
/// and wants another currency gets another account.
fn account_id(user_id: Uuid, currency: &Currency) -> Uuid {
    derived(&["user", "account", &user_id.to_string(), currency.as_str()])
}

/// Adds a user who does not sign in yet.
pub(crate) async fn add(app: &App, newcomer: &Newcomer) -> Result<User, Refusal> {
    let user = claim(app, newcomer).await?;
    open_account(app, &user, &newcomer.opening).await?;
    let mut conn = app.users.connection().await?;
    let finished = row::finish(&mut conn, &user).await;
    if finished.map_err(unavailable)? { Ok(user) } else { Err(username_taken()) }
}

/// Adds a user who is signed in at once: the user and the session are committed together.
pub(crate) async fn add_and_sign_in(
    app: &App,
    newcomer: &Newcomer,
    token: &RefreshToken,
) -> Result<(User, Caller), Refusal> {
    let user = claim(app, newcomer).await?;
    open_account(app, &user, &newcomer.opening).await?;
    let (session_id, hash) = (Uuid::now_v7(), user.password_hash.as_deref());
    let mut conn = app.users.connection().await?;
    let done = conn.transaction(async |conn| -> Result<bool, DieselError> {
        Ok(row::finish(conn, &user).await?
            && session::begin(conn, (session_id, user.id), hash, &token.hash).await?)
    });
    if !done.await.map_err(unavailable)? {
        return Err(username_taken());
    }
    let (role, account_id) = (user.role(), user.account_id);
    let caller = Caller { user_id: user.id, role, account_id, session_id };
    Ok((user, caller))
}

async fn claim(app: &App, newcomer: &Newcomer) -> Result<User, Refusal> {
    let (id, currency) = (Uuid::now_v7(), &newcomer.opening.currency);
    let mut conn = app.users.connection().await?;
    let claimed = User::claim(&mut conn, (id, account_id(id, currency)), newcomer).await;
    let mut user = claimed.map_err(unavailable)?.ok_or_else(username_taken)?;
    user.account_id = account_id(user.id, currency);
    Ok(user)
}

/// Has the account opened; one that is open already stays as it is. The bank knows it by the
/// username: it is nobody else's, also if this claim is taken over.
async fn open_account(app: &App, user: &User, opening: &Money) -> Result<(), Refusal> {
    let name = user.username.as_ref().unwrap_or(&user.name).clone();
    let accounts = vec![NewAccount { id: user.account_id, name, opening: opening.clone() }];
    let Err(refusal) = app.ask(&OpenAccounts { accounts }).await else { return Ok(()) };
    if user.username.is_none() {
        give_up(app, user.id).await;
    }
    if refusal.status == 503 {
        return Err(refusal);
    }
    // Its fields are not the client's.
    tracing::error!(%refusal, "the bank does not open an account");
    Err(internal())
}

/// Nobody can take a guest's claim over. Where this fails as well, the sweep finds it.
async fn give_up(app: &App, id: Uuid) {
    let given_up = async {
        let mut conn = app.users.connection().await?;
        row::abandon(&mut conn, id).await.map_err(unavailable)
    };
    if let Err(refusal) = given_up.await {
        tracing::debug!(%refusal, "a claim is left to the sweep");
    }
}

fn username_taken() -> Refusal {
    Refusal::new(409, "username_taken", "somebody else has this username")
}
