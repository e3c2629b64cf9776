//! The users and what is known of them, in the gateway's own database.

pub(crate) mod desk;
pub(crate) mod news;
pub(crate) mod profile;
pub(crate) mod refunded;
pub(crate) mod register;
pub(crate) mod row;
pub(crate) mod seen;
pub(crate) mod session;
pub(crate) mod sweep;

use crate::auth::key::Key;
use crate::auth::live::Live;
use crate::auth::password::Passwords;
use crate::config::OpeningMoney;
use bakery_nats::Pool;
use bakery_nats::money::{Currency, Money};
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Clock;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;
use std::fmt::Display;

/// What everything about users stands on.
pub(crate) struct Users {
    /// The gateway's database.
    pub(crate) pool: Pool,
    /// What access tokens are signed with.
    pub(crate) key: Key,
    /// The machine's clock, not the shop's: a token is good for ten minutes of whoever holds it,
    /// however fast the shop's day goes by.
    pub(crate) clock: Clock,
    /// Which sessions live.
    pub(crate) live: Live,
    /// Makes and compares hashes.
    pub(crate) passwords: Passwords,
    /// What is in a new customer's account.
    pub(crate) opening: OpeningMoney,
}

impl Users {
    /// Users of this database; nobody is known to be signed in yet.
    pub(crate) fn new(pool: Pool, key: Key, clock: Clock, opening: OpeningMoney) -> Self {
        let (live, passwords) = (Live::default(), Passwords::default());
        Self { pool, key, clock, live, passwords, opening }
    }

    /// What is in a new account of a currency, or of the usual one.
    ///
    /// # Errors
    /// 422 where nobody can have an account in it.
    pub(crate) fn opening(&self, currency: Option<&Currency>) -> Result<Money, Refusal> {
        self.opening.of(currency).cloned().ok_or_else(|| {
            let offered: Vec<&str> =
                self.opening.all().map(|money| money.currency.as_str()).collect();
            let reason = format!("must be one of {}", offered.join(", "));
            Refusal::invalid(vec![FieldError::new("currency", reason)])
        })
    }

    /// A connection to the database.
    pub(crate) async fn connection(&self) -> Result<Object<AsyncPgConnection>, Refusal> {
        connection(&self.pool).await
    }
}

/// A connection out of a pool.
pub(crate) async fn connection(pool: &Pool) -> Result<Object<AsyncPgConnection>, Refusal> {
    pool.get().await.map_err(unavailable)
}

/// The database does not do what it is asked.
pub(crate) fn unavailable(error: impl Display) -> Refusal {
    tracing::warn!(%error, "the gateway's database fails");
    Refusal::unavailable("the gateway's database")
}
