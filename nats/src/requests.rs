//! Everything that is asked over `bakery.q.>`, one file per owner.

pub mod bank;
pub mod dead;
pub mod gateway;
pub mod health;
pub mod inventory;
pub mod kitchen;
pub mod orders;
pub mod pipeline;
pub mod receipts;
pub mod refunds;
pub mod scheduler;
pub mod shelf;
