//! The `branch` row: a shop's hours, its currency, and how far its day is.

use crate::schema::branch;
use crate::shop::{Discount, Shop};
use bakery_nats::branch::Branch;
use bakery_nats::money::Currency;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, BTreeSet};

/// Branches by their ids.
pub(crate) type Shops = BTreeMap<Slug, Shop>;

/// Makes this transaction the only one that changes these branches. Locks are taken in sorted
/// order, and before those of sections. A branch that does not exist is left out.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, ids: &BTreeSet<Slug>) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    branch::table
        .filter(branch::id.eq_any(ids.iter().map(Slug::as_str).collect::<Vec<_>>()))
        .order(branch::id)
        .select(branch::id)
        .for_no_key_update()
        .load::<String>(conn)
        .await
        .map(|_| ())
}

/// Those of these branches that exist.
pub(crate) async fn load(conn: &mut AsyncPgConnection, ids: &BTreeSet<Slug>) -> QueryResult<Shops> {
    if ids.is_empty() {
        return Ok(Shops::new());
    }
    let rows: Vec<Row> = branch::table
        .filter(branch::id.eq_any(ids.iter().map(Slug::as_str).collect::<Vec<_>>()))
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(|row| Ok((row.id()?, row.read()?))).collect()
}

/// Every branch, by id.
pub(crate) async fn all(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Shop>> {
    let rows: Vec<Row> =
        branch::table.order(branch::id).select(Row::as_select()).load(conn).await?;
    rows.into_iter().map(Row::read).collect()
}

/// How many branches there are.
pub(crate) async fn count(conn: &mut AsyncPgConnection) -> QueryResult<i64> {
    branch::table.count().get_result(conn).await
}

/// Writes a new branch, or what is changed of one that is locked. How far its day is stays.
pub(crate) async fn save(conn: &mut AsyncPgConnection, shop: &Shop) -> QueryResult<()> {
    let row = Row::of(shop)?;
    diesel::insert_into(branch::table)
        .values(&row)
        .on_conflict(branch::id)
        .do_update()
        .set(&row)
        .execute(conn)
        .await
        .map(|_| ())
}

/// Remembers a discount. The branch must be locked.
pub(crate) async fn begin_discount(
    conn: &mut AsyncPgConnection,
    id: &Slug,
    discount: Option<Discount>,
) -> QueryResult<()> {
    let from = branch::discount_from.eq(discount.map(|discount| discount.from));
    diesel::update(branch::table.find(id.as_str()))
        .set((from, branch::discount_day.eq(discount.map(|discount| discount.day))))
        .execute(conn)
        .await
        .map(|_| ())
}

/// Remembers that a business day is over. The branch must be locked.
pub(crate) async fn close_day(
    conn: &mut AsyncPgConnection,
    id: &Slug,
    day: NaiveDate,
) -> QueryResult<()> {
    let newest = branch::closed_day.is_null().or(branch::closed_day.lt(day));
    diesel::update(branch::table.find(id.as_str()).filter(newest))
        .set(branch::closed_day.eq(day))
        .execute(conn)
        .await
        .map(|_| ())
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = branch, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: String,
    version: i64,
    name: String,
    address: String,
    time_zone: String,
    hours: serde_json::Value,
    currency: String,
    closed: bool,
    #[diesel(skip_insertion, skip_update)]
    discount_from: Option<DateTime<Utc>>,
    /// A version that does not know of it leaves it out.
    #[diesel(skip_insertion, skip_update)]
    discount_day: Option<NaiveDate>,
    #[diesel(skip_insertion, skip_update)]
    closed_day: Option<NaiveDate>,
}

impl Row {
    fn of(shop: &Shop) -> QueryResult<Self> {
        let Branch { id, name, address, time_zone, hours, currency, closed } = &shop.branch;
        let hours = serde_json::to_value(hours);
        Ok(Self {
            id: id.to_string(),
            version: shop.version,
            name: name.clone(),
            address: address.clone(),
            time_zone: time_zone.name().to_owned(),
            hours: hours.map_err(|error| DieselError::SerializationError(Box::new(error)))?,
            currency: currency.to_string(),
            closed: *closed,
            discount_from: None,
            discount_day: None,
            closed_day: None,
        })
    }

    fn id(&self) -> QueryResult<Slug> {
        Slug::try_from(self.id.clone()).map_err(|_| self.damaged("id"))
    }

    /// A row that cannot be read back is a damaged database: to guess hours would be to lie.
    fn read(self) -> QueryResult<Shop> {
        let branch = Branch {
            id: self.id()?,
            time_zone: self.time_zone.parse().map_err(|_| self.damaged("time zone"))?,
            hours: serde_json::from_value(self.hours.clone()).map_err(|_| self.damaged("hours"))?,
            currency: Currency::try_from(self.currency.clone())
                .map_err(|_| self.damaged("currency"))?,
            name: self.name,
            address: self.address,
            closed: self.closed,
        };
        let discount = |from| {
            let day = self.discount_day.unwrap_or_else(|| branch.calendar().local_date(from));
            Discount { from, day }
        };
        Ok(Shop {
            version: self.version,
            discounts: self.discount_from.map(discount).into_iter().collect(),
            closed_day: self.closed_day,
            branch,
        })
    }

    fn damaged(&self, column: &str) -> DieselError {
        let what = format!("the branch {} has a damaged {column}", self.id);
        DieselError::DeserializationError(what.into())
    }
}
