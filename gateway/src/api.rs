//! The API's own document (OpenAPI 3.1): the table of routes says which operations there are and
//! who may, an [`Op`] beside each handler what it takes and answers, the types what they look like.

pub(crate) mod common;
pub(crate) mod op;
pub(crate) mod texts;

pub(crate) use op::Op;

use crate::router::table::Row;
use crate::routes;
use op::Schemas;
use serde_json::{Map, Value, json};

/// Every operation that is described, in the order in which people read them.
pub(crate) fn ops() -> Vec<Op> {
    let all = [
        routes::menu::docs::ops(),
        routes::branches::docs::ops(),
        routes::sessions::docs::ops(),
        routes::users::docs::ops(),
        routes::place::docs::ops(),
        routes::orders::docs::ops(),
        routes::receipt::docs::ops(),
        routes::refunds::docs::ops(),
        routes::kitchen::docs::ops(),
        routes::live::docs::ops(),
        routes::accounts::docs::ops(),
        routes::admin::branches::docs::ops(),
        routes::admin::products::docs::ops(),
        routes::admin::shelf::docs::ops(),
        routes::admin::jobs::docs::ops(),
        routes::admin::reports::docs::ops(),
        routes::admin::webhooks::docs::ops(),
        routes::ops::docs::ops(),
        routes::health::docs::ops(),
        routes::metrics::docs::ops(),
    ];
    all.into_iter().flatten().collect()
}

/// The document of these routes. What has no [`Op`] is left out; a test forbids that.
pub(crate) fn document(rows: &[Row]) -> Value {
    let mut schemas = Schemas::new();
    common::schemas(&mut schemas);
    let (mut paths, mut tags) = (Map::new(), Vec::<&str>::new());
    for (place, op) in ops().into_iter().enumerate() {
        let Some((_, _, who)) = rows.iter().find(|(method, path, _)| op.is_at(method, path)) else {
            continue;
        };
        if !tags.contains(&op.tag) {
            tags.push(op.tag);
        }
        let (path, method) = (op.path, op.method.to_ascii_lowercase());
        let item = paths.entry(path).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(method, op.finish(*who, place, &mut schemas));
        }
    }
    let tags: Vec<Value> = tags.into_iter().map(|name| json!({ "name": name })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Bakery",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Bread, who may buy it, and who bakes it",
            "description": common::ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/api/v1" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": common::responses(),
            "headers": common::headers(),
            "securitySchemes": { "bearer": common::bearer() },
        },
    })
}

#[cfg(test)]
mod tests;
