//! Placing an order in the API's document.

use super::body::{CustomerBody, LineBody};
use crate::api::Op;
use bakery_nats::requests::orders::Order;
use bakery_nats::slug::Slug;
use serde_json::json;
use utoipa::ToSchema;

/// An order: lines, or one product and its quantity.
#[derive(ToSchema)]
#[schema(as = OrderBody)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Wish {
    Lines(LinesBody),
    Product(ProductBody),
}

/// An order of one or more products.
#[derive(ToSchema)]
#[schema(as = OrderOfLines)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct LinesBody {
    /// `main` where it is left out.
    branch: Option<Slug>,
    customer: CustomerBody,
    /// No product twice.
    #[schema(min_items = 1, max_items = 50)]
    items: Vec<LineBody>,
}

/// An order of one product.
#[derive(ToSchema)]
#[schema(as = OrderOfProduct)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct ProductBody {
    /// `main` where it is left out.
    branch: Option<Slug>,
    customer: CustomerBody,
    product_id: Slug,
    #[schema(minimum = 1, maximum = 1000)]
    quantity: i64,
}

/// The operation.
pub(crate) fn ops() -> Vec<Op> {
    let applied = json!({
        "description": "With `Prefer: wait`: how long was waited at most.",
        "schema": { "type": "string", "pattern": "^wait=[0-9]+$" },
    });
    let wish = json!({
        "customer": { "name": "Ada" },
        "items": [{ "product_id": "rye", "quantity": 1 }, { "product_id": "donut", "quantity": 2 }],
    });
    vec![
        Op::new(("POST", "/orders"), "Orders", "Place an order")
            .about(
                "Your account pays. An order that was accepted reaches an end by itself; the \
                 status tells which. With `Prefer: wait` the answer comes when it is settled.",
            )
            .idempotent()
            .waits()
            .body::<Wish>(&wish)
            .answers::<Order>(200, "It is settled: bought, rejected or declined.")
            .located(200)
            .header(200, "Preference-Applied", applied.clone())
            .answers::<Order>(202, "It is accepted.")
            .located(202)
            .header(202, "Preference-Applied", applied)
            .refuses(409, "`branch_closed`; `retry_at` says when it opens, where that is known.")
            .refuses(
                422,
                "Fields are wrong, `unknown_product`, or `idempotency_key_reused`: another order \
                 has this key.",
            ),
    ]
}
