//! `inventory.product-listed`: the jobs that bake come and go with the products.

use crate::stream::fired;
use crate::{
    MIGRATIONS, News, branch, branch_changed, daily, hear, jobs, key, news, put_at, slug, state,
    take, time,
};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::{ProductListed, ProductState, Production};
use bakery_nats::money::Money;
use bakery_nats::requests::scheduler::{Job, JobAction, Misfire, PauseJob, When};
use bakery_scheduler::PauseJobWriter;
use bakery_testbed::{database, id, message};
use chrono::{DateTime, Utc};

/// A version of a product, as inventory tells it.
fn listed(product: &str, version: i64, production: Option<(i32, i32)>) -> ProductListed {
    ProductListed {
        listing_id: id(product, version.unsigned_abs()),
        product_id: slug(product),
        version,
        name: product.to_owned(),
        price: Money { amount: 300, currency: "EUR".to_owned().try_into().unwrap() },
        state: ProductState::OnSale,
        production: production.map(|(every_s, batch)| Production { every_s, batch }),
    }
}

fn wire(body: &ProductListed, at: DateTime<Utc>) -> Wire {
    news(&slug("main"), body, at)
}

fn five() -> DateTime<Utc> {
    time("2026-11-24T05:00:00Z")
}

/// Open from 7 to 18 by UTC, and without jobs.
async fn opened() -> Pool {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    hear(&pool, &branch_changed(1, branch("main", "UTC", daily("07:00", "18:00"))), five()).await;
    database::execute(&pool, "DELETE FROM job").await;
    pool
}

