//! `orders.kitchen`, `orders.board`, `orders.bake-list` and `orders.kitchen-stats`.

use super::read::{in_short, refunds, unavailable};
use crate::kitchen::{self, QUEUE_MAX, stats};
use crate::row::OrderRow;
use bakery_nats::Pool;
use bakery_nats::calendar::check_date;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::Asked;
use bakery_nats::requests::kitchen::{
    BakeList, BakeListReply, Board, BoardReply, Kitchen, KitchenQueue, KitchenStats,
    KitchenStatsReply,
};
use uuid::Uuid;

/// What the kitchen has in hand.
pub async fn queue(pool: Pool, asked: Asked<Kitchen>) -> Result<KitchenQueue, Refusal> {
    let mut conn = pool.get().await.map_err(unavailable)?;
    let rows = kitchen::queue(&mut conn, &asked.body.branch).await.map_err(unavailable)?;
    let more = rows.len() > QUEUE_MAX;
    let shown = rows.into_iter().take(QUEUE_MAX).map(OrderRow::read);
    let shown: Vec<_> = shown.collect::<Result<_, _>>().map_err(unavailable)?;
    let ids: Vec<Uuid> = shown.iter().map(|order| order.id).collect();
    let refunds = refunds(&conn, &ids).await?;
    let of = |id| refunds.get(id).map_or(&[][..], Vec::as_slice);
    let orders = shown.iter().map(|order| in_short(order, of(&order.id))).collect();
    Ok(KitchenQueue { orders, more })
}

/// The numbers on the board.
pub async fn board(pool: Pool, asked: Asked<Board>) -> Result<BoardReply, Refusal> {
    let mut conn = pool.get().await.map_err(unavailable)?;
    let orders = kitchen::board(&mut conn, &asked.body.branch).await;
    let orders = orders.map_err(|error| unavailable(error.chain()))?;
    Ok(BoardReply { orders })
}

/// What paid orders wait for.
pub async fn bake_list(pool: Pool, asked: Asked<BakeList>) -> Result<BakeListReply, Refusal> {
    let mut conn = pool.get().await.map_err(unavailable)?;
    let lines = kitchen::wanted(&mut conn, &asked.body.branch).await;
    let lines = lines.map_err(|error| unavailable(error.chain()))?;
    Ok(BakeListReply { lines })
}

/// How fast it was on one day.
///
/// # Errors
/// 422 for a date outside of all shops' times, 503 where the database cannot be read.
pub async fn statistics(
    pool: Pool,
    asked: Asked<KitchenStats>,
) -> Result<KitchenStatsReply, Refusal> {
    check_date(asked.body.date)?;
    let mut conn = pool.get().await.map_err(unavailable)?;
    stats::of_day(&mut conn, &asked.body).await.map_err(|error| unavailable(error.chain()))
}
