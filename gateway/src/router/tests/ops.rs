//! The pipeline and its dead letters, as the operator sees them and nobody else.

use super::people::{operator, person, token, with_token};
use super::shop::{Shop, stored};
use super::{
    Answered, LOOK_PAUSE_MS, WAIT_S, at_once, fields_of, offline, request, send_bare, send_to,
};
use crate::app::App;
use bakery_chassis::clock;
use bakery_nats::dead::letter;
use bakery_nats::envelope::{Cause, Outgoing, Wire, new_trace};
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::publish::{Outlet, Stream};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::gateway::Role;
use bakery_nats::retry::STILL_DEAD;
use bakery_nats::serve::Desk;
use bakery_nats::topology;
use bakery_testbed::at;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const PIPELINE: &str = "/api/v1/ops/pipeline";
const LETTERS: &str = "/api/v1/ops/dead-letters";

/// A shop with a log, into whose dead letters a test puts some.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    topology::apply(&shop.bus("deploy").await.context, 1).await.unwrap();
    shop
}

/// A service could not take this message.
async fn bury(shop: &Shop, service: &str, wire: &Wire, reason: &str) {
    let headers = wire.header_map();
    let letter = letter(service, &wire.subject, 7, Some(&headers), wire.payload.clone(), reason);
    let stream = Stream { context: shop.bus("operator").await.context };
    stream.publish(vec![letter]).await.unwrap();
}

/// News of an order that is nobody else's.
fn placed(order_id: Uuid) -> Wire {
    let json = stored("orders.changed");
    let changed: OrderChanged = serde_json::from_value(json).unwrap();
    let changed = OrderChanged { order_id, status: Status::Placed, ..changed };
    let cause = Cause {
        message_id: "test".to_owned(),
        correlation_id: order_id,
        traceparent: new_trace(order_id, "test"),
        at: at(0),
        attempt: 1,
    };
    let branch = "main".parse().unwrap();
    Wire::of("orders", &Outgoing::named(&branch, "placed", 1, &changed), &cause)
}

fn broken(body: &str) -> Wire {
    let wire = placed(Uuid::now_v7());
    Wire { payload: body.to_owned().into(), ..wire }
}

async fn resend(shop: &Shop, sequence: u64) -> Answered {
    shop.send("POST", &format!("{LETTERS}/{sequence}/resend"), None).await
}

/// What is noted of the tries of the only letter.
async fn noted(shop: &Shop) -> Value {
    let page = shop.send("GET", LETTERS, None).await.json();
    page["letters"][0]["resent"].clone()
}

/// The same gateway, of which nobody has asked anything yet.
fn fresh(app: &App) -> App {
    App { pipeline: Arc::default(), health: Arc::default(), ..app.clone() }
}

async fn pipeline(app: &App) -> Value {
    let answered = send_to(fresh(app), request("GET", PIPELINE, None)).await;
    assert_eq!(answered.status, 200);
    answered.json()
}

/// The same once it is so; on a busy machine some answer may come too late.
async fn pipeline_where(app: &App, is_so: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + Duration::from_secs(WAIT_S);
    loop {
        let pipeline = pipeline(app).await;
        if is_so(&pipeline) {
            return pipeline;
        }
        assert!(Instant::now() < deadline, "{pipeline:#}");
        tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
    }
}

/// How many of the bank there are.
fn instances(pipeline: &Value) -> usize {
    let services = pipeline["services"].as_array().unwrap();
    let bank = services.iter().find(|one| one["name"] == "bank").unwrap();
    bank["instances"].as_array().unwrap().len()
}

fn state_of(pipeline: &Value, service: &str) -> Value {
    let services = pipeline["services"].as_array().unwrap();
    services.iter().find(|one| one["name"] == service).unwrap()["state"].clone()
}

/// How much each consumer has before it.
fn pending(pipeline: &Value) -> Vec<u64> {
    let consumers = pipeline["consumers"].as_array().unwrap();
    consumers.iter().map(|one| one["pending"].as_u64().unwrap()).collect()
}

