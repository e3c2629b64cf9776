//! What becomes of each new order of a batch: everything is loaded first, then each is decided in
//! its turn, and nothing is written.

use crate::branch;
use crate::idempotency::{self, Claim};
use crate::known;
use crate::row::OrderRow;
use crate::rules;
use crate::shop::Shop;
use bakery_nats::error::HandlerError;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::Place;
use bakery_nats::requests::receipts::ReceiptShop;
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use futures::TryFutureExt;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The code of a refusal that asking the owner may mend.
pub(super) const UNKNOWN: &str = "unknown_reference";

/// What becomes of one request of a batch.
pub(super) enum Verdict {
    Refused(Refusal),
    /// The order with this id, which was placed before, maybe in this very batch.
    Repeat(Uuid),
    /// A new order of this business day, at the branch as it is now.
    New(NaiveDate, ReceiptShop),
}

/// Decides about every request of a batch, without writing.
pub(super) async fn judge(
    conn: &mut AsyncPgConnection,
    batch: &[Asked<Place>],
) -> Result<Vec<Verdict>, HandlerError> {
    let claims: Vec<Claim> = batch.iter().map(|asked| Claim::of(&asked.body)).collect();
    let mut facts = Facts::load(conn, batch, &claims).await?;
    let decide = |(asked, claim)| facts.judge(asked, claim).unwrap_or_else(Verdict::Refused);
    Ok(batch.iter().zip(claims).map(decide).collect())
}

/// What a batch is decided by.
struct Facts {
    /// The keys that stand for an order.
    taken: HashMap<(Uuid, String), Claim>,
    accounts: HashSet<Uuid>,
    products: HashSet<(String, String)>,
    shops: HashMap<String, Shop>,
    /// The ids that are an order's.
    used: HashSet<Uuid>,
}

impl Facts {
    async fn load(
        conn: &AsyncPgConnection,
        batch: &[Asked<Place>],
        claims: &[Claim],
    ) -> Result<Self, HandlerError> {
        let accounts: Vec<Uuid> = batch.iter().map(|asked| asked.body.account_id).collect();
        let products: Vec<_> = (batch.iter())
            .flat_map(|a| a.body.items.iter().map(|line| (&a.body.branch, &line.product_id)))
            .collect();
        let branches: HashSet<&str> = batch.iter().map(|a| a.body.branch.as_str()).collect();
        let ids: Vec<Uuid> = batch.iter().map(|asked| asked.body.order_id).collect();
        let branches: Vec<&str> = branches.into_iter().collect();
        // Asked at once, over one connection: five answers in the time of one.
        let (taken, accounts, products, shops, used) = futures::try_join!(
            idempotency::load(conn, claims).map_err(HandlerError::from),
            known::accounts(conn, &accounts).map_err(HandlerError::from),
            known::products(conn, &products).map_err(HandlerError::from),
            branch::shops(conn, &branches),
            OrderRow::existing(conn, &ids).map_err(HandlerError::from),
        )?;
        Ok(Self { taken, accounts, products, shops, used })
    }

    /// The checks in their order. A repeat comes before all that may have changed since the order
    /// was accepted: it is answered with it even if the branch has closed.
    fn judge(&mut self, asked: &Asked<Place>, claim: Claim) -> Result<Verdict, Refusal> {
        let errors = rules::wrong_fields(&asked.body);
        if !errors.is_empty() {
            return Err(Refusal::invalid(errors));
        }
        if let Some(first) = self.taken.get(&claim.key()) {
            if first.request_hash != claim.request_hash {
                return Err(key_reused());
            }
            return Ok(Verdict::Repeat(first.order_id));
        }
        let shop = self.references(&asked.body)?;
        let day = shop.admit(asked.at)?;
        let shop = shop.on_receipt(asked.body.branch.clone());
        // Left to the primary key it would refuse everybody in its batch, whenever it comes.
        if !self.used.insert(asked.body.order_id) {
            let error = FieldError::new("order_id", "is another order's id");
            return Err(Refusal::invalid(vec![error]));
        }
        self.taken.insert(claim.key(), claim);
        Ok(Verdict::New(day, shop))
    }

    /// The branch of an order that names only what is known.
    fn references(&self, body: &Place) -> Result<&Shop, Refusal> {
        let mut errors = Vec::new();
        let shop = self.shops.get(body.branch.as_str());
        if shop.is_none() {
            errors.push(FieldError::new("branch", "there is no such branch"));
        }
        if !self.accounts.contains(&body.account_id) {
            errors.push(FieldError::new("account_id", "there is no such account"));
        }
        for (i, line) in body.items.iter().enumerate() {
            if !self.products.contains(&(body.branch.to_string(), line.product_id.to_string())) {
                let reason = format!("there is no product {} at {}", line.product_id, body.branch);
                errors.push(FieldError::new(product_field(i), reason));
            }
        }
        let unknown = |errors| Refusal { code: UNKNOWN.to_owned(), ..Refusal::invalid(errors) };
        shop.filter(|_| errors.is_empty()).ok_or_else(|| unknown(errors))
    }
}

/// The path of a line's product.
pub(super) fn product_field(i: usize) -> String {
    format!("items[{i}].product_id")
}

fn key_reused() -> Refusal {
    let detail = "this Idempotency-Key was used before for another order";
    Refusal::new(422, "idempotency_key_reused", detail)
}
