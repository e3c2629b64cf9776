//! What inventory is asked, one file a request.

pub(crate) mod bake_now;
pub(crate) mod list_products;
pub(crate) mod menu;
