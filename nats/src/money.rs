//! Money: whole minor units and a currency, never floats.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The largest sum that may be named from outside, in minor units: a hundred million whole ones.
pub const AMOUNT_MAX: i64 = 10_000_000_000;

/// An ISO 4217 code: three upper-case letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "EUR")]
pub struct Currency(String);

/// Why a text is not a currency code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be a currency code of three upper-case letters, such as EUR")]
pub struct NotACurrency;

impl Currency {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;

    fn try_from(text: String) -> Result<Self, NotACurrency> {
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(Self(text))
        } else {
            Err(NotACurrency)
        }
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An amount in minor units (cents) of one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: 450 is 4.50.
    pub amount: i64,
    /// The currency the amount is in.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.amount < 0 { "-" } else { "" };
        let minor = self.amount.unsigned_abs();
        write!(f, "{sign}{}.{:02} {}", minor / 100, minor % 100, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::{Currency, Money};

    #[test]
    fn reads_as_people_write_it() {
        let eur = Currency::try_from("EUR".to_owned()).unwrap();
        for (amount, text) in [(450, "4.50 EUR"), (-5, "-0.05 EUR"), (0, "0.00 EUR")] {
            assert_eq!(Money { amount, currency: eur.clone() }.to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_currency() {
        for bad in ["", "eur", "EURO", "E1R"] {
            assert!(Currency::try_from(bad.to_owned()).is_err());
        }
    }
}
