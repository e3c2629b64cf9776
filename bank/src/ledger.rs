//! The rules of the ledger, as plain functions over values: no account below zero, one charge and
//! one refund an order, no more back than was charged, and what left one account arrived in another.

mod decision;
#[cfg(test)]
mod model;
mod pay_back;
#[cfg(test)]
mod tests;

use bakery_nats::messages::bank::{Charge, Refund, Refunded};
use bakery_nats::money::Money;
use bakery_nats::requests::bank::Deposit;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use uuid::Uuid;

pub use crate::account::House;
pub use crate::transfer::{Booked, Transfer, TransferKind};
pub use decision::{Charging, Circumstances, Depositing, Reason};
pub use pay_back::PayingBack;

/// What a deposit can fill an account up to: the largest whole number that every reader of JSON
/// keeps exactly.
pub const BALANCE_MAX: i64 = (1 << 53) - 1;

/// The part of the ledger a batch is about. It takes in what is decided, so that each decision
/// sees those before it.
#[derive(Debug, Default)]
pub struct Book {
    balances: HashMap<Uuid, Money>,
    booked: HashMap<Uuid, Booked>,
    /// The parts of each order's charge that went back, as a sum.
    paid_back: HashMap<Uuid, i64>,
    transfers: Vec<Transfer>,
}

impl Book {
    /// A book of these accounts, as they are under lock, and of the transfers that were made
    /// before, by their ids.
    pub fn new(balances: HashMap<Uuid, Money>, booked: HashMap<Uuid, Booked>) -> Self {
        Self { balances, booked, paid_back: HashMap::new(), transfers: Vec::new() }
    }

    /// The same with the sums that were paid back of orders, by their ids.
    #[must_use]
    pub fn with_paid_back(self, paid_back: HashMap<Uuid, i64>) -> Self {
        Self { paid_back, ..self }
    }

    /// What is in an account now.
    pub fn balance(&self, account_id: Uuid) -> Option<&Money> {
        self.balances.get(&account_id)
    }

    /// What was decided and is to be written, in the order of the decisions.
    pub fn into_transfers(self) -> Vec<Transfer> {
        self.transfers
    }

    /// Takes the whole sum, or nothing. A sum of 0 takes nothing and is charged all the same: a
    /// free order goes on like any other.
    pub fn charge(&mut self, charge: &Charge, given: &Circumstances) -> Charging {
        let Charge { order_id, account_id, amount } = charge;
        let transfer_id = TransferKind::Charge.transfer_id(*order_id);
        let refund_id = TransferKind::Refund.transfer_id(*order_id);
        if amount.amount < 0 {
            return Charging::Absurd("the amount is negative");
        }
        if given.already_refunded || self.booked.contains_key(&refund_id) {
            return Charging::Declined(Reason::AlreadyRefunded);
        }
        // The ledger remembers for ever, also where the record of the charge is gone.
        if let Some(before) = self.booked.get(&transfer_id) {
            return if before.is(*account_id, amount) {
                Charging::Charged { transfer_id }
            } else {
                Charging::Absurd("the order was charged with another sum or account before")
            };
        }
        if let Err(reason) = self.can_pay(*account_id, amount) {
            return Charging::Declined(reason);
        }
        if given.refused_by_bank {
            return Charging::Declined(Reason::RefusedByBank);
        }
        if amount.amount > 0 {
            self.book(Transfer {
                id: transfer_id,
                kind: TransferKind::Charge,
                order_id: Some(*order_id),
                account_id: *account_id,
                house: House::Till(given.branch.clone()),
                amount: amount.clone(),
                at: given.at,
            });
        }
        Charging::Charged { transfer_id }
    }

    fn can_pay(&self, account_id: Uuid, amount: &Money) -> Result<(), Reason> {
        let balance = self.balance(account_id).ok_or(Reason::UnknownAccount)?;
        if balance.currency != amount.currency {
            Err(Reason::WrongCurrency)
        } else if balance.amount < amount.amount {
            Err(Reason::InsufficientFunds)
        } else {
            Ok(())
        }
    }

    /// Gives back what is left of the charge; 0 where nothing is. An undo cannot say no, and the
    /// money goes back where the ledger took it, whatever account the message names.
    pub fn refund(&mut self, refund: &Refund, at: DateTime<Utc>) -> Refunded {
        let Refund { order_id, account_id } = *refund;
        let refund_id = TransferKind::Refund.transfer_id(order_id);
        let charge_id = TransferKind::Charge.transfer_id(order_id);
        if let Some(before) = self.booked.get(&refund_id) {
            let Booked { account_id, amount, .. } = before;
            return Refunded { order_id, account_id: *account_id, amount: amount.amount };
        }
        let Some(charge) = self.booked.get(&charge_id).cloned() else {
            return Refunded { order_id, account_id, amount: 0 };
        };
        let Booked { account_id, house, amount } = charge;
        let amount = Money { amount: self.left(order_id), ..amount };
        let refunded = Refunded { order_id, account_id, amount: amount.amount };
        if amount.amount == 0 {
            return refunded;
        }
        self.book(Transfer {
            id: refund_id,
            kind: TransferKind::Refund,
            order_id: Some(order_id),
            account_id,
            house,
            amount,
            at,
        });
        refunded
    }

    /// Pays money in from outside, once for each deposit id.
    pub fn deposit(&mut self, deposit: &Deposit, at: DateTime<Utc>) -> Depositing {
        let Deposit { deposit_id, account_id, amount } = deposit;
        let id = TransferKind::Deposit.transfer_id(*deposit_id);
        if let Some(before) = self.booked.get(&id) {
            let same = before.is(*account_id, amount);
            return if same { Depositing::PaidBefore } else { Depositing::IdReused };
        }
        let Some(balance) = self.balance(*account_id) else {
            return Depositing::UnknownAccount;
        };
        if balance.currency != amount.currency {
            return Depositing::WrongCurrency(balance.currency.clone());
        }
        if balance.amount.saturating_add(amount.amount) > BALANCE_MAX {
            return Depositing::TooMuch;
        }
        self.book(Transfer::deposit(id, *account_id, amount.clone(), at));
        Depositing::Paid
    }

    fn book(&mut self, transfer: Transfer) {
        if let Some(balance) = self.balances.get_mut(&transfer.account_id) {
            balance.amount += transfer.change();
        }
        self.booked.insert(transfer.id, Booked::from(&transfer));
        self.transfers.push(transfer);
    }
}
