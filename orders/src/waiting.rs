//! What waits for an answer, added up by the database. Both parts are found by the small indexes that
//! hold nothing but what is open, so the question costs the same however many orders there were.

use bakery_nats::error::HandlerError;
use bakery_nats::prepared::prepared;
use bakery_nats::requests::pipeline::{InFlight, Waiting};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Lines of an answer, of orders and of refunds.
const LINES_MAX: i64 = 1000;

/// One line, or only the time where nothing waits.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Timestamptz)]
    measured_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Bool>)]
    refund: Option<bool>,
    #[diesel(sql_type = Nullable<Text>)]
    branch: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    open: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    asked_again: Option<i64>,
    #[diesel(sql_type = Nullable<Integer>)]
    attempt_max: Option<i32>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
}

impl Line {
    fn waiting(self) -> Result<Option<Waiting>, HandlerError> {
        let Self { branch, state, open, asked_again, attempt_max, due_at, .. } = self;
        let known = (|| Some((branch?, state?, open?, asked_again?, attempt_max?, due_at?)))();
        let Some((branch, state, open, asked_again, attempt_max, due_at)) = known else {
            return Ok(None);
        };
        let branch =
            Slug::try_from(branch).map_err(|error| HandlerError::Permanent(Box::new(error)))?;
        Ok(Some(Waiting { branch, state, open, asked_again, attempt_max, due_at }))
    }
}

/// All of it, in one statement.
pub(crate) async fn in_flight(conn: &mut AsyncPgConnection) -> Result<InFlight, HandlerError> {
    let lines: Vec<Line> = prepared(
        "WITH clock AS (SELECT clock_timestamp() AS measured_at), waiting AS (
             (SELECT false AS refund, branch, state, count(*) AS open,
                     count(*) FILTER (WHERE attempt > 1) AS asked_again,
                     max(attempt) AS attempt_max, min(due_at) AS due_at
              FROM orders WHERE open
              GROUP BY branch, state ORDER BY min(due_at) LIMIT $1)
             UNION ALL
             (SELECT true, branch, state, count(*), count(*) FILTER (WHERE attempt > 1),
                     max(attempt), min(due_at)
              FROM refund WHERE state = 'asked'
              GROUP BY branch, state ORDER BY min(due_at) LIMIT $1))
         SELECT * FROM clock LEFT JOIN waiting ON true
         ORDER BY due_at, branch COLLATE \"C\", state COLLATE \"C\"",
    )
    .bind::<BigInt, _>(LINES_MAX)
    .load(conn)
    .await?;
    let measured_at = lines.iter().map(|line| line.measured_at).min().unwrap_or_default();
    let (mut orders, mut refunds) = (Vec::new(), Vec::new());
    for line in lines {
        let of_refunds = line.refund.unwrap_or_default();
        let Some(waiting) = line.waiting()? else { continue };
        if of_refunds { &mut refunds } else { &mut orders }.push(waiting);
    }
    Ok(InFlight { measured_at, orders, refunds })
}
