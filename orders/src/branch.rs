//! The row `known_branch`: a copy of what inventory says of its branches. It comes with events;
//! where one is missing the owner is asked (`requests/place/mend.rs`).

use crate::schema::known_branch;
use crate::shop::Shop;
use bakery_nats::branch::Branch;
use bakery_nats::calendar::Calendar;
use bakery_nats::error::HandlerError;
use bakery_nats::prepared::prepared;
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, HashMap};

/// The version of a copy that was asked for: any event is newer.
pub(crate) const ASKED_VERSION: i64 = 0;

/// Keeps the newest version of each of these branches, if it is newer than the copy. Sorted, so
/// that two processes wait for each other in one direction.
pub(crate) async fn add(
    conn: &mut AsyncPgConnection,
    branches: &[(i64, &Branch)],
) -> Result<(), HandlerError> {
    if branches.is_empty() {
        return Ok(());
    }
    let newest = newest(branches);
    let hours = |(_, branch): &(i64, &Branch)| {
        serde_json::to_value(branch.hours).map_err(|error| HandlerError::Permanent(Box::new(error)))
    };
    prepared(
        "INSERT INTO known_branch (id, version, name, time_zone, hours, closed, address)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
             AS b (id, version, name, time_zone, hours, closed, address)
         ORDER BY id
         ON CONFLICT (id) DO UPDATE SET
             version = EXCLUDED.version, name = EXCLUDED.name, time_zone = EXCLUDED.time_zone,
             hours = EXCLUDED.hours, closed = EXCLUDED.closed, address = EXCLUDED.address
         WHERE known_branch.version < EXCLUDED.version",
    )
    .bind::<Array<Text>, _>(newest.keys().map(|id| id.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(newest.values().map(|(version, _)| *version).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(newest.values().map(|(_, b)| b.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(newest.values().map(|(_, b)| b.time_zone.name()).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(newest.values().map(hours).collect::<Result<Vec<_>, _>>()?)
    .bind::<Array<Bool>, _>(newest.values().map(|(_, b)| b.closed).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(newest.values().map(|(_, b)| b.address.as_str()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// One statement can write a row only once.
fn newest<'b>(branches: &[(i64, &'b Branch)]) -> BTreeMap<&'b Slug, (i64, &'b Branch)> {
    let mut newest = BTreeMap::new();
    for (version, branch) in branches {
        let kept = newest.entry(&branch.id).or_insert((*version, *branch));
        if kept.0 < *version {
            *kept = (*version, *branch);
        }
    }
    newest
}

/// Those of these branches that are known, by their ids.
pub(crate) async fn shops(
    mut conn: &AsyncPgConnection,
    of: &[&str],
) -> Result<HashMap<String, Shop>, HandlerError> {
    let rows: Vec<Row> = known_branch::table
        .filter(known_branch::id.eq_any(of))
        .select(Row::as_select())
        .load(&mut conn)
        .await?;
    rows.into_iter().map(Row::read).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = known_branch, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: String,
    name: String,
    address: String,
    time_zone: String,
    hours: serde_json::Value,
    closed: bool,
}

impl Row {
    /// A row that cannot be read back is a damaged database: to guess hours would be to lie.
    fn read(self) -> Result<(String, Shop), HandlerError> {
        let damaged = |column| {
            HandlerError::permanent(format!("the branch {} has a damaged {column}", self.id))
        };
        let time_zone = self.time_zone.parse().map_err(|_| damaged("time zone"))?;
        let hours = serde_json::from_value(self.hours).map_err(|_| damaged("hours"))?;
        let calendar = Calendar { time_zone, hours };
        Ok((
            self.id,
            Shop { name: self.name, address: self.address, calendar, closed: self.closed },
        ))
    }
}
