//! `scheduler.discount-due`: everything costs less until the business day ends.

use crate::branch;
use crate::shop::Shop;
use bakery_nats::envelope::Outgoing;
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::DiscountBegun;
use bakery_nats::messages::scheduler::DiscountDue;
use diesel_async::AsyncPgConnection;

/// Remembers since when. The shop knows of this tick, and of the others in the batch. Says nothing
/// where it begins nothing.
pub(crate) async fn begin(
    conn: &mut AsyncPgConnection,
    tick: &DiscountDue,
    shop: &Shop,
) -> Result<Option<Outgoing>, HandlerError> {
    if shop.discount(tick).is_none() {
        tracing::info!(branch = %shop.branch.id, at = %tick.due_at, "a discount out of hours");
        return Ok(None);
    }
    branch::begin_discount(conn, &shop.branch.id, shop.newest_discount()).await?;
    let begun = DiscountBegun { tick_id: tick.tick_id, from: tick.due_at };
    Ok(Some(Outgoing::answer(&shop.branch.id, &begun)))
}
