//! What can become of a charge and of a deposit, as values.

use bakery_nats::money::Currency;
use bakery_nats::slug::Slug;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What has to be known of a charge besides its body.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// Whose till gets the money.
    pub branch: Slug,
    /// The shop's time.
    pub at: DateTime<Utc>,
    /// The refund came first and left its tombstone (R5).
    pub already_refunded: bool,
    /// The simulator is told to say no to this one.
    pub refused_by_bank: bool,
}

/// What becomes of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charging {
    /// The money is in the till.
    Charged {
        /// The transfer. A free order has one in name only: nothing moved.
        transfer_id: Uuid,
    },
    /// No money was taken.
    Declined(Reason),
    /// No honest sender asks for this: nothing was done, and nothing is answered.
    Absurd(&'static str),
}

/// Why no money was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the code of its name")]
pub enum Reason {
    AlreadyRefunded,
    UnknownAccount,
    WrongCurrency,
    InsufficientFunds,
    RefusedByBank,
}

impl Reason {
    /// As the message says it.
    pub fn code(self) -> &'static str {
        match self {
            Self::AlreadyRefunded => "already_refunded",
            Self::UnknownAccount => "unknown_account",
            Self::WrongCurrency => "wrong_currency",
            Self::InsufficientFunds => "insufficient_funds",
            Self::RefusedByBank => "refused_by_bank",
        }
    }
}

/// What becomes of a deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Depositing {
    /// The money is in the account.
    Paid,
    /// It was there already: the same deposit came before.
    PaidBefore,
    /// Another deposit has this id.
    IdReused,
    /// There is no such account.
    UnknownAccount,
    /// The account is kept in this currency, and no other.
    WrongCurrency(Currency),
    /// The account would hold more than [`BALANCE_MAX`](super::BALANCE_MAX).
    TooMuch,
}
