//! What the orders service is asked for the kitchen and the board, as the frozen files show it.

use crate::requests::order_page;
use crate::samples::{branch, date, main, order_id, slug};
use bakery_nats::messages::orders::Status;
use bakery_nats::requests::kitchen::{
    BakeListReply, BoardLine, BoardReply, HourCount, KitchenQueue, KitchenStats, KitchenStatsReply,
    ProductWait, StageTime, WantedLine,
};
use bakery_nats::requests::orders::StatusCount;

pub(crate) fn queue() -> KitchenQueue {
    KitchenQueue { orders: order_page().orders, more: true }
}

pub(crate) fn board() -> BoardReply {
    let (order_id, number, status) = (order_id(), "007".to_owned(), Status::Ready);
    BoardReply { orders: vec![BoardLine { order_id, number, status }] }
}

pub(crate) fn wanted() -> BakeListReply {
    BakeListReply { lines: vec![WantedLine { product_id: slug("donut"), units: 12, orders: 5 }] }
}

pub(crate) fn stats() -> KitchenStats {
    KitchenStats { branch: main(), date: date(), time_zone: branch().time_zone }
}

pub(crate) fn kitchen_stats() -> KitchenStatsReply {
    let (from, to) = (Status::Preparing, Status::Ready);
    KitchenStatsReply {
        orders: vec![StatusCount { status: Status::Served, orders: 320 }],
        stages: vec![StageTime { from, to, orders: 321, mean_s: 94.25, p95_s: 180.5 }],
        products: vec![ProductWait { product_id: slug("donut"), orders: 210, mean_s: 131.125 }],
        hours: vec![HourCount { hour: 8, orders: 74 }],
    }
}
