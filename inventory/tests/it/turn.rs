//! `scheduler.opening-due`, `discount-due` and `closing-due`: the turns of a branch's day.

use crate::{
    CLOSES_S, DAY_S, SHELF_LIFE_S, at_branch, bake, bake_due, bakery, closing_due, date,
    discount_due, instant, line, line_of, open, opening_due, put_branch, report, reserve,
    reserve_at, scheduled_discount_due, span, sweep_due, units,
};
use bakery_inventory::{PutBranchWriter, Shelf};
use bakery_nats::Pool;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::inventory::{
    DayClosed, DiscountBegun, Opened, ReserveRefused, Reserved, Swept,
};
use bakery_nats::process::Outcome;
use bakery_testbed::{at, database, message};
use chrono::{DateTime, Utc};

/// The price of one bread at a moment.
async fn price(pool: &Pool, order: u64, at: DateTime<Utc>) -> i64 {
    let answers = message::sent(pool, Shelf, &reserve_at(order, &[line("bread", 1)], at)).await;
    message::body::<Reserved>(&answers[0]).total
}

async fn discount(pool: &Pool, due_at: DateTime<Utc>) -> DiscountBegun {
    message::body(&message::sent(pool, Shelf, &discount_due(due_at)).await[0])
}

async fn close(pool: &Pool, due_at: DateTime<Utc>) -> DayClosed {
    message::body(&message::sent(pool, Shelf, &closing_due(due_at)).await[0])
}

