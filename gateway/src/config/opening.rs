//! The money in a new customer's account, as an operator writes it: `2000 EUR`, or a sum for each
//! currency that branches sell in, such as `2000 EUR, 99.50 CHF`.

use bakery_nats::money::{AMOUNT_MAX, Currency, Money};
use std::fmt;
use std::str::FromStr;

/// Minor units of a whole one.
const MINOR: i64 = 100;
/// Currencies a customer can choose from.
const CURRENCIES_MAX: usize = 16;

/// A sum of zero or more in each of some currencies; the first is for who names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningMoney {
    first: Money,
    others: Vec<Money>,
}

/// Why a text is not such a list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "must be sums such as 2000 EUR, with two decimals or none, parted by commas, a currency each"
)]
pub struct NotASum;

impl OpeningMoney {
    /// What is in a new account of this currency, or of the first; `None` where no account can be
    /// opened in it.
    pub fn of(&self, currency: Option<&Currency>) -> Option<&Money> {
        let Some(currency) = currency else { return Some(&self.first) };
        self.all().find(|money| money.currency == *currency)
    }

    /// All of them, the first one first.
    pub fn all(&self) -> impl Iterator<Item = &Money> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl fmt::Display for OpeningMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        self.others.iter().try_for_each(|money| write!(f, ", {money}"))
    }
}

impl FromStr for OpeningMoney {
    type Err = NotASum;

    fn from_str(text: &str) -> Result<Self, NotASum> {
        let mut sums = text.split(',').map(sum);
        let first = sums.next().ok_or(NotASum)??;
        let mut opening = Self { first, others: Vec::new() };
        for money in sums {
            let money = money?;
            let full = opening.others.len() + 1 == CURRENCIES_MAX;
            if full || opening.of(Some(&money.currency)).is_some() {
                return Err(NotASum);
            }
            opening.others.push(money);
        }
        Ok(opening)
    }
}

fn sum(text: &str) -> Result<Money, NotASum> {
    let (sum, currency) = text.trim().split_once(' ').ok_or(NotASum)?;
    let currency = Currency::try_from(currency.trim().to_owned()).map_err(|_| NotASum)?;
    let (whole, cents) = sum.split_once('.').unwrap_or((sum, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(cents) || cents.len() != 2 {
        return Err(NotASum);
    }
    let amount = |text: &str| text.parse::<i64>().map_err(|_| NotASum);
    let whole = amount(whole)?.checked_mul(MINOR).ok_or(NotASum)?;
    let amount = whole.checked_add(amount(cents)?).ok_or(NotASum)?;
    if amount > AMOUNT_MAX {
        return Err(NotASum);
    }
    Ok(Money { amount, currency })
}

#[cfg(test)]
mod tests {
    use super::{NotASum, OpeningMoney};
    use bakery_nats::money::Currency;

    #[test]
    fn sums_are_read_to_the_cent_and_everything_else_is_refused() {
        for (text, money) in [
            ("2000 EUR", "2000.00 EUR"),
            ("99.50 CHF", "99.50 CHF"),
            ("0 EUR", "0.00 EUR"),
            ("1 EUR,2 CHF , 3.05 USD", "1.00 EUR, 2.00 CHF, 3.05 USD"),
        ] {
            let read = text.parse::<OpeningMoney>().unwrap();
            assert_eq!(read.to_string(), money);
            assert_eq!(money.parse(), Ok(read));
        }
        let many: Vec<String> = ('A'..='Q').map(|letter| format!("1 XX{letter}")).collect();
        for bad in [
            "",
            "2000",
            "EUR",
            "2000EUR",
            "2000 eur",
            "-1 EUR",
            "1,50 EUR",
            "1.5 EUR",
            "1.505 EUR",
            ".50 EUR",
            "+1 EUR",
            "100000000.01 EUR",
            "99999999999999999999 EUR",
            "1e3 EUR",
            "1 EUR,",
            "1 EUR, 2 EUR",
            &many.join(","),
        ] {
            assert_eq!(bad.parse::<OpeningMoney>(), Err(NotASum), "{bad}");
        }
    }

    #[test]
    fn who_names_no_currency_gets_the_first() {
        let opening: OpeningMoney = "1 EUR, 2 CHF".parse().unwrap();
        let of = |code: Option<&str>| {
            let currency = code.map(|code| Currency::try_from(code.to_owned()).unwrap());
            opening.of(currency.as_ref()).map(ToString::to_string)
        };
        assert_eq!(of(None).as_deref(), Some("1.00 EUR"));
        assert_eq!(of(Some("CHF")).as_deref(), Some("2.00 CHF"));
        assert_eq!(of(Some("USD")), None);
    }
}
