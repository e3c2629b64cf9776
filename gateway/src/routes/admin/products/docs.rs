//! The catalogue in the API's document.

use super::SaleBody;
use super::body::ProductBody;
use crate::api::Op;
use crate::api::op::Form;
use bakery_nats::requests::inventory::{CatalogueReply, MenuEntry};
use serde_json::json;

const TAG: &str = "Catalogue";

/// Its operations.
pub(crate) fn ops() -> Vec<Op> {
    let rye = json!({
        "name": "Rye bread",
        "description": "Dark and heavy",
        "price": { "amount": 450, "currency": "EUR" },
        "image": "/images/rye.svg",
        "shelf_life_s": 86_400,
        "discount_percent": 30,
        "production": { "every_s": 3600, "batch": 12 },
    });
    vec![
        Op::new(("GET", "/admin/branches/{id}/products"), TAG, "Every product of a branch")
            .about("As its baker describes it; retired ones as well.")
            .id(Form::Slug, "id", "The branch.", "main")
            .answers::<CatalogueReply>(200, "The products, in the order of the menu."),
        product("PUT", "", "Put a product on the menu, or change it")
            .about("One that was retired is back. The price is in the currency of the branch.")
            .body::<ProductBody>(&rye)
            .answers::<MenuEntry>(200, "The product."),
        product("PUT", "/sale", "Take a product off sale, or back on")
            .body::<SaleBody>(&json!({ "on_sale": true }))
            .answers::<MenuEntry>(200, "The product."),
        product("DELETE", "", "Take a product off the menu")
            .about("Its books stay.")
            .done("It is not on the menu."),
    ]
}

fn product(method: &'static str, below: &str, summary: &'static str) -> Op {
    let path = match below {
        "/sale" => "/admin/branches/{id}/products/{product}/sale",
        _ => "/admin/branches/{id}/products/{product}",
    };
    let op = Op::new((method, path), TAG, summary).id(Form::Slug, "id", "The branch.", "main");
    op.id(Form::ProductName, "product", "The product.", "rye")
}
