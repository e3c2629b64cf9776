//! What must be there before the day begins: the branch, its menu, accounts, and every service
//! that knows of them.

use super::Day;
use super::town::Town;
use crate::day::counter::Counter;
use crate::demo;
use crate::site::Site;
use anyhow::{Result, bail};
use bakery_nats::connect::{Bus, connect};
use bakery_nats::money::{Currency, Money};
use bakery_nats::requests::bank::{NewAccount, OpenAccounts};
use bakery_nats::requests::scheduler::JobState;
use serde::Deserialize;
use std::time::Duration;

/// How long the scheduler may take to hear of the branch, in tries of [`TRY_PAUSE_MS`].
const HEARD_TRIES: u32 = 200;
const TRY_PAUSE_MS: u64 = 25;

/// The jobs of the branch.
#[derive(Deserialize)]
struct Heard {
    jobs: Vec<JobState>,
}

/// Fills in branch, menu and accounts, and waits until the clock has its jobs.
pub(super) async fn prepare(site: &Site, day: &Day, town: &Town, counter: &Counter) -> Result<Bus> {
    let bus = connect(&site.bus("operator")).await?;
    demo::say(&bus, &demo::branch(&day.shop)?).await?;
    let menu = demo::menu(&day.shop)?;
    demo::say(&bus, &menu).await?;
    let currency = Currency::try_from(day.shop.currency.to_owned())?;
    let account = |person: &super::town::Person| NewAccount {
        id: person.account_id,
        name: person.name.to_owned(),
        opening: Money { amount: person.purse, currency: currency.clone() },
    };
    let accounts = town.people.iter().map(account).collect();
    demo::say(&bus, &OpenAccounts { accounts }).await?;

    // Opening, discount, sweep, closing, and one for each product.
    let wanted = menu.products.len() + 4;
    for _ in 0..HEARD_TRIES {
        let path = format!("/admin/jobs?branch={}", day.branch);
        let jobs: Heard = counter.read(&path).await?;
        if jobs.jobs.iter().filter(|job| job.next_at.is_some()).count() >= wanted {
            return Ok(bus);
        }
        tokio::time::sleep(Duration::from_millis(TRY_PAUSE_MS)).await;
    }
    bail!("the scheduler has not heard of the branch and its products")
}
