//! Statements written in SQL that each connection parses once. diesel keeps no statement that is
//! written by hand, for it cannot know that its text is always the same; the text of ours is
//! made of constants. That saves a round trip, and the reading of the statement, each time.
//!
//! A kept statement names the columns it answers with: with `*` it would fail on a connection that
//! was open when a migration added one.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, BoxedSqlQuery, Query, QueryFragment, QueryId, SqlQuery};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};

/// A statement and its values, `$1` first; run it by `diesel_async::RunQueryDsl`.
#[must_use = "a statement does nothing until it is run"]
pub struct Prepared<'v>(BoxedSqlQuery<'v, Pg, SqlQuery>);

/// The statement with this text, which is made of constants only: a connection keeps every text that
/// it has seen.
pub fn prepared<'v>(text: &str) -> Prepared<'v> {
    Prepared(diesel::sql_query(text).into_boxed())
}

impl<'v> Prepared<'v> {
    /// Adds the next value, as the SQL type `T`.
    pub fn bind<T, V>(self, value: V) -> Self
    where
        Pg: HasSqlType<T>,
        V: ToSql<T, Pg> + Send + 'v,
        T: Send + 'v,
    {
        Self(self.0.bind::<T, V>(value))
    }
}

impl QueryFragment<Pg> for Prepared<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

/// It is found again by its text.
impl QueryId for Prepared<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Prepared<'_> {
    type SqlType = Untyped;
}
