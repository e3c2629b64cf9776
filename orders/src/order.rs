//! An order as the saga sees it, and what moves it: plain values, no I/O.

use crate::prices::prices;
use crate::refund;
use crate::saga::{Ask, Event, State, Step};
use bakery_nats::envelope::Outgoing;
use bakery_nats::messages::bank::{Charge, Charged, Declined, Refund};
use bakery_nats::messages::inventory::{
    Confirm, Line, MissingLine, Release, Reserve, ReserveRefused, Reserved, ReservedLine, Restock,
};
use bakery_nats::messages::orders::{OrderChanged, Reason};
use bakery_nats::money::Money;
use bakery_nats::requests::orders::{Customer, Item, Order as OrderView};
use bakery_nats::requests::receipts::ReceiptShop;
use bakery_nats::slug::Slug;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// One order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The order.
    pub id: Uuid,
    /// The branch.
    pub branch: Slug,
    /// The branch as it was when the order was placed.
    pub shop: ReceiptShop,
    /// The day its number belongs to.
    pub day: NaiveDate,
    /// Counts from 1 each day at each branch.
    pub number: i32,
    /// Who pays.
    pub account_id: Uuid,
    /// Who it is for.
    pub customer: Customer,
    /// Where the saga stands.
    pub state: State,
    /// Rises by one with each step.
    pub version: i64,
    /// What was ordered, and what is held or sold.
    pub items: Vec<Item>,
    /// Once it is reserved.
    pub price: Option<Money>,
    /// True once the bank has taken the price in the normal course, whatever came after. A charge
    /// that came too late, and was only refunded, does not count.
    pub paid: bool,
    /// Why it ended without a sale.
    pub reason: Option<Reason>,
    /// The shop's time at which it was placed.
    pub created_at: DateTime<Utc>,
    /// The shop's time of its last step.
    pub updated_at: DateTime<Utc>,
    /// How often what it waits for was asked.
    pub attempt: u32,
}

/// Something that happened to an order, with what is to be kept of it.
#[derive(Clone, Debug)]
pub enum Fact {
    /// Inventory holds these units.
    Reserved(Reserved),
    /// Inventory holds nothing.
    ReserveRefused(ReserveRefused),
    /// The bank took the money.
    Charged(Charged),
    /// The bank took nothing.
    Declined(Declined),
    /// Something without content.
    Plain(Event),
}

/// What a fact did.
#[derive(Debug)]
pub enum Effect {
    /// The order moved; these are to be sent.
    Moved(Vec<Outgoing>),
    /// Nothing changes, and nothing is wrong.
    Late,
    /// It cannot be true of this order.
    Impossible(String),
}

impl Fact {
    fn event(&self) -> Event {
        match self {
            Self::Reserved(_) => Event::Reserved,
            Self::ReserveRefused(_) => Event::ReserveRefused,
            Self::Charged(_) => Event::Charged,
            Self::Declined(_) => Event::Declined,
            Self::Plain(event) => *event,
        }
    }
}

impl Order {
    /// Applies a fact at the shop's time `at`.
    pub fn apply(&mut self, fact: &Fact, at: DateTime<Utc>) -> Effect {
        let event = fact.event();
        let next = match self.state.step(event) {
            Step::To(next) => next,
            Step::Late => return Effect::Late,
            Step::Impossible => {
                let state = self.state.as_str();
                return Effect::Impossible(format!("{event:?} cannot be true of a {state} order"));
            }
        };
        if let Err(reason) = self.keep(fact) {
            return Effect::Impossible(reason);
        }
        let before = std::mem::replace(&mut self.state, next);
        self.version += 1;
        self.updated_at = at;
        let asked = before.asks();
        let asks: Vec<Ask> = next.asks().into_iter().filter(|ask| !asked.contains(ask)).collect();
        if !asks.is_empty() {
            self.attempt = 1;
        }
        let news = (next.status() != before.status()).then(|| self.changed());
        let commands = asks.into_iter().filter_map(|ask| self.command(ask));
        Effect::Moved(news.into_iter().chain(commands).collect())
    }

    /// Keeps what a fact says, if it fits.
    fn keep(&mut self, fact: &Fact) -> Result<(), String> {
        match fact {
            Fact::Reserved(reserved) => {
                self.price =
                    Some(Money { amount: reserved.total, currency: reserved.currency.clone() });
                self.items = reserved.lines.iter().map(item).collect();
            }
            Fact::ReserveRefused(refused) => self.reason = Some(refusal(refused)),
            Fact::Charged(charged) if Some(&charged.amount) != self.price.as_ref() => {
                return Err(format!("the bank took {} instead of the price", charged.amount));
            }
            Fact::Charged(_) => self.paid = true,
            Fact::Declined(declined) => self.reason = Some(decline(declined)),
            Fact::Plain(Event::TimedOut) => {
                self.reason = Some(reason("timed_out", "it could not be paid in time"));
            }
            Fact::Plain(Event::Cancel) => {
                self.reason = Some(reason("cancelled", "it was called off by request"));
            }
            Fact::Plain(_) => {}
        }
        Ok(())
    }

