//! The `transfer` row and its two entries: money that moved. Both tables are insert-only.

use crate::account::{Account, House};
use bakery_nats::error::HandlerError;
use bakery_nats::id::derived;
use bakery_nats::money::{Currency, Money};
use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// Into an account, from outside.
    Deposit,
    /// Out of an account, for an order.
    Charge,
    /// Back into the account it came from.
    Refund,
    /// A part of it back, while the order stays.
    PayBack,
}

impl TransferKind {
    /// As in the column `kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::PayBack => "pay-back",
        }
    }

    /// The transfer of this kind for an order, or for a deposit or a part that is paid back by the
    /// id its sender gave it.
    /// Derived, so that nobody outside can take the id of another's transfer.
    pub fn transfer_id(self, business_id: Uuid) -> Uuid {
        derived(&["transfer", &business_id.to_string(), self.as_str()])
    }
}

/// Money that is about to move between a customer and the house.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// Derived from what it is about.
    pub id: Uuid,
    /// Why, and so in which direction.
    pub kind: TransferKind,
    /// The order, of all but a deposit.
    pub order_id: Option<Uuid>,
    /// The customer's side.
    pub account_id: Uuid,
    /// The other side.
    pub house: House,
    /// How much; more than 0.
    pub amount: Money,
    /// The shop's time.
    pub at: DateTime<Utc>,
}

impl Transfer {
    /// Money from outside.
    pub fn deposit(id: Uuid, account_id: Uuid, amount: Money, at: DateTime<Utc>) -> Self {
        let (kind, house) = (TransferKind::Deposit, House::World);
        Self { id, kind, order_id: None, account_id, house, amount, at }
    }

    /// What the customer's account gets; the house's gets the opposite.
    pub fn change(&self) -> i64 {
        match self.kind {
            TransferKind::Deposit | TransferKind::Refund | TransferKind::PayBack => {
                self.amount.amount
            }
            TransferKind::Charge => -self.amount.amount,
        }
    }

    /// Its entries: account and amount.
    pub fn entries(&self) -> [(Uuid, i64); 2] {
        [(self.account_id, self.change()), (self.house_id(), -self.change())]
    }

    fn house_id(&self) -> Uuid {
        self.house.account_id(&self.amount.currency)
    }

    /// Writes transfers with their entries and the customers' new balances. The customers'
    /// accounts must be locked.
    pub(crate) async fn book(
        conn: &mut AsyncPgConnection,
        transfers: &[Self],
    ) -> Result<(), HandlerError> {
        if transfers.is_empty() {
            return Ok(());
        }
        let house = transfers.iter().map(|t| (t.house_id(), (&t.house, &t.amount.currency)));
        Account::ensure_house(conn, &house.collect()).await?;
        let updated = Self::insert(conn, transfers).await?;
        let customers: BTreeSet<Uuid> = transfers.iter().map(|t| t.account_id).collect();
        if updated != customers.len() {
            return Err(HandlerError::permanent("a transfer names an account that is not there"));
        }
        Ok(())
    }

    /// Everything in one statement; gives how many balances changed. An entry is only made in an
    /// account of the right kind and currency: where that is not there, the database refuses the
    /// lopsided transfer.
    async fn insert(conn: &mut AsyncPgConnection, transfers: &[Self]) -> QueryResult<usize> {
        prepared(
            "WITH moved AS (
                 SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                     WITH ORDINALITY AS m (id, kind, order_id, branch, amount, currency, at,
                                           account_id, change, house_id, house, n)
             ), booked AS (
                 INSERT INTO transfer (id, kind, order_id, branch, account_id, amount, currency, at)
                 SELECT id, kind, order_id, branch, account_id, amount, currency, at FROM moved
             ), side AS (
                 SELECT n, id, account_id, 'customer' AS kind, currency, change AS amount, at
                 FROM moved
                 UNION ALL
                 SELECT n, id, house_id, house, currency, -change, at FROM moved
             ), entered AS (
                 INSERT INTO entry (transfer_id, account_id, amount, at)
                 SELECT side.id, side.account_id, side.amount, side.at
                 FROM side JOIN account ON account.id = side.account_id
                     AND account.kind = side.kind AND account.currency = side.currency
                 ORDER BY side.n
                 RETURNING account_id, amount
             ), total AS (
                 SELECT account_id, sum(amount)::bigint AS amount FROM entered GROUP BY account_id
             )
             UPDATE account SET balance = balance + total.amount
             FROM total WHERE account.id = total.account_id AND account.kind = 'customer'",
        )
        .bind::<Array<SqlUuid>, _>(column(transfers, |t| t.id))
        .bind::<Array<Text>, _>(column(transfers, |t| t.kind.as_str()))
        .bind::<Array<Nullable<SqlUuid>>, _>(column(transfers, |t| t.order_id))
        .bind::<Array<Nullable<Text>>, _>(column(transfers, |t| t.house.branch()))
        .bind::<Array<BigInt>, _>(column(transfers, |t| t.amount.amount))
        .bind::<Array<Text>, _>(column(transfers, |t| t.amount.currency.as_str()))
        .bind::<Array<Timestamptz>, _>(column(transfers, |t| t.at))
        .bind::<Array<SqlUuid>, _>(column(transfers, |t| t.account_id))
        .bind::<Array<BigInt>, _>(column(transfers, Self::change))
        .bind::<Array<SqlUuid>, _>(column(transfers, Self::house_id))
        .bind::<Array<Text>, _>(column(transfers, |t| t.house.kind()))
        .execute(conn)
        .await
    }
}

