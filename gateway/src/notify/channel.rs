//! The row `notify_channel`: which ways of telling people are open, and since when. News of the time
//! before are not told, also when the log is read again.

use bakery_nats::Pool;
use bakery_nats::prepared::prepared;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

const MAIL: &str = "mail";
const WEBHOOKS: &str = "webhooks";

/// The shop's time now, as far as this database can tell: its own, or that of the newest news, for
/// the shop's clock may be ahead.
pub(super) const SHOP_NOW: &str = "greatest(now(), (SELECT at FROM notify_newest))";

/// The ways that are open, each since when.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Open {
    pub(crate) mail_since: Option<DateTime<Utc>>,
    pub(crate) webhooks_since: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
}

/// What is open now.
pub(crate) async fn open(conn: &mut AsyncPgConnection) -> QueryResult<Open> {
    let rows: Vec<Row> = prepared("SELECT name, since FROM notify_channel").load(conn).await?;
    let since = |name: &str| rows.iter().find(|row| row.name == name).map(|row| row.since);
    Ok(Open { mail_since: since(MAIL), webhooks_since: since(WEBHOOKS) })
}

/// Keeps the time of the newest news. Where the shop's clock is not ahead, now is later anyway, and
/// nothing is written: gateways do not wait for each other at this row.
pub(super) async fn keep_newest(
    conn: &mut AsyncPgConnection,
    at: DateTime<Utc>,
) -> QueryResult<()> {
    let keep = "UPDATE notify_newest SET at = $1 WHERE at < $1 AND $1 > now()";
    prepared(keep).bind::<Timestamptz, _>(at).execute(conn).await.map(|_| ())
}

/// Opens and closes ways as a gateway was told at its start; one that is open stays as it is.
pub(crate) async fn announce(pool: &Pool, mail: bool, webhooks: bool) -> Result<(), String> {
    let mut conn = pool.get().await.map_err(|error| error.to_string())?;
    for (name, open) in [(MAIL, mail), (WEBHOOKS, webhooks)] {
        set(&mut conn, name, open).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

async fn set(conn: &mut AsyncPgConnection, name: &str, open: bool) -> QueryResult<()> {
    let sql = format!(
        "WITH closed AS (DELETE FROM notify_channel WHERE name = $1 AND NOT $2)
         INSERT INTO notify_channel SELECT $1, {SHOP_NOW}
         WHERE $2 AND NOT EXISTS (SELECT FROM notify_channel WHERE name = $1)
         ON CONFLICT DO NOTHING"
    );
    let set = prepared(&sql).bind::<Text, _>(name).bind::<Bool, _>(open);
    set.execute(conn).await.map(|_| ())
}