async fn donut(pool: &Pool) -> Job {
    state(pool, "main", "bake-donut").await.job
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_baked_from_opening_on() {
    let pool = opened().await;
    take(&pool, &[wire(&listed("donut", 1, Some((1800, 12))), five())]).await;
    let made = state(&pool, "main", "bake-donut").await;
    let action = JobAction::Bake { product_id: slug("donut"), quantity: 12 };
    assert_eq!((made.job.when, made.job.action), (When::EveryS(1800), action));
    assert_eq!(made.job.misfire, Some(Misfire::All));
    assert_eq!(made.next_at, Some(time("2026-11-24T07:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_without_production_is_not_baked() {
    let pool = opened().await;
    take(&pool, &[wire(&listed("donut", 1, None), five())]).await;
    assert_eq!(jobs(&pool).await, []);
    take(&pool, &[wire(&listed("donut", 2, Some((1800, 12))), five())]).await;
    assert_eq!(jobs(&pool).await.len(), 1);
    take(&pool, &[wire(&listed("donut", 3, None), five())]).await;
    assert_eq!(jobs(&pool).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_off_sale_is_baked_all_the_same_and_a_retired_one_never_again_by_old_news() {
    let pool = opened().await;
    take(&pool, &[wire(&listed("donut", 1, Some((1800, 12))), five())]).await;
    let off_sale =
        ProductListed { state: ProductState::OffSale, ..listed("donut", 2, Some((1800, 12))) };
    take(&pool, &[wire(&off_sale, five())]).await;
    assert_eq!(jobs(&pool).await.len(), 1);

    let retired =
        ProductListed { state: ProductState::Retired, ..listed("donut", 4, Some((1800, 12))) };
    take(&pool, &[wire(&retired, five())]).await;
    assert_eq!(jobs(&pool).await, []);
    take(&pool, &[wire(&listed("donut", 3, Some((900, 12))), five())]).await;
    assert_eq!(jobs(&pool).await, [], "old news that came late");

    take(&pool, &[wire(&listed("donut", 5, Some((900, 12))), five())]).await;
    assert_eq!(donut(&pool).await.when, When::EveryS(900), "it is back on the menu");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_news_that_come_together_the_newest_stands() {
    let pool = opened().await;
    let versions = [(3, Some((300, 3))), (1, Some((100, 1))), (2, None)];
    let wires = versions.map(|(version, made)| wire(&listed("donut", version, made), five()));
    let other = wire(&listed("rye", 1, Some((600, 6))), five());
    take(&pool, &[&wires[..], &[other]].concat()).await;
    let whens: Vec<_> = jobs(&pool).await.into_iter().map(|state| state.job.when).collect();
    assert_eq!(whens, [When::EveryS(300), When::EveryS(600)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_held_or_told_what_to_do_with_missed_ticks_stays_so() {
    let pool = opened().await;
    take(&pool, &[wire(&listed("donut", 1, Some((1800, 12))), five())]).await;
    let told = Job { misfire: Some(Misfire::Skip), ..donut(&pool).await };
    put_at(&pool, &[told], five()).await.unwrap();
    let request = PauseJob { job: key("main", "bake-donut"), paused: true };
    message::write(&pool, PauseJobWriter, request, five()).await.0.unwrap();
    take(&pool, &[wire(&listed("donut", 2, Some((900, 20))), five())]).await;
    let kept = donut(&pool).await;
    assert_eq!(
        (kept.when, kept.misfire, kept.paused),
        (When::EveryS(900), Some(Misfire::Skip), true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_price_does_not_move_the_baking() {
    let pool = opened().await;
    take(&pool, &[wire(&listed("donut", 1, Some((1800, 12))), five())]).await;
    let late = time("2026-11-24T08:00:00Z");
    take(&pool, &[wire(&listed("donut", 2, Some((1800, 20))), late)]).await;
    let owed = state(&pool, "main", "bake-donut").await;
    assert_eq!(owed.next_at, Some(time("2026-11-24T07:00:00Z")), "what is owed stays owed");
    assert_eq!(fired(&pool, late).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_is_heard_of_before_its_branch_waits_for_it() {
    let pool = database::fresh("scheduler", MIGRATIONS).await;
    take(&pool, &[wire(&listed("donut", 1, Some((1800, 12))), five())]).await;
    assert_eq!(state(&pool, "main", "bake-donut").await.next_at, None);
    let main = branch_changed(1, branch("main", "UTC", daily("07:00", "18:00")));
    hear(&pool, &main, time("2026-11-24T04:00:00Z")).await;
    let next_at = state(&pool, "main", "bake-donut").await.next_at;
    assert_eq!(next_at, Some(time("2026-11-24T07:00:00Z")));
}

#[tokio::test(flavor = "multi_thread")]
async fn products_with_the_longest_names_have_jobs_of_their_own() {
    let pool = opened().await;
    let long = ["white", "brown"].map(|end| format!("a-bread-with-a-name-of-forty-chars-{end}"));
    assert!(long.iter().all(|name| name.len() == 40));
    let wires = long.each_ref().map(|name| wire(&listed(name, 1, Some((1800, 1))), five()));
    take(&pool, &wires).await;
    assert_eq!(jobs(&pool).await.len(), 2);
    let gone = long.map(|name| wire(&listed(&name, 2, None), five()));
    take(&pool, &gone).await;
    assert_eq!(jobs(&pool).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_baked_is_a_dead_letter() {
    let pool = opened().await;
    for (made, reason) in [
        ((0, 1), "production.every_s must be 1 to 86,400 seconds"),
        ((60, 0), "a batch of 0 cannot be baked"),
        ((60, -1), "a batch of -1 cannot be baked"),
    ] {
        let body = listed("donut", 1, Some(made));
        assert_eq!(message::dead(&pool, News, &wire(&body, five())).await, reason);
    }
    assert_eq!(database::number(&pool, "SELECT count(*) AS number FROM product").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_a_person_put_there_stays_until_the_product_is_retired() {
    let pool = opened().await;
    let own = crate::bake("bake-donut", "0 0 9 * * *", 24);
    put_at(&pool, &[own], five()).await.expect("put");
    take(&pool, &[wire(&listed("donut", 1, None), five())]).await;
    assert_eq!(donut(&pool).await.when, When::Cron("0 0 9 * * *".to_owned()));
    let retired = ProductListed { state: ProductState::Retired, ..listed("donut", 2, None) };
    take(&pool, &[wire(&retired, five())]).await;
    assert!(jobs(&pool).await.is_empty());
}
