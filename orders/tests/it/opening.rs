//! Hours: when a branch takes orders, and which of its days an order belongs to.

use crate::{
    branch_in, changed, happen, line, order_id, orders, place_at, records, shop, tell, wish,
};
use bakery_nats::Pool;
use bakery_nats::branch::Branch;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::orders::{Order, Place};
use bakery_orders::saga::Event;
use bakery_testbed::{database, id};
use chrono::{DateTime, TimeDelta, Utc};

const WORKDAY: (&str, &str) = ("07:00", "18:00");
const ALL_DAY: (&str, &str) = ("00:00", "24:00");

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A shop of these branches, each with bread.
async fn branches(those: &[Branch]) -> Pool {
    let pool = shop().await;
    for branch in those {
        tell(&pool, &changed(2, branch)).await;
        let bread = format!(
            "INSERT INTO known_product VALUES ('{}', 'bread') ON CONFLICT DO NOTHING",
            branch.id
        );
        database::execute(&pool, &bread).await;
    }
    pool
}

fn bread_at(order: u64, branch: &str) -> Place {
    let key = format!("key {order}");
    Place {
        branch: branch.parse().unwrap(),
        idempotency_key: Some(key),
        items: vec![line("bread", 1)],
        ..wish(order)
    }
}

async fn place_one(pool: &Pool, place: Place, at: DateTime<Utc>) -> Result<Order, Refusal> {
    place_at(pool, &[place], at).await.replies.remove(0)
}

