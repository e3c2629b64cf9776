//! `inventory.list-products`: products are put on the menu or changed.

use crate::product::Product;
use bakery_nats::envelope::Outgoing;
use bakery_nats::error::HandlerError;
use bakery_nats::id::derived;
use bakery_nats::messages::inventory::ProductListed;
use bakery_nats::money::AMOUNT_MAX;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::{ListProducts, Listed, NewProduct};
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;
use std::collections::BTreeSet;

const PRODUCTS_MAX: usize = 200;
const NAME_LENGTH_MAX: usize = 80;
const TEXT_LENGTH_MAX: usize = 500;

/// The catalogue's writer. Requests are rare and each holds many products, so they are written
/// one after the other.
pub struct ListProductsWriter;

impl Writer for ListProductsWriter {
    type Request = ListProducts;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<ListProducts>],
    ) -> Result<Vec<WriteResult<ListProducts>>, HandlerError> {
        let mut results = Vec::with_capacity(batch.len());
        for asked in batch {
            let errors = wrong_fields(&asked.body.products);
            results.push(if errors.is_empty() {
                Ok(put(conn, asked).await?)
            } else {
                Err(Refusal::invalid(errors))
            });
        }
        Ok(results)
    }
}

async fn put(
    conn: &mut AsyncPgConnection,
    asked: &Asked<ListProducts>,
) -> Result<Written<Listed>, HandlerError> {
    let ListProducts { branch, products } = &asked.body;
    // In sorted order first, like everybody: the insert goes by the order of the menu.
    let keys = products.iter().map(|product| (branch.clone(), product.id.clone())).collect();
    Product::lock(conn, &keys).await?;
    let changed = Product::put(conn, branch, products).await?;
    let event = |(id, version): &(String, i64)| {
        let product = products.iter().find(|product| product.id.as_str() == id)?;
        let listed = ProductListed {
            listing_id: derived(&["listing", branch.as_str(), id, &version.to_string()]),
            product_id: product.id.clone(),
            version: *version,
            name: product.name.clone(),
            price: product.price.clone(),
        };
        Some(Outgoing::attempt(branch, 1, &listed))
    };
    let step = Step {
        business_id: asked.request_id,
        name: "list-products".to_owned(),
        outgoing: changed.iter().filter_map(event).collect(),
    };
    Ok(Written { reply: Listed { changed: changed.len() }, step: Some(step) })
}

fn wrong_fields(products: &[NewProduct]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if products.is_empty() || products.len() > PRODUCTS_MAX {
        errors.push(FieldError::new("products", "must be 1 to 200 products"));
        return errors;
    }
    let mut seen = BTreeSet::new();
    for (i, product) in products.iter().enumerate() {
        let mut wrong = |field: &str, reason: &str| {
            errors.push(FieldError::new(format!("products[{i}].{field}"), reason));
        };
        let clean = |text: &str, max: usize| {
            text.chars().count() <= max && !text.chars().any(char::is_control)
        };
        if !seen.insert(&product.id) {
            wrong("id", "stands twice in this request");
        }
        if product.name.trim().is_empty() || !clean(&product.name, NAME_LENGTH_MAX) {
            wrong("name", "must be 1 to 80 characters without control characters");
        }
        if !clean(&product.description, TEXT_LENGTH_MAX) {
            wrong("description", "must be at most 500 characters without control characters");
        }
        if !clean(&product.image, TEXT_LENGTH_MAX) {
            wrong("image", "must be at most 500 characters without control characters");
        }
        if !(0..=AMOUNT_MAX).contains(&product.price.amount) {
            wrong("price.amount", "must be 0 to 10,000,000,000 minor units");
        }
        if product.shelf_life_s < 1 {
            wrong("shelf_life_s", "must be at least 1 second");
        }
        if !(0..=100).contains(&product.discount_percent) {
            wrong("discount_percent", "must be 0 to 100");
        }
    }
    errors
}
