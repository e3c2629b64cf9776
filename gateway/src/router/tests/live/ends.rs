//! How live connections end: with their session, their token or the gateway, by what a client says or
//! does not say; and how many there may be.

use super::looker::{Ended, Looker};
use super::{DISPLAY, House, KITCHEN, Stage, until};
use crate::auth::token::{ACCESS_LIFE_S, issue};
use crate::config::Guard;
use crate::live::Bounds;
use bakery_nats::messages::orders::Status;
use bakery_nats::requests::gateway::Role;
use bakery_testbed::database::execute;
use futures::SinkExt;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

async fn both(house: &House, path: &str, token: Option<&str>) -> [Looker; 2] {
    let bearer = token.map(|token| format!("Bearer {token}")).unwrap_or_default();
    let header = [("authorization", bearer.as_str())];
    let protocols = format!("bakery.v1, bearer.{}", token.unwrap_or_default());
    let protocol = [("sec-websocket-protocol", protocols.as_str())];
    let (header, protocol): (&[_], &[_]) =
        if token.is_some() { (&header, &protocol) } else { (&[], &[]) };
    [house.sse(path, header).await, house.socket(path, protocol).await]
}

fn reasons(ends: [Ended; 2]) -> (String, u16) {
    let [sse, socket] = ends;
    assert_eq!(sse.reason, socket.reason);
    for end in [sse.retry_ms, socket.retry_ms] {
        assert!((1000..3000).contains(&end), "{end}");
    }
    (sse.reason, socket.code.unwrap())
}

