//! `orders.advance`: a person calls an order off, or the kitchen moves it on.

use crate::handlers::{load, save};
use crate::order::{Effect, Fact, Order};
use crate::refund::{self, Refund};
use crate::saga::{Event, State};
use bakery_nats::error::HandlerError;
use bakery_nats::record::Record;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{Action, Advance};
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// The writer of steps that people take.
pub struct AdvanceWriter;

impl Writer for AdvanceWriter {
    type Request = Advance;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<Advance>],
    ) -> Result<Vec<WriteResult<Advance>>, HandlerError> {
        let ids: BTreeSet<Uuid> = batch.iter().map(|asked| asked.body.order_id).collect();
        // The same lock as a message about the order takes: cancel and charged cannot cross.
        Record::lock(conn, &ids).await?;
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let mut orders = load(conn, &ids).await?;
        let refunds = refund::row::of_orders(conn, &ids).await?;
        let mut moved = BTreeSet::new();
        let decide = |asked: &Asked<Advance>| {
            let result = advance(&mut orders, &refunds, asked);
            if result.as_ref().is_ok_and(|written| written.step.is_some()) {
                moved.insert(asked.body.order_id);
            }
            result
        };
        let results = batch.iter().map(decide).collect();
        save(conn, orders.values().filter(|order| moved.contains(&order.id))).await?;
        Ok(results)
    }
}

fn advance(
    orders: &mut BTreeMap<Uuid, Order>,
    refunds: &HashMap<Uuid, Vec<Refund>>,
    asked: &Asked<Advance>,
) -> WriteResult<Advance> {
    let Advance { order_id, action } = asked.body;
    let order = orders.get_mut(&order_id).ok_or_else(|| Refusal::not_found("order", order_id))?;
    let refunds = refunds.get(&order_id).map_or(&[][..], Vec::as_slice);
    if is_done(order.state, action) {
        return Ok(Written { reply: order.view(refunds), step: None });
    }
    let event = match action {
        Action::Cancel => Event::Cancel,
        Action::Start => Event::Start,
        Action::Ready => Event::Ready,
        Action::Serve => Event::Serve,
    };
    match order.apply(&Fact::Plain(event), asked.at) {
        Effect::Moved(outgoing) => {
            let step = Step { business_id: order_id, name: action.as_str().to_owned(), outgoing };
            Ok(Written { reply: order.view(refunds), step: Some(step) })
        }
        Effect::Late | Effect::Impossible(_) => Err(refusal(order, action)),
    }
}

/// The same wish again is the same answer, not a conflict.
fn is_done(state: State, action: Action) -> bool {
    match action {
        Action::Cancel => {
            matches!(state, State::GivingUp(_) | State::Returning(_) | State::Cancelled)
        }
        Action::Start => state == State::Preparing,
        Action::Ready => state == State::Ready,
        Action::Serve => state == State::Served,
    }
}

fn refusal(order: &Order, action: Action) -> Refusal {
    let (number, status) = (order.called_number(), order.state.status());
    let detail = match (action, order.state) {
        (Action::Cancel, State::Charged) => {
            format!("order {number} is being paid just now; try again in a moment")
        }
        (Action::Cancel, State::Preparing | State::Ready | State::Served) => {
            format!("order {number} is {status}; it can be cancelled only before preparing")
        }
        _ => {
            let fits = fitting(order.state);
            format!("order {number} is {status}, so {:?} does not fit; {fits}", action.as_str())
        }
    };
    Refusal::new(409, "wrong_state", detail)
}

/// What a person can do with an order that is not being bought.
fn fitting(state: State) -> &'static str {
    match state {
        State::Placed | State::Reserved => "it is not paid yet, and can only be cancelled",
        State::Charged => "it is being paid just now; try again in a moment",
        State::Confirmed => "what fits is \"start\" or \"cancel\"",
        State::Preparing => "what fits is \"ready\"",
        State::Ready => "what fits is \"serve\"",
        State::Served
        | State::Rejected
        | State::Releasing
        | State::Declined
        | State::GivingUp(_)
        | State::Returning(_)
        | State::Cancelled => "nothing more can be done with it",
    }
}
