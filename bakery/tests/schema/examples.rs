//! Every example of the document, sent in an order that makes sense to a demo that has just opened,
//! by the role that the document names.

use crate::demo::{Answer, Demo, send, text};
use crate::python;
use bakery_nats::envelope::Wire;
use bakery_nats::messages::scheduler::SweepDue;
use bakery_testbed::message;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Before all others: who is needed, an order for each thing that can be done with one, a webhook.
const FIRST: [&str; 5] = [
    "post-users",
    "post-sessions",
    "post-orders",
    "post-admin-webhooks",
    "post-admin-webhooks-id-test",
];
/// What is done with an order, one after the other.
const STEPS: [&str; 4] = [
    "post-kitchen-orders-id-start",
    "post-kitchen-orders-id-ready",
    "post-kitchen-orders-id-serve",
    "post-orders-id-refunds",
];
/// The longest until an order is paid.
const PAID_WITHIN_S: u64 = 60;
const LOOK_AGAIN_MS: u64 = 100;
/// Nobody listens there.
const HOOK: &str = "http://127.0.0.1:9/hook";
/// After all others: what they need is gone then.
const LAST: [&str; 8] = [
    "delete-admin-webhooks-id",
    "post-orders-id-cancel",
    "delete-admin-jobs-branch-name",
    "delete-admin-branches-id-products-product",
    "put-users-id-role",
    "post-sessions-refresh",
    "delete-sessions-current",
    "put-users-id-disabled",
];

/// One operation of the document.
struct Operation<'d> {
    method: &'d str,
    path: &'d str,
    said: &'d Value,
}

impl Operation<'_> {
    fn id(&self) -> &str {
        self.said["operationId"].as_str().expect("an id")
    }

    fn rank(&self) -> (usize, usize) {
        let among = |ids: &[&str]| ids.iter().position(|id| *id == self.id());
        let (first, steps, last) = (among(&FIRST), among(&STEPS), among(&LAST));
        let first = first.map(|place| (0, place));
        first.or(steps.map(|place| (2, place))).or(last.map(|place| (3, place))).unwrap_or((1, 0))
    }
}

/// What was learned on the way.
struct Guide<'d> {
    demo: &'d Demo,
    tokens: BTreeMap<String, String>,
    /// The user of the first example.
    ada: Value,
    order: Value,
    webhook: Value,
    delivery: Value,
    refresh: String,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("operations");
        item.iter().map(move |(method, said)| Operation { method, path, said })
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(Operation::rank);
    all
}

impl Guide<'_> {
    /// The path with ids of things that are there, and otherwise the examples.
    fn path(&self, operation: &Operation<'_>) -> String {
        let id = match operation.path {
            path if path.starts_with("/admin/webhooks/") => self.webhook.pointer("/id"),
            path if path.starts_with("/accounts/") => self.ada.pointer("/account_id"),
            path if path.starts_with("/users/") => self.ada.pointer("/id"),
            path if path.contains("/orders/") => self.order.pointer("/id"),
            _ => None,
        };
        let mut path = operation.path.to_owned();
        let mut query = Vec::new();
        for one in operation.said["parameters"].as_array().expect("parameters") {
            let name = one["name"].as_str().expect("a name");
            let example = match &one["example"] {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => continue,
            };
            match one["in"].as_str() {
                Some("path") => {
                    let id = if name == "delivery" { self.delivery.pointer("/id") } else { id };
                    let id = id.filter(|_| name == "id" || name == "delivery");
                    let known = id.and_then(Value::as_str);
                    path = path.replace(&format!("{{{name}}}"), known.unwrap_or(&example));
                }
                Some("query") => query.push(format!("{name}={example}")),
                _ => {}
            }
        }
        assert!(!path.contains('{'), "a part of {path} has no example");
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    async fn try_out(&mut self, operation: &Operation<'_>) -> Answer {
        let mut request = self.demo.request(operation.method, &self.path(operation));
        let role = operation.said["x-role"].as_str().expect("a role");
        if let Some(token) = self.tokens.get(role) {
            request = request.bearer_auth(token);
        }
        for one in operation.said["parameters"].as_array().expect("parameters") {
            if let (Some("header"), Some(example)) = (one["in"].as_str(), one["example"].as_str()) {
                request = request.header(one["name"].as_str().expect("a name"), example);
            }
        }
        let body = &operation.said["requestBody"]["content"]["application/json"]["example"];
        if operation.id() == "post-sessions-refresh" {
            // A token that works is nobody's to write down.
            request = request.json(&json!({ "refresh_token": self.refresh }));
        } else if operation.path.starts_with("/admin/webhooks") && !body["url"].is_null() {
            let mut body = body.clone();
            body["url"] = HOOK.into();
            request = request.json(&body);
        } else if !body.is_null() {
            request = request.json(body);
        }
        let answer = send(request).await;
        self.learn(operation.id(), &answer);
        if operation.id() == "post-orders" {
            self.is_paid().await;
        }
        answer
    }

    /// Waits until the order is paid, as all that is done with it needs: the wait of its example may be over
    /// before.
    async fn is_paid(&self) {
        let path = format!("/orders/{}", text(&self.order, "/id"));
        let begin = Instant::now();
        loop {
            let read = self.demo.request("GET", &path).bearer_auth(&self.tokens["operator"]);
            let order = send(read).await.json();
            if order["status"] == "confirmed" {
                return;
            }
            assert!(begin.elapsed() < Duration::from_secs(PAID_WITHIN_S), "not paid: {order}");
            tokio::time::sleep(Duration::from_millis(LOOK_AGAIN_MS)).await;
        }
    }

    fn learn(&mut self, id: &str, answer: &Answer) {
        match id {
            "post-users" => self.ada = answer.json()["user"].clone(),
            "post-sessions" => {
                let session = answer.json();
                self.refresh = text(&session, "/refresh_token");
                self.tokens.insert("customer".to_owned(), text(&session, "/access_token"));
            }
            "post-orders" => self.order = answer.json(),
            "post-admin-webhooks" => self.webhook = answer.json(),
            "post-admin-webhooks-id-test" => self.delivery = answer.json(),
            _ => {}
        }
    }
}

