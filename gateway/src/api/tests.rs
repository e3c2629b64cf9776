//! The document against the table of routes, and against itself.

use super::{document, ops};
use crate::router::table;
use crate::router::tests::offline;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Method, path and role of every operation of the document.
fn described(document: &Value) -> BTreeSet<(String, String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| {
            assert!(METHODS.contains(&method.as_str()), "{method} {path}");
            let role = operation["x-role"].as_str().unwrap().to_owned();
            (method.to_ascii_uppercase(), path.clone(), role)
        })
    });
    all.collect()
}

#[tokio::test]
async fn the_document_names_each_row_of_the_table_with_its_role_and_nothing_else() {
    let rows = table(&offline().await).rows;
    let promised: BTreeSet<_> = rows
        .iter()
        .map(|(method, path, who)| {
            let role = who.role().map_or("anyone", |role| role.as_str());
            ((*method).to_owned(), (*path).to_owned(), role.to_owned())
        })
        .collect();
    let described = described(&document(&rows));
    let undescribed: Vec<_> = promised.difference(&described).collect();
    assert!(undescribed.is_empty(), "without an Op in a docs.rs: {undescribed:#?}");
    assert_eq!(described, promised);
    for op in ops() {
        let is_row = rows.iter().any(|(method, path, _)| op.is_at(method, path));
        assert!(is_row, "described, but no row: {} {}", op.method, op.path);
    }
    assert_eq!(ops().len(), rows.len(), "something is described twice");
}

#[tokio::test]
async fn every_path_names_its_parts_and_every_operation_its_tag_id_and_answers() {
    let document = document(&table(&offline().await).rows);
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].to_string()), "{what}");
            let parts: BTreeSet<&str> =
                path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
            let parameters = operation["parameters"].as_array().unwrap();
            let named: BTreeSet<&str> = parameters
                .iter()
                .filter(|one| one["in"] == "path")
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            assert_eq!(named, parts, "{what}");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| status.starts_with('2')), "{what}");
            assert_eq!(
                answers.contains_key("401"),
                operation["x-role"] != "anyone" || path.starts_with("/sessions"),
                "{what}"
            );
            let tag = &operation["tags"][0];
            assert!(document["tags"].as_array().unwrap().iter().any(|one| one["name"] == *tag));
            if method == "post" || method == "put" {
                let body = &operation["requestBody"]["content"]["application/json"];
                assert!(body.is_null() || body["example"].is_object(), "{what}");
            }
        }
    }
}

/// A reference that leads nowhere would be found by readers only.
#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = document(&table(&offline().await).rows);
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 30, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            references.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| collect(value, references));
        }
        Value::Array(all) => all.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

/// Two types of one name would overwrite each other.
#[test]
fn a_name_is_the_name_of_one_type() {
    let mut known = BTreeMap::new();
    for (name, schema) in ops().into_iter().flat_map(|op| op.types) {
        let schema = serde_json::to_value(schema).unwrap();
        let before = known.insert(name.clone(), schema.clone());
        assert!(before.is_none_or(|before| before == schema), "{name} is two types");
    }
}