async fn ends(lookers: [Looker; 2]) -> (String, u16) {
    let [mut sse, mut socket] = lookers;
    reasons([sse.ended().await, socket.ended().await])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_or_may_no_longer_sees_no_more() {
    let stage = Stage::open().await;
    // Those who stay are read from at the end only, and give no sign of life before.
    let bounds = Bounds { heartbeat: Duration::from_secs(600), ..Bounds::default() };
    let house = stage.house(bounds).await;
    let sql = async |sql: String| execute(&house.app.users.pool, &sql).await;
    let (stays, good) = house.person(Role::Kitchen).await;
    let [mut stays_sse, mut stays_socket] = both(&house, KITCHEN, Some(&good)).await;

    let (revoked, token) = house.person(Role::Kitchen).await;
    let lookers = both(&house, KITCHEN, Some(&token)).await;
    sql(format!("UPDATE session SET revoked_at = now() WHERE id = '{}'", revoked.session_id)).await;
    assert_eq!(ends(lookers).await, ("session_ended".to_owned(), 3000));

    let (demoted, token) = house.person(Role::Kitchen).await;
    let lookers = both(&house, KITCHEN, Some(&token)).await;
    sql(format!("UPDATE app_user SET role = 'customer' WHERE id = '{}'", demoted.user_id)).await;
    assert_eq!(ends(lookers).await, ("session_ended".to_owned(), 3000));

    let (disabled, token) = house.person(Role::Kitchen).await;
    let lookers = both(&house, KITCHEN, Some(&token)).await;
    sql(format!("UPDATE app_user SET disabled = true WHERE id = '{}'", disabled.user_id)).await;
    assert_eq!(ends(lookers).await, ("session_ended".to_owned(), 3000));

    // A token with ten seconds to live; its session goes on.
    let now = (house.app.users.clock)() - chrono::TimeDelta::seconds(ACCESS_LIFE_S - 10);
    let old = issue(&house.app.users.key, &stays, now).unwrap();
    assert_eq!(
        ends(both(&house, KITCHEN, Some(&old)).await).await,
        ("token_expired".to_owned(), 3000)
    );

    stage.say(1, Status::Confirmed).await;
    for looker in [&mut stays_sse, &mut stays_socket] {
        assert_eq!(looker.told().await.event, "snapshot");
        assert_eq!(looker.told().await.data["number"], "001");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_closes_says_goodbye_at_once() {
    let stage = Stage::open().await;
    let mut took = Vec::new();
    // Where connections are waited for that do not end by themselves, that is 3 s each time; on a busy
    // machine it may be as long once, and then they are cut off.
    loop {
        let house = stage.house(Bounds::default()).await;
        let [mut sse, mut socket] = both(&house, DISPLAY, None).await;
        let (start, app) = (Instant::now(), house.app.clone());
        let (sse, socket, ()) = tokio::join!(sse.ended(), socket.ended(), house.close());
        took.push(start.elapsed());
        until("their places are free", || app.live.rooms.taken() == 0).await;
        if took.last().is_some_and(|took| *took < Duration::from_secs(2)) {
            assert_eq!(reasons([sse, socket]), ("closing".to_owned(), 1012));
            break;
        }
        assert!(took.len() < 4, "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_on_for_ever() {
    let stage = Stage::open().await;
    let bounds = Bounds { life_max: Duration::from_millis(300), ..Bounds::default() };
    let house = stage.house(bounds).await;
    assert_eq!(ends(both(&house, DISPLAY, None).await).await, ("life_over".to_owned(), 1012));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_says_something_is_closed_and_so_is_one_that_gives_no_sign() {
    let stage = Stage::open().await;
    let bounds = Bounds { heartbeat: Duration::from_secs(10), ..Bounds::default() };
    let house = stage.house(bounds).await;
    for message in [Message::text("hello"), Message::binary(vec![1])] {
        let mut looker = house.socket(DISPLAY, &[]).await;
        if let Looker::Socket(socket) = &mut looker {
            socket.send(message).await.unwrap();
        }
        let ended = looker.ended().await;
        assert_eq!((ended.reason.as_str(), ended.code), ("unexpected_message", Some(1008)));
    }
    // Too long for a sign of life, and as many signs as nobody needs.
    let mut looker = house.socket(DISPLAY, &[]).await;
    if let Looker::Socket(socket) = &mut looker {
        socket.send(Message::binary(vec![1; 4096])).await.unwrap();
    }
    looker.ended().await;
    let mut looker = house.socket(DISPLAY, &[]).await;
    if let Looker::Socket(socket) = &mut looker {
        for _ in 0..20 {
            socket.feed(Message::Ping(vec![].into())).await.unwrap();
        }
        socket.flush().await.unwrap();
    }
    assert_eq!(looker.ended().await.code, Some(1008));
    // One that reads answers our signs by itself; one that does not is gone.
    until("the others are gone", || house.app.live.rooms.taken() == 0).await;
    let mut lives = house.socket(DISPLAY, &[]).await;
    let lives = tokio::spawn(async move {
        assert_eq!(lives.told().await.event, "snapshot");
        lives.told().await.data["number"].clone()
    });
    let _silent = house.socket(DISPLAY, &[]).await;
    assert_eq!(house.app.live.rooms.taken(), 2);
    until("the silent one is gone", || house.app.live.rooms.taken() == 1).await;
    stage.say(1, Status::Ready).await;
    assert_eq!(lives.await.unwrap(), "001");
    house.close().await;
}

/// Comments keep an answer alive that has nothing to say.
#[tokio::test(flavor = "multi_thread")]
async fn silence_is_broken_now_and_then() {
    use tokio::io::AsyncBufReadExt;
    let stage = Stage::open().await;
    let bounds = Bounds { heartbeat: Duration::from_millis(50), ..Bounds::default() };
    let house = stage.house(bounds).await;
    let mut looker = house.sse(DISPLAY, &[]).await;
    assert_eq!(looker.told().await.event, "snapshot");
    let Looker::Sse(stream) = &mut looker else { panic!("no stream") };
    let mut comments = 0;
    while comments < 3 {
        let mut line = String::new();
        super::within(stream.read_line(&mut line)).await.unwrap();
        comments += usize::from(line == ":\n");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_so_many_places_and_so_many_for_one() {
    let stage = Stage::open().await;
    let bounds =
        Bounds { connections_max: 4, per_user_max: 2, per_strangers_max: 1, ..Bounds::default() };
    let guard = Guard { connections_per_address_max: NonZeroUsize::new(100), ..Guard::default() };
    let house = stage.guarded(bounds, guard).await;
    let first = house.sse(DISPLAY, &[]).await;
    let refused = house.socket(DISPLAY, &[]).await;
    assert_eq!(refused.refused().0, 429);
    let (_, token) = house.person(Role::Kitchen).await;
    let cook = [("authorization", format!("Bearer {token}"))];
    let cook = cook.each_ref().map(|(name, value)| (*name, value.as_str()));
    let _own = [house.sse(KITCHEN, &cook).await, house.socket(DISPLAY, &cook).await];
    let third = house.sse(KITCHEN, &cook).await;
    assert_eq!(
        (third.refused().0, &third.refused().1["code"]),
        (429, &"too_many_live_connections".into())
    );
    let (_, token) = house.person(Role::Customer).await;
    let other = [("authorization", format!("Bearer {token}"))];
    let other = other.each_ref().map(|(name, value)| (*name, value.as_str()));
    let _fourth = house.sse(DISPLAY, &other).await;
    assert_eq!(house.sse(DISPLAY, &other).await.refused().0, 503);
    drop(first);
    until("a place is free", || house.app.live.rooms.taken() == 3).await;
    house.sse(DISPLAY, &[]).await.told().await;
    house.close().await;
}
