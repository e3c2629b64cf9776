//! What the baker does: branches, products, the clock, the books, and who is told of orders.

pub(crate) mod branches;
pub(crate) mod jobs;
pub(crate) mod products;
pub(crate) mod reports;
pub(crate) mod shelf;
pub(crate) mod webhooks;
