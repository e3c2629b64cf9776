//! Orders that end without a sale: refused by inventory, declined by the bank, called off.

use crate::{advance, declined, happen, out_of_stock, reach, released, said, shop, stored, tell};
use bakery_nats::messages::bank::Refund;
use bakery_nats::messages::inventory::{MissingLine, Release, ReserveRefused, Restock};
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::requests::orders::Action;
use bakery_orders::saga::{Event, State};
use bakery_testbed::message;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_without_enough_units_is_rejected_and_names_what_is_missing() {
    let pool = shop().await;
    reach(&pool, 1, State::Placed).await;
    let sent = tell(&pool, &out_of_stock(1)).await;
    assert_eq!(said(&sent), ["evt.orders.main.rejected 1"]);
    let news: OrderChanged = serde_json::from_slice(&sent[0].payload).unwrap();
    let reason = news.reason.expect("a reason");
    assert_eq!(reason.code, "out_of_stock");
    assert!(reason.detail.contains("donut (1 wanted, 0 left)"), "{}", reason.detail);
    let row = stored(&pool, 1).await;
    assert_eq!((row.state.as_str(), row.open, row.total), ("rejected", false, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_for_what_is_off_sale_is_rejected_and_names_it_whatever_is_left_of_it() {
    let pool = shop().await;
    reach(&pool, 1, State::Placed).await;
    let mut refused = ReserveRefused { code: "off_sale".to_owned(), ..out_of_stock(1) };
    refused.missing[0].available = 5;
    refused.missing.push(MissingLine {
        product_id: "bread".parse().unwrap(),
        wanted: 2,
        available: 0,
    });
    let sent = tell(&pool, &refused).await;
    let news: OrderChanged = serde_json::from_slice(&sent[0].payload).unwrap();
    let reason = news.reason.expect("a reason");
    let expected = ("off_sale", "not for sale just now: donut, bread");
    assert_eq!((reason.code.as_str(), reason.detail.as_str()), expected);
    assert_eq!(stored(&pool, 1).await.state, "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_order_is_told_so_only_when_its_units_are_released() {
    let pool = shop().await;
    reach(&pool, 1, State::Reserved).await;
    let sent = tell(&pool, &declined(1)).await;
    assert_eq!(said(&sent), ["cmd.inventory.main.release 1"], "told before the units are free");
    message::body::<Release>(&sent[0]);
    let row = stored(&pool, 1).await;
    assert_eq!((row.state.as_str(), row.status.as_str()), ("releasing", "reserved"));
    assert!(row.open, "nobody would ask for the release again");

    let sent = tell(&pool, &released(1)).await;
    assert_eq!(said(&sent), ["evt.orders.main.declined 1"]);
    let news: OrderChanged = serde_json::from_slice(&sent[0].payload).unwrap();
    assert_eq!(news.reason.expect("a reason").code, "insufficient_funds");
    let row = stored(&pool, 1).await;
    assert_eq!((row.state.as_str(), row.open), ("declined", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_banks_answer_a_cancel_releases_and_refunds_whatever_may_have_happened() {
    let pool = shop().await;
    for (order, state) in [(1, State::Placed), (2, State::Reserved)] {
        reach(&pool, order, state).await;
        let (reply, sent) = advance(&pool, order, Action::Cancel).await;
        let view = reply.expect("cancelled");
        let reason = view.reason.expect("a reason");
        assert_eq!((view.status, reason.code.as_str()), (Status::Cancelled, "cancelled"));
        let expected = [
            "evt.orders.main.cancelled 1",
            "cmd.inventory.main.release 1",
            "cmd.bank.main.refund 1",
        ];
        assert_eq!(said(&sent), expected, "{state:?}");
        message::body::<Release>(&sent[1]);
        message::body::<Refund>(&sent[2]);
        assert!(stored(&pool, order).await.open, "nobody would ask again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_sale_a_cancel_restocks_and_refunds_and_shows_no_units() {
    let pool = shop().await;
    reach(&pool, 1, State::Confirmed).await;
    let (reply, sent) = advance(&pool, 1, Action::Cancel).await;
    let view = reply.expect("cancelled");
    assert_eq!(view.status, Status::Cancelled);
    assert!(view.items.iter().all(|item| item.units.is_empty()), "units of nobody are shown");
    let expected =
        ["evt.orders.main.cancelled 1", "cmd.inventory.main.restock 1", "cmd.bank.main.refund 1"];
    assert_eq!(said(&sent), expected);
    message::body::<Restock>(&sent[1]);
    message::body::<Refund>(&sent[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_called_off_order_is_over_when_goods_and_money_are_back_in_whatever_order() {
    let pool = shop().await;
    let ways = [
        (State::Placed, [Event::Released, Event::Refunded]),
        (State::Reserved, [Event::Refunded, Event::Released]),
        (State::Confirmed, [Event::Restocked, Event::Refunded]),
        (State::Confirmed, [Event::Refunded, Event::Restocked]),
    ];
    for (order, (state, undone)) in (1..).zip(ways) {
        reach(&pool, order, state).await;
        happen(&pool, order, Event::Cancel).await;
        for (event, over) in undone.into_iter().zip([false, true]) {
            let sent = happen(&pool, order, event).await;
            assert!(sent.is_empty(), "{event:?} sends {:?}", said(&sent));
            let row = stored(&pool, order).await;
            assert_eq!((row.state == "cancelled", row.open), (over, !over), "{event:?}");
            assert_eq!(row.status, "cancelled");
        }
    }
}
