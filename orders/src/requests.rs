//! What the orders service is asked, one file a request.

pub(crate) mod advance;
pub(crate) mod day_sales;
pub(crate) mod kitchen;
pub(crate) mod pipeline;
pub(crate) mod place;
pub(crate) mod read;
pub(crate) mod refund;
