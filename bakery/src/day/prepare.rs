//! What must be there before the day begins: the branch, its menu, people, and every service
//! that knows of them.

use super::Day;
use super::town::Town;
use crate::day::counter::Counter;
use crate::demo;
use crate::site::Site;
use anyhow::{Context, Result};
use bakery_nats::connect::{Bus, connect};
use bakery_nats::requests::scheduler::JobState;
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::Duration;

/// How long the scheduler may take to hear of the branch, on a machine that has much else to do.
const HEARD_WITHIN: Duration = Duration::from_secs(60);

/// Who works at the counter and in the kitchen, and who writes the report.
const STAFF: &str = "manager";

/// The jobs of the branch.
#[derive(Deserialize)]
struct Heard {
    jobs: Vec<JobState>,
}

/// Fills in branch and menu, lets the people in, and waits until the clock has its jobs.
pub(super) async fn prepare(
    site: &Site,
    day: &Day,
    town: &Town,
    addr: SocketAddr,
) -> Result<(Bus, Counter)> {
    let bus = connect(&site.bus("operator")).await?;
    demo::say(&bus, &demo::branch(&day.shop)?).await?;
    let menu = demo::menu(&day.shop)?;
    demo::say(&bus, &menu).await?;
    demo::hire(&bus, &site.secrets.staff).await?;
    let mut counter = Counter::open(addr, STAFF, &site.secrets.staff).await?;
    for person in &town.people {
        counter.welcome(person, day.shop.currency).await?;
    }

    // Opening, discount, sweep, closing, and one for each product.
    let wanted = menu.products.len() + 4;
    let path = format!("/admin/jobs?branch={}", day.branch);
    let have_all = |Heard { jobs }| {
        let heard = jobs.iter().filter(|job| job.next_at.is_some()).count();
        Ok((heard >= wanted).then_some(()))
    };
    let heard = counter.read_until(&path, HEARD_WITHIN, have_all).await?;
    heard.context("the scheduler has not heard of the branch and its products")?;
    Ok((bus, counter))
}
