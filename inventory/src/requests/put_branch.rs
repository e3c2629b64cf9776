//! `inventory.put-branch`: a branch is opened or changed.

use super::{branch_said, clean};
use crate::branch::{self, Shops};
use crate::product::Product;
use crate::shop::Shop;
use bakery_nats::branch::Branch;
use bakery_nats::error::HandlerError;
use bakery_nats::id::derived;
use bakery_nats::record::Record;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::PutBranch;
use bakery_nats::write::{WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;
use std::collections::BTreeSet;

const BRANCHES_MAX: i64 = 200;
const NAME_LENGTH_MAX: usize = 80;
const ADDRESS_LENGTH_MAX: usize = 200;

/// The writer of branches. Requests are rare, so they are written one after the other.
pub struct PutBranchWriter;

impl Writer for PutBranchWriter {
    type Request = PutBranch;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<PutBranch>],
    ) -> Result<Vec<WriteResult<PutBranch>>, HandlerError> {
        let mut books = Books::open(conn, batch).await?;
        let mut results = Vec::with_capacity(batch.len());
        for asked in batch {
            let errors = wrong_fields(&asked.body, &books);
            if !errors.is_empty() {
                results.push(Err(Refusal::invalid(errors)));
                continue;
            }
            let (shop, changed) = changed(books.shops.get(&asked.body.id), &asked.body);
            if changed {
                branch::save(conn, &shop).await?;
            }
            results.push(Ok(Written {
                reply: shop.state(asked.at),
                step: branch_said(asked, &shop, changed),
            }));
            books.put(shop);
        }
        Ok(results)
    }
}

/// What is there before a request, and may not change while it is decided.
struct Books {
    shops: Shops,
    branches: i64,
    /// Branches that have products, and so prices.
    priced: BTreeSet<String>,
}

impl Books {
    async fn open(
        conn: &mut AsyncPgConnection,
        batch: &[Asked<PutBranch>],
    ) -> Result<Self, HandlerError> {
        // One at a time: they are counted.
        Record::lock(conn, &BTreeSet::from([derived(&["branches"])])).await?;
        let ids = batch.iter().map(|asked| asked.body.id.clone()).collect();
        branch::lock(conn, &ids).await?;
        let names = ids.iter().map(|id| id.as_str()).collect();
        let priced = Product::of_branches(conn, &names).await?;
        Ok(Self {
            shops: branch::load(conn, &ids).await?,
            branches: branch::count(conn).await?,
            priced: priced.into_iter().map(|(branch, _)| branch).collect(),
        })
    }

    fn put(&mut self, shop: Shop) {
        let before = self.shops.insert(shop.branch.id.clone(), shop);
        self.branches += i64::from(before.is_none());
    }
}

/// The branch as it is wanted, and whether that is news: one that nobody was told of is.
fn changed(known: Option<&Shop>, wanted: &PutBranch) -> (Shop, bool) {
    let PutBranch { id, name, address, time_zone, hours, currency } = wanted.clone();
    let closed = known.is_some_and(|shop| shop.branch.closed);
    let branch = Branch { id, name, address, time_zone, hours, currency, closed };
    match known {
        None => (Shop { branch, version: 1, discounts: Vec::new(), closed_day: None }, true),
        Some(shop) if shop.branch == branch && shop.version > 0 => (shop.clone(), false),
        Some(shop) => (Shop { branch, version: shop.version + 1, ..shop.clone() }, true),
    }
}

fn wrong_fields(wanted: &PutBranch, books: &Books) -> Vec<FieldError> {
    let known = books.shops.get(&wanted.id);
    let mut errors = Vec::new();
    let mut wrong = |field: &str, reason: &str| errors.push(FieldError::new(field, reason));
    if known.is_none() && books.branches >= BRANCHES_MAX {
        wrong("id", "there are 200 branches already");
    }
    if wanted.name.trim().is_empty() || !clean(&wanted.name, NAME_LENGTH_MAX) {
        wrong("name", "must be 1 to 80 characters without control characters");
    }
    if !clean(&wanted.address, ADDRESS_LENGTH_MAX) {
        wrong("address", "must be at most 200 characters without control characters");
    }
    for day in wanted.hours.wrong_days() {
        wrong(&format!("hours.{day}.close"), "must be later than open");
    }
    let other = known.is_some_and(|shop| shop.branch.currency != wanted.currency);
    if other && books.priced.contains(wanted.id.as_str()) {
        wrong("currency", "cannot change while the branch has products");
    }
    errors
}
