//! Who sees what: every role, own and other orders, and nothing personal for anyone.

use super::{DISPLAY, House, KITCHEN, Stage, stored};
use crate::live::Bounds;
use bakery_nats::messages::orders::Status;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::gateway::Role;
use bakery_testbed::id;
use serde_json::{Value, json};

/// An order of an account, as the orders service tells it.
fn order_of(account: Value) -> Value {
    let mut order = stored("orders.order.reply");
    (order["id"], order["account_id"]) = (json!(id("order", 1)), account);
    order["status"] = json!("confirmed");
    order
}

async fn knock(house: &House, path: &str, token: Option<&str>) -> [Option<(u16, Value)>; 2] {
    let bearer = format!("Bearer {}", token.unwrap_or_default());
    let protocols = format!("bearer.{}, bakery.v1", token.unwrap_or_default());
    let header = [("authorization", bearer.as_str())];
    let protocol = [("sec-websocket-protocol", protocols.as_str())];
    let none = token.is_none();
    let lookers = [
        house.sse(path, if none { &[] } else { &header }).await,
        house.socket(path, if none { &[] } else { &protocol }).await,
    ];
    lookers.map(|looker| match looker {
        super::Looker::Refused(status, problem) => Some((status, problem)),
        super::Looker::Sse(_) | super::Looker::Socket(_) => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_is_let_in_where_it_may_in_both_forms() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    stage.shop.says("orders.order", order_of(json!(id("account", 1))));
    let order = format!("/api/v1/orders/{}/live", id("order", 1));
    for (path, least) in
        [(DISPLAY, None), ("/api/v1/shelf/live", None), (KITCHEN, Some(Role::Kitchen))]
    {
        for refused in knock(&house, path, None).await {
            assert_eq!(refused.map(|(status, _)| status), least.map(|_| 401), "{path}");
        }
        for role in Role::ALL {
            let (_, token) = house.person(role).await;
            let may = least.is_none_or(|least| role >= least);
            for refused in knock(&house, path, Some(&token)).await {
                let status = refused.map(|(status, _)| status);
                assert_eq!(status, (!may).then_some(403), "{role}: {path}");
            }
        }
    }
    assert!(
        knock(&house, &order, None).await.iter().all(|r| r.as_ref().is_some_and(|r| r.0 == 401))
    );
    for role in Role::ALL {
        let (_, token) = house.person(role).await;
        for refused in knock(&house, &order, Some(&token)).await {
            let status = refused.map(|(status, _)| status);
            assert_eq!(status, (role < Role::Kitchen).then_some(404), "{role}");
        }
    }
    // A token where none may stand.
    let (_, token) = house.person(Role::Kitchen).await;
    let in_query = house.sse(&format!("{KITCHEN}?access_token={token}"), &[]).await;
    assert_eq!(in_query.refused().0, 401);
    let alone = [("sec-websocket-protocol", format!("bearer.{token}"))];
    let alone = alone.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(house.sse(KITCHEN, &alone).await.refused().0, 401);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_sees_an_order_and_for_others_it_looks_like_not_there() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    let (owner, own) = house.person(Role::Customer).await;
    let (_, other) = house.person(Role::Customer).await;
    let path = format!("/api/v1/orders/{}/live", id("order", 1));
    stage.shop.says("orders.order", order_of(json!(owner.account_id)));
    let header = |token: &str| format!("Bearer {token}");
    let mut sees = house.sse(&path, &[("authorization", &header(&own))]).await;
    let told = sees.told().await;
    assert_eq!((told.event.as_str(), &told.data["status"]), ("snapshot", &json!("confirmed")));
    let not_its = knock(&house, &path, Some(&other)).await;
    stage.shop.refuses("orders.order", Refusal::not_found("order", id("order", 1)));
    let not_there = knock(&house, &path, Some(&other)).await;
    assert_eq!(not_its, not_there);
    assert_eq!(not_its[0].as_ref().unwrap().0, 404);

    stage.say(2, Status::Ready).await;
    // What the snapshot shows already, and less, is no news.
    stage.say(1, Status::Confirmed).await;
    stage.say(1, Status::Preparing).await;
    let told = sees.told().await;
    assert_eq!((told.event.as_str(), &told.data["status"]), ("order", &json!("preparing")));
    assert_eq!((&told.data["number"], &told.data["version"]), (&json!("001"), &json!(5)));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_says_numbers_and_nothing_that_is_somebodys() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    stage.shop.says("orders.board", stored("orders.board.reply"));
    let mut looker = house.socket(DISPLAY, &[]).await;
    let told = looker.told().await;
    assert_eq!(told.data, json!({"orders": [{"number": "007", "status": "ready"}]}));
    for (status, shown) in
        [(Status::Preparing, "preparing"), (Status::Ready, "ready"), (Status::Served, "gone")]
    {
        stage.say(3, status).await;
        assert_eq!(looker.told().await.data, json!({"number": "003", "status": shown}));
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_are_named_before_anybody_is_let_in() {
    let stage = Stage::open().await;
    let house = stage.house(Bounds::default()).await;
    for (path, field) in [
        (format!("{DISPLAY}?branch=Main"), "branch"),
        (format!("{DISPLAY}?last_event_id=first"), "last_event_id"),
        (format!("{DISPLAY}?token=x"), "token"),
    ] {
        let refused = house.sse(&path, &[]).await;
        let (status, problem) = refused.refused();
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)), "{path}");
    }
    let refused = house.sse(DISPLAY, &[("last-event-id", "x")]).await;
    assert_eq!(refused.refused().0, 400);
    // No WebSocket, though it says so.
    let refused = house.sse(DISPLAY, &[("upgrade", "websocket")]).await;
    let (status, problem) = refused.refused();
    assert_eq!((status, &problem["code"]), (400, &json!("malformed")));
    assert_eq!(house.app.live.rooms.taken(), 0);
    // Nobody can say how things stand.
    stage.shop.refuses("orders.board", Refusal::unavailable("the orders service"));
    assert_eq!(house.sse(DISPLAY, &[]).await.refused().0, 503);
    assert_eq!(house.app.live.rooms.taken(), 0);
    house.close().await;
}
