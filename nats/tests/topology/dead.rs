//! Dead letters: what can never succeed is kept with its reason, and the good ones of its batch do
//! not wait for it. The real pull loop, with a handler that only looks at how many lines are asked.

use crate::pull::{count, publish};
use crate::server::{Server, soon, until};
use async_nats::{HeaderMap, Subscriber};
use bakery_nats::Pool;
use bakery_nats::connect::Bus;
use bakery_nats::consume::Consumer;
use bakery_nats::dead::{DEAD_MESSAGE_ID, DEAD_REASON, DEAD_SEQUENCE, DEAD_SUBJECT};
use bakery_nats::envelope::{AT, CAUSATION_ID, CORRELATION_ID, Delivered, MESSAGE_ID};
use bakery_nats::envelope::{Outgoing, Wire};
use bakery_nats::error::HandlerError;
use bakery_nats::message::{DecodeError, Message, decode};
use bakery_nats::messages::inventory::{Line, Release, Released, Reserve, ReserveRefused};
use bakery_nats::process::{Answers, Handler, Input};
use bakery_nats::publish::Stream;
use bakery_nats::record::Records;
use bakery_nats::subject::Subject;
use bakery_nats::topology::STREAM;
use bakery_testbed::{at, database, id, message};
use bytes::Bytes;
use diesel_async::AsyncPgConnection;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use futures::StreamExt;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Its table `record` is that of every service.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/inventory");
/// Numbers of lines for which the handler buries, fails, panics, and has too much to say.
pub(crate) const BURIED: usize = 2;
const SPOILT: usize = 3;
const PANICS: usize = 5;
const TOO_MUCH: usize = 6;
/// The stream takes it only just: with the headers of [`reserve`] it is a little less than 256 KB.
const LARGE: usize = 261_850;

#[derive(Clone, Serialize)]
pub(crate) struct Wanted(Reserve);

impl Input for Wanted {
    fn decode(subject: &Subject, payload: &[u8]) -> Result<Self, DecodeError> {
        match subject.name.as_str() {
            Reserve::NAME => Ok(Self(decode(payload)?)),
            other => Err(DecodeError::UnknownName(other.to_owned())),
        }
    }

    fn key(&self) -> (Uuid, &'static str) {
        (self.0.business_id(), Reserve::STEP)
    }
}

/// Says of every order that so many units were released as it has lines.
#[derive(Default)]
pub(crate) struct Tiny {
    /// Whether two lines are no longer one too many.
    pub(crate) mended: bool,
}

impl Handler for Tiny {
    const SERVICE: &'static str = "inventory";
    type Input = Wanted;

    async fn handle(
        &self,
        _: &mut AsyncPgConnection,
        batch: Vec<Delivered<Wanted>>,
        _: &Records,
    ) -> Result<Answers, HandlerError> {
        let mut answers = Answers::default();
        for Delivered { position, meta, body: Wanted(Reserve { order_id, lines }) } in batch {
            match lines.len() {
                SPOILT => return Err(HandlerError::permanent("three lines break a rule")),
                PANICS => panic!("five lines were not thought of"),
                TOO_MUCH => {
                    let code = "x".repeat(2 * LARGE);
                    let refused = ReserveRefused { order_id, code, missing: Vec::new() };
                    answers.push(position, Outgoing::answer(meta.branch(), &refused));
                }
                BURIED if !self.mended => answers.bury(position, "two lines are one too many"),
                _ => {
                    let released = Released { order_id, units: 1 };
                    answers.push(position, Outgoing::answer(meta.branch(), &released));
                }
            }
        }
        Ok(answers)
    }
}

