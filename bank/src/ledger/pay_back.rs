//! A part of a charge goes back while the order stays: never more than is left of it, whatever the
//! orders service believes.

use super::{Book, House, Transfer, TransferKind};
use bakery_nats::messages::bank::PayBack;
use bakery_nats::money::Money;
use uuid::Uuid;

/// What becomes of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayingBack {
    /// It is with the customer.
    PaidBack,
    /// No honest sender asks for this: nothing was done, and nothing is answered.
    Absurd(&'static str),
}

impl Book {
    /// Pays a part back, once for each refund id. A part of 0 moves nothing and is paid all the
    /// same, like a charge of 0.
    pub fn pay_back(&mut self, wanted: &PayBack) -> PayingBack {
        let PayBack { refund_id, order_id, account_id, amount, made_at } = wanted;
        if amount.amount < 0 {
            return PayingBack::Absurd("the amount is negative");
        }
        let id = TransferKind::PayBack.transfer_id(*refund_id);
        // The ledger remembers for ever, also where the record is gone.
        if let Some(before) = self.booked.get(&id) {
            return if before.is(*account_id, amount) {
                PayingBack::PaidBack
            } else {
                PayingBack::Absurd("the refund was paid with another sum or account before")
            };
        }
        if amount.amount == 0 {
            return PayingBack::PaidBack;
        }
        let house = match self.may_pay_back(*order_id, *account_id, amount) {
            Ok(house) => house,
            Err(rule) => return PayingBack::Absurd(rule),
        };
        self.book(Transfer {
            id,
            kind: TransferKind::PayBack,
            order_id: Some(*order_id),
            account_id: *account_id,
            house,
            amount: amount.clone(),
            at: *made_at,
        });
        *self.paid_back.entry(*order_id).or_default() += amount.amount;
        PayingBack::PaidBack
    }

    /// The till that the money comes from, unless something is wrong.
    fn may_pay_back(
        &self,
        order_id: Uuid,
        account_id: Uuid,
        amount: &Money,
    ) -> Result<House, &'static str> {
        let charge = self.booked.get(&TransferKind::Charge.transfer_id(order_id));
        let charge = charge.ok_or("the order was not charged")?;
        if charge.account_id != account_id {
            return Err("the order was paid from another account");
        }
        if charge.amount.currency != amount.currency {
            return Err("the order was paid in another currency");
        }
        if amount.amount > self.left(order_id) {
            return Err("it is more than is left of what was charged");
        }
        Ok(charge.house.clone())
    }

    /// What the bakery still has of an order's charge.
    pub(super) fn left(&self, order_id: Uuid) -> i64 {
        let moved = |kind: TransferKind| {
            self.booked.get(&kind.transfer_id(order_id)).map_or(0, |booked| booked.amount.amount)
        };
        let parts = self.paid_back.get(&order_id).copied().unwrap_or_default();
        moved(TransferKind::Charge) - moved(TransferKind::Refund) - parts
    }
}

#[cfg(test)]
#[path = "pay_back/tests.rs"]
mod tests;
