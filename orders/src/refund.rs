//! A refund: money that a manager gives back for an order that stays as it is. What may be given
//! back, and how it comes to its end; plain values, no I/O.
//!
//! The goods stay with the customer. Of each line the dearest units that were not refunded yet come
//! first, so a customer never gets less than another choice would give.

mod plan;
pub(crate) mod row;

pub use plan::{REFUNDS_MAX, plan};

use bakery_nats::envelope::Outgoing;
use bakery_nats::messages::bank::{PaidBack, PayBack};
use bakery_nats::messages::orders::OrderRefunded;
use bakery_nats::money::Money;
use bakery_nats::requests::refunds::{OrderRefund, RefundLine, RefundState};
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One refund.
#[derive(Clone, Debug, PartialEq)]
pub struct Refund {
    /// The refund.
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// Of the order.
    pub branch: Slug,
    /// Who paid.
    pub account_id: Uuid,
    /// What its sender calls it.
    pub idempotency_key: String,
    /// What was asked under that name.
    pub request_hash: Vec<u8>,
    /// What it is for.
    pub lines: Vec<RefundLine>,
    /// The sum of the lines.
    pub price: Money,
    /// Why.
    pub reason: String,
    /// How far it has come.
    pub state: RefundState,
    /// The shop's time at which it was made, in whole microseconds: the database keeps no more, and
    /// the bank must be asked in the same words each time.
    pub made_at: DateTime<Utc>,
    /// The shop's time of the bank's answer.
    pub paid_at: Option<DateTime<Utc>>,
    /// How often the bank was asked.
    pub attempt: u32,
}

/// What the bank's answer does to a refund.
#[derive(Debug, PartialEq, Eq)]
pub enum Paying {
    /// It has come to its end.
    Paid,
    /// It was there before: nothing changes, and nothing is wrong.
    Late,
    /// It cannot be true of this refund.
    Impossible(&'static str),
}

impl Refund {
    /// What the bank is asked, with the attempt it is at.
    pub fn ask(&self) -> Outgoing {
        let pay_back = PayBack {
            refund_id: self.id,
            order_id: self.order_id,
            account_id: self.account_id,
            amount: self.price.clone(),
            made_at: self.made_at,
        };
        Outgoing::attempt(&self.branch, self.attempt, &pay_back)
    }

    /// Asks again, with the next attempt (R3, R4).
    pub fn ask_again(&mut self) -> Outgoing {
        self.attempt += 1;
        self.ask()
    }

    /// Takes the bank's answer, said at the shop's time `at`.
    pub fn take(&mut self, said: &PaidBack, at: DateTime<Utc>) -> Paying {
        let same = (said.order_id, said.account_id) == (self.order_id, self.account_id)
            && said.amount == self.price;
        match self.state {
            _ if !same => Paying::Impossible("the bank paid back something else"),
            RefundState::Paid => Paying::Late,
            RefundState::Asked => {
                self.state = RefundState::Paid;
                self.paid_at = Some(at);
                Paying::Paid
            }
        }
    }

    /// What is said when it is paid, of an order with this number.
    pub fn told(&self, number: String) -> Outgoing {
        let refunded = OrderRefunded {
            order_id: self.order_id,
            number,
            account_id: self.account_id,
            refund_id: self.id,
            amount: self.price.amount,
            currency: self.price.currency.clone(),
            reason: self.reason.clone(),
        };
        Outgoing::attempt(&self.branch, 1, &refunded)
    }

    /// What has been paid back by now.
    pub fn paid(&self) -> i64 {
        if self.state == RefundState::Paid { self.price.amount } else { 0 }
    }

    /// As the order shows it.
    pub fn view(&self) -> OrderRefund {
        OrderRefund {
            id: self.id,
            lines: self.lines.clone(),
            amount: self.price.amount,
            reason: self.reason.clone(),
            state: self.state,
            made_at: self.made_at,
            paid_at: self.paid_at,
        }
    }
}

#[cfg(test)]
#[path = "refund/tests.rs"]
mod tests;
