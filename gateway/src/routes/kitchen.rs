//! The kitchen: what it has in hand, moving it on, what is to be baked, and how fast it was; and the
//! board at the counter. A body sent to the actions is not looked at: the path says it all.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::live::snapshot::DisplayView;
use crate::params::{Id, Params};
use axum::Json;
use axum::extract::State;
use bakery_nats::messages::inventory::ProductState;
use bakery_nats::messages::orders::Status;
use bakery_nats::requests::inventory::{GetBranch, Menu, MenuReply};
use bakery_nats::requests::kitchen::{
    BakeList, BakeListReply, Board, HourCount, Kitchen, KitchenQueue, KitchenStats, ProductWait,
    StageTime, WantedLine,
};
use bakery_nats::requests::orders::{Action, Advance, Order};
use bakery_nats::slug::Slug;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;
use uuid::Uuid;

/// `GET /kitchen/orders?branch=`.
pub(crate) async fn orders(State(app): State<App>, mut params: Params) -> Answer<KitchenQueue> {
    let branch = params.branch();
    let branch = params.finish(branch)?;
    app.answer(&Kitchen { branch }).await
}

/// `POST /kitchen/orders/{id}/start`.
pub(crate) async fn start(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Order> {
    app.change_order(order_id, &Advance { order_id, action: Action::Start }).await
}

/// `POST /kitchen/orders/{id}/ready`.
pub(crate) async fn ready(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Order> {
    app.change_order(order_id, &Advance { order_id, action: Action::Ready }).await
}

/// `POST /kitchen/orders/{id}/serve`.
pub(crate) async fn serve(State(app): State<App>, Id(order_id): Id<Uuid>) -> Answer<Order> {
    app.change_order(order_id, &Advance { order_id, action: Action::Serve }).await
}

/// `GET /display?branch=`: numbers and what they stand for, no more.
pub(crate) async fn display(State(app): State<App>, mut params: Params) -> Answer<DisplayView> {
    let branch = params.branch();
    let branch = params.finish(branch)?;
    Ok(Json(app.ask(&Board { branch }).await?.into()))
}

/// What a baker wants to know.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct BakeView {
    branch: Slug,
    products: Vec<BakeLine>,
}

/// One product.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct BakeLine {
    product_id: Slug,
    /// None where it is not on the menu any more.
    name: Option<String>,
    state: Option<ProductState>,
    /// Units of orders that are paid and not ready yet.
    wanted: i64,
    /// How many orders those are.
    orders: i64,
    /// Units that can be bought.
    free: i64,
}

/// `GET /kitchen/bake-list?branch=`.
pub(crate) async fn bake_list(State(app): State<App>, mut params: Params) -> Answer<BakeView> {
    let branch = params.branch();
    let branch = params.finish(branch)?;
    let (wanted, menu) = (BakeList { branch: branch.clone() }, Menu { branch: branch.clone() });
    let (wanted, menu) = tokio::try_join!(app.ask(&wanted), app.ask(&menu))?;
    Ok(Json(side_by_side(branch, wanted, menu)))
}

/// In the order of the menu; behind it what is wanted and not on it any more.
fn side_by_side(branch: Slug, wanted: BakeListReply, menu: MenuReply) -> BakeView {
    let by_id = |line: WantedLine| (line.product_id, (line.units, line.orders));
    let mut wanted: BTreeMap<Slug, (i64, i64)> = wanted.lines.into_iter().map(by_id).collect();
    let mut products: Vec<BakeLine> = Vec::new();
    for entry in menu.products {
        let (units, orders) = wanted.remove(&entry.id).unwrap_or_default();
        products.push(BakeLine {
            product_id: entry.id,
            name: Some(entry.name),
            state: Some(entry.state),
            wanted: units,
            orders,
            free: entry.available,
        });
    }
    let off = |(product_id, (wanted, orders))| {
        let (name, state, free) = (None, None, 0);
        BakeLine { product_id, name, state, wanted, orders, free }
    };
    products.extend(wanted.into_iter().map(off));
    BakeView { branch, products }
}

/// How fast the kitchen was.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatsView {
    branch: Slug,
    date: NaiveDate,
    by_status: HashMap<Status, i64>,
    stages: Vec<StageTime>,
    products: Vec<ProductWait>,
    hours: Vec<HourCount>,
}

/// `GET /kitchen/stats?branch=&date=`: of a business day, today's if none is named.
pub(crate) async fn stats(State(app): State<App>, mut params: Params) -> Answer<StatsView> {
    let wanted = (params.branch(), params.only_date());
    let (branch, date) = params.finish(wanted.0.map(|branch| (branch, wanted.1)))?;
    let found = app.ask(&GetBranch { branch: branch.clone() }).await?;
    let (date, time_zone) = (date.unwrap_or(found.date), found.branch.time_zone);
    let stats = app.ask(&KitchenStats { branch: branch.clone(), date, time_zone }).await?;
    let by_status = stats.orders.into_iter().map(|count| (count.status, count.orders)).collect();
    let (stages, products, hours) = (stats.stages, stats.products, stats.hours);
    Ok(Json(StatsView { branch, date, by_status, stages, products, hours }))
}
