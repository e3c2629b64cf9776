//! The planner's figures of a table that fills, on the tables of this service.

use crate::shop;
use bakery_chassis::planner::refresh;
use bakery_nats::Pool;
use bakery_testbed::database::{execute, number};
use std::time::{Duration, Instant};

/// The server counts rows a moment after they were written.
const COUNTED_WITHIN: Duration = Duration::from_secs(30);

/// Refreshes until the planner knows of so many rows.
async fn known_within_time(pool: &Pool, rows: i64) {
    let sql = "SELECT reltuples::bigint AS number FROM pg_class WHERE relname = 'known_account'";
    let begun = Instant::now();
    loop {
        refresh(&mut pool.get().await.unwrap()).await.unwrap();
        let known = number(pool, sql).await;
        if known == rows {
            return;
        }
        assert!(begun.elapsed() < COUNTED_WITHIN, "the planner knows of {known} rows of {rows}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_planner_learns_of_a_table_each_time_it_has_doubled() {
    let pool = shop().await;
    // Only what is tried here may look at it.
    execute(&pool, "ALTER TABLE known_account SET (autovacuum_enabled = false)").await;
    execute(&pool, "TRUNCATE known_account").await;
    let fill =
        "INSERT INTO known_account (account_id) SELECT gen_random_uuid() FROM generate_series(1,";
    execute(&pool, &format!("{fill} 500)")).await;
    known_within_time(&pool, 500).await;
    execute(&pool, &format!("{fill} 600)")).await;
    known_within_time(&pool, 1100).await;
}