/// The loop of a service.
pub(crate) struct Service {
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Service {
    pub(crate) fn start(bus: &Bus, pool: &Pool) -> Self {
        let consumer = Consumer {
            bus: bus.clone(),
            pool: pool.clone(),
            handler: Arc::new(Tiny::default()),
            outlet: Arc::new(Stream { context: bus.context.clone() }),
            clock: Arc::new(|| at(1)),
        };
        let stop = CancellationToken::new();
        Self { stop: stop.clone(), running: tokio::spawn(Arc::new(consumer).run(stop)) }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        soon("the loop ends", self.running).await.expect("no panic");
    }
}

pub(crate) fn reserve(order: u64, lines: usize) -> Wire {
    let line = Line { product_id: "donut".parse().unwrap(), quantity: 1 };
    let body = Reserve { order_id: id("order", order), lines: vec![line; lines] };
    message::wire("orders", &body, at(0))
}

pub(crate) fn with_body(order: u64, body: impl Into<Bytes>) -> Wire {
    Wire { payload: body.into(), ..reserve(order, 1) }
}

fn with_subject(order: u64, subject: &str) -> Wire {
    Wire { subject: subject.to_owned(), ..reserve(order, 1) }
}

/// With another value of a header, or without it.
fn with_header(order: u64, name: &str, value: Option<&str>) -> Wire {
    let mut wire = reserve(order, 1);
    wire.headers.retain(|(n, _)| n != name);
    wire.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    wire
}

/// The same order with other content, and under an id of its own.
fn impostor(order: u64) -> Wire {
    let mut wire = reserve(order, 4);
    wire.headers.retain(|(name, _)| name != MESSAGE_ID);
    wire.headers.push((MESSAGE_ID.to_owned(), "forged:2".to_owned()));
    wire
}

/// Messages that can never succeed, each with a part of the reason.
fn bad() -> Vec<(Wire, &'static str)> {
    vec![
        (with_body(10, "%%%"), "expected value"),
        (with_body(11, ""), "EOF"),
        (with_body(12, r#"{"order_id":7,"lines":[]}"#), "expected a"),
        (with_body(13, r#"{"lines":[]}"#), "missing field `order_id`"),
        (with_body(14, r#"{"order_id":"\u0000","lines":[]}"#), "the character NUL"),
        (with_subject(15, "bakery.cmd.inventory.main.steal"), r#"no message of the name "steal""#),
        (with_subject(16, "bakery.cmd.inventory.Main.reserve"), "is not a subject of the form"),
        (with_subject(17, "bakery.cmd.inventory.main.reserve.x"), "is not a subject of the form"),
        (with_header(18, AT, None), "the header At is missing"),
        (with_header(19, AT, Some("yesterday")), "the header At is missing or cannot be read"),
        (with_header(20, MESSAGE_ID, None), "the header Nats-Msg-Id is missing"),
        (with_header(21, CORRELATION_ID, Some("x")), "the header Correlation-Id is missing"),
        (reserve(22, BURIED), "two lines are one too many"),
        (reserve(23, SPOILT), "three lines break a rule"),
        (reserve(24, PANICS), "panicked"),
        (reserve(25, TOO_MUCH), "more than a message can hold"),
        // With its reason the letter is larger than what the stream BAKERY takes.
        (with_body(26, "%".repeat(LARGE)), "expected value"),
        (impostor(1), "was asked before with other content"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_messages_are_kept_with_their_reasons_and_the_good_ones_among_them_are_answered() {
    let (server, pool) = tokio::join!(Server::new(), database::fresh("inventory", MIGRATIONS));
    let operator = server.bus("operator").await;
    let mut answers = answers(&operator).await;
    // All are there before the loop begins, so that they share their batches.
    let good = [reserve(1, 1), reserve(2, 1)];
    let bad = bad();
    let mut sent = vec![good[0].clone()];
    sent.extend(bad.iter().map(|(wire, _)| wire.clone()));
    sent.push(good[1].clone());
    // Their numbers in the stream are their places here.
    publish(&server.bus("orders").await, sent.clone()).await;
    let inventory = server.bus("inventory").await;
    let service = Service::start(&inventory, &pool);

    let mut answered = BTreeSet::new();
    for _ in &good {
        let answer = soon("an answer", answers.next()).await.unwrap();
        answered.insert(header(answer.headers.as_ref().unwrap(), CAUSATION_ID).to_owned());
    }
    let asked = good.iter().map(|wire| wire.message_id().to_owned()).collect();
    assert_eq!(answered, asked);
    all_acknowledged(&inventory, sent.len()).await;
    assert_eq!(count(&operator, "DEAD").await, bad.len() as u64);
    for (place, (wire, reason)) in bad.iter().enumerate() {
        is_letter(&operator, wire, place + 2, reason).await;
    }
    assert_eq!(database::number(&pool, "SELECT count(*) AS number FROM record").await, 2);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_a_second_time_is_answered_and_buried_once() {
    let (server, pool) = tokio::join!(Server::new(), database::fresh("inventory", MIGRATIONS));
    let sent = vec![reserve(1, 1), with_body(2, "%%%"), reserve(3, BURIED), reserve(4, SPOILT)];
    publish(&server.bus("orders").await, sent.clone()).await;
    let inventory = server.bus("inventory").await;
    let service = Service::start(&inventory, &pool);
    all_acknowledged(&inventory, sent.len()).await;

    let stream = inventory.context.get_stream(STREAM).await.unwrap();
    stream.reset_consumer("inventory", Some(1)).await.unwrap();
    all_acknowledged(&inventory, sent.len()).await;
    let operator = server.bus("operator").await;
    assert_eq!(count(&operator, "DEAD").await, 3);
    assert_eq!(count(&operator, STREAM).await, sent.len() as u64 + 1, "one answer");
    service.stop().await;
}

/// As `docs/events.md` tells a person to do it.
#[tokio::test(flavor = "multi_thread")]
async fn a_mended_letter_that_is_sent_again_is_answered() {
    let (server, pool) = tokio::join!(Server::new(), database::fresh("inventory", MIGRATIONS));
    let operator = server.bus("operator").await;
    let mut answers = answers(&operator).await;
    publish(&server.bus("orders").await, vec![with_body(1, r#"{"lines":[]}"#)]).await;
    let service = Service::start(&server.bus("inventory").await, &pool);
    let letter = until("the letter", || async {
        let stream = operator.context.get_stream("DEAD").await.ok()?;
        stream.get_raw_message(1).await.ok()
    })
    .await;

    let own = letter.headers.iter().map(|(name, values)| (name.to_string(), values[0].to_string()));
    let own = own.filter(|(name, _)| !name.starts_with("Dead-") && !name.starts_with("Nats-"));
    let again = Wire {
        subject: header(&letter.headers, DEAD_SUBJECT).to_owned(),
        headers: own.chain([(MESSAGE_ID.to_owned(), "by-hand:2".to_owned())]).collect(),
        payload: reserve(1, 1).payload,
    };
    publish(&operator, vec![again]).await;
    let answer = soon("an answer", answers.next()).await.unwrap();
    let headers = answer.headers.unwrap();
    assert_eq!(header(&headers, CAUSATION_ID), "by-hand:2");
    let expected = format!("inventory:{}:{}:evt:2", id("order", 1), Release::STEP);
    assert_eq!(header(&headers, MESSAGE_ID), expected);
    service.stop().await;
}

async fn answers(operator: &Bus) -> Subscriber {
    let answers = operator.client.subscribe("bakery.evt.inventory.>").await.unwrap();
    // The subscription is there when the server has answered what was sent after it.
    operator.context.query_account().await.unwrap();
    answers
}

/// Every message up to this number is settled.
pub(crate) async fn all_acknowledged(inventory: &Bus, last: usize) {
    until("every message is acknowledged", || async {
        let stream = inventory.context.get_stream(STREAM).await.unwrap();
        let info = stream.consumer_info("inventory").await.unwrap();
        let floor = usize::try_from(info.ack_floor.stream_sequence).unwrap();
        (info.num_pending == 0 && info.num_ack_pending == 0 && floor >= last).then_some(())
    })
    .await;
}

/// The letter says where it came from and why, and holds what came, byte for byte.
async fn is_letter(operator: &Bus, wire: &Wire, sequence: usize, reason: &str) {
    let subject = format!("bakery.dead.inventory.{}", wire.subject);
    let sequence = sequence.to_string();
    let stream = operator.context.get_stream("DEAD").await.unwrap();
    let mut found = None;
    for number in 1..=stream.cached_info().state.last_sequence {
        let letter = stream.get_raw_message(number).await.unwrap();
        if header(&letter.headers, DEAD_SEQUENCE) == sequence {
            found = Some(letter);
        }
    }
    let letter = found.unwrap_or_else(|| panic!("no letter for the message {sequence}"));
    assert_eq!((letter.subject.as_str(), &letter.payload), (subject.as_str(), &wire.payload));
    let said = header(&letter.headers, DEAD_REASON);
    assert!(said.contains(reason), "{sequence}: {said:?}");
    assert_eq!(header(&letter.headers, DEAD_SUBJECT), wire.subject);
    let id = header(&letter.headers, MESSAGE_ID);
    assert!(id.starts_with(&format!("dead:inventory:{sequence}:")), "{id}");
    let old = letter.headers.get(DEAD_MESSAGE_ID).map(|old| old.as_str());
    assert_eq!(old.unwrap_or_default(), wire.message_id());
    for (name, value) in wire.headers.iter().filter(|(name, _)| name != MESSAGE_ID) {
        assert_eq!(header(&letter.headers, name), value);
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).unwrap_or_else(|| panic!("no header {name}")).as_str()
}
