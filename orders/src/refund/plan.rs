//! Which units a refund is for, and what is given back for them.

use super::Refund;
use crate::order::Order;
use crate::saga::State;
use bakery_nats::messages::inventory::{Line, ReservedUnit};
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::requests::orders::Item;
use bakery_nats::requests::refunds::RefundLine;
use std::collections::HashSet;
use uuid::Uuid;

/// Refunds of one order that are of lines; the one after them is of all that is left. An order must
/// fit into one answer together with them.
pub const REFUNDS_MAX: usize = 50;

/// The lines of a new refund: those that are wanted, or all that was not refunded `before`.
///
/// # Errors
/// 409 where the order's status does not allow it, nothing is left, or it was refunded very often;
/// 422 naming each line that asks for more than is left.
pub fn plan(
    order: &Order,
    before: &[Refund],
    wanted: Option<&[Line]>,
) -> Result<Vec<RefundLine>, Refusal> {
    check_state(order)?;
    let gone: HashSet<Uuid> = (before.iter())
        .flat_map(|refund| refund.lines.iter().flat_map(|line| line.units.iter().copied()))
        .collect();
    let lines: Vec<RefundLine> = match wanted {
        None => order.items.iter().filter_map(|item| take(item, &gone, None)).collect(),
        Some(_) if before.len() >= REFUNDS_MAX => {
            let detail = format!(
                "order {} was refunded {REFUNDS_MAX} times; only all that is left can be refunded now",
                order.called_number()
            );
            return Err(Refusal::new(409, "too_many_refunds", detail));
        }
        Some(wanted) => chosen(order, &gone, wanted)?,
    };
    if lines.is_empty() {
        let detail = format!("order {} is refunded already, all of it", order.called_number());
        return Err(Refusal::new(409, "nothing_to_refund", detail));
    }
    Ok(lines)
}

fn check_state(order: &Order) -> Result<(), Refusal> {
    let (number, status) = (order.called_number(), order.state.status());
    let detail = match order.state {
        State::Preparing | State::Ready | State::Served => return Ok(()),
        State::Placed | State::Reserved | State::Charged | State::Confirmed => {
            format!("order {number} is {status}; before preparing it is cancelled, not refunded")
        }
        State::Rejected
        | State::Releasing
        | State::Declined
        | State::GivingUp(_)
        | State::Returning(_)
        | State::Cancelled => format!("order {number} is {status}; no money of it is kept"),
    };
    Err(Refusal::new(409, "wrong_state", detail))
}

fn chosen(
    order: &Order,
    gone: &HashSet<Uuid>,
    wanted: &[Line],
) -> Result<Vec<RefundLine>, Refusal> {
    let mut errors = Vec::new();
    let mut lines = Vec::new();
    for (i, line) in wanted.iter().enumerate() {
        let Some(item) = order.items.iter().find(|item| item.product_id == line.product_id) else {
            let reason = format!("there is no {} in this order", line.product_id);
            errors.push(FieldError::new(format!("lines[{i}].product_id"), reason));
            continue;
        };
        let left = left(item, gone).len();
        if line.quantity as usize > left {
            let reason = format!("must be at most {left}: so many are not refunded yet");
            errors.push(FieldError::new(format!("lines[{i}].quantity"), reason));
        }
        lines.extend(take(item, gone, Some(line.quantity)));
    }
    if errors.is_empty() { Ok(lines) } else { Err(Refusal::invalid(errors)) }
}

/// The units of a line that were not refunded yet, the dearest first, and the oldest of those that
/// cost the same.
fn left<'i>(item: &'i Item, gone: &HashSet<Uuid>) -> Vec<&'i ReservedUnit> {
    let mut units: Vec<&ReservedUnit> =
        item.units.iter().filter(|unit| !gone.contains(&unit.id)).collect();
    units.sort_by_key(|unit| std::cmp::Reverse(unit.price));
    units
}

/// So many of them, or all; `None` where that is none.
fn take(item: &Item, gone: &HashSet<Uuid>, quantity: Option<u32>) -> Option<RefundLine> {
    let units_max = quantity.map_or(usize::MAX, |quantity| quantity as usize);
    let taken: Vec<&ReservedUnit> = left(item, gone).into_iter().take(units_max).collect();
    (!taken.is_empty()).then(|| RefundLine {
        product_id: item.product_id.clone(),
        quantity: u32::try_from(taken.len()).unwrap_or(u32::MAX),
        amount: taken.iter().map(|unit| unit.price).sum(),
        units: taken.iter().map(|unit| unit.id).collect(),
    })
}
