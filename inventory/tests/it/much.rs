//! Much at once: what takes longer than a statement may, and how many units one statement has.

use crate::{
    CLOSES_S, SHELF_LIFE_S, asked, bake, bake_due, bakery, closing_due, date, line, line_of,
    report, sweep_due, units,
};
use bakery_inventory::{BakeNowWriter, Input, Shelf};
use bakery_nats::envelope::{Delivered, Wire};
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::{Baked, Swept};
use bakery_nats::process::{Answers, Handler, Outcome, process};
use bakery_nats::record::Records;
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::BakeNow;
use bakery_nats::write::{WriteResult, Writer, commit};
use bakery_testbed::{at, database, id, message};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use std::sync::Arc;

/// A statement that takes longer than it may.
async fn take_too_long(conn: &mut AsyncPgConnection) -> Result<(), HandlerError> {
    Ok(conn.batch_execute("SET LOCAL statement_timeout = 50; SELECT pg_sleep(60)").await?)
}

/// The shelf and the bakers, of whom more than so many at once take too long.
struct Slow<T> {
    inner: T,
    at_once_max: usize,
}

impl Handler for Slow<Shelf> {
    const SERVICE: &'static str = Shelf::SERVICE;
    type Input = Input;

    async fn handle(
        &self,
        conn: &mut AsyncPgConnection,
        batch: Vec<Delivered<Input>>,
        known: &Records,
    ) -> Result<Answers, HandlerError> {
        if batch.len() > self.at_once_max {
            take_too_long(conn).await?;
        }
        self.inner.handle(conn, batch, known).await
    }
}

impl Writer for Slow<BakeNowWriter> {
    type Request = BakeNow;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<BakeNow>],
    ) -> Result<Vec<WriteResult<BakeNow>>, HandlerError> {
        if batch.len() > self.at_once_max {
            take_too_long(conn).await?;
        }
        self.inner.write(conn, batch).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_together_is_done_in_parts_and_what_does_alone_must_wait() {
    let pool = bakery().await;
    let wires: Vec<Wire> = (1..=4).map(|n| bake_due("bread", 2, at(0), n)).collect();
    let shelf = Slow { inner: Shelf, at_once_max: 1 };
    for outcome in message::handle(&pool, shelf, &wires).await {
        let Outcome::Send(answers) = outcome else { panic!("{outcome:?}") };
        message::body::<Baked>(&answers[0]);
    }
    assert_eq!(units(&pool, "free").await, 8);

    let shelf = Arc::new(Slow { inner: Shelf, at_once_max: 0 });
    let alone = message::read(&[bake_due("bread", 2, at(0), 5)]);
    let error = process(pool, shelf, alone, (at(0), false)).await.expect_err("done");
    assert!(matches!(error, HandlerError::Passing(_)), "{}", error.chain());
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_take_too_long_together_are_done_in_parts() {
    let pool = bakery().await;
    let wish = |n| BakeNow {
        batch_id: id("batch", n),
        branch: "main".parse().unwrap(),
        product_id: "bread".parse().unwrap(),
        quantity: 2,
        baked_at: at(0),
    };
    let batch: Vec<_> = (1..=4).map(|n| asked(wish(n), at(1))).collect();
    let writer = Arc::new(Slow { inner: BakeNowWriter, at_once_max: 1 });
    let done = commit(&pool, &writer, &batch).await.expect("done in parts");
    assert!(done.replies.iter().all(Result::is_ok));
    assert_eq!((units(&pool, "free").await, done.wires.len()), (8, 4));
}

/// No statement changes more than 2,000 units, or it fails.
const FEW_UNITS: &str = "
    CREATE FUNCTION few_units() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) FROM changed) > 2000 THEN RAISE EXCEPTION 'too many units'; END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER few_new AFTER INSERT ON unit REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION few_units();
    CREATE TRIGGER few_old AFTER UPDATE ON unit REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION few_units()";

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_bakes_sweeps_or_throws_out_too_many_units() {
    let pool = bakery().await;
    database::execute(&pool, FEW_UNITS).await;
    let ovens = [bake_due("bread", 3500, at(0), 1), bake_due("donut", 2500, at(0), 1)];
    for outcome in message::handle(&pool, Shelf, &ovens).await {
        assert!(matches!(outcome, Outcome::Send(_)), "{outcome:?}");
    }
    assert_eq!(units(&pool, "free").await, 6000);
    let swept = message::sent(&pool, Shelf, &sweep_due(at(SHELF_LIFE_S))).await;
    let lines = [line("bread", 3500), line("donut", 2500)];
    assert_eq!(message::body::<Swept>(&swept[0]).lines, lines);

    bake(&pool, "bread", 4001, CLOSES_S - 10, 2).await;
    message::sent(&pool, Shelf, &closing_due(at(CLOSES_S))).await;
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.baked, bread.stale, bread.thrown, bread.free), (7501, 3500, 4001, 0));
}
