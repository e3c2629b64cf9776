//! `inventory.branch-changed`: the clock goes by the newest hours of each branch.

use crate::stream::fired;
use crate::{
    MIGRATIONS, News, always, bake, branch, branch_changed, daily, hear, job, jobs, key, news,
    put_at, state, take, time,
};
use bakery_nats::Pool;
use bakery_nats::branch::Branch;
use bakery_nats::requests::scheduler::{DeleteJob, Job, JobAction, Misfire, When};
use bakery_scheduler::DeleteJobWriter;
use bakery_testbed::{database, message};

/// A branch in Berlin that is open from 7 to 18: by UTC from 6 to 17.
fn berlin() -> Branch {
    branch("main", "Europe/Berlin", daily("07:00", "18:00"))
}

async fn opened(at: &str) -> Pool {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    hear(&pool, &branch_changed(1, berlin()), time(at)).await;
    pool
}

async fn next(pool: &Pool, job: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    state(pool, "main", job).await.next_at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_branch_gets_the_jobs_of_its_day() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    let found: Vec<_> = jobs(&pool)
        .await
        .into_iter()
        .map(|state| (state.job.name.to_string(), state.job.action, state.next_at.unwrap()))
        .collect();
    let expected = [
        ("closing", JobAction::Close {}, "2026-11-24T17:00:00Z"),
        ("discount", JobAction::Discount {}, "2026-11-24T16:30:00Z"),
        ("opening", JobAction::Open {}, "2026-11-24T06:00:00Z"),
        ("sweep", JobAction::Sweep {}, "2026-11-24T05:15:00Z"),
    ]
    .map(|(name, action, at)| (name.to_owned(), action, time(at)));
    assert_eq!(found, expected);
    assert!(jobs(&pool).await.iter().all(|state| state.job.misfire == Some(Misfire::Once)));
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_that_change_at_noon_move_what_is_to_come() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    let tea = job("tea", When::ClosingS(-7200), JobAction::Sweep {});
    put_at(&pool, &[tea], time("2026-11-24T05:00:00Z")).await.unwrap();
    let noon = time("2026-11-24T11:00:00Z");
    assert_eq!(fired(&pool, noon).await.len(), 3, "opening, and a sweep that was missed and one");
    let shorter = Branch { hours: daily("08:00", "16:00"), ..berlin() };
    hear(&pool, &branch_changed(2, shorter), noon).await;
    for (job, at) in [
        ("opening", "2026-11-25T07:00:00Z"),
        ("tea", "2026-11-24T13:00:00Z"),
        ("discount", "2026-11-24T14:30:00Z"),
        ("closing", "2026-11-24T15:00:00Z"),
        ("sweep", "2026-11-24T11:15:00Z"),
    ] {
        assert_eq!(next(&pool, job).await, Some(time(at)), "{job}");
    }
    assert_eq!(fired(&pool, time("2026-11-24T15:00:00Z")).await.last().unwrap().1, "closing");
    // In the evening it opens again for longer: the day closes once more.
    let longer = Branch { hours: daily("08:00", "20:00"), ..berlin() };
    hear(&pool, &branch_changed(3, longer), time("2026-11-24T15:30:00Z")).await;
    assert_eq!(next(&pool, "closing").await, Some(time("2026-11-24T19:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_when_the_hours_change_is_still_fired() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    fired(&pool, time("2026-11-24T05:59:59Z")).await;
    let later = Branch { hours: daily("07:30", "18:00"), ..berlin() };
    hear(&pool, &branch_changed(2, later), time("2026-11-24T06:00:00Z")).await;
    let now = time("2026-11-24T06:00:01Z");
    let opening = fired(&pool, now).await.into_iter().find(|(_, job, _)| job == "opening");
    assert_eq!(opening.unwrap().2, time("2026-11-24T06:00:00Z"));
    assert_eq!(next(&pool, "opening").await, Some(time("2026-11-24T06:30:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_time_zone_moves_the_wall_clock() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    let moved = branch("main", "America/New_York", daily("07:00", "18:00"));
    hear(&pool, &branch_changed(2, moved), time("2026-11-24T05:30:00Z")).await;
    assert_eq!(next(&pool, "opening").await, Some(time("2026-11-24T12:00:00Z")));
    assert_eq!(next(&pool, "closing").await, Some(time("2026-11-24T23:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_news_that_come_late_change_nothing() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    let shorter = Branch { hours: daily("08:00", "16:00"), ..berlin() };
    hear(&pool, &branch_changed(3, shorter), time("2026-11-24T05:10:00Z")).await;
    let before = jobs(&pool).await;
    let old = Branch { hours: daily("09:00", "12:00"), ..berlin() };
    hear(&pool, &branch_changed(2, old), time("2026-11-24T05:05:00Z")).await;
    assert_eq!(jobs(&pool).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_are_said_again_change_nothing_for_who_knows_them() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    let body = DeleteJob { job: key("main", "sweep") };
    let removed = message::write(&pool, DeleteJobWriter, body, time("2026-11-24T05:01:00Z")).await;
    removed.0.expect("removed");
    let before = jobs(&pool).await;
    hear(&pool, &branch_changed(1, berlin()), time("2026-11-24T12:00:00Z")).await;
    assert_eq!(jobs(&pool).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_are_older_than_what_was_fired_do_not_bring_it_back() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    fired(&pool, time("2026-11-24T06:30:00Z")).await;
    let moved = Branch { hours: daily("07:10", "18:00"), ..berlin() };
    hear(&pool, &branch_changed(2, moved), time("2026-11-24T05:30:00Z")).await;
    assert_eq!(next(&pool, "sweep").await, Some(time("2026-11-24T06:45:00Z")));
    assert_eq!(next(&pool, "opening").await, Some(time("2026-11-25T06:10:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_news_that_come_together_the_newest_stands_whatever_their_order() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    let version = |version: i64, close: &str| {
        let branch = Branch { hours: daily("07:00", close), ..berlin() };
        news(&berlin().id, &branch_changed(version, branch), time("2026-11-24T05:00:00Z"))
    };
    take(&pool, &[version(4, "14:00"), version(2, "16:00"), version(3, "15:00")]).await;
    assert_eq!(next(&pool, "closing").await, Some(time("2026-11-24T13:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_the_day_that_was_removed_comes_back_with_the_next_change_and_others_are_kept() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    let own = job("discount", When::ClosingS(-3600), JobAction::Discount {});
    put_at(&pool, &[own], time("2026-11-24T05:00:00Z")).await.unwrap();
    let request = DeleteJob { job: key("main", "sweep") };
    let at = time("2026-11-24T05:00:00Z");
    message::write(&pool, DeleteJobWriter, request, at).await.0.unwrap();
    hear(&pool, &branch_changed(2, berlin()), at).await;
    assert_eq!(next(&pool, "sweep").await, Some(time("2026-11-24T05:15:00Z")));
    assert_eq!(next(&pool, "discount").await, Some(time("2026-11-24T16:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_baked_while_a_branch_is_closed_by_hand_and_nothing_is_made_up_for() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    database::execute(&pool, "DELETE FROM job WHERE name <> 'opening'").await;
    let half_hours = job("buns", When::EveryS(1800), bake("buns", "", 5).action);
    put_at(&pool, &[half_hours], time("2026-11-24T05:00:00Z")).await.unwrap();
    let names = |ticks: Vec<crate::stream::Tick>| -> Vec<String> {
        ticks.into_iter().map(|(_, job, _)| job).collect()
    };
    assert_eq!(names(fired(&pool, time("2026-11-24T06:00:00Z")).await), ["buns", "opening"]);

    let closed = Branch { closed: true, ..berlin() };
    hear(&pool, &branch_changed(2, closed), time("2026-11-24T06:10:00Z")).await;
    database::execute(&pool, "DELETE FROM job WHERE name NOT IN ('opening', 'buns')").await;
    assert!(fired(&pool, time("2026-11-24T07:00:00Z")).await.is_empty());
    // Nobody looks at 07:30, and the branch opens again at 07:40.
    hear(&pool, &branch_changed(3, berlin()), time("2026-11-24T07:40:00Z")).await;
    database::execute(&pool, "DELETE FROM job WHERE name NOT IN ('opening', 'buns')").await;
    assert!(fired(&pool, time("2026-11-24T07:45:00Z")).await.is_empty());
    assert_eq!(names(fired(&pool, time("2026-11-24T08:00:00Z")).await), ["buns"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_whose_subject_names_another_branch_are_dead_letters() {
    let pool = opened("2026-11-24T05:00:00Z").await;
    let at = time("2026-11-24T06:00:00Z");
    let body = branch_changed(2, branch("north", "UTC", always()));
    let reason = message::dead(&pool, News, &news(&berlin().id, &body, at)).await;
    assert_eq!(reason, "its subject names another branch");
    assert_eq!(database::number(&pool, "SELECT count(*) AS number FROM branch").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_put_while_its_branch_is_heard_of_is_not_forgotten() {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    let at = time("2026-11-24T05:00:00Z");
    for n in 0..50 {
        let new = branch(&format!("branch-{n}"), "UTC", always());
        let own = Job { branch: new.id.clone(), ..bake("own", "0 0 * * * *", 1) };
        let (changed, put) = (branch_changed(1, new), [own]);
        let (reply, ()) = tokio::join!(put_at(&pool, &put, at), hear(&pool, &changed, at));
        reply.unwrap();
    }
    let forgotten = "SELECT count(*) AS number FROM job WHERE next_at IS NULL";
    assert_eq!(database::number(&pool, forgotten).await, 0);
}
