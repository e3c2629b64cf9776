//! The demo bakery: a menu, loaves baked at different times, customers with money and one
//! without. Everything has a fixed id, so filling it in twice is filling it in once.

mod catalogue;

use anyhow::{Context, Result};
use bakery_chassis::clock;
use bakery_chassis::service::bus_from_env;
use bakery_nats::ask::ask;
use bakery_nats::connect::{Bus, connect};
use bakery_nats::id::derived;
use bakery_nats::money::{Currency, Money};
use bakery_nats::request::Request;
use bakery_nats::requests::bank::{NewAccount, OpenAccounts};
use bakery_nats::requests::inventory::{BakeNow, ListProducts, NewProduct};
use bakery_nats::requests::scheduler::{Job, JobAction, PutJobs};
use bakery_nats::slug::Slug;
use catalogue::{BRANCH, BREADS, Bread, CURRENCY, CUSTOMERS};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// When stale units are swept off the shelf.
const SWEEP: &str = "0 */15 * * * *";

/// `bakery demo`: fills it in as the user of the environment.
pub(crate) async fn main() -> Result<()> {
    let bus = connect(&bus_from_env("operator")?).await?;
    fill(&bus, clock::wall()()).await
}

/// Fills in the demo, over the bus, as any operator could.
pub(crate) async fn fill(bus: &Bus, now: DateTime<Utc>) -> Result<()> {
    let branch = slug(BRANCH)?;
    let products = BREADS.iter().map(product).collect::<Result<_>>()?;
    say(bus, &ListProducts { branch: branch.clone(), products }).await?;
    let accounts = CUSTOMERS.iter().map(account).collect::<Result<_>>()?;
    say(bus, &OpenAccounts { accounts }).await?;
    for (bread, age_min) in BREADS.iter().flat_map(|b| b.ages_min.iter().map(move |age| (b, age))) {
        let batch = BakeNow {
            batch_id: derived(&["demo", bread.id, &age_min.to_string()]),
            branch: branch.clone(),
            product_id: slug(bread.id)?,
            quantity: bread.batch,
            baked_at: now - TimeDelta::minutes(*age_min),
        };
        say(bus, &batch).await?;
    }
    let mut jobs = BREADS.iter().map(|bread| bake(&branch, bread)).collect::<Result<Vec<_>>>()?;
    jobs.push(Job {
        branch,
        name: slug("sweep")?,
        cron: SWEEP.to_owned(),
        action: JobAction::Sweep {},
    });
    say(bus, &PutJobs { jobs }).await?;
    tracing::info!(products = BREADS.len(), customers = CUSTOMERS.len(), "the demo is filled in");
    Ok(())
}

/// The id of a demo customer's account.
pub(crate) fn account_id(name: &str) -> Uuid {
    derived(&["demo", "account", name])
}

async fn say<R: Request>(bus: &Bus, request: &R) -> Result<R::Reply> {
    ask(&bus.client, request).await.with_context(|| format!("the demo's {} failed", R::NAME))
}

fn slug(text: &str) -> Result<Slug> {
    text.parse().with_context(|| format!("the demo names {text:?}"))
}

fn money(amount: i64) -> Result<Money> {
    Ok(Money { amount, currency: Currency::try_from(CURRENCY.to_owned())? })
}

fn product(bread: &Bread) -> Result<NewProduct> {
    Ok(NewProduct {
        id: slug(bread.id)?,
        name: bread.name.to_owned(),
        description: bread.description.to_owned(),
        price: money(bread.price)?,
        image: format!("/images/{}.svg", bread.id),
        shelf_life_s: bread.shelf_life_min * 60,
        discount_percent: bread.discount_percent,
    })
}

fn account((name, opening): &(&str, i64)) -> Result<NewAccount> {
    Ok(NewAccount { id: account_id(name), name: (*name).to_owned(), opening: money(*opening)? })
}

fn bake(branch: &Slug, bread: &Bread) -> Result<Job> {
    Ok(Job {
        branch: branch.clone(),
        name: slug(&format!("bake-{}", bread.id))?,
        cron: bread.cron.to_owned(),
        action: JobAction::Bake { product_id: slug(bread.id)?, quantity: bread.batch },
    })
}