fn unknown(pipeline: &Value) -> Vec<&str> {
    let unknown = pipeline["unknown"].as_array().unwrap();
    unknown.iter().map(|one| one["part"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn all_of_it_is_the_operators_alone() {
    let app = offline().await;
    let resend = format!("{LETTERS}/1/resend");
    for (method, path) in [("GET", PIPELINE), ("GET", LETTERS), ("POST", resend.as_str())] {
        assert_eq!(send_bare(app.clone(), request(method, path, None)).await.status, 401);
        for role in [Role::Customer, Role::Kitchen, Role::Manager] {
            let caller = person(&app.users, role).await;
            let request = with_token(request(method, path, None), &token(&app, &caller));
            assert_eq!(send_bare(app.clone(), request).await.status, 403, "{role}: {path}");
        }
    }
}

#[tokio::test]
async fn without_the_bus_the_document_says_so_at_once_and_letters_are_unavailable() {
    let app = offline().await;
    let pipeline = at_once(async || pipeline(&app).await).await;
    let parts = ["services", "stream", "consumers", "orders", "dead_letters"];
    assert_eq!(unknown(&pipeline), parts);
    for part in parts {
        assert!(pipeline[part].is_null(), "{part}");
    }
    assert_eq!(
        pipeline["dependencies"][0],
        json!({"name": "nats", "state": "down",
        "latency_ms": pipeline["dependencies"][0]["latency_ms"], "detail": "it does not answer"})
    );
    for (method, path) in [("GET", LETTERS), ("POST", "/api/v1/ops/dead-letters/1/resend")] {
        let ask = async || send_to(app.clone(), request(method, path, None)).await;
        assert_eq!(at_once(ask).await.status, 503, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pipeline_tells_who_is_there_and_how_far_all_are() {
    let mut shop = shop().await;
    let bank = shop.bus("bank").await;
    let ends = (TaskTracker::new(), CancellationToken::new());
    let desk = Desk::open(&bank, "bank", "a desk", clock::wall(), ends.clone()).await.unwrap();
    let second = Desk::open(&bank, "bank", "a desk", clock::wall(), ends).await.unwrap();
    bank.client.flush().await.unwrap();
    let orders = Stream { context: shop.bus("orders").await.context };
    orders.publish(vec![placed(Uuid::now_v7())]).await.unwrap();
    bury(&shop, "bank", &broken("%%%"), "a test").await;

    let known = pipeline_where(&shop.app, |known| {
        unknown(known).is_empty()
            && state_of(known, "bank") == "up"
            && instances(known) == 2
            && pending(known) == [0, 1, 0, 1, 0, 0]
    });
    let known = known.await;
    for down in ["gateway", "inventory", "orders", "scheduler"] {
        assert_eq!(state_of(&known, down), "down", "{down}");
    }
    assert_eq!(known["stream"]["messages"], 1);
    assert_eq!(known["stream"]["last_sequence"], 1);
    assert!(known["stream"]["last_at"].is_string());
    assert_eq!(known["dead_letters"]["messages"], 1);
    let consumers = known["consumers"].as_array().unwrap();
    let names: Vec<&str> = consumers.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bank", "gateway", "inventory", "live", "orders", "scheduler"]);
    assert_eq!(consumers[3]["service"], "gateway");
    assert_eq!(known["orders"], stored("orders.pipeline.reply"));

    desk.close().await;
    second.close().await;
    shop.close("orders").await;
    // Until the bus knows that nobody is there any more, the reason is that nobody answers in time.
    let nobody = Refusal::unavailable("the orders service").detail;
    let known = pipeline_where(&shop.app, |known| {
        unknown(known) == ["orders"]
            && known["unknown"][0]["reason"] == nobody
            && state_of(known, "bank") == "down"
    });
    let known = known.await;
    assert_eq!(known["orders"], Value::Null);
    let down = json!("down");
    let orders = known["dependencies"].as_array().unwrap().iter();
    assert!(orders.clone().any(|one| one["name"] == "orders" && one["state"] == down));
    assert_eq!(known["stream"]["messages"], 1, "one that is away took another along");
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_read_page_by_page_the_newest_first_also_over_gaps() {
    let shop = shop().await;
    assert_eq!(shop.send("GET", LETTERS, None).await.json(), json!({"letters": [], "next": null}));
    let first = placed(Uuid::now_v7());
    bury(&shop, "gateway", &first, "no message of the name \"x\" is known here").await;
    for n in 2..=6 {
        bury(&shop, "bank", &broken(&format!("{{{n}")), "a test").await;
    }
    let operator = shop.bus("operator").await;
    let dead = operator.context.get_stream("DEAD").await.unwrap();
    dead.delete_message(4).await.unwrap();
    let mut pages = Vec::new();
    let mut path = format!("{LETTERS}?limit=2");
    loop {
        let page = shop.send("GET", &path, None).await.json();
        let letters = page["letters"].as_array().unwrap();
        let numbers = letters.iter().map(|one| one["sequence"].as_u64().unwrap());
        pages.push(numbers.collect::<Vec<_>>());
        if page["next"].is_null() {
            break;
        }
        path = format!("{LETTERS}?limit=2&before={}", page["next"]);
    }
    assert_eq!(pages, [vec![6, 5], vec![3, 2], vec![1]]);
    let page = shop.send("GET", &format!("{LETTERS}?before=2"), None).await.json();
    let shown = &page["letters"][0];
    assert_eq!(shown["service"], "gateway");
    assert_eq!(shown["subject"], first.subject);
    assert_eq!(shown["reason"], "no message of the name \"x\" is known here");
    assert_eq!((&shown["stream_sequence"], &shown["cut"]), (&json!(7), &json!(false)));
    assert_eq!(shown["message_id"], first.message_id());
    assert_eq!(shown["correlation_id"], first.header("Correlation-Id").unwrap());
    assert_eq!(shown["body"], String::from_utf8(first.payload.to_vec()).unwrap());
    assert_eq!(shown["resent"], Value::Null);
    for (query, field) in [("before=-1", "before"), ("limit=0", "limit"), ("page=2", "page")] {
        let answered = shop.send("GET", &format!("{LETTERS}?{query}"), None).await;
        assert_eq!((answered.status, answered.fields()), (422, fields_of(&[field])), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_resent_by_its_owner_and_what_became_of_it_is_noted() {
    let mut shop = shop().await;
    bury(&shop, "inventory", &broken("%%%"), "expected value").await;
    let name = "inventory.retry-dead";
    for sequence in ["0", "2", "-1", "first", "18446744073709551616"] {
        let path = format!("{LETTERS}/{sequence}/resend");
        assert_eq!(shop.send("POST", &path, None).await.status, 404, "{sequence}");
    }
    assert!(shop.asked().is_empty());
    assert_eq!(noted(&shop).await, Value::Null);

    shop.refuses(name, Refusal::new(409, STILL_DEAD, "expected value at line 1"));
    let answered = resend(&shop, 1).await;
    assert_eq!((answered.status, &answered.json()["code"]), (409, &json!(STILL_DEAD)));
    assert_eq!(answered.json()["detail"], "expected value at line 1");
    let note = noted(&shop).await;
    assert_eq!((&note["outcome"], &note["tries"]), (&json!("refused"), &json!(1)));
    assert_eq!(note["reason"], "expected value at line 1");
    assert_eq!(note["by"], json!(operator().await.user_id));

    shop.says(name, json!({"outcome": "done", "messages": 2}));
    let answered = resend(&shop, 1).await;
    let done = answered.json();
    let expected = json!({"sequence": 1, "service": "inventory", "outcome": "done", "messages": 2,
        "at": done["at"]});
    assert_eq!((answered.status, &done), (200, &expected));
    let note = noted(&shop).await;
    assert_eq!((&note["outcome"], &note["tries"]), (&json!("done"), &json!(2)));
    assert_eq!(shop.asked(), vec![(name.to_owned(), json!({"sequence": 1})); 2]);

    shop.close("inventory").await;
    assert_eq!(resend(&shop, 1).await.status, 503);
    let note = noted(&shop).await;
    assert_eq!((&note["outcome"], &note["tries"]), (&json!("unknown"), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_of_nobody_is_shown_and_cannot_be_resent() {
    let shop = shop().await;
    bury(&shop, "nobody", &broken("{}"), "a test").await;
    let page = shop.send("GET", LETTERS, None).await.json();
    assert_eq!(page["letters"][0]["service"], Value::Null);
    let answered = resend(&shop, 1).await;
    assert_eq!((answered.status, &answered.json()["code"]), (409, &json!("no_owner")));
    assert!(shop.asked().is_empty());
}

/// Its own letters the gateway handles itself, as its consumer does.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_of_the_gateways_own_takes_effect_once() {
    let shop = shop().await;
    let order_id = Uuid::now_v7();
    bury(&shop, "gateway", &placed(order_id), "a cause that is mended by now").await;
    bury(&shop, "gateway", &broken("{}"), "missing field").await;
    for outcome in ["done", "already_done", "already_done"] {
        let answered = resend(&shop, 1).await;
        assert_eq!((answered.status, &answered.json()["outcome"]), (200, &json!(outcome)));
        assert_eq!(answered.json()["messages"], 0);
    }
    let rows = format!("SELECT count(*) AS number FROM seen_order WHERE order_id = '{order_id}'");
    assert_eq!(bakery_testbed::database::number(&shop.app.users.pool, &rows).await, 1);
    let answered = resend(&shop, 2).await;
    assert_eq!((answered.status, &answered.json()["code"]), (409, &json!(STILL_DEAD)));
    assert!(answered.json()["detail"].as_str().unwrap().contains("missing field"));
}
