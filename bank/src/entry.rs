//! The `entry` row: one side of a transfer, as its account's owner reads it.

use crate::account::Account;
use bakery_nats::prepared::prepared;
use bakery_nats::requests::bank::Entry;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Entries of a statement, at most.
const STATEMENT_ENTRIES_MAX: i64 = 100;

/// One line of a statement; an account without entries has one line without an entry.
#[derive(QueryableByName)]
struct Line {
    #[diesel(embed)]
    account: Account,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    transfer_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    order_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    amount: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// A customer's account with its newest entries, newest first; in one statement, so that the
/// balance and the entries are of the same moment.
pub(crate) async fn statement(
    conn: &mut AsyncPgConnection,
    account_id: Uuid,
) -> QueryResult<Option<(Account, Vec<Entry>)>> {
    let lines: Vec<Line> = prepared(
        "SELECT a.id, a.name, a.currency, a.balance,
                e.transfer_id, t.kind, t.order_id, e.amount, e.at
         FROM account a
         LEFT JOIN LATERAL (
             SELECT position, transfer_id, amount, at FROM entry
             WHERE entry.account_id = a.id ORDER BY position DESC LIMIT $2
         ) AS e ON true
         LEFT JOIN transfer t ON t.id = e.transfer_id
         WHERE a.id = $1 AND a.kind = 'customer'
         ORDER BY e.position DESC",
    )
    .bind::<SqlUuid, _>(account_id)
    .bind::<BigInt, _>(STATEMENT_ENTRIES_MAX)
    .load(conn)
    .await?;
    let account = lines.as_slice().first().map(|line| line.account.clone());
    Ok(account.map(|account| (account, lines.into_iter().filter_map(entry).collect())))
}

fn entry(line: Line) -> Option<Entry> {
    Some(Entry {
        transfer_id: line.transfer_id?,
        kind: line.kind?,
        order_id: line.order_id,
        amount: line.amount?,
        at: line.at?,
    })
}