fn closed(reply: Result<Order, Refusal>) -> (String, Option<DateTime<Utc>>) {
    let refusal = reply.expect_err("accepted");
    assert_eq!((refusal.status, refusal.code.as_str()), (409, "branch_closed"));
    assert!(refusal.errors.is_empty());
    (refusal.detail, refusal.retry_at)
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_taken_from_opening_until_the_last_microsecond_before_closing() {
    let pool = branches(&[branch_in("main", "Europe/Berlin", WORKDAY)]).await;
    let (open, close) = (time("2026-11-24T06:00:00Z"), time("2026-11-24T17:00:00Z"));
    let instant = TimeDelta::microseconds(1);
    let early = closed(place_one(&pool, bread_at(1, "main"), open - instant).await);
    let words = "Bakery main is closed; it opens on Tue 24 Nov 2026 at 07:00 (Europe/Berlin)";
    assert_eq!(early, (words.to_owned(), Some(open)));
    let late = closed(place_one(&pool, bread_at(1, "main"), close).await);
    let words = "Bakery main is closed; it opens on Wed 25 Nov 2026 at 07:00 (Europe/Berlin)";
    assert_eq!(late, (words.to_owned(), Some(open + TimeDelta::days(1))));
    assert_eq!((orders(&pool).await, records(&pool, 1, "place").await), (0, 0));

    // What was refused is not kept under its key: the same request is an order once it is open.
    let first = place_one(&pool, bread_at(1, "main"), open).await.expect("accepted");
    let last = place_one(&pool, bread_at(2, "main"), close - instant).await.expect("accepted");
    assert_eq!((first.number.as_str(), last.number.as_str()), ("001", "002"));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_day_of_rest_nothing_is_taken_and_the_next_day_of_work_is_named() {
    let mut main = branch_in("main", "Europe/Berlin", WORKDAY);
    (main.hours.sat, main.hours.sun) = (None, None);
    let pool = branches(&[main]).await;
    let (detail, retry_at) =
        closed(place_one(&pool, bread_at(1, "main"), time("2026-11-28T10:00:00Z")).await);
    assert!(detail.ends_with("it opens on Mon 30 Nov 2026 at 07:00 (Europe/Berlin)"), "{detail}");
    assert_eq!(retry_at, Some(time("2026-11-30T06:00:00Z")));
    place_one(&pool, bread_at(1, "main"), retry_at.unwrap()).await.expect("accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_branches_in_three_zones_at_one_moment_the_open_one_takes_its_orders() {
    let york = Branch { closed: true, ..branch_in("york", "America/New_York", WORKDAY) };
    let pool = branches(&[
        branch_in("main", "Europe/Berlin", WORKDAY),
        branch_in("tokyo", "Asia/Tokyo", WORKDAY),
        york,
    ])
    .await;
    // 15:00 in Berlin, 23:00 in Tokyo, 09:00 in New York.
    let at = time("2026-11-24T14:00:00Z");
    let wishes =
        [bread_at(1, "tokyo"), bread_at(2, "main"), bread_at(3, "york"), bread_at(4, "main")];
    let mut replies = place_at(&pool, &wishes, at).await.replies;
    assert_eq!(replies.remove(3).expect("accepted").number, "002");
    let by_hand = closed(replies.remove(2));
    assert_eq!(by_hand, ("Bakery york is closed until further notice".to_owned(), None));
    assert_eq!(replies.remove(1).expect("accepted").number, "001");
    let (detail, retry_at) = closed(replies.remove(0));
    assert!(detail.ends_with("it opens on Wed 25 Nov 2026 at 07:00 (Asia/Tokyo)"), "{detail}");
    assert_eq!(retry_at, Some(time("2026-11-24T22:00:00Z")));
    assert_eq!(orders(&pool).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_count_on_each_business_day_of_each_branch_in_its_own_zone() {
    let pool = branches(&[
        branch_in("main", "Europe/Berlin", ALL_DAY),
        branch_in("york", "America/New_York", ALL_DAY),
        branch_in("tokyo", "Asia/Tokyo", WORKDAY),
    ])
    .await;
    // The last second of the 24th in Berlin, and the first of the 25th; then midnight in New York.
    // In Tokyo it is the morning of the 25th all the time.
    let moments = [
        ("2026-11-24T22:59:59Z", "2026-11-24", "2026-11-24", ["001", "001", "001"]),
        ("2026-11-24T23:00:00Z", "2026-11-25", "2026-11-24", ["001", "002", "002"]),
        ("2026-11-25T05:00:00Z", "2026-11-25", "2026-11-25", ["002", "001", "003"]),
    ];
    for (n, (at, in_berlin, in_york, expected)) in (0..).zip(moments) {
        let wishes =
            [bread_at(n * 3, "main"), bread_at(n * 3 + 1, "york"), bread_at(n * 3 + 2, "tokyo")];
        let placed = place_at(&pool, &wishes, time(at)).await.replies;
        let numbers: Vec<String> =
            placed.into_iter().map(|reply| reply.expect("accepted").number).collect();
        assert_eq!(numbers, expected, "{at}");
        for (order, day) in [(n * 3, in_berlin), (n * 3 + 1, in_york), (n * 3 + 2, "2026-11-25")] {
            let on_day = format!(
                "SELECT count(*) AS number FROM orders WHERE id = '{}' AND day = '{day}'",
                order_id(order)
            );
            assert_eq!(database::number(&pool, &on_day).await, 1, "{at}: {order} on {day}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_after_closing_is_the_same_order_and_a_new_one_is_refused() {
    let pool = branches(&[branch_in("main", "Europe/Berlin", WORKDAY)]).await;
    let (open, closing) = (time("2026-11-24T16:59:00Z"), time("2026-11-24T17:00:00Z"));
    place_one(&pool, bread_at(1, "main"), open).await.expect("accepted");
    // The gateway makes a new id for each request.
    let again = Place { order_id: order_id(2), ..bread_at(1, "main") };
    let other = Place { items: vec![line("bread", 2)], ..bread_at(1, "main") };
    let batch = [again, bread_at(3, "main"), other];
    let mut done = place_at(&pool, &batch, closing).await;
    let order = done.replies.remove(0).expect("the same order");
    assert_eq!((order.id, order.created_at), (order_id(1), open));
    closed(done.replies.remove(0));
    assert_eq!(done.replies.remove(0).expect_err("placed").code, "idempotency_key_reused");
    assert_eq!((orders(&pool).await, done.wires.len()), (1, 0));
    // What was accepted goes on behind closed doors.
    for event in [Event::Cancel, Event::Released, Event::Refunded] {
        happen(&pool, 1, event).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_or_unknown_is_told_before_that_it_is_closed() {
    let pool = branches(&[branch_in("main", "Europe/Berlin", WORKDAY)]).await;
    let nobody = Place { account_id: id("account", 9), ..bread_at(1, "main") };
    let none = Place { items: vec![line("bread", 0)], ..bread_at(2, "main") };
    let nowhere = Place { account_id: id("account", 9), ..bread_at(3, "nowhere") };
    let night = time("2026-11-24T22:00:00Z");
    let fields: Vec<Vec<String>> = (place_at(&pool, &[nobody, none, nowhere], night).await.replies)
        .into_iter()
        .map(|reply| reply.expect_err("accepted").errors)
        .map(|errors| errors.into_iter().map(|error| error.field).collect())
        .collect();
    assert_eq!(fields[0], ["account_id"]);
    assert_eq!(fields[1], ["items[0].quantity"]);
    assert_eq!(fields[2], ["branch", "account_id", "items[0].product_id"]);
}