/// A message that inventory could not take, and can take now.
fn sweep() -> Wire {
    let (job, due_at) = ("sweep".parse().expect("a slug"), bakery_chassis::clock::wall()());
    message::wire("scheduler", &SweepDue { tick_id: Uuid::now_v7(), job, due_at }, due_at)
}

/// The answer is one of those that the document names; where it is JSON, what its schema is.
fn named<'d>(operation: &Operation<'d>, answer: &Answer) -> Option<&'d Value> {
    let what = format!("{} {}", operation.method, operation.path);
    let said = String::from_utf8_lossy(&answer.body);
    assert!((200..300).contains(&answer.status), "{what}: {} {said}", answer.status);
    let response = &operation.said["responses"][answer.status.to_string()];
    assert!(response.is_object(), "{what}: {} is not in the document", answer.status);
    let content = response.get("content")?;
    let content = &content[answer.content_type.split(';').next().unwrap_or_default()];
    assert!(content.is_object(), "{what}: {} is not in the document", answer.content_type);
    let is_json = answer.content_type == "application/json";
    is_json.then_some(&content["schema"])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_the_document_works_in_the_demo_and_is_answered_as_it_says() {
    let demo = Demo::start(&[("WEBHOOKS", "on"), ("WEBHOOKS_PRIVATE", "allow")]);
    let document = demo.document().await;
    let mut tokens = BTreeMap::new();
    for role in ["kitchen", "manager", "operator"] {
        tokens.insert(role.to_owned(), demo.staff(role).await);
    }
    demo.bury(&sweep()).await;
    let mut guide = Guide {
        demo: &demo,
        tokens,
        ada: Value::Null,
        order: Value::Null,
        webhook: Value::Null,
        delivery: Value::Null,
        refresh: String::new(),
    };
    let operations = operations(&document);
    let place = operations.iter().find(|one| one.id() == "post-orders").expect("orders");
    let mut exchanges = Vec::new();
    for operation in &operations {
        if operation.id() == "post-orders-id-cancel" {
            // The first order was served.
            guide.try_out(place).await;
        }
        let answer = guide.try_out(operation).await;
        if let Some(schema) = named(operation, &answer) {
            let what = format!("{} {}", operation.method, operation.path);
            exchanges.push(json!({ "what": what, "schema": schema, "body": answer.json() }));
        }
    }
    println!("{} operations answered, {} of them with JSON", operations.len(), exchanges.len());
    assert!(exchanges.len() > 30, "hardly anything was answered");
    match python::venv() {
        Ok(venv) => venv.check(&document, &exchanges),
        Err(reason) => println!("the answers are not held against their schemas: {reason}"),
    }
}
