//! What the server has against what the files say. The server's JSON is compared, not the client's
//! types: those drop fields that they do not know.

use crate::server::Server;
use async_nats::Client;
use bakery_nats::topology::{CONSUMERS, STREAMS};
use serde_json::{Map, Value, json};

/// Fields that the server fills in by itself, and not with nothing.
const FILLED_IN: [(&str, &str); 2] = [("compression", "\"none\""), ("max_waiting", "512")];

#[tokio::test]
async fn the_server_has_every_field_of_every_file_and_nothing_besides() {
    let server = Server::new().await;
    let client = server.bus("deploy").await.client;
    for (subject, file) in definitions() {
        let mut config = config(&client, &subject).await;
        for (field, wanted) in &file {
            let found = config.remove(field);
            assert_eq!(found.as_ref(), Some(wanted), "{subject}: {field}");
        }
        config.retain(|field, value| !is_default(field, value));
        assert!(config.is_empty(), "{subject} has what its file does not say: {config:?}");
    }
}

#[tokio::test]
async fn a_second_apply_changes_nothing() {
    let server = Server::new().await;
    let client = server.bus("deploy").await.client;
    let mut first = Vec::new();
    for (subject, _) in definitions() {
        first.push(facts(&client, &subject).await);
    }
    server.apply().await;
    for ((subject, _), first) in definitions().into_iter().zip(first) {
        assert_eq!(facts(&client, &subject).await, first, "{subject}");
    }
}

/// A stream that was changed by hand is as the file says after the next apply.
#[tokio::test]
async fn an_apply_puts_back_what_somebody_changed() {
    let server = Server::new().await;
    let operator = server.bus("operator").await;
    let wanted = config(&operator.client, "STREAM.INFO.DEAD").await;
    let mut changed: async_nats::jetstream::stream::Config =
        serde_json::from_value(json!(wanted)).unwrap();
    changed.max_bytes *= 2;
    operator.context.update_stream(changed).await.unwrap();
    assert_ne!(config(&operator.client, "STREAM.INFO.DEAD").await, wanted);

    server.apply().await;
    assert_eq!(config(&operator.client, "STREAM.INFO.DEAD").await, wanted);
}

/// Where each definition can be asked for, and what its file says.
fn definitions() -> Vec<(String, Map<String, Value>)> {
    let read = |text| serde_json::from_str::<Map<String, Value>>(text).unwrap();
    let name = |file: &Map<String, Value>| file["name"].as_str().unwrap().to_owned();
    let stream = |file| (format!("STREAM.INFO.{}", name(&file)), file);
    let consumer = |file| (format!("CONSUMER.INFO.BAKERY.{}", name(&file)), file);
    let streams = STREAMS.map(read).map(stream);
    streams.into_iter().chain(CONSUMERS.map(read).map(consumer)).collect()
}

pub(crate) async fn info(client: &Client, subject: &str) -> Value {
    let answer = client.request(format!("$JS.API.{subject}"), "".into()).await.unwrap();
    let info: Value = serde_json::from_slice(&answer.payload).unwrap();
    assert!(info.get("error").is_none(), "{subject}: {info}");
    info
}

async fn config(client: &Client, subject: &str) -> Map<String, Value> {
    info(client, subject).await["config"].as_object().unwrap().clone()
}

/// What must not change when nothing is changed: also not by deleting and making it anew.
async fn facts(client: &Client, subject: &str) -> (Value, Value) {
    let info = info(client, subject).await;
    (info["created"].clone(), info["config"].clone())
}

fn is_default(field: &str, value: &Value) -> bool {
    let empty = match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        // The server notes its own version there.
        Value::Object(fields) => fields.keys().all(|key| key.starts_with("_nats.")),
        Value::Bool(true) => false,
    };
    empty || FILLED_IN.contains(&(field, value.to_string().as_str()))
}
