//! The demo bakery: three branches with a menu, and loaves baked at different times. Everything has
//! a fixed id, so filling it in twice is filling it in once.

pub(crate) mod catalogue;

use anyhow::{Context, Result};
use bakery_chassis::clock;
use bakery_chassis::service::bus_from_env;
use bakery_gateway::hash_password;
use bakery_nats::ask::ask_patiently;
use bakery_nats::calendar::{Calendar, OpeningHours, Span};
use bakery_nats::connect::{Bus, connect};
use bakery_nats::id::derived;
use bakery_nats::messages::inventory::Production;
use bakery_nats::money::{Currency, Money};
use bakery_nats::request::Request;
use bakery_nats::requests::gateway::AddUser;
use bakery_nats::requests::inventory::{BakeNow, ListProducts, NewProduct, PutBranch};
use bakery_nats::slug::Slug;
use catalogue::{BREADS, Bread, SHOPS, STAFF, Shop};
use chrono::{DateTime, TimeDelta, Utc};

/// `bakery demo`: fills it in as the user of the environment.
pub(crate) async fn main() -> Result<()> {
    let bus = connect(&bus_from_env("operator")?).await?;
    fill(&bus, clock::from_env()?()).await
}

/// Fills in the demo, over the bus, as any operator could.
pub(crate) async fn fill(bus: &Bus, now: DateTime<Utc>) -> Result<()> {
    for shop in &SHOPS {
        let branch = branch(shop)?;
        say(bus, &branch).await?;
        say(bus, &menu(shop)?).await?;
        stock(bus, shop, &branch, now).await?;
    }
    tracing::info!(branches = SHOPS.len(), "the demo is filled in");
    Ok(())
}

/// Adds one of the staff for each role, called as the role is, who sign in with this password.
pub(crate) async fn hire(bus: &Bus, password: &str) -> Result<()> {
    for role in STAFF {
        let add = AddUser {
            username: role.to_string(),
            password_hash: hash_password(password)?,
            name: format!("Demo {role}"),
            role,
        };
        match ask_patiently(&bus.client, &add).await {
            Err(refusal) if refusal.status == 409 => {}
            added => drop(added.with_context(|| format!("the demo's {role} was not added"))?),
        }
    }
    Ok(())
}

/// Puts the first batches on the shelf of a branch that is open.
async fn stock(bus: &Bus, shop: &Shop, branch: &PutBranch, now: DateTime<Utc>) -> Result<()> {
    let calendar = Calendar { time_zone: branch.time_zone, hours: branch.hours };
    let Some(opening) = calendar.opening(calendar.day_of(now)).filter(|opening| *opening <= now)
    else {
        return Ok(());
    };
    for bread in breads(shop) {
        for age_min in bread.ages_min {
            let batch = BakeNow {
                batch_id: derived(&["demo", shop.id, bread.id, &age_min.to_string()]),
                branch: branch.id.clone(),
                product_id: slug(bread.id)?,
                quantity: bread.batch,
                // Yesterday's would not be sold.
                baked_at: (now - TimeDelta::minutes(*age_min)).max(opening),
            };
            say(bus, &batch).await?;
        }
    }
    Ok(())
}

/// A branch, as the owner is asked to open it.
pub(crate) fn branch(shop: &Shop) -> Result<PutBranch> {
    let (open, close) = shop.hours;
    let hours = OpeningHours::daily(Span { open: open.parse()?, close: close.parse()? });
    Ok(PutBranch {
        id: slug(shop.id)?,
        name: shop.name.to_owned(),
        address: shop.address.to_owned(),
        time_zone: shop.time_zone.parse().context("the demo's time zone")?,
        hours,
        currency: currency(shop.currency)?,
    })
}

/// What a branch sells, as the owner is asked to put it on the menu.
pub(crate) fn menu(shop: &Shop) -> Result<ListProducts> {
    let products = breads(shop).map(|bread| product(bread, shop.currency));
    Ok(ListProducts { branch: slug(shop.id)?, products: products.collect::<Result<_>>()? })
}

pub(crate) async fn say<R: Request>(bus: &Bus, request: &R) -> Result<R::Reply> {
    ask_patiently(&bus.client, request)
        .await
        .with_context(|| format!("the demo's {} failed", R::NAME))
}

fn breads(shop: &Shop) -> impl Iterator<Item = &'static Bread> {
    let on_menu = shop.menu;
    BREADS.iter().filter(move |bread| on_menu.contains(&bread.id))
}

fn slug(text: &str) -> Result<Slug> {
    text.parse().with_context(|| format!("the demo names {text:?}"))
}

fn currency(code: &str) -> Result<Currency> {
    Ok(Currency::try_from(code.to_owned())?)
}

fn product(bread: &Bread, of: &str) -> Result<NewProduct> {
    Ok(NewProduct {
        id: slug(bread.id)?,
        name: bread.name.to_owned(),
        description: bread.description.to_owned(),
        price: Money { amount: bread.price, currency: currency(of)? },
        image: format!("/images/{}.svg", bread.id),
        shelf_life_s: bread.shelf_life_min * 60,
        discount_percent: bread.discount_percent,
        production: Some(Production {
            every_s: bread.every_min * 60,
            batch: i32::try_from(bread.batch)?,
        }),
    })
}
