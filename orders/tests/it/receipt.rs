//! `orders.receipt`: made from what is kept, and the same for ever.

use crate::{
    PRICE, branch_in, changed, eur, happen, id, line, order_id, place, place_all, reach, shop,
    tell, wish,
};
use bakery_nats::Pool;
use bakery_nats::branch::Branch;
use bakery_nats::messages::bank::PaidBack;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::receipts::{GetReceipt, Receipt};
use bakery_nats::requests::refunds::RefundOrder;
use bakery_orders::saga::{Event, State};
use bakery_orders::{RefundWriter, receipt};
use bakery_testbed::{at, database, message};
use uuid::Uuid;

pub(crate) async fn asked(pool: &Pool, order: u64) -> Result<Receipt, Refusal> {
    let body = GetReceipt { order_id: order_id(order) };
    receipt(pool.clone(), Asked { request_id: Uuid::now_v7(), at: at(0), body }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_has_a_receipt_from_the_moment_it_is_paid() {
    let pool = shop().await;
    for (order, state) in (1..).zip(State::ALL) {
        reach(&pool, order, state).await;
        let paid = matches!(
            state,
            State::Charged
                | State::Confirmed
                | State::Preparing
                | State::Ready
                | State::Served
                | State::Returning(_)
                | State::Cancelled
        );
        match asked(&pool, order).await {
            Ok(receipt) => assert!(paid && receipt.total == PRICE, "{state:?}"),
            Err(refusal) => {
                assert_eq!((paid, refusal.status), (false, 409), "{state:?}");
                assert!(refusal.detail.contains("only a paid order has a receipt"));
            }
        }
    }
    assert_eq!(asked(&pool, 99).await.unwrap_err().status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_was_bought_where_and_stays_the_same_when_the_branch_changes() {
    let pool = shop().await;
    reach(&pool, 1, State::Confirmed).await;
    let receipt = asked(&pool, 1).await.unwrap();
    assert_eq!(
        (receipt.shop.name.as_str(), receipt.shop.address.as_str()),
        ("Bakery main", "1 Market Square")
    );
    assert_eq!((receipt.number.as_str(), receipt.time), ("001", at(10)));
    let lines: Vec<_> = (receipt.lines.iter())
        .map(|l| (l.name.as_str(), l.quantity, l.prices[0].unit_price, l.line_total, l.units.len()))
        .collect();
    assert_eq!(lines, [("Bread", 2, 300, 600, 2), ("Donut", 1, 150, 150, 1)]);
    assert_eq!((receipt.total, receipt.refunded, receipt.remains), (PRICE, 0, PRICE));

    let moved = Branch {
        name: "New name".to_owned(),
        address: "Elsewhere".to_owned(),
        ..branch_in("main", "Europe/Lisbon", ("00:00", "24:00"))
    };
    tell(&pool, &changed(2, &moved)).await;
    for event in [Event::Start, Event::Ready, Event::Serve] {
        happen(&pool, 1, event).await;
    }
    assert_eq!(asked(&pool, 1).await.unwrap(), receipt);
    place_all(&pool, &[wish(2)], 20).await.replies.remove(0).expect("accepted");
    for event in [Event::Reserved, Event::Charged] {
        happen(&pool, 2, event).await;
    }
    assert_eq!(asked(&pool, 2).await.unwrap().shop.address, "Elsewhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_without_its_branchs_name_shows_the_branchs_id() {
    let pool = shop().await;
    reach(&pool, 1, State::Served).await;
    database::execute(&pool, "UPDATE orders SET shop_name = ''").await;
    assert_eq!(asked(&pool, 1).await.unwrap().shop.name, "main");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_back_stands_on_it_once_it_is_paid() {
    let pool = shop().await;
    place(&pool, 9).await;
    reach(&pool, 1, State::Served).await;
    let refund = RefundOrder {
        refund_id: id("refund", 1),
        order_id: order_id(1),
        idempotency_key: None,
        lines: Some(vec![line("donut", 1)]),
        reason: "burnt".to_owned(),
    };
    message::write(&pool, RefundWriter, refund, at(40)).await.0.expect("refunded");
    assert_eq!(asked(&pool, 1).await.unwrap().refunds, []);
    let (refund_id, account_id) = (id("refund", 1), crate::ada());
    let paid = PaidBack { refund_id, order_id: order_id(1), account_id, amount: eur(150) };
    tell(&pool, &paid).await;
    let receipt = asked(&pool, 1).await.unwrap();
    assert_eq!((receipt.refunded, receipt.remains, receipt.total), (150, PRICE - 150, PRICE));
    assert_eq!((receipt.refunds[0].reason.as_str(), receipt.refunds[0].made_at), ("burnt", at(40)));

    reach(&pool, 2, State::Cancelled).await;
    let receipt = asked(&pool, 2).await.unwrap();
    assert_eq!((receipt.refunded, receipt.remains, receipt.lines.len()), (PRICE, 0, 2));
}
