//! `orders.place`: an order is accepted. Accepted means committed, with its key, number and first
//! command, before anybody is told (R1).

use crate::deadline::pause_s;
use crate::idempotency::{self, Claim};
use crate::known;
use crate::numbers;
use crate::order::Order;
use crate::row::{self, OrderRow, Write};
use crate::rules;
use crate::saga::State;
use bakery_nats::Pool;
use bakery_nats::ask::ask;
use bakery_nats::error::HandlerError;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::GetAccount;
use bakery_nats::requests::inventory::GetProduct;
use bakery_nats::requests::orders::{Item, Place};
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The code of a refusal that asking the owner may mend.
const UNKNOWN: &str = "unknown_reference";

/// The writer of new orders.
pub struct PlaceWriter {
    /// Over which owners are asked.
    pub client: Option<async_nats::Client>,
    /// The database of the service.
    pub pool: Pool,
    /// From then on an order that is not paid gives up, in seconds.
    pub give_up_after_s: f64,
}

/// What becomes of one request of a batch.
enum Verdict {
    Refused(Refusal),
    /// The order with this id, which was placed before, maybe in this very batch.
    Repeat(Uuid),
    New,
}

impl Writer for PlaceWriter {
    type Request = Place;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<Place>],
    ) -> Result<Vec<WriteResult<Place>>, HandlerError> {
        let verdicts = judge(conn, batch).await?;
        let new: Vec<&Asked<Place>> = (batch.iter().zip(&verdicts))
            .filter(|(_, verdict)| matches!(verdict, Verdict::New))
            .map(|(asked, _)| asked)
            .collect();
        let mut orders = self.accept(conn, &new).await?;
        let repeated: Vec<Uuid> = (verdicts.iter())
            .filter_map(|verdict| match verdict {
                Verdict::Repeat(id) if !orders.contains_key(id) => Some(*id),
                _ => None,
            })
            .collect();
        for row in OrderRow::get_all(conn, &repeated).await? {
            orders.insert(row.id, row.read()?);
        }
        Ok(batch.iter().zip(verdicts).map(|(asked, v)| answer(asked, v, &orders)).collect())
    }

    /// An account or product this service has not heard of: the owner knows. What it confirms is
    /// kept, and the order is decided again.
    async fn mend(&self, asked: &Asked<Place>, refusal: &Refusal) -> Result<bool, Refusal> {
        let Some(client) = self.client.as_ref().filter(|_| refusal.code == UNKNOWN) else {
            return Ok(false);
        };
        let named = |field: &str| refusal.errors.iter().any(|error| error.field == field);
        let mut accounts = Vec::new();
        if named("account_id") {
            let account_id = asked.body.account_id;
            if exists(ask(client, &GetAccount { account_id }).await)? {
                accounts.push(account_id);
            }
        }
        let mut products = Vec::new();
        for (i, line) in asked.body.items.iter().enumerate() {
            if !named(&product_field(i)) {
                continue;
            }
            let (branch, id) = (asked.body.branch.clone(), line.product_id.clone());
            if exists(ask(client, &GetProduct { branch, id }).await)? {
                products.push((asked.body.branch.clone(), line.product_id.clone()));
            }
        }
        if accounts.is_empty() && products.is_empty() {
            return Ok(false);
        }
        let unavailable = |_| Refusal::unavailable("the orders database");
        let mut conn = self.pool.get().await.map_err(|_| unavailable(()))?;
        known::add_accounts(&mut conn, &accounts).await.map_err(|_| unavailable(()))?;
        known::add_products(&mut conn, &products).await.map_err(|_| unavailable(()))?;
        Ok(true)
    }
}

impl PlaceWriter {
    /// Gives numbers to new orders and writes them.
    async fn accept(
        &self,
        conn: &mut AsyncPgConnection,
        new: &[&Asked<Place>],
    ) -> Result<HashMap<Uuid, Order>, HandlerError> {
        if new.is_empty() {
            return Ok(HashMap::new());
        }
        let days: Vec<_> = new.iter().map(|a| (a.body.branch.clone(), a.at.date_naive())).collect();
        let numbers = numbers::next(conn, &days).await?;
        let orders: Vec<Order> = new.iter().zip(numbers).map(|(a, n)| order(a, n)).collect();
        let writes: Vec<Write<'_>> = (orders.iter())
            .map(|order| Write { order, due_in_s: pause_s(order.id, order.attempt) })
            .collect();
        row::insert(conn, &writes, self.give_up_after_s).await?;
        let claims: Vec<Claim> = new.iter().map(|asked| Claim::of(&asked.body)).collect();
        idempotency::insert(conn, &claims).await?;
        Ok(orders.into_iter().map(|order| (order.id, order)).collect())
    }
}

