//! The body of a product. All that is wrong with it is found at once.

use crate::api::texts::{Name, Text};
use crate::checks::Checks;
use crate::input::{MoneyBody, Object};
use bakery_nats::messages::inventory::Production;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::NewProduct;
use bakery_nats::slug::Slug;
use serde::Deserialize;
use serde_json::Number;
use utoipa::ToSchema;

const NAME_LENGTH_MAX: usize = 80;
const TEXT_LENGTH_MAX: usize = 500;
const SHELF_LIFE_MAX_S: i64 = i32::MAX as i64;
const PER_CENT_MAX: i64 = 100;
const EVERY_MAX_S: i64 = 86_400;
const BATCH_UNITS_MAX: i64 = 10_000;

/// A product as its baker writes it. Nothing is required here, so that what is missing is found
/// together with what is wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProductBody {
    #[schema(value_type = Name)]
    name: Option<String>,
    #[schema(value_type = Text)]
    description: Option<String>,
    #[schema(value_type = MoneyBody)]
    price: Option<Object<MoneyBody>>,
    #[schema(value_type = Text)]
    image: Option<String>,
    #[schema(value_type = i64, minimum = 1, maximum = 2147483647)]
    shelf_life_s: Option<Number>,
    #[schema(value_type = i64, minimum = 0, maximum = 100)]
    discount_percent: Option<Number>,
    #[schema(value_type = Option<ProductionBody>)]
    production: Option<Object<ProductionBody>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProductionBody {
    #[schema(value_type = i64, minimum = 1, maximum = 86400)]
    every_s: Option<Number>,
    #[schema(value_type = i64, minimum = 1, maximum = 10000)]
    batch: Option<Number>,
}

impl ProductBody {
    /// The product as inventory wants it.
    pub(crate) fn read(self, id: Slug) -> Result<NewProduct, Refusal> {
        let mut checks = Checks::default();
        let name = checks.text("name", self.name.as_deref(), 1..=NAME_LENGTH_MAX);
        let description =
            checks.text("description", self.description.as_deref(), 0..=TEXT_LENGTH_MAX);
        let price = checks.needed("price", self.price.as_ref());
        let price = price.and_then(|Object(price)| price.read("price", 0, &mut checks));
        let image = checks.text("image", self.image.as_deref(), 0..=TEXT_LENGTH_MAX);
        let life = self.shelf_life_s.as_ref();
        let shelf_life_s = checks.needed_whole("shelf_life_s", life, 1..=SHELF_LIFE_MAX_S);
        let percent = self.discount_percent.as_ref();
        let discount_percent = checks.needed_whole("discount_percent", percent, 0..=PER_CENT_MAX);
        let production = self.production.as_ref();
        let production = production.and_then(|Object(production)| production.read(&mut checks));
        let product = || {
            Some(NewProduct {
                id,
                name: name?,
                description: description?,
                price: price?,
                image: image?,
                shelf_life_s: shelf_life_s?,
                discount_percent: discount_percent?,
                production,
            })
        };
        checks.finish(product())
    }
}

impl ProductionBody {
    fn read(&self, checks: &mut Checks) -> Option<Production> {
        let every_s =
            checks.needed_whole("production.every_s", self.every_s.as_ref(), 1..=EVERY_MAX_S);
        let batch =
            checks.needed_whole("production.batch", self.batch.as_ref(), 1..=BATCH_UNITS_MAX);
        Some(Production { every_s: every_s?, batch: batch? })
    }
}

#[cfg(test)]
mod tests;
