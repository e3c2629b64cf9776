//! The receipt of a paid order, made from its row and its refunds alone: nothing of it changes
//! afterwards, but what is given back.

use crate::order::Order;
use crate::prices::prices;
use crate::refund::Refund;
use crate::saga::State;
use bakery_nats::money::Money;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::orders::Item;
use bakery_nats::requests::receipts::{Receipt, ReceiptLine, ReceiptRefund, ReceiptShop};
use bakery_nats::requests::refunds::RefundState;

/// The receipt. Refunds are on it once the money is back.
///
/// # Errors
/// 409 where the order was not paid.
pub(crate) fn of(order: &Order, refunds: &[Refund]) -> Result<Receipt, Refusal> {
    let Some(Money { amount: total, currency }) = order.price.clone().filter(|_| order.paid) else {
        let (number, status) = (order.called_number(), order.state.status());
        let detail = format!("order {number} is {status}; only a paid order has a receipt");
        return Err(Refusal::new(409, "wrong_state", detail));
    };
    let paid = refunds.iter().filter(|refund| refund.state == RefundState::Paid);
    let part = |refund: &Refund| ReceiptRefund {
        made_at: refund.made_at,
        amount: refund.price.amount,
        reason: refund.reason.clone(),
        lines: refund.lines.clone(),
    };
    let refunds: Vec<ReceiptRefund> = paid.map(part).chain(called_off(order, total)).collect();
    let refunded = refunds.iter().map(|refund| refund.amount).sum();
    Ok(Receipt {
        order_id: order.id,
        number: order.called_number(),
        date: order.day,
        time: order.created_at,
        shop: shop(order),
        lines: order.items.iter().map(line).collect(),
        total,
        discount: order.items.iter().map(discount).sum(),
        currency,
        refunds,
        refunded,
        remains: total - refunded,
    })
}

/// Where it was bought. An older program, while services were upgraded, wrote no name.
fn shop(order: &Order) -> ReceiptShop {
    let mut shop = order.shop.clone();
    if shop.name.is_empty() {
        shop.name = order.branch.to_string();
    }
    shop
}

fn line(item: &Item) -> ReceiptLine {
    ReceiptLine {
        product_id: item.product_id.clone(),
        name: item.name.clone().unwrap_or_else(|| item.product_id.to_string()),
        quantity: item.quantity,
        prices: prices(&item.units),
        line_total: item.line_total.unwrap_or_default(),
        units: item.units.clone(),
    }
}

/// How much less a line cost than at the full prices, where those are known.
fn discount(item: &Item) -> i64 {
    let less = item.units.iter().map(|unit| unit.full_price.unwrap_or(unit.price) - unit.price);
    less.sum()
}

/// An order that was called off after it was paid is given back as a whole.
fn called_off(order: &Order, total: i64) -> Option<ReceiptRefund> {
    (order.state == State::Cancelled).then(|| ReceiptRefund {
        made_at: order.updated_at,
        amount: total,
        reason: order.reason.as_ref().map(|reason| reason.detail.clone()).unwrap_or_default(),
        lines: Vec::new(),
    })
}
