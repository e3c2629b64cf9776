//! A branch as its shelf depends on it: which business day it is there, and whether everything
//! costs less. Plain values, no clock.

use bakery_nats::branch::Branch;
use bakery_nats::messages::scheduler::{DiscountDue, tick_id};
use bakery_nats::requests::inventory::BranchState;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::cmp::Reverse;

/// A branch, and how far its day is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shop {
    pub(crate) branch: Branch,
    /// Rises by one with each change of the branch; 0 where nobody was told of it yet.
    pub(crate) version: i64,
    /// What discounts there were, in any order. Each ends with its business day, by itself.
    pub(crate) discounts: Vec<Discount>,
    /// The newest business day whose closing has thrown out what was left.
    pub(crate) closed_day: Option<NaiveDate>,
}

/// Everything costs less, from a moment until the end of a business day: the one it was of by the
/// hours of then, whatever the hours become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Discount {
    pub(crate) from: DateTime<Utc>,
    pub(crate) day: NaiveDate,
}

impl Shop {
    /// The business day of a moment.
    pub(crate) fn today(&self, at: DateTime<Utc>) -> NaiveDate {
        self.branch.calendar().day_of(at)
    }

    /// Whether everything costs less: from the very moment a discount began until its business
    /// day ends.
    pub(crate) fn is_discounting(&self, at: DateTime<Utc>) -> bool {
        let today = self.today(at);
        self.discounts.iter().any(|discount| discount.from <= at && discount.day == today)
    }

    /// The one discount to remember: of those of the newest business day the earliest.
    pub(crate) fn newest_discount(&self) -> Option<Discount> {
        self.discounts.iter().copied().min_by_key(|discount| (Reverse(discount.day), discount.from))
    }

    /// The discount that a tick begins. Where the shop has closed already on the date of the tick, or
    /// rests, a schedule did not mean the next day: it begins nothing. A person who runs the job then
    /// means the day that comes.
    pub(crate) fn discount(&self, tick: &DiscountDue) -> Option<Discount> {
        let (from, day) = (tick.due_at, self.today(tick.due_at));
        let scheduled = tick.tick_id == tick_id(&self.branch.id, &tick.job, from);
        let of_its_date = day <= self.branch.calendar().local_date(from);
        (of_its_date || !scheduled).then_some(Discount { from, day })
    }

    /// The branch as people see it.
    pub(crate) fn state(&self, at: DateTime<Utc>) -> BranchState {
        let calendar = self.branch.calendar();
        let (open, date) = (self.branch.is_open(at), self.today(at));
        let opens = !open && !self.branch.closed;
        BranchState {
            branch: self.branch.clone(),
            open,
            closes_at: if open { calendar.closing(date) } else { None },
            opens_at: if opens { calendar.next_opening(at) } else { None },
            date,
            discounting: self.is_discounting(at),
            now: Some(at),
        }
    }

    /// From when until before when the money of a business day moves: its opening, and the first
    /// opening that is not before its closing. Nothing where it does not open.
    pub(crate) fn money_of(
        &self,
        date: NaiveDate,
    ) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let calendar = self.branch.calendar();
        // A branch that never shuts opens at the very moment it closes.
        let before = |close: DateTime<Utc>| close.checked_sub_signed(TimeDelta::microseconds(1));
        let to = calendar.closing(date).and_then(before).and_then(|at| calendar.next_opening(at));
        (calendar.opening(date), to)
    }
}

#[cfg(test)]
#[path = "shop/tests.rs"]
mod tests;
