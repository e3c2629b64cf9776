//! `inventory.list-products`: products are put on the menu or changed.

use super::{FIRST, attempt, clean, no_branch};
use crate::branch;
use crate::catalogue::{self, CatalogueRow};
use crate::product::Product;
use crate::shop::Shop;
use crate::stock::SectionKey;
use bakery_nats::envelope::Outgoing;
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::Production;
use bakery_nats::money::{AMOUNT_MAX, Currency};
use bakery_nats::record::Record;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::{Asked, Request};
use bakery_nats::requests::inventory::{ListProducts, Listed, NewProduct};
use bakery_nats::slug::Slug;
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;
use std::collections::BTreeSet;

const PRODUCTS_MAX: usize = 200;
/// Products of one branch, the retired as well: all of them fit into one reply.
const BRANCH_PRODUCTS_MAX: usize = 500;
/// The scheduler's job for a product is called `bake-<id>`, and that must be a slug.
const ID_LENGTH_MAX: usize = 35;
const NAME_LENGTH_MAX: usize = 80;
const TEXT_LENGTH_MAX: usize = 500;
const EVERY_S_MAX: i32 = 86_400;
const BATCH_MAX: i32 = 10_000;

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
        // In sorted order first, like everybody, branches before sections: the insert goes by the
        // order of the menu. Nobody else puts new sections into a branch that is locked.
        let branches = batch.iter().map(|asked| asked.body.branch.clone()).collect();
        branch::lock(conn, &branches).await?;
        Product::lock(conn, &batch.iter().flat_map(|asked| keys(&asked.body)).collect()).await?;
        let shops = branch::load(conn, &branches).await?;
        let mut results = Vec::with_capacity(batch.len());
        for asked in batch {
            results.push(match shops.get(&asked.body.branch) {
                Some(shop) => put(conn, asked, shop).await?,
                None => Err(no_branch(&asked.body.branch)),
            });
        }
        Ok(results)
    }

    fn recorded(&self, _: Listed, record: &Record) -> Result<Listed, HandlerError> {
        let told = record.outgoing().map_err(|error| HandlerError::Permanent(Box::new(error)))?;
        Ok(Listed { changed: told.iter().filter(|said| said.attempt == Some(FIRST)).count() })
    }
}

fn keys(body: &ListProducts) -> impl Iterator<Item = SectionKey> {
    body.products.iter().map(|product| (body.branch.clone(), product.id.clone()))
}

async fn put(
    conn: &mut AsyncPgConnection,
    asked: &Asked<ListProducts>,
    shop: &Shop,
) -> Result<WriteResult<ListProducts>, HandlerError> {
    let ListProducts { branch, products } = &asked.body;
    let mut errors = wrong_fields(products, &shop.branch.currency);
    if errors.is_empty() && is_too_many(conn, &asked.body).await? {
        errors.push(FieldError::new("products", "a branch has at most 500, retired ones as well"));
    }
    if !errors.is_empty() {
        return Ok(Err(Refusal::invalid(errors)));
    }
    let changed = catalogue::put(conn, branch, products).await?;
    let ids: Vec<&Slug> = products.iter().map(|product| &product.id).collect();
    let rows = catalogue::some(conn, branch, &ids).await?;
    let said = rows.iter().filter_map(CatalogueRow::listed).map(|listed| {
        let changed = changed.contains(listed.product_id.as_str());
        Outgoing::attempt(branch, attempt(changed, asked.at), &listed)
    });
    let step = Step {
        business_id: asked.request_id,
        name: ListProducts::NAME.to_owned(),
        outgoing: said.collect(),
    };
    Ok(Ok(Written { reply: Listed { changed: changed.len() }, step: Some(step) }))
}

/// The branch is locked: what is counted stays.
async fn is_too_many(
    conn: &mut AsyncPgConnection,
    body: &ListProducts,
) -> Result<bool, HandlerError> {
    let there = Product::of_branches(conn, &BTreeSet::from([body.branch.as_str()])).await?;
    let mut ids: BTreeSet<&str> = there.iter().map(|(_, id)| id.as_str()).collect();
    ids.extend(body.products.iter().map(|product| product.id.as_str()));
    Ok(ids.len() > BRANCH_PRODUCTS_MAX)
}

fn wrong_fields(products: &[NewProduct], currency: &Currency) -> Vec<FieldError> {
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
        if !seen.insert(&product.id) {
            wrong("id", "stands twice in this request");
        }
        if product.id.as_str().len() > ID_LENGTH_MAX {
            wrong("id", "must be at most 35 characters");
        }
        if product.price.currency != *currency {
            wrong("price.currency", &format!("must be {currency}, the currency of the branch"));
        }
        wrong_texts(product, &mut wrong);
        wrong_numbers(product, &mut wrong);
    }
    errors
}

fn wrong_texts(product: &NewProduct, mut wrong: impl FnMut(&str, &str)) {
    if product.name.trim().is_empty() || !clean(&product.name, NAME_LENGTH_MAX) {
        wrong("name", "must be 1 to 80 characters without control characters");
    }
    if !clean(&product.description, TEXT_LENGTH_MAX) {
        wrong("description", "must be at most 500 characters without control characters");
    }
    if !clean(&product.image, TEXT_LENGTH_MAX) {
        wrong("image", "must be at most 500 characters without control characters");
    }
}

fn wrong_numbers(product: &NewProduct, mut wrong: impl FnMut(&str, &str)) {
    if !(0..=AMOUNT_MAX).contains(&product.price.amount) {
        wrong("price.amount", "must be 0 to 10,000,000,000 minor units");
    }
    if product.shelf_life_s < 1 {
        wrong("shelf_life_s", "must be at least 1 second");
    }
    if !(0..=100).contains(&product.discount_percent) {
        wrong("discount_percent", "must be 0 to 100");
    }
    let Some(Production { every_s, batch }) = product.production else { return };
    if !(1..=EVERY_S_MAX).contains(&every_s) {
        wrong("production.every_s", "must be 1 to 86,400 seconds");
    }
    if !(1..=BATCH_MAX).contains(&batch) {
        wrong("production.batch", "must be 1 to 10,000 units");
    }
}
