//! The body of a refund: lines of the order, or none for all that is left of it, and the reason. All
//! that is wrong with it is found at once.

use crate::api::texts::ReasonText;
use crate::checks::Checks;
use crate::input::Object;
use crate::routes::place::body::{LINES_MAX, LineBody};
use bakery_nats::messages::inventory::Line;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::refunds::RefundOrder;
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

const REASON_LENGTH_MAX: usize = 200;

/// A refund as a manager writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundBody {
    /// What for; all that was not refunded yet where it is left out.
    #[schema(value_type = Option<Vec<LineBody>>, min_items = 1, max_items = 50)]
    lines: Option<Vec<Object<LineBody>>>,
    /// Why. The customer is told.
    #[schema(value_type = ReasonText)]
    reason: Option<String>,
}

impl RefundBody {
    /// The refund as the orders service wants it.
    pub(crate) fn read(
        self,
        (refund_id, order_id): (Uuid, Uuid),
        idempotency_key: Option<String>,
    ) -> Result<RefundOrder, Refusal> {
        let mut checks = Checks::default();
        let reason = checks.text("reason", self.reason.as_deref(), 1..=REASON_LENGTH_MAX);
        let lines = self.lines.map(|lines| read(&lines, &mut checks));
        let refund = |reason| RefundOrder { refund_id, order_id, idempotency_key, lines, reason };
        checks.finish(reason.map(refund))
    }
}

fn read(bodies: &[Object<LineBody>], checks: &mut Checks) -> Vec<Line> {
    if !(1..=LINES_MAX).contains(&bodies.len()) {
        checks.wrong("lines", format!("must be 1 to {LINES_MAX} lines"));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut lines = Vec::with_capacity(bodies.len());
    for (i, Object(body)) in bodies.iter().enumerate() {
        let above = format!("lines[{i}].");
        let Some(line) = body.read(&above, checks) else { continue };
        if !seen.insert(line.product_id.clone()) {
            checks.wrong(format!("{above}product_id"), "stands twice in this refund");
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::RefundBody;
    use crate::input::parse;
    use bakery_nats::refusal::Refusal;
    use bakery_nats::requests::refunds::RefundOrder;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn read(body: &Value) -> Result<RefundOrder, Refusal> {
        let body: RefundBody = parse(body.to_string().as_bytes())?;
        body.read((Uuid::from_u128(1), Uuid::from_u128(2)), Some("k".to_owned()))
    }

    #[test]
    fn a_refund_is_of_lines_or_of_all_that_is_left() {
        let all = read(&json!({"reason": " burnt "})).unwrap();
        assert_eq!((all.reason.as_str(), all.lines), ("burnt", None));
        assert_eq!((all.refund_id, all.order_id), (Uuid::from_u128(1), Uuid::from_u128(2)));
        assert_eq!(all.idempotency_key.as_deref(), Some("k"));
        let body = json!({"lines": [{"product_id": "donut", "quantity": 2}], "reason": "burnt"});
        let lines = read(&body).unwrap().lines.unwrap();
        assert_eq!((lines.len(), lines[0].product_id.as_str(), lines[0].quantity), (1, "donut", 2));
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let line = |id: &str, quantity: i64| json!({"product_id": id, "quantity": quantity});
        for (body, wrong) in [
            (json!({}), vec!["reason"]),
            (json!({"reason": " "}), vec!["reason"]),
            (json!({"reason": "x".repeat(201), "lines": []}), vec!["reason", "lines"]),
            (json!({"reason": "b", "lines": [line("donut", 0)]}), vec!["lines[0].quantity"]),
            (
                json!({"reason": "b", "lines": [line("A b", 1), {"quantity": 1}]}),
                vec!["lines[0].product_id", "lines[1].product_id"],
            ),
            (
                json!({"reason": "b", "lines": [line("rye", 1), line("rye", 1)]}),
                vec!["lines[1].product_id"],
            ),
            (json!({"reason": "b", "lines": vec![line("rye", 1); 51]}), vec!["lines"]),
            (json!({"reason": "b", "amount": 5}), vec!["amount"]),
        ] {
            let refusal = read(&body).unwrap_err();
            let fields: Vec<&str> = refusal.errors.iter().map(|e| e.field.as_str()).collect();
            assert_eq!((refusal.status, fields), (422, wrong), "{body}");
        }
    }
}
