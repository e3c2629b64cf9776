//! What the baker does: branches, products, the clock and the books.

pub(crate) mod branches;
pub(crate) mod jobs;
pub(crate) mod products;
pub(crate) mod reports;
