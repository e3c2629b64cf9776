//! The bakery in one program: `up` runs everything on servers of its own, each role runs alone
//! for containers, and the rest are tools on the same system.

mod bench;
pub mod cli;
mod day;
mod demo;
mod health;
mod provision;
mod role;
mod session;
pub mod site;
mod topology;
pub mod up;
mod user;

/// Makes what services need before they can start: roles, databases, streams, consumers.
pub async fn provision(site: &site::Site) -> anyhow::Result<()> {
    provision::all(site).await
}
