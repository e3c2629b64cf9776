//! `scheduler.discount-due`: everything costs less until the business day ends.

use crate::branch;
use crate::shop::Shop;
use bakery_nats::envelope::Outgoing;
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::DiscountBegun;
use bakery_nats::messages::scheduler::DiscountDue;
use diesel_async::AsyncPgConnection;

/// Remembers since when. The shop knows of this tick, and of the others in the batch.
pub(crate) async fn begin(
    conn: &mut AsyncPgConnection,
    tick: &DiscountDue,
    shop: &Shop,
) -> Result<Outgoing, HandlerError> {
    branch::begin_discount(conn, &shop.branch.id, shop.newest_discount()).await?;
    let begun = DiscountBegun { tick_id: tick.tick_id, from: tick.due_at };
    Ok(Outgoing::answer(&shop.branch.id, &begun))
}
