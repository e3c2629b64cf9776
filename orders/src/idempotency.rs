//! The `idempotency` row: one key of one account is one order, for ever.

use bakery_nats::prepared::prepared;
use bakery_nats::record::hash;
use bakery_nats::requests::orders::Place;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bytea, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// A key and what it stands for.
#[derive(Debug, QueryableByName)]
pub(crate) struct Claim {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) order_id: Uuid,
    #[diesel(sql_type = Bytea)]
    pub(crate) request_hash: Vec<u8>,
}

impl Claim {
    /// The claim a request makes: the customer's key, or else the order's own id.
    pub(crate) fn of(place: &Place) -> Self {
        let key = place.idempotency_key.clone();
        // The id is made anew for each request; it is not part of what the customer asked.
        let meaning = Place { order_id: Uuid::nil(), ..place.clone() };
        Self {
            account_id: place.account_id,
            key: key.unwrap_or_else(|| place.order_id.to_string()),
            order_id: place.order_id,
            request_hash: hash(&meaning),
        }
    }

    /// What is claimed.
    pub(crate) fn key(&self) -> (Uuid, String) {
        (self.account_id, self.key.clone())
    }
}

/// The claims that were made before.
pub(crate) async fn load(
    mut conn: &AsyncPgConnection,
    claims: &[Claim],
) -> QueryResult<HashMap<(Uuid, String), Claim>> {
    let rows: Vec<Claim> = prepared(
        "SELECT DISTINCT i.account_id, i.key, i.order_id, i.request_hash FROM idempotency i
         JOIN unnest($1, $2) AS c (account_id, key)
           ON i.account_id = c.account_id AND i.key = c.key",
    )
    .bind::<Array<SqlUuid>, _>(claims.iter().map(|claim| claim.account_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(claims.iter().map(|claim| claim.key.as_str()).collect::<Vec<_>>())
    .load(&mut conn)
    .await?;
    Ok(rows.into_iter().map(|claim| (claim.key(), claim)).collect())
}

/// Makes claims. One that another process made meanwhile is a unique violation: a passing fault,
/// and the next try finds it.
pub(crate) async fn insert(conn: &mut AsyncPgConnection, claims: &[Claim]) -> QueryResult<()> {
    prepared(
        "INSERT INTO idempotency (account_id, key, order_id, request_hash)
         SELECT * FROM unnest($1, $2, $3, $4)",
    )
    .bind::<Array<SqlUuid>, _>(claims.iter().map(|claim| claim.account_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(claims.iter().map(|claim| claim.key.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(claims.iter().map(|claim| claim.order_id).collect::<Vec<_>>())
    .bind::<Array<Bytea>, _>(claims.iter().map(|c| c.request_hash.as_slice()).collect::<Vec<_>>())
    .execute(conn)
    .await
    .map(|_| ())
}
