//! The saga: a pure step from (state, event) to the next state, and what each state asks for.
//!
//! Reserve can be undone; the charge is the pivot; after it the order only goes forward. Before
//! the answer to the charge it gives up by undoing both, whatever may have happened (R5, R7).

use bakery_nats::messages::orders::Status;

/// How far an undo has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Undone {
    /// Inventory has said that it holds nothing of the order any more.
    pub goods: bool,
    /// The bank has said that it holds no money of the order any more.
    pub money: bool,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Accepted; inventory is asked to reserve.
    Placed,
    /// Units are held; the bank is asked to charge.
    Reserved,
    /// Paid; inventory is told to confirm.
    Charged,
    /// The units are the buyer's. The buying is done.
    Confirmed,
    /// The kitchen works on it.
    Preparing,
    /// It can be picked up.
    Ready,
    /// Picked up. Final.
    Served,
    /// Not enough units. Final.
    Rejected,
    /// The bank said no; inventory is told to release.
    Releasing,
    /// The bank said no, and nothing is held. Final.
    Declined,
    /// Called off before the bank's answer: release and refund, whether or not anything happened.
    GivingUp(Undone),
    /// Called off after it was paid: restock and refund.
    Returning(Undone),
    /// Called off; nothing is held and no money kept. Final.
    Cancelled,
}

/// What can happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Inventory holds the units.
    Reserved,
    /// Inventory holds nothing.
    ReserveRefused,
    /// The bank took the money.
    Charged,
    /// The bank took nothing.
    Declined,
    /// The units are sold.
    Sold,
    /// Nothing is held any more.
    Released,
    /// No money is kept any more.
    Refunded,
    /// Sold units were taken back.
    Restocked,
    /// The time for being paid is over.
    TimedOut,
    /// A person calls it off.
    Cancel,
    /// The kitchen starts.
    Start,
    /// The kitchen is done.
    Ready,
    /// It is picked up.
    Serve,
}

/// What an order waits for somebody to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Inventory: hold the units. Undone by [`Ask::Release`].
    Reserve,
    /// Inventory: hold nothing.
    Release,
    /// Bank: take the money. Undone by [`Ask::Refund`].
    Charge,
    /// Bank: keep no money.
    Refund,
    /// Inventory: the units are sold. Undone by [`Ask::Restock`].
    Confirm,
    /// Inventory: take the sold units back.
    Restock,
}