    /// What is sent when the order is placed.
    pub fn placed(&self) -> Vec<Outgoing> {
        let asks = self.state.asks().into_iter().filter_map(|ask| self.command(ask));
        std::iter::once(self.changed()).chain(asks).collect()
    }

    /// Asks again for everything it waits for, with the next attempt (R3, R4).
    pub fn ask_again(&mut self) -> Vec<Outgoing> {
        self.attempt += 1;
        self.state.asks().into_iter().filter_map(|ask| self.command(ask)).collect()
    }

    /// The command behind an ask, derived from the row alone. `None` only for a charge without a
    /// price, which no step leads to: the order then waits, gives up at its time, and is alarmed.
    fn command(&self, ask: Ask) -> Option<Outgoing> {
        let (branch, n) = (&self.branch, self.attempt);
        let (order_id, account_id) = (self.id, self.account_id);
        Some(match ask {
            Ask::Reserve => {
                Outgoing::attempt(branch, n, &Reserve { order_id, lines: self.lines() })
            }
            Ask::Release => Outgoing::attempt(branch, n, &Release { order_id }),
            Ask::Charge => {
                let amount = self.price.clone()?;
                Outgoing::attempt(branch, n, &Charge { order_id, account_id, amount })
            }
            Ask::Refund => Outgoing::attempt(branch, n, &Refund { order_id, account_id }),
            Ask::Confirm => Outgoing::attempt(branch, n, &Confirm { order_id }),
            Ask::Restock => Outgoing::attempt(branch, n, &Restock { order_id }),
        })
    }

    fn changed(&self) -> Outgoing {
        let changed = OrderChanged {
            order_id: self.id,
            number: self.called_number(),
            status: self.state.status(),
            version: self.version,
            account_id: self.account_id,
            lines: self.lines(),
            total: self.price.as_ref().map(|price| price.amount),
            currency: self.price.as_ref().map(|price| price.currency.clone()),
            reason: self.reason.clone(),
        };
        Outgoing::named(&self.branch, changed.name(), 1, &changed)
    }

    fn lines(&self) -> Vec<Line> {
        let line =
            |item: &Item| Line { product_id: item.product_id.clone(), quantity: item.quantity };
        self.items.iter().map(line).collect()
    }

    /// The number as it is called out: at least three digits.
    pub fn called_number(&self) -> String {
        called(self.number)
    }

    /// As people see it, with its refunds. The units of an order that ended without a sale are not
    /// shown.
    pub fn view(&self, refunds: &[refund::Refund]) -> OrderView {
        let mut items = self.items.clone();
        items.iter_mut().for_each(|item| item.prices = prices(&item.units));
        if self.reason.is_some() {
            items.iter_mut().for_each(|item| item.units.clear());
        }
        OrderView {
            id: self.id,
            number: self.called_number(),
            branch: self.branch.clone(),
            status: self.state.status(),
            account_id: self.account_id,
            customer: self.customer.clone(),
            items,
            total: self.price.as_ref().map(|price| price.amount),
            currency: self.price.as_ref().map(|price| price.currency.clone()),
            refunded: refunds.iter().map(refund::Refund::paid).sum(),
            refunds: refunds.iter().map(refund::Refund::view).collect(),
            reason: self.reason.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// A number as it is called out.
pub(crate) fn called(number: i32) -> String {
    format!("{number:03}")
}

fn item(line: &ReservedLine) -> Item {
    Item {
        product_id: line.product_id.clone(),
        name: Some(line.name.clone()),
        quantity: line.quantity,
        prices: Vec::new(),
        line_total: Some(line.line_total),
        units: line.units.clone(),
    }
}

fn reason(code: &str, detail: impl Into<String>) -> Reason {
    Reason { code: code.to_owned(), detail: detail.into() }
}

fn refusal(refused: &ReserveRefused) -> Reason {
    let line = |missing: &MissingLine| {
        format!("{} ({} wanted, {} left)", missing.product_id, missing.wanted, missing.available)
    };
    let lines: Vec<String> = refused.missing.iter().map(line).collect();
    match refused.code.as_str() {
        "out_of_stock" => {
            reason("out_of_stock", format!("not enough left of: {}", lines.join(", ")))
        }
        "off_sale" => {
            // How many are left does not matter: none of them is sold.
            let names: Vec<&str> =
                refused.missing.iter().map(|missing| missing.product_id.as_str()).collect();
            reason("off_sale", format!("not for sale just now: {}", names.join(", ")))
        }
        "unknown_product" => {
            reason("unknown_product", format!("no longer on the menu: {}", lines.join(", ")))
        }
        "mixed_currencies" => reason("mixed_currencies", "the prices are in different currencies"),
        other => reason(other, "inventory could not hold the units"),
    }
}

fn decline(declined: &Declined) -> Reason {
    let detail = match declined.code.as_str() {
        "insufficient_funds" => "there is not enough money in the account",
        "unknown_account" => "the bank does not know the account",
        "wrong_currency" => "the account is kept in another currency",
        _ => "the bank refused the charge",
    };
    reason(&declined.code, detail)
}
