//! `bank.pay-back`: a part of a charge, or what is left of it, goes back to who paid.

use crate::ledger::{Book, PayingBack};
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::messages::bank::{PaidBack, PayBack};
use bakery_nats::process::Answers;

/// One batch, after its charges and before its refunds: those give back what is left then.
pub(crate) fn pay_back(book: &mut Book, batch: &[Delivered<PayBack>]) -> Answers {
    let mut answers = Answers::default();
    for message in batch {
        match book.pay_back(&message.body) {
            PayingBack::PaidBack => {
                let PayBack { refund_id, order_id, account_id, amount, .. } = message.body.clone();
                let paid = PaidBack { refund_id, order_id, account_id, amount };
                answers.push(message.position, Outgoing::answer(message.meta.branch(), &paid));
            }
            PayingBack::Absurd(rule) => answers.bury(message.position, rule),
        }
    }
    answers
}
