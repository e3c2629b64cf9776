//! The row `webhook`: a program outside that is told of orders.

use super::channel::SHOP_NOW;
use super::delivery;
use super::outbox::Listener;
use bakery_nats::prepared::prepared;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Webhooks at the most. The worker has more places than that, so that those which hang, one call
/// each, never keep the others waiting.
pub(crate) const WEBHOOKS_MAX: i64 = 24;
/// How long the secret before signs as well.
const OLD_SECRET_HOURS: i32 = 24;

const COLUMNS: &str = "id, url, events, branch, enabled, off_reason, old_secret_until, created_at, \
                       failing_since";

/// A webhook as its manager sees it. Its secret is shown once, when it is made.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub(crate) struct Webhook {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) url: String,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) events: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) branch: Option<String>,
    #[diesel(sql_type = Bool)]
    pub(crate) enabled: bool,
    /// `by_hand`, `gone` or `failing`.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) off_reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) old_secret_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) failing_since: Option<DateTime<Utc>>,
}

/// What a manager says of a webhook.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) url: String,
    pub(crate) events: Vec<String>,
    pub(crate) branch: Option<String>,
}

/// All of them, the oldest first.
pub(crate) async fn list(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Webhook>> {
    let sql = format!("SELECT {COLUMNS} FROM webhook ORDER BY created_at, id");
    prepared(&sql).load(conn).await
}

/// One of them.
pub(crate) async fn get(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Webhook>> {
    let sql = format!("SELECT {COLUMNS} FROM webhook WHERE id = $1");
    prepared(&sql).bind::<SqlUuid, _>(id).get_result(conn).await.optional()
}

/// Adds one; it is told of what happens from now on. `None` where there are too many.
pub(crate) async fn add(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    wanted: &Wanted,
    secret: &[u8],
) -> QueryResult<Option<Webhook>> {
    let sql = format!(
        "INSERT INTO webhook (id, url, events, branch, enabled, secret, since, created_at)
         SELECT $1, $2, $3, $4, true, $5, {SHOP_NOW}, now()
         WHERE (SELECT count(*) FROM webhook) < $6
         RETURNING {COLUMNS}"
    );
    prepared(&sql)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&wanted.url)
        .bind::<Array<Text>, _>(&wanted.events)
        .bind::<Nullable<Text>, _>(&wanted.branch)
        .bind::<Binary, _>(secret)
        .bind::<BigInt, _>(WEBHOOKS_MAX)
        .get_result(conn)
        .await
        .optional()
}

/// Changes what was said of it. At another URL it begins without failures, and is told there what is
/// on its way to the old one.
pub(crate) async fn change(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    wanted: &Wanted,
) -> QueryResult<Option<Webhook>> {
    let sql = format!(
        "UPDATE webhook SET url = $2, events = $3, branch = $4,
             failing_since = CASE WHEN url = $2 THEN failing_since END
         WHERE id = $1 RETURNING {COLUMNS}"
    );
    conn.transaction(async |conn| {
        let known = lock(conn, id).await?;
        let changed = prepared(&sql)
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(&wanted.url)
            .bind::<Array<Text>, _>(&wanted.events)
            .bind::<Nullable<Text>, _>(&wanted.branch);
        let changed = changed.get_result(conn).await.optional()?;
        if known.is_some_and(|known| known.url != wanted.url) {
            delivery::take_back(conn, id).await?;
        }
        Ok(changed)
    })
    .await
}

/// One of them, which nobody else changes until the end of the transaction.
async fn lock(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Webhook>> {
    let sql = format!("SELECT {COLUMNS} FROM webhook WHERE id = $1 FOR NO KEY UPDATE");
    prepared(&sql).bind::<SqlUuid, _>(id).get_result(conn).await.optional()
}

/// Switches it on, for what happens from now on, or off: what it was to be told then ends.
pub(crate) async fn set_enabled(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    enabled: bool,
) -> QueryResult<Option<Webhook>> {
    let sql = format!(
        "UPDATE webhook SET enabled = $2,
             off_reason = CASE WHEN NOT $2 THEN coalesce(off_reason, 'by_hand') END,
             since = CASE WHEN $2 AND NOT enabled THEN {SHOP_NOW} ELSE since END,
             failing_since = CASE WHEN enabled THEN failing_since END
         WHERE id = $1 RETURNING {COLUMNS}"
    );
    conn.transaction(async |conn| {
        let set = prepared(&sql).bind::<SqlUuid, _>(id).bind::<Bool, _>(enabled);
        let changed = set.get_result(conn).await.optional()?;
        if changed.is_some() && !enabled {
            delivery::end_all(conn, id).await?;
        }
        Ok(changed)
    })
    .await
}

/// Another secret; the one before signs as well for a day.
pub(crate) async fn rotate(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    secret: &[u8],
) -> QueryResult<Option<Webhook>> {
    let sql = format!(
        "UPDATE webhook SET old_secret = secret,
             old_secret_until = now() + make_interval(hours => $3), secret = $2
         WHERE id = $1 RETURNING {COLUMNS}"
    );
    prepared(&sql)
        .bind::<SqlUuid, _>(id)
        .bind::<Binary, _>(secret)
        .bind::<Integer, _>(OLD_SECRET_HOURS)
        .get_result(conn)
        .await
        .optional()
}

/// Deletes it with its log. False where there is none.
pub(crate) async fn delete(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<bool> {
    delivery::forget(conn, id).await?;
    let delete = prepared("DELETE FROM webhook WHERE id = $1").bind::<SqlUuid, _>(id);
    Ok(delete.execute(conn).await? > 0)
}

#[derive(QueryableByName)]
struct ListenerRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Array<Text>)]
    events: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    branch: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
}

/// Those who are told of news, locked so that none of them is deleted before its rows are written.
pub(crate) async fn lock_listeners(
    conn: &mut AsyncPgConnection,
    open_since: DateTime<Utc>,
) -> QueryResult<Vec<Listener>> {
    let rows: Vec<ListenerRow> = prepared(
        "SELECT id, events, branch, greatest(since, $1) AS since FROM webhook
         WHERE enabled ORDER BY id FOR KEY SHARE",
    )
    .bind::<Timestamptz, _>(open_since)
    .load(conn)
    .await?;
    let read = |ListenerRow { id, events, branch, since }| Listener { id, events, branch, since };
    Ok(rows.into_iter().map(read).collect())
}
