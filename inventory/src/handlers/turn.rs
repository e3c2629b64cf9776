//! The turns of a branch's day, as the clock says them: opening, discount, closing.

use crate::handlers::{Floor, closing, discount, opening};
use bakery_nats::envelope::Delivered;
use bakery_nats::error::HandlerError;
use bakery_nats::messages::scheduler::{ClosingDue, DiscountDue, OpeningDue};
use bakery_nats::process::Answers;
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;

/// One turn.
pub(crate) enum Turn {
    Opening(OpeningDue),
    Discount(DiscountDue),
    Closing(ClosingDue),
}

impl Turn {
    /// Its logical time.
    pub(crate) fn due_at(&self) -> DateTime<Utc> {
        match self {
            Self::Opening(tick) => tick.due_at,
            Self::Discount(tick) => tick.due_at,
            Self::Closing(tick) => tick.due_at,
        }
    }
}

/// One batch of ticks, by their logical time, one after the other: they come hours apart. Their
/// branches and all sections of those are locked.
pub(crate) async fn turn(
    conn: &mut AsyncPgConnection,
    batch: &[Delivered<Turn>],
    floor: &Floor,
) -> Result<Answers, HandlerError> {
    let mut answers = Answers::default();
    for message in batch {
        let Some(shop) = floor.shops.get(message.meta.branch()) else {
            answers.bury(message.position, "there is no such branch");
            continue;
        };
        let answer = match &message.body {
            Turn::Opening(tick) => Some(opening::open(tick, shop)),
            Turn::Discount(tick) => discount::begin(conn, tick, shop).await?,
            Turn::Closing(tick) => Some(closing::close(conn, tick, shop).await?),
        };
        if let Some(answer) = answer {
            answers.push(message.position, answer);
        }
    }
    Ok(answers)
}
