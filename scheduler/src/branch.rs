//! The `branch` row: what was heard of a branch, as far as the clock needs it.

use crate::schema::branch;
use bakery_nats::calendar::Calendar;
use bakery_nats::id::derived;
use bakery_nats::prepared::prepared;
use bakery_nats::record::Record;
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, BTreeSet};

/// A branch as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = branch, check_for_backend(diesel::pg::Pg))]
pub(crate) struct BranchRow {
    id: String,
    version: i64,
    time_zone: String,
    hours: serde_json::Value,
    closed: bool,
}

/// The value behind the row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Branch {
    /// The newest version heard of.
    pub(crate) version: i64,
    pub(crate) calendar: Calendar,
    /// True while it is closed by hand.
    pub(crate) closed: bool,
}

impl BranchRow {
    /// The branch; `None` where the row is damaged, which is said aloud.
    pub(crate) fn read(&self) -> Option<Branch> {
        let time_zone = self.time_zone.parse().inspect_err(|_| self.damaged("time zone")).ok()?;
        let hours = serde_json::from_value(self.hours.clone());
        let hours = hours.inspect_err(|_| self.damaged("hours")).ok()?;
        let calendar = Calendar { time_zone, hours };
        Some(Branch { version: self.version, calendar, closed: self.closed })
    }

    fn damaged(&self, what: &str) {
        tracing::error!(branch = self.id, what, "a damaged row: this cannot be read");
    }
}

/// Makes this transaction the only one that changes these branches, or puts or holds jobs of
/// theirs, whether they are known or not. Locks are taken in sorted order, and after those of the
/// business ids.
pub(crate) async fn lock(conn: &mut AsyncPgConnection, of: &BTreeSet<Slug>) -> QueryResult<()> {
    let ids = of.iter().map(|branch| derived(&["scheduler-branch", branch.as_str()])).collect();
    Record::lock(conn, &ids).await
}

/// Those of some branches that were heard of.
pub(crate) async fn load(
    conn: &mut AsyncPgConnection,
    of: &BTreeSet<Slug>,
) -> QueryResult<BTreeMap<Slug, Branch>> {
    let rows: Vec<BranchRow> = branch::table
        .filter(branch::id.eq_any(of.iter().map(Slug::as_str).collect::<Vec<_>>()))
        .select(BranchRow::as_select())
        .load(conn)
        .await?;
    let read = |row: BranchRow| Some((Slug::try_from(row.id.clone()).ok()?, row.read()?));
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Writes branches over what was known of them.
pub(crate) async fn save(
    conn: &mut AsyncPgConnection,
    branches: &[(&Slug, &Branch)],
) -> QueryResult<()> {
    if branches.is_empty() {
        return Ok(());
    }
    let json = |(_, branch): &(_, &Branch)| serde_json::to_value(branch.calendar.hours);
    let hours: Result<Vec<_>, _> = branches.iter().map(json).collect();
    let hours = hours.map_err(|error| DieselError::SerializationError(Box::new(error)))?;
    prepared(
        "INSERT INTO branch (id, version, time_zone, hours, closed)
         SELECT b.* FROM unnest($1, $2, $3, $4, $5) AS b
         ON CONFLICT (id) DO UPDATE SET (version, time_zone, hours, closed)
             = (EXCLUDED.version, EXCLUDED.time_zone, EXCLUDED.hours, EXCLUDED.closed)",
    )
    .bind::<Array<Text>, _>(column(branches, |(id, _)| id.as_str()))
    .bind::<Array<BigInt>, _>(column(branches, |(_, branch)| branch.version))
    .bind::<Array<Text>, _>(column(branches, |(_, branch)| branch.calendar.time_zone.to_string()))
    .bind::<Array<Jsonb>, _>(hours)
    .bind::<Array<Bool>, _>(column(branches, |(_, branch)| branch.closed))
    .execute(conn)
    .await
    .map(|_| ())
}

fn column<'r, R, T>(rows: &'r [R], f: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(f).collect()
}
