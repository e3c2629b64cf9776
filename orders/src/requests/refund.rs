//! `orders.refund`: a manager gives money back. It is a row with a deadline before anybody is told,
//! and the bank is asked until it has paid (R1, R4).

use crate::handlers::load;
use crate::order::Order;
use crate::refund::{Refund, plan, row};
use crate::rules;
use bakery_nats::error::HandlerError;
use bakery_nats::money::Money;
use bakery_nats::record::{Record, hash};
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::refunds::{RefundOrder, RefundState};
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use chrono::SubsecRound;
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Digits of a second that the database keeps.
const SUBSECOND_DIGITS: u16 = 6;

/// The writer of refunds.
pub struct RefundWriter;

impl Writer for RefundWriter {
    type Request = RefundOrder;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<RefundOrder>],
    ) -> Result<Vec<WriteResult<RefundOrder>>, HandlerError> {
        let ids: BTreeSet<Uuid> = batch.iter().map(|asked| asked.body.order_id).collect();
        // The lock of the order: two refunds of one order cannot take the same units, and its
        // status stays what it is.
        Record::lock(conn, &ids).await?;
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let wanted: Vec<Uuid> = batch.iter().map(|asked| asked.body.refund_id).collect();
        let mut till = Till {
            orders: load(conn, &ids).await?,
            refunds: row::of_orders(conn, &ids).await?,
            used: row::existing(conn, &wanted).await?,
            made: Vec::new(),
        };
        let results = batch.iter().map(|asked| till.refund(asked)).collect();
        row::insert(conn, &till.made).await?;
        Ok(results)
    }
}

/// What a batch is decided by, and what was made of it so far.
struct Till {
    orders: BTreeMap<Uuid, Order>,
    refunds: HashMap<Uuid, Vec<Refund>>,
    /// The ids that are a refund's.
    used: HashSet<Uuid>,
    made: Vec<Refund>,
}

impl Till {
    /// A repeat comes before all that may have changed since the refund was made.
    fn refund(&mut self, asked: &Asked<RefundOrder>) -> WriteResult<RefundOrder> {
        let body = &asked.body;
        let errors = rules::wrong_refund_fields(body);
        if !errors.is_empty() {
            return Err(Refusal::invalid(errors));
        }
        let order_id = body.order_id;
        let order =
            self.orders.get(&order_id).ok_or_else(|| Refusal::not_found("order", order_id))?;
        let before = self.refunds.entry(order_id).or_default();
        let (key, request_hash) = claim(body);
        if let Some(first) = before.iter().find(|refund| refund.idempotency_key == key) {
            if first.request_hash != request_hash {
                return Err(key_reused());
            }
            return Ok(Written { reply: order.view(before), step: None });
        }
        let lines = plan(order, before, body.lines.as_deref())?;
        let currency = order.price.as_ref().map(|price| price.currency.clone());
        let currency = currency.ok_or_else(|| unpriced(order_id))?;
        // Left to the primary key it would refuse everybody in its batch.
        if !self.used.insert(body.refund_id) {
            let error = FieldError::new("refund_id", "is another refund's id");
            return Err(Refusal::invalid(vec![error]));
        }
        let amount = lines.iter().map(|line| line.amount).sum();
        let refund = Refund {
            id: body.refund_id,
            order_id,
            branch: order.branch.clone(),
            account_id: order.account_id,
            idempotency_key: key,
            request_hash,
            lines,
            price: Money { amount, currency },
            reason: body.reason.trim().to_owned(),
            state: RefundState::Asked,
            made_at: asked.at.trunc_subsecs(SUBSECOND_DIGITS),
            paid_at: None,
            attempt: 1,
        };
        let name = format!("refund-{}", refund.id);
        let step = Step { business_id: order_id, name, outgoing: vec![refund.ask()] };
        before.push(refund.clone());
        self.made.push(refund);
        Ok(Written { reply: order.view(before), step: Some(step) })
    }
}

/// The sender's key, or else the refund's own id; and what is asked under it. The id is made anew
/// for each request; it is not part of what was asked.
fn claim(body: &RefundOrder) -> (String, Vec<u8>) {
    let key = body.idempotency_key.clone().unwrap_or_else(|| body.refund_id.to_string());
    (key, hash(&RefundOrder { refund_id: Uuid::nil(), ..body.clone() }))
}

/// An order that the kitchen has was paid, so without a price its row is damaged: trying again
/// does not help.
fn unpriced(order_id: Uuid) -> Refusal {
    tracing::error!(order.id = %order_id, "a paid order has no price and cannot be refunded");
    Refusal::new(500, "internal", "the orders service failed; its log has the reason")
}

fn key_reused() -> Refusal {
    let detail = "this Idempotency-Key was used before for another refund of this order";
    Refusal::new(422, "idempotency_key_reused", detail)
}
