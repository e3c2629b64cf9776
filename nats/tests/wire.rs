//! The wire is frozen: each message of the stream, each request and each reply has its JSON form
//! in `wire/`, and its row in `wire/messages.rs` or `wire/requests.rs`.
//!
//! A red test here means that services of two versions would not understand each other. A file is
//! never changed: a new meaning gets a new name beside the old one (`docs/events.md`).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where it goes wrong"
)]

#[path = "wire/jobs.rs"]
mod jobs;
#[path = "wire/kitchen.rs"]
mod kitchen;
#[path = "wire/messages.rs"]
mod messages;
#[path = "wire/refunds.rs"]
mod refunds;
#[path = "wire/requests.rs"]
mod requests;
#[path = "wire/samples.rs"]
mod samples;

use bakery_nats::envelope::Outgoing;
use bakery_nats::message::{Kind, Message};
use bakery_nats::messages::inventory::{ProductState, ReservedUnit};
use bakery_nats::messages::orders::{OrderChanged, Status};
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::requests::gateway::Role;
use bakery_nats::requests::health::State;
use bakery_nats::requests::inventory::BranchState;
use bakery_nats::requests::orders::{Action, Direction};
use bakery_nats::requests::refunds::RefundState;
use bakery_nats::requests::scheduler::Misfire;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One JSON form: what the file must say, and what its type makes of it.
pub(crate) struct Form {
    type_name: &'static str,
    file: String,
    /// What the code writes, as the file would look.
    built: String,
    /// Reads a text into the type and writes it again.
    reread: fn(&str) -> serde_json::Result<Value>,
}

impl Form {
    pub(crate) fn of<T: Serialize + DeserializeOwned>(file: String, value: &T) -> Self {
        Self {
            type_name: short(std::any::type_name::<T>()),
            file,
            built: serde_json::to_string_pretty(value).unwrap(),
            reread: |text| serde_json::to_value(serde_json::from_str::<T>(text)?),
        }
    }

    fn frozen(&self) -> String {
        let Self { type_name, file, built, .. } = self;
        std::fs::read_to_string(wire_folder().join(file)).unwrap_or_else(|error| {
            panic!("wire/{file} of {type_name}: {error}; as the code has it, it is\n{built}")
        })
    }

    /// The frozen JSON with a field that no version knows yet.
    fn with_a_new_field(&self) -> String {
        let mut json: Value = serde_json::from_str(&self.frozen()).unwrap();
        json.as_object_mut().unwrap().insert("from_the_future".to_owned(), json!([1]));
        json.to_string()
    }
}

fn short(type_name: &str) -> &str {
    type_name.rsplit("::").next().unwrap_or(type_name)
}

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn wire_folder() -> PathBuf {
    crate_folder().join("tests/wire")
}

/// Refusals travel in a header, in this form.
fn refusal() -> Form {
    let wrong = FieldError::new("items[0].quantity", "must be 1 to 1000");
    Form::of("refusal.json".to_owned(), &Refusal::invalid(vec![wrong]))
}

/// Messages with the fields that later versions added.
fn grown() -> [Form; 3] {
    let baked = ReservedUnit { batch_id: Some(samples::batch_id()), ..samples::loaf() };
    let told =
        BranchState { now: Some(samples::at("2026-11-24T10:00:00Z")), ..requests::branch_state() };
    [
        Form::of("inventory.product-listed.grown.json".to_owned(), &messages::listed_with_all()),
        Form::of("inventory.reserved-unit.batch.json".to_owned(), &baked),
        Form::of("inventory.branch.reply.grown.json".to_owned(), &told),
    ]
}

fn all_forms() -> Vec<Form> {
    let messages = messages::all().into_iter().map(|message| message.form);
    let requests = requests::all().into_iter().flat_map(|request| [request.asked, request.reply]);
    messages.chain(requests).chain([refusal()]).chain(grown()).chain(refunds::grown()).collect()
}

/// The types declared by lines such as `message!(Reserve: ...` in a folder of the sources.
fn declared(folder: &str, keyword: &str) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    for file in std::fs::read_dir(crate_folder().join(folder)).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let lines = source.lines().filter_map(|line| line.strip_prefix(keyword));
        let name = |line: &str| line.split([':', ' ']).next().unwrap().to_owned();
        types.extend(lines.map(name));
    }
    types
}

#[test]
fn every_message_and_request_of_the_code_is_frozen() {
    let frozen: BTreeSet<String> =
        messages::all().iter().map(|message| message.form.type_name.to_owned()).collect();
    assert_eq!(declared("src/messages", "message!("), frozen);
    let frozen: BTreeSet<String> =
        requests::all().iter().map(|request| request.asked.type_name.to_owned()).collect();
    assert_eq!(declared("src/requests", "request!("), frozen);
}

