//! `scheduler.closing-due`: what is left of a branch's day is thrown out, and the day is reported.

use crate::branch;
use crate::report;
use crate::shop::Shop;
use crate::unit::Unit;
use bakery_nats::envelope::Outgoing;
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::DayClosed;
use bakery_nats::messages::scheduler::ClosingDue;
use diesel_async::AsyncPgConnection;

/// Throws out what is free of the days that have ended. What is reserved is somebody's, and ends
/// with the order.
pub(crate) async fn close(
    conn: &mut AsyncPgConnection,
    tick: &ClosingDue,
    shop: &Shop,
) -> Result<Outgoing, HandlerError> {
    let id = &shop.branch.id;
    let today = shop.today(tick.due_at);
    Unit::throw_out(conn, id.as_str(), today).await?;
    let ended = shop.branch.calendar().ended_day(tick.due_at);
    if let Some(day) = ended {
        branch::close_day(conn, id, day).await?;
    }
    // A branch that never opens has days that never end.
    let day = report::of(conn, shop, ended.unwrap_or(today)).await?;
    Ok(Outgoing::answer(id, &DayClosed { tick_id: tick.tick_id, day }))
}
