//! `scheduler.opening-due`: a branch's day begins. At full prices: a discount ends by itself.

use crate::shop::Shop;
use bakery_nats::envelope::Outgoing;
use bakery_nats::messages::inventory::Opened;
use bakery_nats::messages::scheduler::OpeningDue;

/// Says which business day it is.
pub(crate) fn open(tick: &OpeningDue, shop: &Shop) -> Outgoing {
    let opened = Opened { tick_id: tick.tick_id, date: shop.today(tick.due_at) };
    Outgoing::answer(&shop.branch.id, &opened)
}
