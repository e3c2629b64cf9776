//! `orders.place`: an order is accepted. Accepted means committed, with its key, number and first
//! command, before anybody is told (R1).

mod judge;
mod mend;

use crate::deadline::pause_s;
use crate::idempotency::{self, Claim};
use crate::numbers;
use crate::order::Order;
use crate::refund::{self, Refund};
use crate::row::{self, OrderRow, Write};
use crate::saga::State;
use bakery_nats::Pool;
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::Line;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{Item, Place};
use bakery_nats::requests::receipts::ReceiptShop;
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use judge::{Verdict, judge};
use std::collections::HashMap;
use uuid::Uuid;

/// The writer of new orders.
pub struct PlaceWriter {
    /// Over which owners are asked.
    pub client: Option<async_nats::Client>,
    /// The database of the service.
    pub pool: Pool,
    /// From then on an order that is not paid gives up, in seconds.
    pub give_up_after_s: f64,
}

impl Writer for PlaceWriter {
    type Request = Place;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<Place>],
    ) -> Result<Vec<WriteResult<Place>>, HandlerError> {
        let verdicts = judge(conn, batch).await?;
        let new: Vec<New<'_>> = (batch.iter().zip(&verdicts))
            .filter_map(|(asked, verdict)| match verdict {
                Verdict::New(day, shop) => Some((asked, *day, shop)),
                _ => None,
            })
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
        let refunds = refund::row::of_orders(conn, &repeated).await?;
        let answer = |(asked, verdict)| answer(asked, verdict, &orders, &refunds);
        Ok(batch.iter().zip(verdicts).map(answer).collect())
    }

    fn can_mend(&self, refusal: &Refusal) -> bool {
        self.client.is_some() && mend::can_mend(refusal)
    }

    async fn mend(&self, asked: &Asked<Place>, refusal: &Refusal) -> Result<bool, Refusal> {
        match &self.client {
            Some(client) => mend::mend(client, &self.pool, &asked.body, refusal).await,
            None => Ok(false),
        }
    }
}

impl PlaceWriter {
    /// Gives numbers to new orders, each on its business day, and writes them.
    async fn accept(
        &self,
        conn: &mut AsyncPgConnection,
        new: &[New<'_>],
    ) -> Result<HashMap<Uuid, Order>, HandlerError> {
        if new.is_empty() {
            return Ok(HashMap::new());
        }
        let days: Vec<_> = new.iter().map(|(a, day, _)| (a.body.branch.clone(), *day)).collect();
        let numbers = numbers::next(conn, &days).await?;
        let orders: Vec<Order> = new.iter().zip(numbers).map(|(new, n)| order(new, n)).collect();
        let writes: Vec<Write<'_>> = (orders.iter())
            .map(|order| Write { order, due_in_s: pause_s(order.id, order.attempt) })
            .collect();
        row::insert(conn, &writes, self.give_up_after_s).await?;
        let claims: Vec<Claim> = new.iter().map(|(asked, ..)| Claim::of(&asked.body)).collect();
        idempotency::insert(conn, &claims).await?;
        Ok(orders.into_iter().map(|order| (order.id, order)).collect())
    }
}

/// An order that is accepted, its business day, and where it is placed.
type New<'b> = (&'b Asked<Place>, NaiveDate, &'b ReceiptShop);

fn order((asked, day, shop): &New<'_>, number: i32) -> Order {
    let body = &asked.body;
    let item = |line: &Line| Item {
        product_id: line.product_id.clone(),
        name: None,
        quantity: line.quantity,
        prices: Vec::new(),
        line_total: None,
        units: Vec::new(),
    };
    Order {
        id: body.order_id,
        branch: body.branch.clone(),
        shop: (*shop).clone(),
        day: *day,
        number,
        account_id: body.account_id,
        customer: body.customer.clone(),
        state: State::Placed,
        version: 1,
        items: body.items.iter().map(item).collect(),
        price: None,
        paid: false,
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
    refunds: &HashMap<Uuid, Vec<Refund>>,
) -> WriteResult<Place> {
    let missing = || Refusal::unavailable("the orders database");
    match verdict {
        Verdict::Refused(refusal) => Err(refusal),
        Verdict::Repeat(id) => {
            let order = orders.get(&id).ok_or_else(missing)?;
            let refunds = refunds.get(&id).map_or(&[][..], Vec::as_slice);
            Ok(Written { reply: order.view(refunds), step: None })
        }
        Verdict::New(..) => {
            let order = orders.get(&asked.body.order_id).ok_or_else(missing)?;
            let step =
                Step { business_id: order.id, name: "place".to_owned(), outgoing: order.placed() };
            Ok(Written { reply: order.view(&[]), step: Some(step) })
        }
    }
}
