//! What the bank is told and what it says.

use crate::message::message;
use crate::money::{Currency, Money};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

message!(Charge: Cmd "bank" "charge", step "charge" by order_id);
message!(Charged: Evt "bank" "charged", step "charge" by order_id);
message!(Declined: Evt "bank" "declined", step "charge" by order_id);
message!(Refund: Cmd "bank" "refund", step "refund" by order_id);
message!(Refunded: Evt "bank" "refunded", step "refund" by order_id);
message!(PayBack: Cmd "bank" "pay-back", step "pay-back" by refund_id);
message!(PaidBack: Evt "bank" "paid-back", step "pay-back" by refund_id);
message!(AccountOpened: Evt "bank" "account-opened", step "open" by account_id);

/// Take the money for an order: the pivot of the saga. Undone by [`Refund`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Charge {
    /// The order: the natural key of the transfer.
    pub order_id: Uuid,
    /// Whose money.
    pub account_id: Uuid,
    /// How much; exactly what inventory asked at the reservation.
    pub amount: Money,
}

/// The money is in the till.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Charged {
    /// The order that is paid.
    pub order_id: Uuid,
    /// Whose money it was.
    pub account_id: Uuid,
    /// The transfer in the ledger.
    pub transfer_id: Uuid,
    /// How much.
    pub amount: Money,
}

/// No money was taken, and none will be for this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declined {
    /// The order that is not paid.
    pub order_id: Uuid,
    /// Whose account was asked.
    pub account_id: Uuid,
    /// `insufficient_funds`, `unknown_account`, `wrong_currency`, `refused_by_bank` or
    /// `already_refunded`.
    pub code: String,
}

/// Undo of [`Charge`]: give the money back, or remember that a late [`Charge`] must be declined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refund {
    /// The order that gave up or was cancelled.
    pub order_id: Uuid,
    /// Whose account it is about.
    pub account_id: Uuid,
}

/// The bakery holds no money of this order any more, and never will.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refunded {
    /// The order.
    pub order_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// What was given back, in minor units; 0 where nothing had been taken.
    pub amount: i64,
}

/// Give a part of a charge back, or all that is left of it, while the order stays as it is. Parts
/// never come to more than was charged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PayBack {
    /// The refund: the natural key of the transfer.
    pub refund_id: Uuid,
    /// The order that was charged.
    pub order_id: Uuid,
    /// Who paid, and gets it.
    pub account_id: Uuid,
    /// How much.
    pub amount: Money,
    /// The shop's time at which the refund was made: what the transfer counts for, however late the
    /// bank hears of it.
    pub made_at: DateTime<Utc>,
}

/// A part of a charge is with the customer again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaidBack {
    /// The refund.
    pub refund_id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// Whose money it is.
    pub account_id: Uuid,
    /// How much.
    pub amount: Money,
}

/// A customer has an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountOpened {
    /// The account.
    pub account_id: Uuid,
    /// The currency it is kept in.
    pub currency: Currency,
}
