//! `scheduler.sweep-due`: what is stale leaves the shelf.

use crate::unit::Unit;
use bakery_nats::envelope::{Delivered, Outgoing};
use bakery_nats::error::HandlerError;
use bakery_nats::messages::inventory::{Line, Swept};
use bakery_nats::messages::scheduler::SweepDue;
use bakery_nats::process::Answers;
use bakery_nats::slug::Slug;
use diesel_async::AsyncPgConnection;

/// One batch of ticks, one after the other: they come minutes apart. The sections of their
/// branches are locked.
pub(crate) async fn sweep(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<SweepDue>],
) -> Result<Answers, HandlerError> {
    let mut answers = Answers::default();
    for message in batch {
        let SweepDue { tick_id, due_at, .. } = message.body;
        let branch = message.meta.branch();
        let sections = Unit::sweep(conn, branch.as_str(), due_at).await?;
        let line = |(product_id, units): (String, i64)| {
            let quantity = u32::try_from(units).unwrap_or(u32::MAX);
            Some(Line { product_id: Slug::try_from(product_id).ok()?, quantity })
        };
        let swept = Swept { tick_id, lines: sections.into_iter().filter_map(line).collect() };
        answers.push(message.position, Outgoing::answer(branch, &swept));
    }
    Ok(answers)
}
