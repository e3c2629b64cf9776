//! The clock: what an order waits for is asked again, until it is answered or the time is over.

use crate::owed::Hand;
use crate::{
    PRICE, answer, charged, drive, drive_after, due, happen, order_id, place, reach, records, said,
    shop, stored, tell, time_is_over, way_to, wish, writer,
};
use bakery_nats::Pool;
use bakery_nats::envelope::{CORRELATION_ID, Wire};
use bakery_nats::messages::bank::Refunded;
use bakery_nats::messages::inventory::Released;
use bakery_nats::messages::orders::OrderChanged;
use bakery_orders::redrive;
use bakery_orders::saga::{Event, State, Undone};
use bakery_testbed::{at, database, message};
use diesel_async::SimpleAsyncConnection;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The commands among some messages, without their attempts: subject and body.
fn commands(wires: &[Wire]) -> Vec<(String, Vec<u8>)> {
    let is_command = |wire: &&Wire| wire.subject.starts_with("bakery.cmd.");
    let plain = |wire: &Wire| (wire.subject.clone(), wire.payload.to_vec());
    wires.iter().filter(is_command).map(plain).collect()
}

/// Milliseconds of the database's clock.
async fn clock_ms(pool: &Pool) -> i64 {
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS number";
    database::number(pool, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_order_is_asked_again_with_a_higher_attempt_and_a_fresh_id_each_time() {
    let pool = shop().await;
    let first = place(&pool, 1).await;
    let mut ids = HashSet::from([first[1].message_id().to_owned()]);
    for attempt in 2..=4 {
        due(&pool, &[1]).await;
        let again = drive(&pool).await;
        assert_eq!(said(&again), [format!("cmd.inventory.main.reserve {attempt}")]);
        assert_eq!(again[0].payload, first[1].payload, "another question");
        assert_eq!(again[0].header(CORRELATION_ID), Some(order_id(1).to_string().as_str()));
        assert!(ids.insert(again[0].message_id().to_owned()), "the stream would swallow it");
        assert_eq!(stored(&pool, 1).await.attempt, attempt);
        assert_eq!(records(&pool, 1, &format!("again-placed-{attempt}")).await, 1);
    }
    assert_eq!(stored(&pool, 1).await.version, 1, "asking again is no change of the order");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_due_orders_are_driven_the_longest_waiting_first() {
    let pool = shop().await;
    for order in 1..=4 {
        place(&pool, order).await;
    }
    due(&pool, &[1, 3, 4]).await;
    let longest = format!(
        "UPDATE orders SET due_at = due_at - interval '1 minute' WHERE id = '{}'",
        order_id(3)
    );
    database::execute(&pool, &longest).await;
    let driven: Vec<String> = (drive(&pool).await.iter())
        .map(|wire| wire.header(CORRELATION_ID).unwrap().to_owned())
        .collect();
    assert_eq!(driven.len(), 3);
    assert_eq!(driven[0], order_id(3).to_string());
    assert!(!driven.contains(&order_id(2).to_string()), "an order was driven before its time");
    assert!(drive(&pool).await.is_empty(), "an order was driven twice at one deadline");
}

/// Where rows lie in their table depends on updates and vacuums; what is sent does not.
#[tokio::test(flavor = "multi_thread")]
async fn orders_that_are_due_at_the_same_time_are_driven_in_the_order_of_their_ids() {
    let pool = shop().await;
    let mut orders = [1, 2, 3, 4, 5];
    orders.sort_by_key(|order| order_id(*order));
    for order in orders.into_iter().rev() {
        place(&pool, order).await;
    }
    due(&pool, &orders).await;
    let driven = drive(&pool).await;
    let driven: Vec<_> = driven.iter().map(|wire| wire.header(CORRELATION_ID).unwrap()).collect();
    assert_eq!(driven, orders.map(|order| order_id(order).to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pauses_are_2_5_15_and_48_seconds_and_up_to_a_quarter_more() {
    let pool = shop().await;
    let sql = "SELECT (extract(epoch FROM due_at) * 1000)::bigint AS number FROM orders";
    let mut before = clock_ms(&pool).await;
    place(&pool, 1).await;
    for pause_ms in [2000, 5000, 15_000, 48_000, 48_000] {
        let after = clock_ms(&pool).await;
        let due_at = database::number(&pool, sql).await;
        // A millisecond for the rounding.
        let range = before + pause_ms - 1..=after + pause_ms * 5 / 4 + 1;
        assert!(range.contains(&due_at), "{due_at} is not in {range:?}");
        due(&pool, &[1]).await;
        before = clock_ms(&pool).await;
        drive(&pool).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_every_waiting_state_the_order_repeats_what_it_waits_for_and_in_no_other() {
    let pool = shop().await;
    for (order, state) in (1..).zip(State::ALL) {
        let mut asked = commands(&place(&pool, order).await);
        for event in way_to(state) {
            let sent = commands(&happen(&pool, order, event).await);
            if !sent.is_empty() {
                asked = sent;
            }
        }
        let half = match state {
            State::GivingUp(undone) | State::Returning(undone) => undone,
            _ => Undone::default(),
        };
        asked.retain(|(subject, _)| {
            !(half.money && subject.contains(".bank.") || half.goods && !subject.contains(".bank."))
        });
        let row = stored(&pool, order).await;
        if !row.open {
            asked.clear();
        }
        let waits = !state.asks().is_empty();
        assert_eq!((row.open, row.state.as_str()), (waits, state.as_str()));
        due(&pool, &[order]).await;
        let again = drive(&pool).await;
        assert_eq!(commands(&again), asked, "{state:?}");
        assert!(again.iter().all(|wire| wire.message_id().ends_with(":cmd:2")), "{state:?}");
        assert_eq!(stored(&pool, order).await.attempt, if waits { 2 } else { 1 }, "{state:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_question_begins_with_its_first_attempt() {
    let pool = shop().await;
    place(&pool, 1).await;
    for _ in 0..3 {
        due(&pool, &[1]).await;
        drive(&pool).await;
    }
    let sent = happen(&pool, 1, Event::Reserved).await;
    assert_eq!(said(&sent), ["evt.orders.main.reserved 1", "cmd.bank.main.charge 1"]);
    due(&pool, &[1]).await;
    assert_eq!(said(&drive(&pool).await), ["cmd.bank.main.charge 2"]);
    happen(&pool, 1, Event::Cancel).await;
    due(&pool, &[1]).await;
    let both = ["cmd.inventory.main.release 2", "cmd.bank.main.refund 2"];
    assert_eq!(said(&drive(&pool).await), both);
    happen(&pool, 1, Event::Refunded).await;
    due(&pool, &[1]).await;
    // It was asked twice before, so the third time is the next: the id must be a fresh one.
    assert_eq!(said(&drive(&pool).await), ["cmd.inventory.main.release 3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_paid_in_time_gives_up_both_ways_whatever_may_have_happened() {
    let pool = shop().await;
    for (order, state) in [(1, State::Placed), (2, State::Reserved)] {
        reach(&pool, order, state).await;
        time_is_over(&pool, order).await;
        let sent = drive(&pool).await;
        let expected = [
            "evt.orders.main.cancelled 1",
            "cmd.inventory.main.release 1",
            "cmd.bank.main.refund 1",
        ];
        assert_eq!(said(&sent), expected, "{state:?}");
        let news: OrderChanged = serde_json::from_slice(&sent[0].payload).unwrap();
        assert_eq!(news.reason.expect("a reason").code, "timed_out");
        let row = stored(&pool, order).await;
        assert_eq!((row.state.as_str(), row.open), ("giving_up", true));
        assert_eq!(records(&pool, order, "give-up").await, 1);
        // Nobody answers: both are asked again, and it does not give up twice.
        due(&pool, &[order]).await;
        let both = ["cmd.inventory.main.release 2", "cmd.bank.main.refund 2"];
        assert_eq!(said(&drive(&pool).await), both);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_gave_up_ends_with_the_tombstones_and_what_comes_late_is_ignored() {
    let pool = shop().await;
    reach(&pool, 1, State::Reserved).await;
    time_is_over(&pool, 1).await;
    drive(&pool).await;
    assert!(tell(&pool, &charged(1)).await.is_empty(), "the bank's late answer counted");
    // Neither had anything to undo, or not any more: that is success.
    let nothing = Released { order_id: order_id(1), units: 0 };
    assert!(tell(&pool, &nothing).await.is_empty());
    let given_back = Refunded { order_id: order_id(1), account_id: crate::ada(), amount: PRICE };
    assert!(tell(&pool, &given_back).await.is_empty());
    let row = stored(&pool, 1).await;
    assert_eq!((row.state.as_str(), row.open), ("cancelled", false));
    assert_eq!(row.reason_code.as_deref(), Some("timed_out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_pivot_no_time_is_ever_over() {
    let pool = shop().await;
    for (order, state, asked) in [
        (1, State::Charged, "cmd.inventory.main.confirm 2"),
        (2, State::Releasing, "cmd.inventory.main.release 2"),
    ] {
        reach(&pool, order, state).await;
        time_is_over(&pool, order).await;
        assert_eq!(said(&drive(&pool).await), [asked]);
        assert_eq!(stored(&pool, order).await.state, state.as_str());
    }
    reach(&pool, 3, State::Confirmed).await;
    time_is_over(&pool, 3).await;
    assert!(drive(&pool).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_for_being_paid_is_what_the_service_was_told() {
    let pool = shop().await;
    for (order, give_up_after_s, asked) in
        [(1, 0.0, "evt.orders.main.cancelled 1"), (2, 3600.0, "cmd.inventory.main.reserve 2")]
    {
        let writer = writer(&pool, give_up_after_s);
        message::write(&pool, writer, wish(order), at(10)).await.0.expect("accepted");
        due(&pool, &[order]).await;
        assert_eq!(said(&drive(&pool).await)[0], asked);
    }
}

/// An order whose time and deadline passed long ago.
async fn forgotten(pool: &Pool, order: u64) {
    let sql = format!(
        "UPDATE orders SET give_up_at = clock_timestamp() - interval '1 day',
                           due_at = clock_timestamp() - interval '1 day' WHERE id = '{}'",
        order_id(order)
    );
    database::execute(pool, &sql).await;
}

/// Its service was away for a while, or its database is that of yesterday: everybody else has done
/// their part.
#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_an_order_is_asked_again_and_goes_on_with_what_was_done() {
    let pool = shop().await;
    for (order, state, asked) in [
        (1, State::Placed, "cmd.inventory.main.reserve 2"),
        (2, State::Reserved, "cmd.bank.main.charge 2"),
    ] {
        reach(&pool, order, state).await;
        forgotten(&pool, order).await;
        assert_eq!(said(&drive_after(&pool, Duration::ZERO).await), [asked]);
        for event in [Event::Reserved, Event::Charged, Event::Sold] {
            // Each answer needs longer than it should, and nobody gives up meanwhile.
            due(&pool, &[order]).await;
            let again = said(&drive(&pool).await);
            assert!(again.len() == 1 && again[0].starts_with("cmd."), "{again:?}");
            if event != Event::Reserved || state == State::Placed {
                happen(&pool, order, event).await;
            }
        }
        assert_eq!(stored(&pool, order).await.state, "confirmed");
        assert_eq!(records(&pool, order, "give-up").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_answer_after_an_outage_either_is_given_up_half_a_minute_later() {
    let pool = shop().await;
    reach(&pool, 1, State::Reserved).await;
    forgotten(&pool, 1).await;
    let before = clock_ms(&pool).await;
    assert_eq!(said(&drive_after(&pool, Duration::ZERO).await), ["cmd.bank.main.charge 2"]);
    let sql = "SELECT (extract(epoch FROM give_up_at) * 1000)::bigint AS number FROM orders";
    let range = before + 29_999..=clock_ms(&pool).await + 30_001;
    let give_up_at = database::number(&pool, sql).await;
    assert!(range.contains(&give_up_at), "{give_up_at} is not in {range:?}");
    time_is_over(&pool, 1).await;
    assert_eq!(said(&drive(&pool).await)[0], "evt.orders.main.cancelled 1");
}

/// For the first half minute answers may lie unread.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_was_watched_if_it_passed_half_a_minute_after_the_clock_began_to_look() {
    let pool = shop().await;
    for (order, watched_s, said_first) in [
        (1, 0, "cmd.inventory.main.reserve 2"),
        (2, 29, "cmd.inventory.main.reserve 2"),
        (3, 3600, "evt.orders.main.cancelled 1"),
    ] {
        place(&pool, order).await;
        time_is_over(&pool, order).await;
        let sent = drive_after(&pool, Duration::from_secs(watched_s)).await;
        assert_eq!(said(&sent)[0], said_first, "watched for {watched_s} s");
    }
    // Enough time is left: an outage takes none away, and adds none.
    place(&pool, 4).await;
    let sql = format!(
        "SELECT (extract(epoch FROM give_up_at) * 1000)::bigint AS number FROM orders
         WHERE id = '{}'",
        order_id(4)
    );
    let give_up_at = database::number(&pool, &sql).await;
    due(&pool, &[4]).await;
    assert_eq!(said(&drive_after(&pool, Duration::ZERO).await).len(), 1);
    assert_eq!(database::number(&pool, &sql).await, give_up_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_has_just_begun_to_look_asks_first() {
    let pool = shop().await;
    reach(&pool, 1, State::Reserved).await;
    forgotten(&pool, 1).await;
    let (hand, mut heard) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let clock = Arc::new(|| at(100));
    let run = tokio::spawn(redrive::run(pool, Arc::new(Hand(hand)), clock, stop.clone()));
    let sent = heard.recv().await.expect("a round that sends");
    assert_eq!(said(&sent), ["cmd.bank.main.charge 2"]);
    stop.cancel();
    run.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_any_attempt_is_the_answer() {
    let pool = shop().await;
    place(&pool, 1).await;
    due(&pool, &[1]).await;
    drive(&pool).await;
    // The first attempt's answer comes after the second was asked.
    let sent = message::sent(&pool, bakery_orders::Saga, &answer(1, Event::Reserved)).await;
    assert_eq!(said(&sent), ["evt.orders.main.reserved 1", "cmd.bank.main.charge 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_somebody_works_on_is_left_alone_and_a_damaged_one_holds_up_nobody() {
    let pool = shop().await;
    for order in 1..=3 {
        place(&pool, order).await;
    }
    due(&pool, &[1, 2, 3]).await;
    let damage = format!("UPDATE orders SET state = 'lost' WHERE id = '{}'", order_id(3));
    database::execute(&pool, &damage).await;
    let mut conn = pool.get().await.unwrap();
    let lock = format!("BEGIN; SELECT 1 FROM orders WHERE id = '{}' FOR UPDATE", order_id(1));
    conn.batch_execute(&lock).await.unwrap();
    let driven: Vec<Option<String>> = (drive(&pool).await.iter())
        .map(|wire| wire.header(CORRELATION_ID).map(ToOwned::to_owned))
        .collect();
    assert_eq!(driven, [Some(order_id(2).to_string())]);
    conn.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(said(&drive(&pool).await), ["cmd.inventory.main.reserve 2"]);
}

/// Longer than looks may be apart (`watch.rs`).
const AWAY: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_takes_too_long_gives_nothing_up() {
    let pool = shop().await;
    place(&pool, 1).await;
    time_is_over(&pool, 1).await;
    let mut away = pool.get().await.unwrap();
    let lock = "BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE";
    away.batch_execute(lock).await.unwrap();
    let watched = Duration::from_secs(3600);
    let look = tokio::spawn(redrive::round(pool.clone(), at(0), watched));
    tokio::time::sleep(AWAY).await;
    away.batch_execute("COMMIT").await.unwrap();
    assert!(look.await.unwrap().is_err(), "nobody watched while the database was away");
    assert_eq!(records(&pool, 1, "give-up").await, 0);
    drop(away);
    redrive::round(pool.clone(), at(0), watched).await.unwrap();
    assert_eq!(records(&pool, 1, "give-up").await, 1, "a look in time gives up");
}
