//! What moved in the till of a branch, added up from the `transfer` rows.

use bakery_nats::prepared::prepared;
use bakery_nats::requests::bank::{GetTill, Till};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    charged: i64,
    #[diesel(sql_type = BigInt)]
    refunded: i64,
}

/// Both sums, in one statement and so of the same moment. A deposit has no branch.
pub(crate) async fn sums(conn: &mut AsyncPgConnection, of: &GetTill) -> QueryResult<Till> {
    let Sums { charged, refunded } = prepared(
        "SELECT coalesce(sum(amount) FILTER (WHERE kind = 'charge'), 0)::bigint AS charged,
                coalesce(sum(amount) FILTER (WHERE kind IN ('refund', 'pay-back')), 0)::bigint
                    AS refunded
         FROM transfer
         WHERE branch = $1 AND currency = $2 AND at >= $3 AND at < $4",
    )
    .bind::<Text, _>(of.branch.as_str())
    .bind::<Text, _>(of.currency.as_str())
    .bind::<Timestamptz, _>(of.from)
    .bind::<Timestamptz, _>(of.to)
    .get_result(conn)
    .await?;
    Ok(Till { charged, refunded })
}
