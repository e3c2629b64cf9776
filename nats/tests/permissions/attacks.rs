//! Ways around the table of rights.

use crate::line::Line;
use crate::server::{CONFIG, Server, USERS, password, soon, until};
use bakery_nats::ask::ask;
use bakery_nats::dead::letter;
use bakery_nats::envelope::{MESSAGE_ID, read_meta};
use bakery_nats::messages::inventory::Confirm;
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::request::Asked;
use bakery_nats::requests::health::{BankHealth, Health};
use bakery_nats::serve::Desk;
use bakery_testbed::{at, id, message};
use futures::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[tokio::test]
async fn nobody_gets_in_without_a_name_and_the_right_password() {
    let server = Server::empty().await;
    let login = |user: &str, password: &str| format!(r#""user":"{user}","pass":"{password}""#);
    let mut refused = vec![
        String::new(),
        r#""auth_token":"x""#.to_owned(),
        login("nobody", "x"),
        login("", ""),
        login("$NATS_BANK_PASSWORD", "$NATS_BANK_PASSWORD"),
    ];
    for user in USERS {
        let another = if user == "bank" { "orders" } else { "bank" };
        let wrong = ["", "x", user, "$NATS_BANK_PASSWORD", &password(another)];
        refused.extend(wrong.map(|wrong| login(user, wrong)));
        refused.push(format!(r#""user":"{user}""#));
        Line::of(&server, user).await;
    }
    for login in refused {
        let refusal = Line::open(&server, &login).await.err();
        let refusal = refusal.unwrap_or_else(|| panic!("{login} got in"));
        assert!(refusal.contains("Authorization Violation"), "{login}: {refusal}");
    }
}

/// What is on a command line everybody on the machine can read.
#[tokio::test]
async fn no_password_is_on_the_command_line_or_in_the_configuration() {
    let server = Server::empty().await;
    let pid = server.nats().process().pid();
    let command_line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap();
    let configuration = std::fs::read_to_string(server.0.data().join("nats/nats.conf")).unwrap();
    assert!(command_line.contains("nats.conf"), "{command_line}");
    assert_eq!(configuration, CONFIG);
    for user in USERS {
        let password = password(user);
        assert!(!command_line.contains(&password) && !configuration.contains(&password));
    }
}

/// A service answers wherever the asker says; the server forbids every subject but the service's
/// own, and the desk forbids those.
#[tokio::test]
async fn a_desk_does_not_speak_on_the_subject_that_an_asker_names() {
    let server = Server::new().await;
    let bank = server.bus("bank").await;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let ends = (tasks.clone(), stop.clone());
    let desk = Desk::open(&bank, "bank", "a desk", Arc::new(|| at(0)), ends).await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let answer = move |_: Asked<BankHealth>| {
        counter.fetch_add(1, Ordering::SeqCst);
        async { Ok(Health::of(Vec::new())) }
    };
    desk.query(answer).await.unwrap();
    let gateway = server.bus("gateway").await.client;
    until("the desk", || async { ask(&gateway, &BankHealth {}).await.ok() }).await;

    let before = asked.load(Ordering::SeqCst);
    for forged in ["bakery.evt.bank.main.charged", "bakery.dead.bank.x", "$JS.ACK.BAKERY.bank.1"] {
        let question = ("bakery.q.bank.health", forged, "{}".into());
        gateway.publish_with_reply(question.0, question.1, question.2).await.unwrap();
    }
    gateway.publish("bakery.q.bank.health", "{}".into()).await.unwrap();
    // Questions are taken one after the other: this one comes behind the forged ones.
    ask(&gateway, &BankHealth {}).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), before + 1);
    assert!(is_empty(&server).await);
    stop.cancel();
}

#[tokio::test]
async fn the_system_account_sees_the_server_and_cannot_reach_the_bakery() {
    let server = Server::new().await;
    let sys = server.bus("sys").await.client;
    let answer = sys.request("$SYS.REQ.SERVER.PING", "".into()).await.unwrap();
    assert!(String::from_utf8_lossy(&answer.payload).contains("bakery-1"));

    let mut line = Line::of(&server, "sys").await;
    for subject in ["bakery.cmd.bank.main.charge", "$JS.API.STREAM.DELETE.BAKERY"] {
        assert_eq!(line.publish(subject).await, None, "it goes nowhere");
    }
    assert!(is_empty(&server).await, "and the streams are there");
}

/// Nothing was stored in the streams.
async fn is_empty(server: &Server) -> bool {
    let context = server.bus("operator").await.context;
    let bakery = context.get_stream("BAKERY").await.unwrap().cached_info().state.last_sequence;
    let dead = context.get_stream("DEAD").await.unwrap().cached_info().state.last_sequence;
    bakery == 0 && dead == 0
}

/// JetStream, too, answers wherever the asker says, and does so with its own rights. What it can be
/// made to say on the subjects of others has no headers, so whoever takes it buries it.
#[tokio::test]
async fn what_the_server_is_made_to_say_on_a_foreign_subject_is_no_message() {
    let server = Server::new().await;
    let confirm = Confirm { order_id: id("order", 1) };
    let real = message::wire("orders", &confirm, at(0));
    let orders = Stream { context: server.bus("orders").await.context };
    orders.publish(vec![real.clone()]).await.unwrap();
    // A gateway may write any letter of its own: one that would be a good command elsewhere.
    let (service, subject) = ("gateway", "bakery.cmd.inventory.main.confirm");
    let mut letter =
        letter(service, subject, 1, Some(&real.header_map()), real.payload.clone(), "x");
    letter.headers.push((MESSAGE_ID.to_owned(), "forged:1".to_owned()));
    let gateway = Stream { context: server.bus(service).await.context };
    gateway.publish(vec![letter]).await.unwrap();
    let (next, info) = ("CONSUMER.MSG.NEXT.BAKERY.inventory", "CONSUMER.INFO.BAKERY.inventory");
    let tries = [
        ("inventory", next, "bakery.cmd.bank.main.refund", "1"),
        ("inventory", info, "bakery.evt.bank.main.charged", ""),
        ("bank", "STREAM.INFO.BAKERY", "bakery.cmd.inventory.main.release", ""),
        ("monitor", "STREAM.MSG.GET.BAKERY", "bakery.cmd.inventory.main.restock", r#"{"seq":1}"#),
        ("monitor", "INFO", "$JS.API.STREAM.DELETE.DEAD", ""),
        ("deploy", "STREAM.NAMES", "$JS.API.STREAM.PURGE.BAKERY", ""),
        ("gateway", "STREAM.MSG.GET.DEAD", subject, r#"{"seq":1}"#),
        ("gateway", "CONSUMER.LIST.BAKERY", "bakery.evt.inventory.main.sold", ""),
        ("gateway", "STREAM.MSG.GET.DEAD", "$JS.API.STREAM.PURGE.DEAD", r#"{"seq":1}"#),
        ("gateway", "STREAM.INFO.DEAD", "$JS.API.STREAM.MSG.DELETE.DEAD", ""),
    ];
    for (user, question, forged, body) in tries {
        let client = server.bus(user).await.client;
        let question = format!("$JS.API.{question}");
        client.publish_with_reply(question, forged, body.into()).await.unwrap();
        client.flush().await.unwrap();
    }
    // The pulled message itself is handed on and not stored; five answers are.
    let context = server.bus("operator").await.context;
    until("the server's answers", || async {
        let stream = context.get_stream("BAKERY").await.unwrap();
        (stream.cached_info().state.messages >= 6).then_some(())
    })
    .await;
    let stream = context.get_stream("BAKERY").await.unwrap();
    for number in 1..=stream.cached_info().state.last_sequence {
        let stored = stream.get_raw_message(number).await.unwrap();
        let header = |name| stored.headers.get(name).map(|value| value.as_str());
        let meta = read_meta(&stored.subject, header);
        assert_eq!(meta.is_ok(), number == 1, "{stored:?}");
    }
    let dead = context.get_stream("DEAD").await.unwrap();
    assert_eq!(dead.cached_info().state.messages, 1, "a letter was destroyed");
}

/// Why no service may make a consumer, not even of its own events: the server says what the consumer
/// delivers on the subject that its maker names, also where the maker may not speak.
#[tokio::test]
async fn who_could_make_a_consumer_could_speak_anywhere() {
    let server = Server::new().await;
    let bank = server.bus("bank").await;
    let mut desk =
        bank.client.queue_subscribe("bakery.q.bank.deposit", "q".to_owned()).await.unwrap();
    bank.context.get_stream("BAKERY").await.unwrap();
    let operator = server.bus("operator").await;
    let config = async_nats::jetstream::consumer::push::Config {
        deliver_subject: "bakery.q.bank.deposit".to_owned(),
        deliver_group: Some("q".to_owned()),
        filter_subject: "bakery.evt.orders.>".to_owned(),
        ..Default::default()
    };
    let stream = operator.context.get_stream("BAKERY").await.unwrap();
    stream.create_consumer(config).await.unwrap();
    let mut ready = message::wire("orders", &Confirm { order_id: id("order", 1) }, at(0));
    ready.subject = "bakery.evt.orders.main.ready".to_owned();
    let orders = server.bus("orders").await;
    Stream { context: orders.context }.publish(vec![ready]).await.unwrap();
    assert!(soon("what nobody asked", desk.next()).await.is_some());
}
