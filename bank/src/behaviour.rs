//! The `behaviour` row: what the simulator does wrong, kept so that a restart does not cure it.

use crate::schema::behaviour;
use bakery_nats::requests::bank::{Behaviour, Scope, SetBehaviour};
use bakery_nats::slug::Slug;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = behaviour, check_for_backend(diesel::pg::Pg))]
struct Row {
    scope: String,
    target: String,
    latency_ms: i32,
    decline_percent: i16,
    silent: bool,
    doubled: bool,
}

/// All of them; a row that cannot be read counts as good behaviour.
pub(crate) async fn load(conn: &mut AsyncPgConnection) -> QueryResult<Vec<SetBehaviour>> {
    let rows: Vec<Row> = behaviour::table.select(Row::as_select()).load(conn).await?;
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Stores one in place of what was said of the same scope before; good behaviour needs no row.
pub(crate) async fn set(conn: &mut AsyncPgConnection, wanted: &SetBehaviour) -> QueryResult<usize> {
    let row = write(wanted);
    if wanted.behaviour == Behaviour::default() {
        let same = behaviour::scope.eq(row.scope).and(behaviour::target.eq(row.target));
        return diesel::delete(behaviour::table).filter(same).execute(conn).await;
    }
    diesel::insert_into(behaviour::table)
        .values(&row)
        .on_conflict((behaviour::scope, behaviour::target))
        .do_update()
        .set(&row)
        .execute(conn)
        .await
}

fn write(wanted: &SetBehaviour) -> Row {
    let Behaviour { latency_ms, decline_percent, silent, doubled } = wanted.behaviour;
    let (scope, target) = match &wanted.scope {
        Scope::All => ("all", String::new()),
        Scope::Branch(branch) => ("branch", branch.to_string()),
        Scope::Account(id) => ("account", id.to_string()),
    };
    Row {
        scope: scope.to_owned(),
        target,
        latency_ms: i32::try_from(latency_ms).unwrap_or(i32::MAX),
        decline_percent: decline_percent.into(),
        silent,
        doubled,
    }
}

fn read(row: Row) -> Option<SetBehaviour> {
    let Row { scope, target, latency_ms, decline_percent, silent, doubled } = row;
    let scope = match scope.as_str() {
        "all" => Scope::All,
        "branch" => Scope::Branch(Slug::try_from(target).ok()?),
        "account" => Scope::Account(target.parse().ok()?),
        _ => return None,
    };
    let behaviour = Behaviour {
        latency_ms: u32::try_from(latency_ms).ok()?,
        decline_percent: u8::try_from(decline_percent).ok()?,
        silent,
        doubled,
    };
    Some(SetBehaviour { scope, behaviour })
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use bakery_nats::requests::bank::{Behaviour, Scope, SetBehaviour};
    use uuid::Uuid;

    #[test]
    fn every_scope_is_read_back_as_it_was_written() {
        let behaviour =
            Behaviour { latency_ms: 60_000, decline_percent: 100, silent: true, doubled: true };
        let scopes = [
            Scope::All,
            Scope::Branch("main".parse().unwrap()),
            Scope::Account(Uuid::from_u128(7)),
        ];
        for scope in scopes {
            let wanted = SetBehaviour { scope, behaviour: behaviour.clone() };
            assert_eq!(read(write(&wanted)), Some(wanted));
        }
    }
}
