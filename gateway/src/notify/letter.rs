//! The texts of all mails: plain functions of the event, the order's number, the branch's name and a
//! sum. Nothing that a customer typed is in them: an address that nobody has proven must not get
//! what somebody else wants to say to it.

use super::event::Event;
use bakery_nats::money::Money;

/// Names are cut after so many characters.
const NAME_LENGTH_MAX: usize = 80;

/// A mail without its address.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
}

/// The mail about an event; `None` where there is none.
pub(super) fn letter(
    event: Event,
    number: &str,
    branch: &str,
    money: Option<&Money>,
) -> Option<Letter> {
    let (number, branch) = (line(number), line(branch));
    let sum = |label: &str| money.map(|money| format!("\n{label}: {money}")).unwrap_or_default();
    let (what, text) = match event {
        Event::Confirmed => {
            ("is confirmed", format!("We have your order and your payment.{}", sum("Total")))
        }
        Event::Ready => {
            ("is ready", format!("Your order can be picked up at the counter.{}", sum("Total")))
        }
        Event::Cancelled => (
            "was cancelled",
            format!("Your order was cancelled. What you paid goes back to you.{}", sum("Total")),
        ),
        Event::Refunded => {
            ("was refunded", format!("Money for your order went back to you.{}", sum("Refund")))
        }
        Event::Placed | Event::Preparing | Event::Served | Event::Rejected | Event::Declined => {
            return None;
        }
    };
    let subject = format!("{branch}: order {number} {what}");
    Some(Letter { subject, text: format!("{text}\nOrder: {number}\nBranch: {branch}\n") })
}

/// One line of a text that somebody else wrote.
fn line(text: &str) -> String {
    let plain = |c: char| if c.is_control() || is_invisible(c) { ' ' } else { c };
    text.chars().take(NAME_LENGTH_MAX).map(plain).collect::<String>().trim().to_owned()
}

/// Line separators, and what turns the direction of a text around.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{Letter, letter};
    use crate::notify::event::Event;
    use bakery_nats::money::{Currency, Money};

    fn euros(amount: i64) -> Money {
        Money { amount, currency: Currency::try_from("EUR".to_owned()).unwrap() }
    }

    #[test]
    fn a_mail_names_number_branch_and_total() {
        let expected = Letter {
            subject: "Bakery on the square: order 007 is ready".to_owned(),
            text: "Your order can be picked up at the counter.\nTotal: 9.20 EUR\nOrder: 007\n\
                   Branch: Bakery on the square\n"
                .to_owned(),
        };
        let money = euros(920);
        let written = letter(Event::Ready, "007", "Bakery on the square", Some(&money));
        assert_eq!(written, Some(expected));
        let without = letter(Event::Ready, "007", "Pier", None).unwrap();
        assert!(!without.text.contains("Total"));
    }

    #[test]
    fn a_mail_about_a_cancelled_or_refunded_order_says_that_money_goes_back() {
        let money = euros(300);
        let of = |event| letter(event, "007", "Pier", Some(&money)).unwrap().text;
        assert!(of(Event::Cancelled).contains("What you paid goes back to you.\nTotal: 3.00 EUR"));
        assert!(of(Event::Refunded).contains("Refund: 3.00 EUR"));
    }

    #[test]
    fn the_rest_is_no_mail() {
        let mailed = |event: &Event| letter(*event, "007", "Pier", None).is_some();
        let mailed: Vec<Event> = Event::ALL.into_iter().filter(mailed).collect();
        assert_eq!(mailed, [Event::Confirmed, Event::Ready, Event::Cancelled, Event::Refunded]);
    }

    #[test]
    fn a_name_is_one_line_however_it_was_written() {
        let hostile = "Pier\r\nBcc: all@example.org\r\n\r\n\u{202e}<script>\u{2028}\0";
        let written = letter(Event::Ready, "007\r\nX: y", hostile, None).unwrap();
        assert!(!written.subject.chars().any(char::is_control), "{:?}", written.subject);
        assert_eq!(written.text.lines().count(), 3, "{:?}", written.text);
        assert!(!written.text.contains(['\u{202e}', '\u{2028}', '\0', '\r']));
        let long = letter(Event::Ready, "007", &"x".repeat(10_000), None).unwrap();
        assert!(long.subject.len() < 200);
    }
}
