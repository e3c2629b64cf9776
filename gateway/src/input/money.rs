//! A sum of money in a body.

use crate::checks::Checks;
use bakery_nats::money::{AMOUNT_MAX, Currency, Money};
use serde::Deserialize;
use serde_json::Number;
use utoipa::ToSchema;

/// A sum as people write it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoneyBody {
    #[schema(value_type = i64, minimum = 0, maximum = 10_000_000_000i64)]
    amount: Option<Number>,
    #[schema(value_type = Currency)]
    currency: Option<String>,
}

impl MoneyBody {
    /// The sum of the field, in minor units from `least` on.
    pub(crate) fn read(&self, field: &str, least: i64, checks: &mut Checks) -> Option<Money> {
        let name = format!("{field}.amount");
        let amount = checks.needed_whole(&name, self.amount.as_ref(), least..=AMOUNT_MAX);
        let name = format!("{field}.currency");
        let currency = checks.needed(&name, self.currency.as_deref());
        let currency = currency.and_then(|code| checks.read(&name, code));
        Some(Money { amount: amount?, currency: currency? })
    }
}
