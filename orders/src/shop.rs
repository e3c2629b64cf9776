//! A branch as far as an order depends on it: whether it takes one just now, and to which of its
//! days the order belongs. Plain values, no clock.

use bakery_nats::branch::Branch;
use bakery_nats::calendar::Calendar;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::receipts::ReceiptShop;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};

/// The code of the refusal while a branch is closed.
pub const CLOSED: &str = "branch_closed";

/// A branch that takes orders.
#[derive(Clone, Debug, PartialEq)]
pub struct Shop {
    /// For people.
    pub name: String,
    /// For people.
    pub address: String,
    /// Its hours and days.
    pub calendar: Calendar,
    /// True while it is closed by hand.
    pub closed: bool,
}

impl From<&Branch> for Shop {
    fn from(branch: &Branch) -> Self {
        let (name, address) = (branch.name.clone(), branch.address.clone());
        Self { name, address, calendar: branch.calendar(), closed: branch.closed }
    }
}

impl Shop {
    /// The business day of an order that comes at a moment.
    ///
    /// # Errors
    /// 409 `branch_closed`, with the next opening where there is one.
    pub fn admit(&self, at: DateTime<Utc>) -> Result<NaiveDate, Refusal> {
        if !self.closed && self.calendar.is_open(at) {
            return Ok(self.calendar.day_of(at));
        }
        let opens_at = self.next_opening(at);
        let when = match opens_at {
            Some(opens_at) => format!("; it opens on {}", self.local(opens_at)),
            None => " until further notice".to_owned(),
        };
        let detail = format!("{} is closed{when}", self.name);
        Err(Refusal { retry_at: opens_at, ..Refusal::new(409, CLOSED, detail) })
    }

    /// What the receipt of an order says of it.
    pub fn on_receipt(&self, branch: Slug) -> ReceiptShop {
        let (name, address) = (self.name.clone(), self.address.clone());
        ReceiptShop { branch, name, address, time_zone: self.calendar.time_zone }
    }

    /// Who closed it by hand opens it by hand: nobody knows when.
    fn next_opening(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.closed { None } else { self.calendar.next_opening(at) }
    }

    /// A moment as the clock in the shop shows it.
    fn local(&self, at: DateTime<Utc>) -> String {
        let zone = self.calendar.time_zone;
        format!("{} ({zone})", at.with_timezone(&zone).format("%a %-d %b %Y at %H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::Shop;
    use bakery_nats::calendar::{Calendar, OpeningHours, Span};
    use chrono::{DateTime, TimeDelta, Utc};

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn shop(zone: &str) -> Shop {
        let span = Span { open: "07:00".parse().unwrap(), close: "18:00".parse().unwrap() };
        let hours = OpeningHours::daily(span);
        let calendar = Calendar { time_zone: zone.parse().unwrap(), hours };
        Shop {
            name: "Bakery on the square".to_owned(),
            address: "1 Market Square".to_owned(),
            calendar,
            closed: false,
        }
    }

    fn told(shop: &Shop, at: DateTime<Utc>) -> (String, Option<DateTime<Utc>>) {
        let refusal = shop.admit(at).expect_err("admitted");
        assert_eq!((refusal.status, refusal.code.as_str()), (409, "branch_closed"));
        (refusal.detail, refusal.retry_at)
    }

    #[test]
    fn it_admits_from_opening_until_the_last_microsecond_before_closing() {
        let shop = shop("Europe/Berlin");
        let (open, close) = (time("2026-11-24T06:00:00Z"), time("2026-11-24T17:00:00Z"));
        let instant = TimeDelta::microseconds(1);
        for at in [open, close - instant] {
            assert_eq!(shop.admit(at), Ok("2026-11-24".parse().unwrap()), "{at}");
        }
        let morning = "Bakery on the square is closed; it opens on Tue 24 Nov 2026 at 07:00 \
                       (Europe/Berlin)";
        assert_eq!(told(&shop, open - instant), (morning.to_owned(), Some(open)));
        let tomorrow = open + TimeDelta::days(1);
        let (detail, retry_at) = told(&shop, close);
        assert!(detail.ends_with("it opens on Wed 25 Nov 2026 at 07:00 (Europe/Berlin)"));
        assert_eq!(retry_at, Some(tomorrow));
    }

    #[test]
    fn a_day_of_rest_is_closed_until_the_day_after_it() {
        let mut shop = shop("America/New_York");
        (shop.calendar.hours.sat, shop.calendar.hours.sun) = (None, None);
        let (detail, retry_at) = told(&shop, time("2026-12-05T15:00:00Z"));
        assert!(detail.ends_with("it opens on Mon 7 Dec 2026 at 07:00 (America/New_York)"));
        assert_eq!(retry_at, Some(time("2026-12-07T12:00:00Z")));
    }

    #[test]
    fn closed_by_hand_or_without_hours_it_names_no_time() {
        let at = time("2026-11-24T10:00:00Z");
        let by_hand = Shop { closed: true, ..shop("Europe/Berlin") };
        let mut never = shop("Europe/Berlin");
        never.calendar.hours = OpeningHours::default();
        for shop in [by_hand, never] {
            let expected = "Bakery on the square is closed until further notice";
            assert_eq!(told(&shop, at), (expected.to_owned(), None));
        }
    }
}
