//! An order that is bought: placed, reserved, charged, sold, and each step's messages.

use crate::{
    PRICE, ada, answer, charged, eur, order_id, place, records, reserved, said, shop, sold, stored,
    tell,
};
use bakery_nats::envelope::{CAUSATION_ID, CORRELATION_ID, Wire};
use bakery_nats::messages::bank::Charge;
use bakery_nats::messages::inventory::Confirm;
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::process::Outcome;
use bakery_orders::Saga;
use bakery_orders::saga::Event;
use bakery_testbed::{at, database, message};
use std::collections::HashSet;

fn changed(wire: &Wire) -> OrderChanged {
    serde_json::from_slice(&wire.payload).expect("an event of an order")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_placed_reserved_charged_and_sold() {
    let pool = shop().await;
    let mut log = place(&pool, 1).await;

    let sent = tell(&pool, &reserved(1)).await;
    assert_eq!(said(&sent), ["evt.orders.main.reserved 1", "cmd.bank.main.charge 1"]);
    let news = changed(&sent[0]);
    let told = (news.status, news.version, news.total, news.number.as_str());
    assert_eq!(told, (Status::Reserved, 2, Some(PRICE), "001"));
    let charge: Charge = message::body(&sent[1]);
    let expected = Charge { order_id: order_id(1), account_id: ada(), amount: eur(PRICE) };
    assert_eq!(charge, expected, "the bank is asked for another sum than inventory's");
    assert_eq!(stored(&pool, 1).await.total, Some(PRICE));
    log.extend(sent);

    let sent = tell(&pool, &charged(1)).await;
    assert_eq!(said(&sent), ["cmd.inventory.main.confirm 1"]);
    assert_eq!(message::body::<Confirm>(&sent[0]).order_id, order_id(1));
    let row = stored(&pool, 1).await;
    assert_eq!((row.state.as_str(), row.status.as_str(), row.open), ("charged", "reserved", true));
    log.extend(sent);

    let sent = tell(&pool, &sold(1)).await;
    assert_eq!(said(&sent), ["evt.orders.main.confirmed 1"]);
    assert_eq!((changed(&sent[0]).status, changed(&sent[0]).version), (Status::Confirmed, 4));
    let row = stored(&pool, 1).await;
    assert_eq!((row.state.as_str(), row.version), ("confirmed", 4));
    assert!(!row.open, "a bought order waits for nobody");
    log.extend(sent);

    let units = "SELECT count(*) AS number FROM orders, jsonb_array_elements(items) item,
                        jsonb_array_elements(item->'units') unit";
    assert_eq!(database::number(&pool, units).await, 3);
    let ids: HashSet<&str> = log.iter().map(Wire::message_id).collect();
    assert_eq!(ids.len(), log.len(), "the stream would swallow a message");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_names_its_cause_its_conversation_and_an_id_of_service_step_kind_and_attempt() {
    let pool = shop().await;
    place(&pool, 1).await;
    let cause = answer(1, Event::Reserved);
    let sent = message::sent(&pool, Saga, &cause).await;
    assert_eq!(sent[0].message_id(), format!("orders:{}:reserved:evt:1", order_id(1)));
    assert_eq!(sent[1].message_id(), format!("orders:{}:charge:cmd:1", order_id(1)));
    for wire in &sent {
        assert_eq!(wire.header(CAUSATION_ID), Some(cause.message_id()));
        assert_eq!(wire.header(CORRELATION_ID), Some(order_id(1).to_string().as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_answer_moves_nothing_and_sends_the_same_messages_under_the_same_ids() {
    let pool = shop().await;
    place(&pool, 1).await;
    let first = tell(&pool, &reserved(1)).await;
    // Asked again, inventory answers again: under attempt 2, and from its record.
    let second = message::wire_again("inventory", &reserved(1), at(99), 2);
    let second = message::sent(&pool, Saga, &second).await;
    let ids = |wires: &[Wire]| -> Vec<(String, Vec<u8>)> {
        wires.iter().map(|w| (w.message_id().to_owned(), w.payload.to_vec())).collect()
    };
    assert_eq!(ids(&first), ids(&second));
    assert_eq!(stored(&pool, 1).await.version, 2);
    tell(&pool, &charged(1)).await;
    let third = tell(&pool, &reserved(1)).await;
    assert_eq!(ids(&first), ids(&third), "the answer was decided anew");
    assert_eq!(stored(&pool, 1).await.state, "charged");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_come_in_one_batch_are_taken_in_their_order() {
    let pool = shop().await;
    place(&pool, 1).await;
    place(&pool, 2).await;
    let batch = [
        answer(1, Event::Reserved),
        answer(2, Event::Reserved),
        answer(1, Event::Charged),
        answer(1, Event::Sold),
    ];
    let outcomes = message::handle(&pool, Saga, &batch).await;
    let sent: Vec<usize> = (outcomes.iter())
        .map(|outcome| match outcome {
            Outcome::Send(wires) => wires.len(),
            Outcome::Dead(reason) => panic!("{reason}"),
        })
        .collect();
    assert_eq!(sent, [2, 2, 1, 1]);
    let states = (stored(&pool, 1).await.state, stored(&pool, 2).await.state);
    assert_eq!(states, ("confirmed".to_owned(), "reserved".to_owned()));
    assert_eq!(records(&pool, 1, "charge").await, 1);
}
