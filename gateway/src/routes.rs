//! The handlers: check the input, ask the owner, translate the answer.

pub(crate) mod accounts;
pub(crate) mod admin;
pub(crate) mod branches;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod kitchen;
pub(crate) mod live;
pub(crate) mod menu;
pub(crate) mod metrics;
pub(crate) mod orders;
pub(crate) mod place;
pub(crate) mod receipt;
pub(crate) mod refunds;
pub(crate) mod sessions;
pub(crate) mod still;
pub(crate) mod users;
pub(crate) mod web;