/// What an event does to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It goes on.
    To(State),
    /// The order is past that: nothing changes, and nothing is wrong.
    Late,
    /// Nothing this order asked for can be answered like that: forged, or a broken rule.
    Impossible,
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 17] = [
        Self::Placed,
        Self::Reserved,
        Self::Charged,
        Self::Confirmed,
        Self::Preparing,
        Self::Ready,
        Self::Served,
        Self::Rejected,
        Self::Releasing,
        Self::Declined,
        Self::GivingUp(Undone { goods: false, money: false }),
        Self::GivingUp(Undone { goods: true, money: false }),
        Self::GivingUp(Undone { goods: false, money: true }),
        Self::Returning(Undone { goods: false, money: false }),
        Self::Returning(Undone { goods: true, money: false }),
        Self::Returning(Undone { goods: false, money: true }),
        Self::Cancelled,
    ];

    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Reserved => "reserved",
            Self::Charged => "charged",
            Self::Confirmed => "confirmed",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Served => "served",
            Self::Rejected => "rejected",
            Self::Releasing => "releasing",
            Self::Declined => "declined",
            // Named after what is still waited for.
            Self::GivingUp(undone) => match (undone.goods, undone.money) {
                (false, false) => "giving_up",
                (false, true) => "giving_up_goods",
                (true, _) => "giving_up_money",
            },
            Self::Returning(undone) => match (undone.goods, undone.money) {
                (false, false) => "returning",
                (false, true) => "returning_goods",
                (true, _) => "returning_money",
            },
            Self::Cancelled => "cancelled",
        }
    }

    /// What people see.
    pub fn status(self) -> Status {
        match self {
            Self::Placed => Status::Placed,
            // Until the units are the buyer's, or free again, they are reserved.
            Self::Reserved | Self::Charged | Self::Releasing => Status::Reserved,
            Self::Confirmed => Status::Confirmed,
            Self::Preparing => Status::Preparing,
            Self::Ready => Status::Ready,
            Self::Served => Status::Served,
            Self::Rejected => Status::Rejected,
            Self::Declined => Status::Declined,
            Self::GivingUp(_) | Self::Returning(_) | Self::Cancelled => Status::Cancelled,
        }
    }

    /// What the order waits for: sent when the state is entered, and again at each deadline.
    pub fn asks(self) -> Vec<Ask> {
        let undo = |undone: Undone, goods: Ask| {
            let goods = (!undone.goods).then_some(goods);
            let money = (!undone.money).then_some(Ask::Refund);
            goods.into_iter().chain(money).collect()
        };
        match self {
            Self::Placed => vec![Ask::Reserve],
            Self::Reserved => vec![Ask::Charge],
            Self::Charged => vec![Ask::Confirm],
            Self::Releasing => vec![Ask::Release],
            Self::GivingUp(undone) => undo(undone, Ask::Release),
            Self::Returning(undone) => undo(undone, Ask::Restock),
            Self::Confirmed
            | Self::Preparing
            | Self::Ready
            | Self::Served
            | Self::Rejected
            | Self::Declined
            | Self::Cancelled => Vec::new(),
        }
    }

    /// The next state: the whole saga on one screen. `saga/table.txt` holds every pair.
    pub fn step(self, event: Event) -> Step {
        let next = match (self, event) {
            (Self::Placed, Event::Reserved) => Self::Reserved,
            (Self::Placed, Event::ReserveRefused) => Self::Rejected,

            (Self::Reserved, Event::Charged) => Self::Charged,
            (Self::Reserved, Event::Declined) => Self::Releasing,
            (Self::Releasing, Event::Released) => Self::Declined,

            (Self::Charged, Event::Sold) => Self::Confirmed,

            (Self::Placed | Self::Reserved, Event::TimedOut | Event::Cancel) => {
                Self::GivingUp(Undone::default())
            }
            (Self::GivingUp(undone), Event::Released) if !undone.goods => {
                undone.with_goods().map_or(Self::Cancelled, Self::GivingUp)
            }
            (Self::GivingUp(undone), Event::Refunded) if !undone.money => {
                undone.with_money().map_or(Self::Cancelled, Self::GivingUp)
            }

            (Self::Confirmed, Event::Cancel) => Self::Returning(Undone::default()),
            (Self::Returning(undone), Event::Restocked) if !undone.goods => {
                undone.with_goods().map_or(Self::Cancelled, Self::Returning)
            }
            (Self::Returning(undone), Event::Refunded) if !undone.money => {
                undone.with_money().map_or(Self::Cancelled, Self::Returning)
            }

            (Self::Confirmed, Event::Start) => Self::Preparing,
            (Self::Preparing, Event::Ready) => Self::Ready,
            (Self::Ready, Event::Serve) => Self::Served,

            _ if self.is_past(event) => return Step::Late,
            // What nobody asked for, and what a person may not do now.
            _ => return Step::Impossible,
        };
        Step::To(next)
    }

    /// True for an answer to what this order has asked at some time on its way here.
    fn is_past(self, event: Event) -> bool {
        let paid = matches!(
            self,
            Self::Confirmed | Self::Preparing | Self::Ready | Self::Served | Self::Returning(_)
        );
        match event {
            Event::TimedOut => true,
            Event::Reserved | Event::ReserveRefused => self != Self::Placed,
            Event::Charged | Event::Declined => {
                !matches!(self, Self::Placed | Self::Reserved | Self::Rejected)
            }
            Event::Sold => paid || self == Self::Cancelled,
            Event::Released => {
                matches!(self, Self::GivingUp(_) | Self::Declined | Self::Cancelled)
            }
            Event::Restocked | Event::Refunded => {
                matches!(self, Self::GivingUp(_) | Self::Returning(_) | Self::Cancelled)
            }
            Event::Cancel | Event::Start | Event::Ready | Event::Serve => false,
        }
    }
}

impl Undone {
    /// The goods are back; `None` when that was the last thing.
    fn with_goods(self) -> Option<Self> {
        (!self.money).then_some(Self { goods: true, ..self })
    }

    /// The money is back; `None` when that was the last thing.
    fn with_money(self) -> Option<Self> {
        (!self.goods).then_some(Self { money: true, ..self })
    }
}

impl std::str::FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("{text:?} is not a state of an order");
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(unknown)
    }
}

#[cfg(test)]
#[path = "saga/tests.rs"]
mod tests;
