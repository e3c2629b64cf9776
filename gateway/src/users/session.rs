//! The rows `session` and `refresh_token`: signing in, going on, signing out. All times are the
//! database's own.

use super::{connection, unavailable};
use crate::auth::caller::Caller;
use crate::auth::refresh::{Known, Verdict, judge};
use crate::schema::{app_user, refresh_token, session};
use bakery_nats::Pool;
use bakery_nats::prepared::prepared;
use bakery_nats::refusal::Refusal;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Bool, Bytea, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// A session that is not used for so long ends, and so does a refresh token.
const REFRESH_LIFE_DAYS: i32 = 30;
/// So long after its use a refresh token may come again, because its answer was lost.
const LOST_ANSWER_S: i32 = 10;
/// Sessions of one user; with one more the oldest ends.
const SESSIONS_MAX: i64 = 20;

/// Whose session it is, if it lives.
pub(crate) async fn caller(pool: &Pool, id: Uuid) -> Result<Option<Caller>, Refusal> {
    let mut conn = connection(pool).await?;
    find(&mut conn, id).await.map_err(unavailable)
}

/// The caller behind a session that lives, with the role of now.
pub(crate) async fn find(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Caller>> {
    let found: Option<(Uuid, String, Uuid)> = session::table
        .inner_join(app_user::table)
        .filter(session::id.eq(id))
        .filter(session::revoked_at.is_null())
        .filter(session::expires_at.gt(now))
        .filter(diesel::dsl::not(app_user::disabled))
        .select((app_user::id, app_user::role, app_user::account_id))
        .first(conn)
        .await
        .optional()?;
    // A role that cannot be read lets nobody in.
    Ok(found.and_then(|(user_id, role, account_id)| {
        Some(Caller { user_id, role: role.parse().ok()?, account_id, session_id: id })
    }))
}

/// Whose sessions these are, of those that live.
pub(crate) async fn callers(pool: &Pool, ids: &[Uuid]) -> Result<HashMap<Uuid, Caller>, Refusal> {
    let mut conn = connection(pool).await?;
    let found: QueryResult<Vec<(Uuid, Uuid, String, Uuid)>> = session::table
        .inner_join(app_user::table)
        .filter(session::id.eq_any(ids))
        .filter(session::revoked_at.is_null())
        .filter(session::expires_at.gt(now))
        .filter(diesel::dsl::not(app_user::disabled))
        .select((session::id, app_user::id, app_user::role, app_user::account_id))
        .load(&mut conn)
        .await;
    let caller = |(session_id, user_id, role, account_id): (_, _, String, _)| {
        let role = role.parse().ok()?;
        Some((session_id, Caller { user_id, role, account_id, session_id }))
    };
    Ok(found.map_err(unavailable)?.into_iter().filter_map(caller).collect())
}

/// A new session with its first refresh token; false where the password was changed meanwhile, or the
/// user let in no more. The user's row is held, so that a change comes before it or ends it.
pub(crate) async fn begin(
    conn: &mut AsyncPgConnection,
    (id, user_id): (Uuid, Uuid),
    password_hash: Option<&str>,
    token_hash: &[u8],
) -> QueryResult<bool> {
    let begun = prepared(
        "INSERT INTO session (id, user_id, created_at, expires_at)
         SELECT $1, id, now(), now() + make_interval(days => $4) FROM app_user
         WHERE id = $2 AND password_hash IS NOT DISTINCT FROM $3 AND account_opened AND NOT disabled
         FOR SHARE",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(user_id)
    .bind::<Nullable<Text>, _>(password_hash)
    .bind::<Integer, _>(REFRESH_LIFE_DAYS)
    .execute(conn)
    .await?;
    if begun == 0 {
        return Ok(false);
    }
    insert_token(conn, id, token_hash).await?;
    prepared(
        "UPDATE session SET revoked_at = now()
         WHERE user_id = $1 AND revoked_at IS NULL AND id NOT IN (
             SELECT id FROM session WHERE user_id = $1 AND revoked_at IS NULL
             ORDER BY created_at DESC, id DESC LIMIT $2)",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<BigInt, _>(SESSIONS_MAX)
    .execute(conn)
    .await?;
    Ok(true)
}

async fn insert_token(conn: &mut AsyncPgConnection, id: Uuid, hash: &[u8]) -> QueryResult<()> {
    prepared(
        "INSERT INTO refresh_token (hash, session_id, expires_at)
         VALUES ($1, $2, now() + make_interval(days => $3))",
    )
    .bind::<Bytea, _>(hash)
    .bind::<SqlUuid, _>(id)
    .bind::<Integer, _>(REFRESH_LIFE_DAYS)
    .execute(conn)
    .await
    .map(|_| ())
}

/// What came of a refresh token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rotated {
    /// It was replaced, and this is who goes on.
    To(Caller),
    /// Nobody has it, or not any more.
    Unknown,
    /// It was used before: its session is ended.
    Ended(Uuid),
}

/// Replaces a refresh token by a new one. The session is held meanwhile: of two clients with the same
/// token one comes first.
pub(crate) async fn rotate(
    conn: &mut AsyncPgConnection,
    token_hash: &[u8],
    new_hash: &[u8],
) -> QueryResult<Rotated> {
    let Some(id) = lock_session(conn, token_hash).await? else { return Ok(Rotated::Unknown) };
    let found = find(conn, id).await?;
    let (Some(caller), Some(token)) = (found, TokenRow::get(conn, token_hash).await?) else {
        return Ok(Rotated::Unknown);
    };
    let TokenRow { used, just_now, next_is_unused, replaced_by } = token;
    match judge(Known { used, just_now, next_is_unused }) {
        Verdict::Replace => {}
        Verdict::Again => set_used(conn, &replaced_by.unwrap_or_default(), None).await?,
        Verdict::Reused => {
            revoke(conn, id).await?;
            return Ok(Rotated::Ended(id));
        }
    }
    insert_token(conn, id, new_hash).await?;
    set_used(conn, token_hash, Some(new_hash)).await?;
    prepared("UPDATE session SET expires_at = now() + make_interval(days => $2) WHERE id = $1")
        .bind::<SqlUuid, _>(id)
        .bind::<Integer, _>(REFRESH_LIFE_DAYS)
        .execute(conn)
        .await?;
    Ok(Rotated::To(caller))
}

/// Holds the session of a token. What is read after this cannot change any more.
async fn lock_session(conn: &mut AsyncPgConnection, hash: &[u8]) -> QueryResult<Option<Uuid>> {
    let of_token = refresh_token::table
        .filter(refresh_token::hash.eq(hash))
        .filter(refresh_token::expires_at.gt(now))
        .select(refresh_token::session_id)
        .first::<Uuid>(conn)
        .await
        .optional()?;
    let Some(id) = of_token else { return Ok(None) };
    session::table.find(id).select(session::id).for_update().first(conn).await.optional()
}

#[derive(QueryableByName)]
struct TokenRow {
    #[diesel(sql_type = Bool)]
    used: bool,
    #[diesel(sql_type = Bool)]
    just_now: bool,
    #[diesel(sql_type = Bool)]
    next_is_unused: bool,
    #[diesel(sql_type = Nullable<Bytea>)]
    replaced_by: Option<Vec<u8>>,
}

impl TokenRow {
    async fn get(conn: &mut AsyncPgConnection, hash: &[u8]) -> QueryResult<Option<Self>> {
        prepared(
            "SELECT t.used_at IS NOT NULL AS used,
                    coalesce(t.used_at > clock_timestamp() - make_interval(secs => $2), false)
                        AS just_now,
                    next.hash IS NOT NULL AND next.used_at IS NULL AS next_is_unused,
                    t.replaced_by
             FROM refresh_token t LEFT JOIN refresh_token next ON next.hash = t.replaced_by
             WHERE t.hash = $1",
        )
        .bind::<Bytea, _>(hash)
        .bind::<Integer, _>(LOST_ANSWER_S)
        .get_result(conn)
        .await
        .optional()
    }
}

/// A token is used up. The time of its first use stays: a repeat does not make it younger.
async fn set_used(
    conn: &mut AsyncPgConnection,
    hash: &[u8],
    replaced_by: Option<&[u8]>,
) -> QueryResult<()> {
    prepared(
        "UPDATE refresh_token SET used_at = coalesce(used_at, clock_timestamp()), replaced_by = $2
         WHERE hash = $1",
    )
    .bind::<Bytea, _>(hash)
    .bind::<Nullable<Bytea>, _>(replaced_by)
    .execute(conn)
    .await
    .map(|_| ())
}

/// Ends a session.
pub(crate) async fn revoke(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<()> {
    diesel::update(session::table.find(id))
        .filter(session::revoked_at.is_null())
        .set(session::revoked_at.eq(now.into_sql::<Timestamptz>().nullable()))
        .execute(conn)
        .await
        .map(|_| ())
}

/// Ends all sessions of a user, but one where it is named.
pub(crate) async fn revoke_others(
    conn: &mut AsyncPgConnection,
    user_id: Uuid,
    but: Option<Uuid>,
) -> QueryResult<()> {
    diesel::update(session::table)
        .filter(session::user_id.eq(user_id))
        .filter(session::revoked_at.is_null())
        .filter(session::id.is_distinct_from(but.unwrap_or_default()))
        .set(session::revoked_at.eq(now.into_sql::<Timestamptz>().nullable()))
        .execute(conn)
        .await
        .map(|_| ())
}
