//! Who has patience asks a service again that does not answer in time.

use crate::server::Server;
use bakery_nats::ask::ask_patiently;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::health::{BankHealth, Health};
use bakery_nats::serve::Desk;
use bakery_testbed::at;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[tokio::test]
async fn who_does_not_answer_in_time_is_asked_again_and_who_refuses_is_not() {
    let server = Server::empty().await;
    let bank = server.bus("bank").await;
    let ends = (TaskTracker::new(), CancellationToken::new());
    let desk = Desk::open(&bank, "bank", "a bank", Arc::new(|| at(0)), ends).await.unwrap();
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let answer = move |_: Asked<BankHealth>| {
        let before = count.fetch_add(1, Ordering::Relaxed);
        async move {
            match before {
                0 | 1 => Err(Refusal::unavailable("the database")),
                2 => Ok(Health::of(Vec::new())),
                _ => Err(Refusal::new(409, "wrong_state", "no")),
            }
        }
    };
    desk.query(answer).await.unwrap();
    bank.client.flush().await.unwrap();

    let operator = server.bus("operator").await.client;
    ask_patiently(&operator, &BankHealth {}).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let refusal = ask_patiently(&operator, &BankHealth {}).await.unwrap_err();
    assert!(refusal.to_string().contains("no"), "{refusal}");
    assert_eq!(asked.load(Ordering::Relaxed), 4);
}
