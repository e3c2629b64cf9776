//! The row `seen_refund`: what the log said of money that went back while its order stayed. It can be
//! read from the log again for as long as it has them.

use super::seen::Said;
use bakery_nats::messages::orders::OrderRefunded;
use bakery_nats::prepared::prepared;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Keeps refunds, in one statement. A refund never changes: what is known stays.
pub(crate) async fn keep(
    conn: &mut AsyncPgConnection,
    refunds: &[Said<'_, OrderRefunded>],
) -> QueryResult<()> {
    if refunds.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = refunds.iter().map(|said| said.body.refund_id).collect();
    let orders: Vec<_> = refunds.iter().map(|said| said.body.order_id).collect();
    let accounts: Vec<_> = refunds.iter().map(|said| said.body.account_id).collect();
    let amounts: Vec<_> = refunds.iter().map(|said| said.body.amount).collect();
    let currencies: Vec<_> = refunds.iter().map(|said| said.body.currency.as_str()).collect();
    let times: Vec<_> = refunds.iter().map(|said| said.at).collect();
    prepared(
        "INSERT INTO seen_refund (refund_id, order_id, account_id, amount, currency, at)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
             AS r (refund_id, order_id, account_id, amount, currency, at)
         ORDER BY refund_id
         ON CONFLICT (refund_id) DO NOTHING",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(orders)
    .bind::<Array<SqlUuid>, _>(accounts)
    .bind::<Array<BigInt>, _>(amounts)
    .bind::<Array<Text>, _>(currencies)
    .bind::<Array<Timestamptz>, _>(times)
    .execute(conn)
    .await
    .map(|_| ())
}
