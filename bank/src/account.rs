//! The `account` row: a customer's, with a balance; the till of a branch and the world outside,
//! whose balance is the sum of their entries.

use crate::schema::account;
use bakery_nats::id::derived;
use bakery_nats::money::{Currency, Money, NotACurrency};
use bakery_nats::prepared::prepared;
use bakery_nats::requests::bank::{Account as View, NewAccount};
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The side of a transfer that is not a customer's. It has one account for each currency, made
/// when it is first needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum House {
    /// The bakery, at one branch.
    Till(Slug),
    /// Everybody outside: where deposits come from.
    World,
}

impl House {
    /// The account it has for a currency.
    pub fn account_id(&self, currency: &Currency) -> Uuid {
        match self {
            Self::Till(branch) => derived(&["till", branch.as_str(), currency.as_str()]),
            Self::World => derived(&["world", currency.as_str()]),
        }
    }

    /// As in the column `kind`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Till(_) => "till",
            Self::World => "world",
        }
    }

    /// The branch, of a till.
    pub(crate) fn branch(&self) -> Option<&str> {
        match self {
            Self::Till(branch) => Some(branch.as_str()),
            Self::World => None,
        }
    }
}

/// A customer's account.
#[derive(Clone, Debug, Queryable, QueryableByName)]
pub(crate) struct Account {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    balance: i64,
}

impl Account {
    /// What is in it. Only a damaged database has another currency than the ledger wrote.
    pub(crate) fn balance(&self) -> Result<Money, NotACurrency> {
        let currency = Currency::try_from(self.currency.clone())?;
        Ok(Money { amount: self.balance, currency })
    }

    /// As its owner sees it.
    pub(crate) fn view(self) -> Result<View, NotACurrency> {
        let balance = self.balance()?;
        Ok(View { id: self.id, name: self.name, balance })
    }

    /// Makes this transaction the only one that moves the money of these customers, and reads
    /// them. Locks are taken in sorted order, in one statement for the whole batch. An account
    /// that does not exist, or is not a customer's, is left out.
    pub(crate) async fn lock(
        conn: &mut AsyncPgConnection,
        ids: &BTreeSet<Uuid>,
    ) -> QueryResult<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        prepared(
            "SELECT id, name, currency, balance FROM account
             WHERE id = ANY ($1) AND kind = 'customer'
             ORDER BY id
             FOR NO KEY UPDATE",
        )
        .bind::<Array<SqlUuid>, _>(ids.iter().copied().collect::<Vec<_>>())
        .load(conn)
        .await
    }

    /// Opens customers' accounts, empty; gives those that are new. Sorted, so that two openings
    /// of the same accounts wait for each other in one direction.
    pub(crate) async fn open(
        conn: &mut AsyncPgConnection,
        accounts: &BTreeMap<Uuid, &NewAccount>,
    ) -> QueryResult<BTreeSet<Uuid>> {
        let new: Vec<IdRow> = prepared(
            "INSERT INTO account (id, kind, name, currency, balance)
             SELECT id, 'customer', name, currency, 0
             FROM unnest($1, $2, $3) AS a (id, name, currency)
             ORDER BY id
             ON CONFLICT (id) DO NOTHING
             RETURNING id",
        )
        .bind::<Array<SqlUuid>, _>(accounts.keys().copied().collect::<Vec<_>>())
        .bind::<Array<Text>, _>(accounts.values().map(|a| a.name.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(
            accounts.values().map(|a| a.opening.currency.as_str()).collect::<Vec<_>>(),
        )
        .load(conn)
        .await?;
        Ok(new.into_iter().map(|row| row.id).collect())
    }

    /// Customers' accounts in the order of their ids, from behind `after`.
    pub(crate) async fn page(
        conn: &mut AsyncPgConnection,
        after: Option<Uuid>,
        rows_max: i64,
    ) -> QueryResult<Vec<Self>> {
        let mut page = account::table
            .filter(account::kind.eq("customer"))
            .order(account::id)
            .limit(rows_max)
            .select((
                account::id,
                account::name,
                account::currency,
                account::balance.assume_not_null(),
            ))
            .into_boxed();
        if let Some(after) = after {
            page = page.filter(account::id.gt(after));
        }
        page.load(conn).await
    }

    /// Makes the accounts of the house, by their ids, where they are missing.
    pub(crate) async fn ensure_house(
        conn: &mut AsyncPgConnection,
        house: &BTreeMap<Uuid, (&House, &Currency)>,
    ) -> QueryResult<()> {
        prepared(
            "INSERT INTO account (id, kind, name, currency)
             SELECT id, kind, coalesce(branch, kind), currency
             FROM unnest($1, $2, $3, $4) AS h (id, kind, branch, currency)
             ORDER BY id
             ON CONFLICT (id) DO NOTHING",
        )
        .bind::<Array<SqlUuid>, _>(house.keys().copied().collect::<Vec<_>>())
        .bind::<Array<Text>, _>(house.values().map(|(h, _)| h.kind()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(
            house.values().map(|(h, _)| h.branch()).collect::<Vec<_>>(),
        )
        .bind::<Array<Text>, _>(house.values().map(|(_, c)| c.as_str()).collect::<Vec<_>>())
        .execute(conn)
        .await
        .map(|_| ())
    }
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}