/// Decides about every request of a batch, without writing.
async fn judge(
    conn: &mut AsyncPgConnection,
    batch: &[Asked<Place>],
) -> Result<Vec<Verdict>, HandlerError> {
    let claims: Vec<Claim> = batch.iter().map(|asked| Claim::of(&asked.body)).collect();
    let mut taken = idempotency::load(conn, &claims).await?;
    let accounts: Vec<Uuid> = batch.iter().map(|asked| asked.body.account_id).collect();
    let products: Vec<_> = (batch.iter())
        .flat_map(|a| a.body.items.iter().map(|line| (&a.body.branch, &line.product_id)))
        .collect();
    let known_accounts = known::accounts(conn, &accounts).await?;
    let known_products = known::products(conn, &products).await?;
    let ids: Vec<Uuid> = batch.iter().map(|asked| asked.body.order_id).collect();
    let mut used = OrderRow::existing(conn, &ids).await?;

    let mut verdicts = Vec::with_capacity(batch.len());
    for (asked, claim) in batch.iter().zip(claims) {
        let errors = rules::wrong_fields(&asked.body);
        if !errors.is_empty() {
            verdicts.push(Verdict::Refused(Refusal::invalid(errors)));
            continue;
        }
        if let Some(first) = taken.get(&claim.key()) {
            verdicts.push(if first.request_hash == claim.request_hash {
                Verdict::Repeat(first.order_id)
            } else {
                Verdict::Refused(key_reused())
            });
            continue;
        }
        let unknown = unknown_fields(&asked.body, &known_accounts, &known_products);
        if !unknown.is_empty() {
            let refusal = Refusal { code: UNKNOWN.to_owned(), ..Refusal::invalid(unknown) };
            verdicts.push(Verdict::Refused(refusal));
            continue;
        }
        // Left to the primary key it would refuse everybody in its batch, whenever it comes.
        if !used.insert(asked.body.order_id) {
            let error = FieldError::new("order_id", "is another order's id");
            verdicts.push(Verdict::Refused(Refusal::invalid(vec![error])));
            continue;
        }
        taken.insert(claim.key(), claim);
        verdicts.push(Verdict::New);
    }
    Ok(verdicts)
}

fn unknown_fields(
    body: &Place,
    accounts: &HashSet<Uuid>,
    products: &HashSet<(String, String)>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !accounts.contains(&body.account_id) {
        errors.push(FieldError::new("account_id", "there is no such account"));
    }
    for (i, line) in body.items.iter().enumerate() {
        if !products.contains(&(body.branch.to_string(), line.product_id.to_string())) {
            let reason = format!("there is no product {} at {}", line.product_id, body.branch);
            errors.push(FieldError::new(product_field(i), reason));
        }
    }
    errors
}

fn product_field(i: usize) -> String {
    format!("items[{i}].product_id")
}

fn key_reused() -> Refusal {
    let detail = "this Idempotency-Key was used before for another order";
    Refusal::new(422, "idempotency_key_reused", detail)
}

fn order(asked: &Asked<Place>, number: i32) -> Order {
    let body = &asked.body;
    let item = |line: &bakery_nats::messages::inventory::Line| Item {
        product_id: line.product_id.clone(),
        name: None,
        quantity: line.quantity,
        line_total: None,
        units: Vec::new(),
    };
    Order {
        id: body.order_id,
        branch: body.branch.clone(),
        day: asked.at.date_naive(),
        number,
        account_id: body.account_id,
        customer: body.customer.clone(),
        state: State::Placed,
        version: 1,
        items: body.items.iter().map(item).collect(),
        price: None,
        reason: None,
        created_at: asked.at,
        updated_at: asked.at,
        attempt: 1,
    }
}

fn answer(
    asked: &Asked<Place>,
    verdict: Verdict,
    orders: &HashMap<Uuid, Order>,
) -> WriteResult<Place> {
    let missing = || Refusal::unavailable("the orders database");
    match verdict {
        Verdict::Refused(refusal) => Err(refusal),
        Verdict::Repeat(id) => {
            let order = orders.get(&id).ok_or_else(missing)?;
            Ok(Written { reply: order.view(), step: None })
        }
        Verdict::New => {
            let order = orders.get(&asked.body.order_id).ok_or_else(missing)?;
            let step =
                Step { business_id: order.id, name: "place".to_owned(), outgoing: order.placed() };
            Ok(Written { reply: order.view(), step: Some(step) })
        }
    }
}

/// Whether the owner knows it; an owner that does not answer is a refusal of its own.
fn exists<T>(answer: Result<T, Refusal>) -> Result<bool, Refusal> {
    match answer {
        Ok(_) => Ok(true),
        Err(refusal) if refusal.status == 404 => Ok(false),
        Err(refusal) => Err(refusal),
    }
}
