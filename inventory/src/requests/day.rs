//! `inventory.day`: one business day by the books of the shelf.

use super::{connection, shop, unavailable};
use crate::report;
use bakery_nats::Pool;
use bakery_nats::calendar::check_date;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::{DayReply, GetDay};

/// The day as it stands now.
pub async fn day(pool: Pool, asked: Asked<GetDay>) -> Result<DayReply, Refusal> {
    let GetDay { branch, date } = asked.body;
    check_date(date)?;
    let mut conn = connection(&pool).await?;
    let shop = shop(&mut conn, &branch).await?;
    let day = report::of(&mut conn, &shop, date).await.map_err(unavailable)?;
    let (from, to) = shop.money_of(date);
    Ok(DayReply { day, closed: shop.closed_day.is_some_and(|closed| closed >= date), from, to })
}
