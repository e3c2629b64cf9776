//! `bank.charge`: the money for each order goes into the branch's till, or nothing moves.

use crate::ledger::{Book, Charging, Circumstances};
use crate::manners::Rules;
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::message::Message;
use bakery_nats::messages::bank::{Charge, Charged, Declined, Refund};
use bakery_nats::process::Answers;
use bakery_nats::record::Records;

/// One batch, in the order of the stream.
pub(crate) fn charge(
    book: &mut Book,
    batch: &[Delivered<Charge>],
    known: &Records,
    rules: &Rules,
) -> Answers {
    let mut answers = Answers::default();
    for message in batch {
        let Charge { order_id, account_id, amount } = message.body.clone();
        let branch = message.meta.branch();
        let given = Circumstances {
            branch: branch.clone(),
            at: message.meta.at,
            already_refunded: known.has(order_id, Refund::STEP),
            refused_by_bank: rules.refuse(branch, account_id, order_id),
        };
        match book.charge(&message.body, &given) {
            Charging::Charged { transfer_id } => {
                let charged = Charged { order_id, account_id, transfer_id, amount };
                answers.push(message.position, Outgoing::answer(branch, &charged));
            }
            Charging::Declined(reason) => {
                let code = reason.code().to_owned();
                let declined = Declined { order_id, account_id, code };
                answers.push(message.position, Outgoing::answer(branch, &declined));
            }
            Charging::Absurd(rule) => answers.bury(message.position, rule),
        }
    }
    answers
}
