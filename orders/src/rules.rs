//! What a new order and a refund must look like, whoever sends them.

use bakery_nats::messages::inventory::Line;
use bakery_nats::refusal::FieldError;
use bakery_nats::requests::orders::Place;
use bakery_nats::requests::refunds::RefundOrder;
use std::collections::HashSet;

/// Lines of one order.
pub const LINES_MAX: usize = 50;
/// Units of one line, and of one order: the answer that names each must fit into a message.
pub const QUANTITY_MAX: u32 = 1000;
const NAME_LENGTH_MAX: usize = 80;
const EMAIL_LENGTH_MAX: usize = 254;
const KEY_LENGTH_MAX: usize = 255;
const REASON_LENGTH_MAX: usize = 200;

/// Every field that is wrong, with the reason.
pub fn wrong_fields(order: &Place) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, reason: &str| errors.push(FieldError::new(field, reason));

    let name = order.customer.name.trim();
    if name.is_empty() || name.chars().count() > NAME_LENGTH_MAX || has_control(name) {
        wrong("customer.name", "must be 1 to 80 characters without control characters");
    }
    if order.customer.email.as_deref().is_some_and(|email| !is_email(email)) {
        wrong("customer.email", "must be an e-mail address of at most 254 characters");
    }
    if order.idempotency_key.as_deref().is_some_and(|key| !is_key(key)) {
        wrong("idempotency_key", "must be 1 to 255 visible ASCII characters");
    }
    if order.items.is_empty() || order.items.len() > LINES_MAX {
        wrong("items", "must be 1 to 50 lines");
        return errors;
    }
    let units: u64 = order.items.iter().map(|line| u64::from(line.quantity)).sum();
    if units > u64::from(QUANTITY_MAX) {
        wrong("items", "must be at most 1000 units in all");
    }
    errors.extend(wrong_lines("items", "order", &order.items));
    errors
}

/// Every field of a refund that is wrong by itself, with the reason.
pub fn wrong_refund_fields(refund: &RefundOrder) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, reason: &str| errors.push(FieldError::new(field, reason));
    let reason = refund.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LENGTH_MAX || has_control(reason) {
        wrong("reason", "must be 1 to 200 characters without control characters");
    }
    if refund.idempotency_key.as_deref().is_some_and(|key| !is_key(key)) {
        wrong("idempotency_key", "must be 1 to 255 visible ASCII characters");
    }
    if let Some(lines) = &refund.lines {
        if lines.is_empty() || lines.len() > LINES_MAX {
            wrong("lines", "must be 1 to 50 lines");
        } else {
            errors.extend(wrong_lines("lines", "refund", lines));
        }
    }
    errors
}

fn wrong_lines(list: &str, of: &str, lines: &[Line]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    for (i, line) in lines.iter().enumerate() {
        if !(1..=QUANTITY_MAX).contains(&line.quantity) {
            errors.push(FieldError::new(format!("{list}[{i}].quantity"), "must be 1 to 1000"));
        }
        if !seen.insert(&line.product_id) {
            let reason = format!("stands twice in this {of}");
            errors.push(FieldError::new(format!("{list}[{i}].product_id"), reason));
        }
    }
    errors
}

fn is_key(key: &str) -> bool {
    (1..=KEY_LENGTH_MAX).contains(&key.len()) && key.bytes().all(|b| (32..127).contains(&b))
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Plausible, not more: what an address really takes, only sending to it can tell.
fn is_email(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    text.len() <= EMAIL_LENGTH_MAX
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && parts.len() == 2
        && parts.iter().all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{wrong_fields, wrong_refund_fields};
    use bakery_nats::messages::inventory::Line;
    use bakery_nats::requests::orders::{Customer, Place};
    use bakery_nats::requests::refunds::RefundOrder;
    use uuid::Uuid;

    fn order(change: impl FnOnce(&mut Place)) -> Vec<String> {
        let line = |id: &str| Line { product_id: id.parse().unwrap(), quantity: 1 };
        let mut place = Place {
            order_id: Uuid::nil(),
            idempotency_key: Some("k".to_owned()),
            branch: "main".parse().unwrap(),
            account_id: Uuid::nil(),
            customer: Customer { name: "Ada".to_owned(), email: Some("ada@x.org".to_owned()) },
            items: vec![line("donut"), line("bread")],
        };
        change(&mut place);
        wrong_fields(&place).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_plain_order_is_taken() {
        assert!(order(|_| ()).is_empty());
    }

    #[test]
    fn every_wrong_field_is_named() {
        assert_eq!(order(|o| o.customer.name = " ".to_owned()), ["customer.name"]);
        assert_eq!(order(|o| o.customer.name = "a\nb".to_owned()), ["customer.name"]);
        assert_eq!(order(|o| o.customer.name = "x".repeat(81)), ["customer.name"]);
        for email in ["", "a", "a@", "@b", "a@b@c", "a b@c", &format!("{}@c", "x".repeat(254))] {
            let fields = order(|o| o.customer.email = Some(email.to_owned()));
            assert_eq!(fields, ["customer.email"], "{email}");
        }
        assert_eq!(order(|o| o.idempotency_key = Some("k".repeat(256))), ["idempotency_key"]);
        assert_eq!(order(|o| o.idempotency_key = Some("é".to_owned())), ["idempotency_key"]);
        assert_eq!(order(|o| o.items.clear()), ["items"]);
        assert_eq!(order(|o| o.items = vec![o.items[0].clone(); 51]), ["items"]);
        assert_eq!(order(|o| o.items[1].quantity = 0), ["items[1].quantity"]);
        assert_eq!(order(|o| o.items[0].quantity = 1001), ["items", "items[0].quantity"]);
        assert_eq!(order(|o| o.items[0].quantity = 1000), ["items"], "1001 units in all");
        assert_eq!(
            order(|o| o.items[1].product_id = o.items[0].product_id.clone()),
            ["items[1].product_id"]
        );
    }

    #[test]
    fn every_wrong_field_of_a_refund_is_named() {
        let line = |id: &str, quantity| Line { product_id: id.parse().unwrap(), quantity };
        let good = RefundOrder {
            refund_id: Uuid::nil(),
            order_id: Uuid::nil(),
            idempotency_key: None,
            lines: None,
            reason: "burnt".to_owned(),
        };
        let fields = |refund: &RefundOrder| -> Vec<String> {
            wrong_refund_fields(refund).into_iter().map(|error| error.field).collect()
        };
        assert!(fields(&good).is_empty());
        for reason in ["", " ", "a\nb", &"x".repeat(201)] {
            let refund = RefundOrder { reason: reason.to_owned(), ..good.clone() };
            assert_eq!(fields(&refund), ["reason"], "{reason:?}");
        }
        let refund = RefundOrder { idempotency_key: Some(String::new()), ..good.clone() };
        assert_eq!(fields(&refund), ["idempotency_key"]);
        for (lines, wrong) in [
            (vec![], vec!["lines"]),
            (vec![line("donut", 0)], vec!["lines[0].quantity"]),
            (vec![line("donut", 1001)], vec!["lines[0].quantity"]),
            (vec![line("donut", 1), line("donut", 1)], vec!["lines[1].product_id"]),
            (vec![line("donut", 1); 51], vec!["lines"]),
        ] {
            assert_eq!(fields(&RefundOrder { lines: Some(lines), ..good.clone() }), wrong);
        }
    }
}
