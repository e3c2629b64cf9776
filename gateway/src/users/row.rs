//! The `app_user` row. Claims (rows whose account is not open yet) are seen by [`User::claim`] and
//! [`finish`] only: for everybody else there is no such user.

use crate::schema::app_user;
use bakery_nats::money::Money;
use bakery_nats::prepared::prepared;
use bakery_nats::requests::gateway::{Role, UserView};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A user as stored.
#[derive(Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = app_user, check_for_backend(diesel::pg::Pg))]
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) username: Option<String>,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    role: String,
    pub(crate) password_hash: Option<String>,
    pub(crate) account_id: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) disabled: bool,
}

/// Somebody who would like to be a user.
#[derive(Clone)]
pub(crate) struct Newcomer {
    /// None for a guest, and then no hash either.
    pub(crate) username: Option<String>,
    pub(crate) password_hash: Option<String>,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) role: Role,
    /// What the account is opened with, and so in which currency.
    pub(crate) opening: Money,
}

impl User {
    /// What the user may do. What a damaged row says is the least.
    pub(crate) fn role(&self) -> Role {
        self.role.parse().unwrap_or(Role::Customer)
    }

    /// As others see it.
    pub(crate) fn view(self) -> UserView {
        let role = self.role();
        let Self { id, username, name, email, account_id, created_at, disabled, .. } = self;
        UserView { id, username, name, email, role, account_id, disabled, created_at }
    }

    /// Claims a username, or a place for a guest. A claim of before that was never finished is taken
    /// over with its id, so that an account that was opened for it is used; which one it is [`finish`]
    /// says, for it depends on the currency. `None` where the
    /// username is somebody's.
    pub(crate) async fn claim(
        conn: &mut AsyncPgConnection,
        (id, account_id): (Uuid, Uuid),
        newcomer: &Newcomer,
    ) -> QueryResult<Option<Self>> {
        prepared(
            "INSERT INTO app_user (id, username, name, email, role, password_hash, account_id,
                                   account_opened, created_at, disabled)
             VALUES ($1, $2, $3, $4, $5, $6, $7, false, clock_timestamp(), false)
             ON CONFLICT (username) DO UPDATE SET
                 name = excluded.name, email = excluded.email, role = excluded.role,
                 password_hash = excluded.password_hash, created_at = excluded.created_at
             WHERE NOT app_user.account_opened
             RETURNING id, username, name, email, role, password_hash, account_id, created_at,
                       disabled",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Text>, _>(newcomer.username.as_deref())
        .bind::<Text, _>(&newcomer.name)
        .bind::<Nullable<Text>, _>(newcomer.email.as_deref())
        .bind::<Text, _>(newcomer.role.as_str())
        .bind::<Nullable<Text>, _>(newcomer.password_hash.as_deref())
        .bind::<SqlUuid, _>(account_id)
        .get_result(conn)
        .await
        .optional()
    }

    /// The user with this username.
    pub(crate) async fn named(
        conn: &mut AsyncPgConnection,
        username: &str,
    ) -> QueryResult<Option<Self>> {
        app_user::table
            .filter(app_user::username.eq(username))
            .filter(app_user::account_opened)
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// One user.
    pub(crate) async fn get(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Self>> {
        app_user::table
            .find(id)
            .filter(app_user::account_opened)
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// Users in the order of their ids, which is the order they came in, from behind `after`.
    pub(crate) async fn page(
        conn: &mut AsyncPgConnection,
        after: Option<Uuid>,
        rows_max: i64,
    ) -> QueryResult<Vec<Self>> {
        let mut page = app_user::table
            .filter(app_user::account_opened)
            .order(app_user::id)
            .limit(rows_max)
            .select(Self::as_select())
            .into_boxed();
        if let Some(after) = after {
            page = page.filter(app_user::id.gt(after));
        }
        page.load(conn).await
    }

    /// Gives a user another role; a guest keeps the one that guests have. `None` where there is no
    /// such user.
    pub(crate) async fn set_role(
        conn: &mut AsyncPgConnection,
        id: Uuid,
        role: Role,
    ) -> QueryResult<Option<Self>> {
        diesel::update(app_user::table.find(id))
            .filter(app_user::account_opened)
            .filter(app_user::username.is_not_null())
            .set(app_user::role.eq(role.as_str()))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()
    }

    /// Holds the rows of all operators, so that one change of users comes after the other. Gives who
    /// they are.
    pub(crate) async fn lock_operators(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Uuid>> {
        app_user::table
            .filter(app_user::role.eq(Role::Operator.as_str()))
            .filter(diesel::dsl::not(app_user::disabled))
            .select(app_user::id)
            .order(app_user::id)
            .for_update()
            .load(conn)
            .await
    }

    /// Lets a user in no more, or again. `None` where there is no such user.
    pub(crate) async fn set_disabled(
        conn: &mut AsyncPgConnection,
        id: Uuid,
        disabled: bool,
    ) -> QueryResult<Option<Self>> {
        diesel::update(app_user::table.find(id))
            .filter(app_user::account_opened)
            .set(app_user::disabled.eq(disabled))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
            .optional()
    }

    /// Changes the password, if it is still the one behind `old`. False where it is not.
    pub(crate) async fn set_password(
        conn: &mut AsyncPgConnection,
        id: Uuid,
        old: &str,
        new: &str,
    ) -> QueryResult<bool> {
        let changed = diesel::update(app_user::table.find(id))
            .filter(app_user::password_hash.eq(old))
            .set(app_user::password_hash.eq(new))
            .execute(conn)
            .await?;
        Ok(changed > 0)
    }
}

/// The account is open, so the claim is a user. False where it is not the claim of this hash any
/// more: somebody else took it over, and finishes it.
pub(crate) async fn finish(conn: &mut AsyncPgConnection, user: &User) -> QueryResult<bool> {
    let opened = (app_user::account_opened.eq(true), app_user::account_id.eq(user.account_id));
    let finished = diesel::update(app_user::table.find(user.id))
        .filter(app_user::password_hash.is_not_distinct_from(&user.password_hash))
        .filter(diesel::dsl::not(app_user::account_opened))
        .set(opened)
        .execute(conn)
        .await?;
    Ok(finished > 0)
}

/// Gives up a claim.
pub(crate) async fn abandon(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<()> {
    diesel::delete(app_user::table.find(id))
        .filter(diesel::dsl::not(app_user::account_opened))
        .execute(conn)
        .await
        .map(|_| ())
}
