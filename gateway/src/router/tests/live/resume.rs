//! Going on after a cut, at another gateway, after a restart, and where something was missed.

use super::looker::Looker;
use super::{DISPLAY, House, Stage, stored, within};
use crate::live::Bounds;
use bakery_nats::messages::orders::{OrderRefunded, Status};
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::requests::gateway::Role;
use bakery_nats::topology::{LIVE, STREAM};
use bakery_testbed::{at, id, message};
use serde_json::json;
use std::time::Duration;

/// Both wire forms, behind an event.
async fn both(house: &House, path: &str, last_id: u64) -> [Looker; 2] {
    let (last_id, join) = (last_id.to_string(), if path.contains('?') { '&' } else { '?' });
    // A client that sets a header says there what is newest, whatever its address still says.
    let (old, new) = [1.to_string(), last_id.clone()]
        .map(|last_id| format!("{path}{join}last_event_id={last_id}"))
        .into();
    let header = [("last-event-id", last_id.as_str())];
    [house.sse(&old, &header).await, house.socket(&new, &[]).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_cut_off_hears_what_was_missed_and_nothing_twice() {
    let stage = Stage::open().await;
    let (house, other) =
        (stage.house(Bounds::default()).await, stage.house(Bounds::default()).await);
    let mut looker = house.sse(DISPLAY, &[]).await;
    assert_eq!(looker.told().await.event, "snapshot");
    stage.say(1, Status::Preparing).await;
    let last_id = looker.told().await.id;
    drop(looker);
    stage.say(2, Status::Preparing).await;
    // Nobody but the owner hears of that one, and its number is no gap.
    stage.say(3, Status::Placed).await;
    stage.say(1, Status::Ready).await;
    for house in [&house, &other] {
        let mut newest = house.sse(DISPLAY, &[]).await;
        newest.told().await;
        // From here on this gateway has heard it all.
        stage.say(4 + u64::from(house.addr.port()), Status::Ready).await;
        newest.told().await;
        for mut looker in both(house, DISPLAY, last_id).await {
            for (number, status) in [("002", "preparing"), ("001", "ready")] {
                let told = looker.told().await;
                assert_eq!(told.data, json!({"number": number, "status": status}));
                assert!(told.id > last_id, "the same event twice");
            }
        }
    }
    house.close().await;
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_starts_again_goes_on_where_it_was() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    let mut looker = house.sse(DISPLAY, &[]).await;
    looker.told().await;
    stage.say(1, Status::Preparing).await;
    let last_id = looker.told().await.id;
    let bus = house.app.bus.clone();
    house.close().await;
    bus.close().await;
    // Until the server knows that nobody listens it says the news to nobody, and who comes back has to
    // look anew.
    let stream = stage.shop.bus("operator").await.context.get_stream(STREAM).await.unwrap();
    let begin = std::time::Instant::now();
    while stream.consumer_info(LIVE).await.unwrap().push_bound {
        assert!(begin.elapsed().as_secs() < 30, "somebody listens");
    }
    // Said while nobody listens.
    stage.say(2, Status::Preparing).await;
    let house = stage.house(Bounds::default()).await;
    for mut looker in both(&house, DISPLAY, last_id).await {
        assert_eq!(looker.told().await.data, json!({"number": "002", "status": "preparing"}));
    }
    // Before what this gateway knows: everything anew.
    for mut looker in both(&house, DISPLAY, last_id - 1).await {
        let told = looker.told().await;
        assert_eq!((told.event.as_str(), told.data), ("reset", json!({"orders": []})));
    }
    // Of a log that was longer than this one is.
    for mut looker in both(&house, DISPLAY, 1_000_000).await {
        assert_eq!(looker.told().await.event, "reset");
    }
    house.close().await;
}

/// The server says the news anew, so their turns do not follow each other.
#[tokio::test(flavor = "multi_thread")]
async fn where_something_was_missed_everybody_looks_anew() {
    let stage = Stage::open().await;
    // The snapshot from before is young enough, but nothing goes on from it.
    let bounds = Bounds { snapshot_life: Duration::from_secs(600), ..Bounds::default() };
    let house = stage.house(bounds).await;
    let mut lookers = [house.sse(DISPLAY, &[]).await, house.socket(DISPLAY, &[]).await];
    for looker in &mut lookers {
        looker.told().await;
    }
    stage.say(1, Status::Preparing).await;
    for looker in &mut lookers {
        looker.told().await;
    }
    let board = json!({"orders": [{"order_id": bakery_testbed::id("order", 1), "number": "001", "status": "ready"}]});
    stage.shop.says("orders.board", board);
    let stream = house.app.bus.context.get_stream(STREAM).await.unwrap();
    stream.reset_consumer(LIVE, Some(2)).await.unwrap();
    stage.say(1, Status::Ready).await;
    for looker in &mut lookers {
        let told = looker.told().await;
        assert_eq!(told.event, "reset");
        assert_eq!(told.data, json!({"orders": [{"number": "001", "status": "ready"}]}));
    }
    // What the board shows already is no news. What it does not know is said when both look on again: a
    // snapshot after it is not followed by it.
    stage.say(2, Status::Ready).await;
    for looker in &mut lookers {
        assert_eq!(looker.told().await.data, json!({"number": "002", "status": "ready"}));
    }
    house.close().await;
}

/// The desks of the owners are gone with the bus; who looks on needs none where nothing was missed.
#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_comes_back_goes_on_where_it_was() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    let mut lookers = [house.sse(DISPLAY, &[]).await, house.socket(DISPLAY, &[]).await];
    for looker in &mut lookers {
        looker.told().await;
    }
    stage.say(1, Status::Preparing).await;
    for looker in &mut lookers {
        looker.told().await;
    }
    stage.shop.restart_bus().await;
    stage.say_again(2, Status::Preparing).await;
    stage.say_again(1, Status::Ready).await;
    for looker in &mut lookers {
        for expected in [("002", "preparing"), ("001", "ready")] {
            let told = looker.told().await;
            // What the bus said twice, or not for certain, makes everybody look anew.
            if told.event == "reset" {
                println!("everybody looks anew");
                break;
            }
            let (number, status) = expected;
            assert_eq!(told.data, json!({"number": number, "status": status}));
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_come_between_the_snapshot_and_the_first_event_are_not_lost() {
    let stage = Stage::open().await;
    let bounds = Bounds { snapshot_life: Duration::from_secs(600), ..Bounds::default() };
    let house = stage.house(bounds).await;
    // The snapshot is kept; the second looker gets the same one, and what came since.
    let mut first = house.sse(DISPLAY, &[]).await;
    let told = first.told().await;
    stage.say(1, Status::Preparing).await;
    first.told().await;
    let mut second = within(house.sse(DISPLAY, &[])).await;
    let (snapshot, next) = (second.told().await, second.told().await);
    assert_eq!((snapshot.event.as_str(), snapshot.data), ("snapshot", told.data));
    assert_eq!(next.data, json!({"number": "001", "status": "preparing"}));
    house.close().await;
}

/// The bank has paid the first refund, and its event is still on the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_the_snapshot_shows_as_paid_is_not_told_again() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    let refund = |n: u64, state: &str| {
        json!({"id": id("refund", n), "lines": [], "amount": 150, "reason": "burnt",
               "state": state, "made_at": at(0), "paid_at": null})
    };
    let mut order = stored("orders.order.reply");
    order["id"] = json!(id("order", 1));
    order["refunds"] = json!([refund(1, "paid"), refund(2, "asked")]);
    stage.shop.says("orders.order", order);
    let (_, token) = house.person(Role::Kitchen).await;
    let path = format!("/api/v1/orders/{}/live", id("order", 1));
    let bearer = format!("Bearer {token}");
    let mut looker = house.sse(&path, &[("authorization", &bearer)]).await;
    assert_eq!(looker.told().await.event, "snapshot");
    for n in [1, 2] {
        let refunded = OrderRefunded {
            order_id: id("order", 1),
            number: "007".to_owned(),
            account_id: id("account", 1),
            refund_id: id("refund", n),
            amount: 150,
            currency: "EUR".to_owned().try_into().unwrap(),
            reason: "burnt".to_owned(),
        };
        let stream = Stream { context: stage.orders.context.clone() };
        stream.publish(vec![message::wire("orders", &refunded, at(0))]).await.expect("stored");
    }
    let told = looker.told().await;
    assert_eq!((told.event.as_str(), &told.data["refund_id"]), ("refund", &json!(id("refund", 2))));
    house.close().await;
}