/// The answers to a batch of which nothing is a dead letter.
async fn answers(pool: &Pool, wires: &[Wire]) -> Vec<Wire> {
    let outcomes = message::handle(pool, Shelf, wires).await;
    let one = |outcome| match outcome {
        Outcome::Send(mut wires) => wires.remove(0),
        Outcome::Dead(reason) => panic!("{reason}"),
    };
    outcomes.into_iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opening_says_which_day_begins() {
    let pool = bakery().await;
    let opens = at(DAY_S - 3600);
    let answers = message::sent(&pool, Shelf, &opening_due(opens)).await;
    assert_eq!(message::body::<Opened>(&answers[0]).date, date(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_price_is_lower_from_the_very_moment_of_the_discount_until_its_day_ends() {
    let pool = bakery().await;
    let from = at(CLOSES_S - 1800);
    bake(&pool, "bread", 3, CLOSES_S - 2000, 1).await;
    assert_eq!(discount(&pool, from).await.from, from);
    assert_eq!(price(&pool, 1, from - instant()).await, 300);
    assert_eq!(price(&pool, 2, from).await, 150);
    assert_eq!(price(&pool, 3, at(CLOSES_S) - instant()).await, 150);
    bake(&pool, "bread", 1, CLOSES_S, 2).await;
    assert_eq!(price(&pool, 4, at(CLOSES_S)).await, 300, "the discount outlived its day");
    bake(&pool, "bread", 1, CLOSES_S - 1800 + DAY_S, 3).await;
    assert_eq!(price(&pool, 5, from + chrono::TimeDelta::days(1)).await, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discount_in_one_batch_with_orders_counts_from_its_moment_wherever_it_stands() {
    let pool = bakery().await;
    bake(&pool, "bread", 4, 0, 1).await;
    let (early, late) = (at(100), at(200));
    let order = |n, at| reserve_at(n, &[line("bread", 1)], at);
    let total = |wire: &Wire| message::body::<Reserved>(wire).total;
    let before = answers(&pool, &[discount_due(late), order(1, late - instant())]).await;
    assert_eq!(total(&before[1]), 300);
    let after = answers(&pool, &[order(2, early), discount_due(early)]).await;
    assert_eq!(total(&after[0]), 150);
    // The discount of the next day does not end today's.
    let next = discount_due(at(DAY_S));
    let answers = answers(&pool, &[next, order(3, early)]).await;
    assert_eq!(total(&answers[1]), 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_earliest_discount_of_a_day_stays_and_a_late_tick_of_yesterday_does_not_matter() {
    let pool = bakery().await;
    bake(&pool, "bread", 5, 0, 1).await;
    discount(&pool, at(100 - DAY_S)).await;
    assert_eq!(price(&pool, 1, at(150)).await, 300, "yesterday's discount is still on");
    discount(&pool, at(200)).await;
    discount(&pool, at(300)).await;
    assert_eq!(price(&pool, 2, at(250)).await, 150, "the later tick took the discount away");
    discount(&pool, at(100)).await;
    assert_eq!(price(&pool, 3, at(150)).await, 150);
    discount(&pool, at(50 - DAY_S)).await;
    assert_eq!(price(&pool, 4, at(150)).await, 150, "yesterday's tick ended today's discount");
    assert_eq!(price(&pool, 5, at(100) - instant()).await, 300);
}

/// Closes the day of `at(0)`, a Friday, at another time; gives it a rest where there is none.
async fn close_friday(pool: &Pool, close: Option<&str>) {
    let mut put = put_branch("main", "UTC", "EUR");
    put.hours.fri = close.map(|close| span("07:00", close));
    message::write(pool, PutBranchWriter, put, at(0)).await.0.expect("put");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discount_does_not_move_to_the_next_day_when_its_own_is_made_shorter() {
    let pool = bakery().await;
    let from = at(CLOSES_S - 1800);
    message::sent(&pool, Shelf, &scheduled_discount_due(from)).await;
    bake(&pool, "bread", 1, CLOSES_S - 1800, 1).await;
    assert_eq!(price(&pool, 1, from).await, 150);
    for (order, close) in [(2, Some("17:30")), (3, None)] {
        close_friday(&pool, close).await;
        bake(&pool, "bread", 1, DAY_S, order).await;
        assert_eq!(price(&pool, order, at(DAY_S)).await, 300, "{close:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_discount_of_a_day_that_is_over_begins_nothing_and_says_nothing() {
    let pool = bakery().await;
    for (n, close) in [(1_i64, Some("13:00")), (2, None)] {
        close_friday(&pool, close).await;
        let tick = |second| scheduled_discount_due(at(CLOSES_S - 1800 + 2 * n + second));
        assert_eq!(message::sent(&pool, Shelf, &tick(0)).await, [], "{close:?}");
        let order = n.cast_unsigned();
        bake(&pool, "bread", 1, DAY_S, order).await;
        // In one batch with the order, too.
        let batch = [reserve_at(order, &[line("bread", 1)], at(DAY_S)), tick(1)];
        let outcomes = message::handle(&pool, Shelf, &batch).await;
        let Outcome::Send(wires) = &outcomes[0] else { panic!("{outcomes:?}") };
        assert_eq!(message::body::<Reserved>(&wires[0]).total, 300, "{close:?}");
    }
    discount(&pool, at(CLOSES_S - 1800)).await;
    bake(&pool, "bread", 1, DAY_S, 3).await;
    assert_eq!(price(&pool, 3, at(DAY_S)).await, 150, "a person means the day that comes");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_day_that_is_over_is_sold_even_before_it_is_thrown_out() {
    let pool = bakery().await;
    bake(&pool, "bread", 2, CLOSES_S - 10, 1).await;
    bake(&pool, "bread", 1, CLOSES_S, 2).await;
    let last = reserve_at(1, &[line("bread", 2)], at(CLOSES_S) - instant());
    let refused = reserve_at(2, &[line("bread", 3)], at(CLOSES_S) - instant());
    let refused: ReserveRefused = message::body(&message::sent(&pool, Shelf, &refused).await[0]);
    assert_eq!(refused.missing[0].available, 2, "something of tomorrow was sold");
    let late = reserve_at(3, &[line("bread", 2)], at(CLOSES_S));
    let refused: ReserveRefused = message::body(&message::sent(&pool, Shelf, &late).await[0]);
    assert_eq!(refused.missing[0].available, 1, "something of yesterday was sold");
    let held: Reserved = message::body(&message::sent(&pool, Shelf, &last).await[0]);
    assert!(held.lines[0].units.iter().all(|unit| unit.baked_at == at(CLOSES_S - 10)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_throws_out_what_is_free_of_its_day_and_reports_it() {
    let pool = bakery().await;
    bake(&pool, "bread", 3, CLOSES_S - 10, 1).await;
    bake(&pool, "donut", 1, CLOSES_S - SHELF_LIFE_S - 10, 1).await;
    message::sent(&pool, Shelf, &reserve(1, &[line("bread", 1)], CLOSES_S - 5)).await;
    // Baked in the very second of closing: the first of the next day.
    bake(&pool, "bread", 5, CLOSES_S, 2).await;
    let sweep = message::sent(&pool, Shelf, &sweep_due(at(CLOSES_S - 1))).await;
    assert_eq!(message::body::<Swept>(&sweep[0]).lines, [line("donut", 1)]);
    assert!(!report(&pool, "main", date(0)).await.closed);

    let closed = close(&pool, at(CLOSES_S)).await;
    assert_eq!((closed.day.date, closed.day.currency.as_str()), (date(0), "EUR"));
    let reply = report(&pool, "main", date(0)).await;
    assert!(reply.closed);
    assert_eq!(closed.day, reply.day);
    let (bread, donut) = (line_of(&reply, "bread"), line_of(&reply, "donut"));
    assert_eq!((bread.baked, bread.thrown, bread.reserved, bread.free), (3, 2, 1, 0));
    assert_eq!((donut.baked, donut.stale, donut.thrown), (1, 1, 0));
    assert_eq!(units(&pool, "free").await, 5, "something of tomorrow was thrown out");
    assert!(!report(&pool, "main", date(1)).await.closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_a_microsecond_early_leaves_the_day_alone() {
    let pool = bakery().await;
    bake(&pool, "bread", 3, CLOSES_S - 10, 1).await;
    let early = close(&pool, at(CLOSES_S) - instant()).await;
    assert_eq!((early.day.date, units(&pool, "free").await), (date(-1), 3));
    assert!(!report(&pool, "main", date(0)).await.closed);
    close(&pool, at(CLOSES_S)).await;
    assert_eq!((units(&pool, "free").await, units(&pool, "thrown").await), (0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_stale_at_closing_is_swept_and_not_thrown_out_in_the_same_batch() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, CLOSES_S - SHELF_LIFE_S, 1).await;
    bake(&pool, "bread", 1, CLOSES_S - SHELF_LIFE_S + 1, 2).await;
    let wires = [closing_due(at(CLOSES_S)), sweep_due(at(CLOSES_S))];
    let answers = answers(&pool, &wires).await;
    let closed: DayClosed = message::body(&answers[0]);
    assert_eq!((closed.day.lines[0].stale, closed.day.lines[0].thrown), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_as_long_as_two_days_closes_both() {
    let pool = bakery().await;
    let wires = [
        closing_due(at(CLOSES_S + DAY_S)),
        bake_due("bread", 2, at(CLOSES_S + DAY_S - 1), 2),
        closing_due(at(CLOSES_S)),
        bake_due("bread", 1, at(CLOSES_S - 1), 1),
        opening_due(at(DAY_S - 3600)),
    ];
    let answers = answers(&pool, &wires).await;
    for (n, day, thrown) in [(2, date(0), 1), (0, date(1), 2)] {
        let closed: DayClosed = message::body(&answers[n]);
        assert_eq!((closed.day.date, closed.day.lines[0].thrown), (day, thrown));
    }
    // A late closing of the day before does not take anything back.
    close(&pool, at(CLOSES_S - DAY_S)).await;
    assert!(report(&pool, "main", date(1)).await.closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_closing_says_the_same_and_throws_nothing_more() {
    let pool = bakery().await;
    bake(&pool, "bread", 1, CLOSES_S - 10, 1).await;
    let tick = closing_due(at(CLOSES_S));
    let first = message::sent(&pool, Shelf, &tick).await;
    bake(&pool, "bread", 1, CLOSES_S - 5, 2).await;
    let second = message::sent(&pool, Shelf, &tick).await;
    assert_eq!(first[0].payload, second[0].payload);
    assert_eq!((units(&pool, "thrown").await, units(&pool, "free").await), (1, 1));
    close(&pool, at(CLOSES_S + DAY_S)).await;
    assert_eq!(units(&pool, "thrown").await, 2, "the late batch outlived a second closing");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_branches_in_different_zones_do_not_touch_each_other() {
    let pool = bakery().await;
    open(&pool, "tokyo", "Asia/Tokyo", "JPY").await;
    // 17:59 in Tokyo, 08:59 in UTC.
    let closes = at(3600);
    bake(&pool, "bread", 2, 3500, 1).await;
    let tokyo = at_branch("tokyo", bake_due("bread", 3, at(3500), 2));
    message::sent(&pool, Shelf, &tokyo).await;
    message::sent(&pool, Shelf, &at_branch("tokyo", discount_due(at(3550)))).await;
    assert_eq!(price(&pool, 1, at(3560)).await, 300, "the discount of another branch");
    let order = at_branch("tokyo", reserve(2, &[line("bread", 1)], 3560));
    assert_eq!(message::body::<Reserved>(&message::sent(&pool, Shelf, &order).await[0]).total, 150);

    let closed = message::sent(&pool, Shelf, &at_branch("tokyo", closing_due(closes))).await;
    let closed: DayClosed = message::body(&closed[0]);
    assert_eq!((closed.day.date, closed.day.currency.as_str()), (date(0), "JPY"));
    assert_eq!((closed.day.lines[0].thrown, closed.day.lines[0].reserved), (2, 1));
    let bread = line_of(&report(&pool, "main", date(0)).await, "bread");
    assert_eq!((bread.baked, bread.free, bread.reserved), (2, 1, 1));
    // The same moment is tomorrow there and today here.
    let late = at_branch("tokyo", bake_due("bread", 1, closes, 3));
    message::sent(&pool, Shelf, &late).await;
    assert_eq!(line_of(&report(&pool, "tokyo", date(1)).await, "bread").baked, 1);
    message::sent(&pool, Shelf, &closing_due(at(CLOSES_S))).await;
    assert_eq!(line_of(&report(&pool, "tokyo", date(1)).await, "bread").free, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_never_opens_reports_the_date_it_has() {
    let pool = bakery().await;
    database::execute(&pool, "UPDATE branch SET hours = '{}'").await;
    bake(&pool, "bread", 1, 0, 1).await;
    let closed = close(&pool, at(10)).await;
    assert_eq!((closed.day.date, closed.day.lines[0].free), (date(0), 1));
    assert!(!report(&pool, "main", date(0)).await.closed);
    assert_eq!(close(&pool, at(DAY_S)).await.day.date, date(1));
    assert_eq!(units(&pool, "thrown").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_turns_of_an_unknown_branch_are_dead_letters() {
    let pool = bakery().await;
    for tick in [opening_due(at(0)), discount_due(at(0)), closing_due(at(0))] {
        let reason = message::dead(&pool, Shelf, &at_branch("nowhere", tick)).await;
        assert_eq!(reason, "there is no such branch");
    }
}
