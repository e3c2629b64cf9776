//! The migration to branches and their days: the jobs of before go on as they were, there and back.

use crate::stream::fired;
use crate::{
    MIGRATIONS, always, bake, branch, branch_changed, hear, jobs, sweep, time, with_misfire,
};
use bakery_nats::requests::scheduler::Misfire;
use bakery_testbed::database;

const UP: &str = include_str!("../../../migrations/scheduler/2026-11-24-190000_day/up.sql");
const DOWN: &str = include_str!("../../../migrations/scheduler/2026-11-24-190000_day/down.sql");

/// Two jobs as the scheduler of before left them.
const BEFORE: &str = r#"
    INSERT INTO job (branch, name, cron, action, last_at, next_at) VALUES
        ('main', 'donut', '0 0 * * * *', '{"bake": {"product_id": "donut", "quantity": 3}}',
         '2026-11-24 09:00Z', '2026-11-24 10:00Z'),
        ('main', 'sweep', '0 0 * * * *', '{"sweep": {}}', NULL, '2026-11-24 10:00Z')"#;

/// The columns of every table, as a number that tells two schemas apart.
const SCHEMA: &str = "
    SELECT hashtextextended(string_agg(concat_ws(' ', table_name, column_name, data_type,
               is_nullable, column_default), ',' ORDER BY table_name, column_name), 0) AS number
    FROM information_schema.columns WHERE table_schema = 'public'";
const JOBS: &str = "
    SELECT hashtextextended(string_agg(job::text, ',' ORDER BY name), 0) AS number FROM job";

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_before_go_on_where_they_were() {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    database::execute(&pool, DOWN).await;
    database::execute(&pool, BEFORE).await;
    database::execute(&pool, UP).await;
    let found = jobs(&pool).await;
    let expected = [
        with_misfire(Misfire::All, bake("donut", "0 0 * * * *", 3)),
        with_misfire(Misfire::Once, sweep("sweep", "0 0 * * * *")),
    ];
    assert_eq!(found.iter().map(|state| state.job.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(found[0].last_at, Some(time("2026-11-24T09:00:00Z")));

    // Two hours were missed: by day and by night, as before.
    let ticks = fired(&pool, time("2026-11-24T12:30:00Z")).await;
    let hours: Vec<_> = ticks.iter().map(|(_, job, due_at)| (job.as_str(), *due_at)).collect();
    let hour = |hour: u32| time(&format!("2026-11-24T{hour}:00:00Z"));
    let expected =
        [("donut", hour(10)), ("donut", hour(11)), ("donut", hour(12)), ("sweep", hour(12))];
    assert_eq!(hours, expected);

    // The first version of the branch is news.
    let berlin = branch("main", "Europe/Berlin", always());
    hear(&pool, &branch_changed(1, berlin), time("2026-11-24T12:40:00Z")).await;
    assert_eq!(jobs(&pool).await.len(), 2 + 3, "the sweep is there already");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back_the_schema_and_the_jobs_are_the_same() {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    let new = database::number(&pool, SCHEMA).await;
    database::execute(&pool, DOWN).await;
    database::execute(&pool, BEFORE).await;
    let old = (database::number(&pool, SCHEMA).await, database::number(&pool, JOBS).await);
    assert_ne!(old.0, new);
    database::execute(&pool, UP).await;
    assert_eq!(database::number(&pool, SCHEMA).await, new);
    database::execute(&pool, DOWN).await;
    assert_eq!((database::number(&pool, SCHEMA).await, database::number(&pool, JOBS).await), old);
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_leaves_out_what_the_scheduler_of_before_cannot_read_and_lets_nothing_held_go() {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    let at = time("2026-11-24T10:00:00Z");
    hear(&pool, &branch_changed(1, branch("main", "UTC", always())), at).await;
    let held =
        bakery_nats::requests::scheduler::Job { paused: true, ..bake("donut", "0 * * * * *", 1) };
    crate::put_at(&pool, &[held], at).await.unwrap();
    database::execute(&pool, DOWN).await;
    let kept = "SELECT count(*) AS number FROM job WHERE name IN ('sweep', 'donut')";
    assert_eq!(database::number(&pool, kept).await, 2);
    assert_eq!(database::number(&pool, "SELECT count(*) AS number FROM job").await, 2);
    let due = "SELECT count(*) AS number FROM job WHERE next_at < '9999-01-01Z'";
    assert_eq!(database::number(&pool, due).await, 1);
}
