//! `orders.day-sales`: what the orders of one business day came to.

use super::read::unavailable;
use crate::sales;
use bakery_nats::Pool;
use bakery_nats::calendar::check_date;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::orders::{DaySales, DaySalesReply};

/// The figures; zeros for a day without orders, and for a branch nobody knows.
///
/// # Errors
/// 422 for a date outside of all shops' times, 503 where the database cannot be read.
pub async fn day_sales(pool: Pool, asked: Asked<DaySales>) -> Result<DaySalesReply, Refusal> {
    check_date(asked.body.date)?;
    let mut conn = pool.get().await.map_err(unavailable)?;
    sales::of_day(&mut conn, &asked.body).await.map_err(|error| unavailable(error.chain()))
}
