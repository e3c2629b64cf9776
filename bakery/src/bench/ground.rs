//! What must be there before it is measured: full shelves, customers with money, staff.

use super::load::{Load, WARM_UP_S};
use super::mix::{Counter, REQUESTS_PER_ORDER};
use crate::demo;
use crate::demo::catalogue::SHOPS;
use crate::session::Api;
use crate::site::Site;
use anyhow::Result;
use bakery_chassis::clock;
use bakery_gateway::config::OpeningMoney;
use bakery_nats::connect::connect;
use bakery_nats::requests::inventory::BakeNow;
use std::net::SocketAddr;
use std::time::Duration;
use uuid::Uuid;

/// Enough that nobody runs out of money.
const PURSE: &str = "1000000 EUR";
const CUSTOMERS: usize = 32;
/// Of each product besides.
const RESERVE: u32 = 100;
/// The most that comes out of an oven at once.
const BATCH_MAX: u32 = 10_000;
const ANSWER_TIMEOUT_S: u64 = 30;

/// What a customer has.
pub(super) fn purse() -> Result<OpeningMoney> {
    Ok(PURSE.parse()?)
}

/// A counter where everybody has come in, and enough of each product.
pub(super) async fn prepare(site: &Site, addr: SocketAddr, load: &Load) -> Result<Counter> {
    let [shop, ..] = SHOPS;
    let bus = connect(&site.bus("operator")).await?;
    demo::say(&bus, &demo::branch(&shop)?).await?;
    let menu = demo::menu(&shop)?;
    demo::say(&bus, &menu).await?;
    // A shelf as full as it gets sold, and a little more.
    let orders = load.rate * (load.seconds + WARM_UP_S) / REQUESTS_PER_ORDER;
    let wanted = orders / u32::try_from(menu.products.len().max(1))? + RESERVE;
    for product in &menu.products {
        for _ in 0..wanted.div_ceil(BATCH_MAX) {
            let batch = BakeNow {
                batch_id: Uuid::new_v4(),
                branch: menu.branch.clone(),
                product_id: product.id.clone(),
                quantity: wanted.min(BATCH_MAX),
                baked_at: clock::wall()(),
            };
            demo::say(&bus, &batch).await?;
        }
    }
    demo::hire(&bus, &site.secrets.staff).await?;
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(ANSWER_TIMEOUT_S))
        .pool_max_idle_per_host(usize::try_from(load.connections)?)
        .tcp_nodelay(true)
        .build()?;
    let api = Api::at(client, &format!("http://{addr}"));
    let kitchen = api.sign_in("kitchen", &site.secrets.staff).await?;
    let mut customers = Vec::new();
    for _ in 0..CUSTOMERS {
        customers.push(api.guest("Ada", shop.currency).await?.0);
    }
    let products = menu.products.into_iter().map(|product| product.id).collect();
    Ok(Counter::new(api, kitchen, customers, products))
}
