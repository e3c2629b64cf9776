//! The transport id: what the stream takes once, and what it takes again.

use crate::pull::{confirm, count, publish};
use crate::server::Server;
use bakery_nats::messages::inventory::Confirm;
use bakery_testbed::{at, id, message};

#[tokio::test]
async fn a_message_published_twice_with_the_same_id_is_stored_once() {
    let server = Server::new().await;
    let orders = server.bus("orders").await;
    publish(&orders, vec![confirm(1), confirm(2), confirm(1)]).await;
    publish(&orders, vec![confirm(2)]).await;
    assert_eq!(count(&orders, "BAKERY").await, 2);
}

#[tokio::test]
async fn the_next_attempt_of_the_same_message_is_stored_beside_the_first() {
    let server = Server::new().await;
    let orders = server.bus("orders").await;
    let body = Confirm { order_id: id("order", 1) };
    let second = message::wire_again("orders", &body, at(0), 2);
    publish(&orders, vec![confirm(1), second]).await;
    assert_eq!(count(&orders, "BAKERY").await, 2);
}

/// Why service, step and kind are part of the id (W13).
#[tokio::test]
async fn the_same_id_on_another_subject_is_swallowed() {
    let server = Server::new().await;
    let orders = server.bus("orders").await;
    let mut other = confirm(1);
    other.subject = "bakery.cmd.bank.main.charge".to_owned();
    publish(&orders, vec![confirm(1)]).await;
    publish(&orders, vec![other]).await;
    assert_eq!(count(&orders, "BAKERY").await, 1);
}
