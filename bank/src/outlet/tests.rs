//! Misbehaviour in front of a bus that writes down what reaches it, and when.

use super::{Misbehaving, second};
use crate::manners::{Manners, Rules};
use bakery_nats::envelope::{Cause, Outgoing, Wire};
use bakery_nats::id::attempt_of;
use bakery_nats::message::Message;
use bakery_nats::messages::bank::{AccountOpened, Charged, Declined, PaidBack, Refunded};
use bakery_nats::money::{Currency, Money};
use bakery_nats::publish::{Outlet, PublishError};
use bakery_nats::requests::bank::{Behaviour, Scope, SetBehaviour};
use bakery_nats::slug::Slug;
use chrono::DateTime;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const ANN: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const ORDER: Uuid = Uuid::from_u128(10);

/// The milliseconds since the start, and the name of what arrived.
struct Bus {
    start: Instant,
    arrived: Mutex<Vec<(u128, Wire)>>,
}

impl Outlet for Bus {
    async fn publish(&self, messages: Vec<Wire>) -> Result<(), PublishError> {
        let now = self.start.elapsed().as_millis();
        self.arrived.lock().unwrap().extend(messages.into_iter().map(|wire| (now, wire)));
        Ok(())
    }
}

struct Bank {
    bus: Arc<Bus>,
    outlet: Misbehaving<Bus>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Bank {
    fn told(rules: impl IntoIterator<Item = (Scope, Behaviour)>) -> Self {
        let bus = Arc::new(Bus { start: Instant::now(), arrived: Mutex::default() });
        let manners = Manners::default();
        let one = |(scope, behaviour)| SetBehaviour { scope, behaviour };
        manners.set(rules.into_iter().map(one).collect::<Rules>());
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let outlet = Misbehaving::new(bus.clone(), manners, (tasks.clone(), stop.clone()));
        Self { bus, outlet, tasks, stop }
    }

    /// Waits for what is late, too.
    async fn quiet(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn arrived(&self) -> Vec<(u128, String)> {
        let name = |wire: &Wire| wire.subject.rsplit('.').next().unwrap().to_owned();
        self.bus.arrived.lock().unwrap().iter().map(|(ms, wire)| (*ms, name(wire))).collect()
    }
}

fn main() -> Slug {
    "main".parse().unwrap()
}

fn eur() -> Currency {
    Currency::try_from("EUR".to_owned()).unwrap()
}

fn wire<M: Message>(branch: &Slug, body: &M) -> Wire {
    let cause = Cause {
        message_id: "orders:x:charge:cmd:3".to_owned(),
        correlation_id: ORDER,
        traceparent: String::new(),
        at: DateTime::UNIX_EPOCH,
        attempt: 3,
    };
    Wire::of("bank", &Outgoing::answer(branch, body), &cause)
}

fn charged(account_id: Uuid) -> Wire {
    let amount = Money { amount: 1, currency: eur() };
    wire(&main(), &Charged { order_id: ORDER, account_id, transfer_id: ORDER, amount })
}

fn declined(account_id: Uuid) -> Wire {
    wire(&main(), &Declined { order_id: ORDER, account_id, code: String::new() })
}

fn refunded(account_id: Uuid) -> Wire {
    wire(&main(), &Refunded { order_id: ORDER, account_id, amount: 0 })
}

fn paid_back(account_id: Uuid) -> Wire {
    let amount = Money { amount: 1, currency: eur() };
    wire(&main(), &PaidBack { refund_id: ORDER, order_id: ORDER, account_id, amount })
}

fn opened(account_id: Uuid) -> Wire {
    wire(&main(), &AccountOpened { account_id, currency: eur() })
}

fn late(latency_ms: u32) -> Behaviour {
    Behaviour { latency_ms, ..Behaviour::default() }
}

fn silent() -> Behaviour {
    Behaviour { silent: true, ..Behaviour::default() }
}

#[tokio::test(start_paused = true)]
async fn a_bank_that_behaves_passes_everything_on_in_order() {
    let bank = Bank::told([]);
    let messages = vec![charged(ANN), opened(ANN), refunded(BOB)];
    bank.outlet.publish(messages.clone()).await.unwrap();
    let arrived = bank.bus.arrived.lock().unwrap();
    assert!(arrived.iter().map(|(_, wire)| wire).eq(&messages));
}

#[tokio::test(start_paused = true)]
async fn silence_swallows_every_kind_of_answer_and_nothing_else() {
    let bank = Bank::told([(Scope::All, silent())]);
    let messages = vec![charged(ANN), declined(ANN), opened(ANN), paid_back(ANN), refunded(ANN)];
    bank.outlet.publish(messages).await.unwrap();
    bank.quiet().await;
    assert_eq!(bank.arrived(), [(0, "account-opened".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn dead_letters_pass_a_silent_bank() {
    let bank = Bank::told([(Scope::All, silent())]);
    let letter = Wire { subject: "dead.bank".to_owned(), ..charged(ANN) };
    let command = Wire { subject: "bakery.cmd.bank.main.charged".to_owned(), ..charged(ANN) };
    bank.outlet.publish(vec![letter, command]).await.unwrap();
    assert_eq!(bank.arrived().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn only_whom_it_is_about_is_affected() {
    let bank = Bank::told([(Scope::Account(ANN), silent())]);
    bank.outlet.publish(vec![charged(ANN), charged(BOB)]).await.unwrap();
    assert_eq!(bank.arrived().len(), 1);

    let north = Scope::Branch("north".parse().unwrap());
    let bank = Bank::told([(north, silent())]);
    bank.outlet.publish(vec![charged(ANN)]).await.unwrap();
    assert_eq!(bank.arrived().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn late_answers_hold_up_neither_the_others_nor_the_batch() {
    let bank = Bank::told([(Scope::Account(ANN), late(700)), (Scope::Account(BOB), late(300))]);
    let messages = vec![charged(ANN), refunded(BOB), declined(Uuid::nil())];
    bank.outlet.publish(messages).await.unwrap();
    assert_eq!(bank.bus.start.elapsed(), Duration::ZERO);
    bank.quiet().await;
    let expected = [(0, "declined"), (300, "refunded"), (700, "charged")];
    assert_eq!(bank.arrived(), expected.map(|(ms, name)| (ms, name.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn late_answers_leave_at_once_when_the_bank_closes() {
    let bank = Bank::told([(Scope::All, late(60_000))]);
    bank.outlet.publish(vec![charged(ANN)]).await.unwrap();
    bank.stop.cancel();
    bank.quiet().await;
    assert_eq!(bank.arrived(), [(0, "charged".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_doubled_answer_comes_twice_under_two_ids_with_the_same_attempt() {
    let bank = Bank::told([(Scope::All, Behaviour { doubled: true, ..late(50) })]);
    bank.outlet.publish(vec![charged(ANN)]).await.unwrap();
    bank.quiet().await;
    let arrived = bank.bus.arrived.lock().unwrap();
    let [(50, first), (50, again)] = arrived.as_slice() else { panic!("{arrived:?}") };
    assert_eq!((&first.subject, &first.payload), (&again.subject, &again.payload));
    assert_ne!(first.message_id(), again.message_id());
    assert_eq!(attempt_of(first.message_id()), 3);
    assert_eq!(attempt_of(again.message_id()), 3);
}

#[test]
fn the_second_of_the_same_answer_always_has_the_same_id() {
    assert_eq!(second(&charged(ANN)), second(&charged(ANN)));
}
