//! `bank.refund`: the undo of charge.
//!
//! "Nothing was taken" is success. The record written for a refund of something never seen is the
//! tombstone a late charge finds.

use crate::ledger::Book;
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::messages::bank::Refund;
use bakery_nats::process::Answers;

/// One batch, after its charges.
pub(crate) fn refund(book: &mut Book, batch: &[Delivered<Refund>]) -> Answers {
    let mut answers = Answers::default();
    for message in batch {
        let refunded = book.refund(&message.body, message.meta.at);
        answers.push(message.position, Outgoing::answer(message.meta.branch(), &refunded));
    }
    answers
}