#[test]
fn every_file_belongs_to_one_type() {
    let forms = all_forms();
    let wanted: BTreeSet<String> = forms.iter().map(|form| form.file.clone()).collect();
    assert_eq!(wanted.len(), forms.len(), "two types share a file");
    let names = std::fs::read_dir(wire_folder()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_file_is_read_into_its_type_and_written_back_the_same() {
    for form in all_forms() {
        let text = form.frozen();
        let frozen: Value = serde_json::from_str(&text).unwrap();
        let reread = (form.reread)(&text)
            .unwrap_or_else(|error| panic!("{} is no {}: {error}", form.file, form.type_name));
        assert_eq!(reread, frozen, "{}", form.file);
    }
}

#[test]
fn what_the_code_writes_is_what_the_files_say() {
    for form in all_forms() {
        let built: Value = serde_json::from_str(&form.built).unwrap();
        let frozen: Value = serde_json::from_str(&form.frozen()).unwrap();
        assert_eq!(built, frozen, "{}", form.file);
    }
}

#[test]
fn subjects_steps_and_business_ids_are_as_frozen() {
    for message in messages::all() {
        assert_eq!(message.found, message.frozen, "{}", message.form.type_name);
    }
    for request in requests::all() {
        assert_eq!(request.found, request.frozen, "{}", request.asked.type_name);
    }
}

#[test]
fn the_document_names_every_subject() {
    let document = include_str!("../../docs/events.md");
    let messages = messages::all().into_iter().map(|message| message.found.subject);
    let messages = messages.filter(|subject| !subject.ends_with(".changed"));
    let messages = messages.map(|subject| subject.replace(".main.", ".*."));
    let statuses = Status::ALL.map(|status| status.to_string());
    let requests = requests::all().into_iter().map(|request| request.found);
    for name in messages.chain(requests).chain(statuses) {
        assert!(document.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn each_status_of_an_order_is_a_subject_and_a_step_of_its_own() {
    let words = [
        "placed",
        "reserved",
        "confirmed",
        "preparing",
        "ready",
        "served",
        "rejected",
        "declined",
        "cancelled",
    ];
    assert_eq!(json!(Status::ALL), json!(words));
    for (status, word) in Status::ALL.into_iter().zip(words) {
        let event = OrderChanged { status, ..samples::order_changed() };
        let sent = Outgoing::named(&samples::main(), event.name(), 1, &event);
        assert_eq!(sent.subject, format!("bakery.evt.orders.main.{word}"));
        assert_eq!((sent.step.as_str(), sent.business_id), (word, event.business_id()));
        assert_eq!((status.to_string().as_str(), word.parse()), (word, Ok(status)));
    }
}

#[test]
fn the_words_of_the_other_enums_are_as_frozen() {
    assert_eq!(json!([Kind::Cmd, Kind::Evt, Kind::Tick]), json!(["cmd", "evt", "tick"]));
    assert_eq!(json!([State::Up, State::Down]), json!(["up", "down"]));
    assert_eq!(json!([Direction::Received, Direction::Sent]), json!(["received", "sent"]));
    let states = [ProductState::OnSale, ProductState::OffSale, ProductState::Retired];
    assert_eq!(json!(states), json!(["on_sale", "off_sale", "retired"]));
    assert_eq!(json!([Misfire::Once, Misfire::All, Misfire::Skip]), json!(["once", "all", "skip"]));
    assert_eq!(json!(Role::ALL), json!(["customer", "kitchen", "manager", "operator"]));
    assert_eq!(json!(Role::ALL.map(Role::as_str)), json!(Role::ALL));
    let actions = [Action::Cancel, Action::Start, Action::Ready, Action::Serve];
    assert_eq!(json!(actions), json!(["cancel", "start", "ready", "serve"]));
    assert_eq!(json!(actions.map(Action::as_str)), json!(actions));
    assert_eq!(json!(RefundState::ALL), json!(["asked", "paid"]));
    assert_eq!(json!(RefundState::ALL.map(RefundState::as_str)), json!(RefundState::ALL));
}

#[test]
fn a_new_field_is_not_in_the_way_of_an_older_reader() {
    let messages = messages::all().into_iter().map(|message| message.form);
    let replies = requests::all().into_iter().map(|request| request.reply);
    for form in messages.chain(replies).chain([refusal()]) {
        let read = (form.reread)(&form.with_a_new_field());
        assert!(read.is_ok(), "{}: {read:?}", form.file);
    }
}

#[test]
fn a_request_with_an_unknown_field_is_refused() {
    for request in requests::all() {
        let form = request.asked;
        let read = (form.reread)(&form.with_a_new_field());
        // Anybody may ask how a service is.
        let tolerant = form.type_name.ends_with("Health");
        assert_eq!(read.is_ok(), tolerant, "{}: {read:?}", form.file);
    }
}

#[test]
fn what_may_be_left_out_of_a_request_may_stay_out() {
    let empty = [
        "BankHealth",
        "GatewayHealth",
        "GetBehaviours",
        "InventoryHealth",
        "ListAccounts",
        "ListBranches",
        "ListJobs",
        "ListOrders",
        "OrdersHealth",
        "RebuildUsers",
        "SchedulerHealth",
        "SetBehaviour",
    ];
    let reads_empty = requests::all().into_iter().map(|request| request.asked);
    let reads_empty = reads_empty.filter(|form| (form.reread)("{}").is_ok());
    let found: BTreeSet<&str> = reads_empty.map(|form| form.type_name).collect();
    assert_eq!(found, empty.into_iter().collect());
}
