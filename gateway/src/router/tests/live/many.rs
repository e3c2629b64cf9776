//! A thousand at once, and one among them that does not read.

use super::looker::{Looker, connect};
use super::{DISPLAY, KITCHEN, Stage, until};
use crate::live::Bounds;
use bakery_nats::messages::orders::Status;
use bakery_nats::requests::gateway::Role;
use std::time::{Duration, Instant};

/// More than there are places for requests: live connections must not hold those.
const CLIENTS: usize = 1100;
const ORDERS: u64 = 20;
const STEPS: [Status; 3] = [Status::Preparing, Status::Ready, Status::Served];

/// What a client was told of: numbers and statuses, in their order.
async fn all_of(mut looker: Looker, events: usize) -> Vec<(u64, String, String)> {
    assert_eq!(looker.told().await.event, "snapshot");
    let mut heard = Vec::new();
    while heard.len() < events {
        let told = looker.told().await;
        let text = |name: &str| told.data[name].as_str().unwrap().to_owned();
        heard.push((told.id, text("number"), text("status")));
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_hear_everything_once_and_in_order() {
    let stage = Stage::open().await;
    // Who does not read yet while the others come gives no sign of life.
    let bounds = Bounds { heartbeat: Duration::from_secs(600), ..Bounds::default() };
    let house = stage.house(bounds).await;
    let mut cooks = Vec::new();
    for _ in 0..20 {
        cooks.push(format!("Bearer {}", house.person(Role::Kitchen).await.1));
    }
    let (start, mut lookers) = (Instant::now(), Vec::new());
    for n in 0..CLIENTS {
        let cook = [("authorization", cooks[n / 4 % cooks.len()].as_str())];
        let looker = match n % 4 {
            0 => house.sse(DISPLAY, &[]).await,
            1 => house.socket(DISPLAY, &[]).await,
            2 => house.sse(KITCHEN, &cook).await,
            _ => house.socket(KITCHEN, &cook).await,
        };
        lookers.push((n, looker));
    }
    assert_eq!(house.app.live.rooms.taken(), CLIENTS);
    let opened = start.elapsed();
    let events = usize::try_from(ORDERS).unwrap() * STEPS.len();
    let readers: Vec<_> = lookers
        .into_iter()
        .map(|(n, looker)| tokio::spawn(async move { (n, all_of(looker, events).await) }))
        .collect();
    // Plain requests find their places meanwhile.
    let plain = house.sse("/api/v1/orders/x", &[]).await;
    assert_eq!(plain.refused().0, 401);
    let start = Instant::now();
    for step in STEPS {
        let news: Vec<_> = (1..=ORDERS).map(|order| (order, step, 1)).collect();
        stage.say_all(&news).await;
    }
    let mut last_id = 0;
    for reader in readers {
        // Each event has a limit of its own.
        let (n, heard) = reader.await.unwrap();
        assert!(heard.is_sorted_by(|one, next| one.0 < next.0), "client {n} hears out of order");
        last_id = heard.last().unwrap().0;
        for (place, (_, number, status)) in heard.iter().enumerate() {
            let (step, order) = (place / 20, place % 20 + 1);
            let word = if n % 4 < 2 && step == 2 { "gone" } else { STEPS[step].as_str() };
            assert_eq!((number, status.as_str()), (&format!("{order:03}"), word), "client {n}");
        }
    }
    println!(
        "{CLIENTS} clients opened in {opened:?}; {events} events each in {:?}, up to number {last_id}",
        start.elapsed()
    );
    until("all places are free", || house.app.live.rooms.taken() == 0).await;
    house.close().await;
}

/// Its queue is full at some time, and what the machine holds for it as well.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_cut_off_and_nobody_waits_for_them() {
    let stage = Stage::open().await;
    let bounds =
        Bounds { queue_events_max: 16, write: Duration::from_secs(1), ..Bounds::default() };
    let house = stage.house(bounds).await;
    let cook = format!("Bearer {}", house.person(Role::Kitchen).await.1);
    let cook = [("authorization", cook.as_str())];
    let mut quick = house.sse(KITCHEN, &cook).await;
    assert_eq!(quick.told().await.event, "snapshot");
    let _deaf_sse = Looker::sse_over(connect(house.addr).await, KITCHEN, &cook).await;
    let _deaf_socket = house.socket(KITCHEN, &cook).await;
    assert_eq!(house.app.live.rooms.taken(), 3);
    let mut slowest = Duration::ZERO;
    // 50 lines an event: 3 KB, of which a machine holds a few megabytes for one connection.
    for order in 1..=4000 {
        let start = Instant::now();
        stage.say_all(&[(order, Status::Confirmed, 50)]).await;
        assert_eq!(quick.told().await.data["number"], format!("{order:03}"));
        slowest = slowest.max(start.elapsed());
        if house.app.live.rooms.taken() == 1 {
            break;
        }
    }
    println!("the slowest of the others waited {slowest:?}");
    // Told that nobody listens there any more, the server cuts what is stuck for ten seconds.
    until("who does not read is cut off", || house.app.live.rooms.taken() == 1).await;
    stage.say(9000, Status::Ready).await;
    assert_eq!(quick.told().await.data["number"], "9000");
    house.close().await;
}