fn column<'t, T>(transfers: &'t [Transfer], f: impl Fn(&'t Transfer) -> T) -> Vec<T> {
    transfers.iter().map(f).collect()
}

/// A transfer that is in the ledger, as far as a later one asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Booked {
    /// The customer's side.
    pub account_id: Uuid,
    /// The other side.
    pub house: House,
    /// How much.
    pub amount: Money,
}

#[derive(QueryableByName)]
struct BookedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    branch: Option<String>,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

#[derive(QueryableByName)]
struct PaidBackRow {
    #[diesel(sql_type = SqlUuid)]
    order_id: Uuid,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

impl From<&Transfer> for Booked {
    fn from(transfer: &Transfer) -> Self {
        let Transfer { account_id, house, amount, .. } = transfer.clone();
        Self { account_id, house, amount }
    }
}

impl Booked {
    /// True if it moved this sum, for this customer.
    pub fn is(&self, account_id: Uuid, amount: &Money) -> bool {
        self.account_id == account_id && self.amount == *amount
    }

    /// Those of these transfers that were made, by their ids. They are looked for by the primary
    /// key: a column that is not unique by itself is searched from end to end until the table was
    /// first analyzed.
    pub(crate) async fn load(
        conn: &mut AsyncPgConnection,
        transfers: &BTreeSet<Uuid>,
    ) -> Result<HashMap<Uuid, Self>, HandlerError> {
        let rows: Vec<BookedRow> = prepared(
            "SELECT id, branch, account_id, amount, currency FROM transfer WHERE id = ANY ($1)",
        )
        .bind::<Array<SqlUuid>, _>(transfers.iter().copied().collect::<Vec<_>>())
        .load(conn)
        .await?;
        rows.into_iter().map(|row| Ok((row.id, Self::read(row)?))).collect()
    }

    /// What was paid back of each of these orders, as a sum; of most of them nothing was. Joined
    /// like this the planner looks for each order by itself, also before the first ANALYZE.
    pub(crate) async fn paid_back(
        conn: &mut AsyncPgConnection,
        orders: &BTreeSet<Uuid>,
    ) -> QueryResult<HashMap<Uuid, i64>> {
        let rows: Vec<PaidBackRow> = prepared(
            "SELECT wanted.order_id, parts.amount FROM unnest($1) AS wanted (order_id)
             CROSS JOIN LATERAL (
                 SELECT sum(amount)::bigint AS amount FROM transfer
                 WHERE transfer.order_id = wanted.order_id AND kind = 'pay-back'
             ) AS parts WHERE parts.amount IS NOT NULL",
        )
        .bind::<Array<SqlUuid>, _>(orders.iter().copied().collect::<Vec<_>>())
        .load(conn)
        .await?;
        Ok(rows.into_iter().map(|row| (row.order_id, row.amount)).collect())
    }

    /// A row that cannot be read is a damaged database: to leave it out would be a second charge.
    fn read(row: BookedRow) -> Result<Self, HandlerError> {
        let damaged = |column| {
            HandlerError::permanent(format!("the transfer {} has a damaged {column}", row.id))
        };
        let currency = Currency::try_from(row.currency).map_err(|_| damaged("currency"))?;
        let house = match row.branch {
            Some(branch) => House::Till(Slug::try_from(branch).map_err(|_| damaged("branch"))?),
            None => House::World,
        };
        let amount = Money { amount: row.amount, currency };
        Ok(Self { account_id: row.account_id, house, amount })
    }
}
