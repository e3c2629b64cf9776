//! The catalogue of a branch, and what is on sale of it.

mod body;
pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::checks::Checks;
use crate::input::Body;
use crate::params::Id;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bakery_nats::messages::inventory::ProductState;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::{
    Catalogue, CatalogueReply, GetProduct, ListProducts, MenuEntry, SetProductState,
};
use bakery_nats::slug::Slug;
use body::ProductBody;
use serde::Deserialize;
use utoipa::ToSchema;

/// Inventory lists many products at a time, people one; so it names its fields.
const PRODUCT: &str = "products[0].";

/// `GET /admin/branches/{id}/products`: retired ones as well.
pub(crate) async fn catalogue(
    State(app): State<App>,
    Id(branch): Id<Slug>,
) -> Answer<CatalogueReply> {
    app.answer(&Catalogue { branch }).await
}

/// `PUT /admin/branches/{id}/products/{product}`: the product is new, changed to this, or back.
pub(crate) async fn put(
    State(app): State<App>,
    Id((branch, id)): Id<(Slug, Slug)>,
    Body(body): Body<ProductBody>,
) -> Answer<MenuEntry> {
    let products = vec![body.read(id.clone())?];
    let list = ListProducts { branch: branch.clone(), products };
    app.change(&branch, &list).await.map_err(of_one)?;
    app.answer(&GetProduct { branch, id }).await
}

/// `DELETE /admin/branches/{id}/products/{product}`: off the menu. Its books stay.
pub(crate) async fn retire(
    State(app): State<App>,
    Id((branch, product)): Id<(Slug, Slug)>,
) -> Result<StatusCode, Problem> {
    set(&app, branch, product, ProductState::Retired).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /admin/branches/{id}/products/{product}/sale`: off sale ("86"), or back on.
pub(crate) async fn sale(
    State(app): State<App>,
    Id((branch, product)): Id<(Slug, Slug)>,
    Body(body): Body<SaleBody>,
) -> Answer<MenuEntry> {
    let mut checks = Checks::default();
    let on_sale = checks.needed("on_sale", body.on_sale);
    let on_sale = checks.finish(on_sale)?;
    let state = if on_sale { ProductState::OnSale } else { ProductState::OffSale };
    Ok(Json(set(&app, branch, product, state).await?))
}

/// The body of a sale.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaleBody {
    #[schema(value_type = bool)]
    on_sale: Option<bool>,
}

async fn set(
    app: &App,
    branch: Slug,
    product_id: Slug,
    state: ProductState,
) -> Result<MenuEntry, Refusal> {
    app.change(&branch.clone(), &SetProductState { branch, product_id, state }).await
}

/// A refusal of a list of one, as a refusal of that one.
fn of_one(mut refusal: Refusal) -> Refusal {
    refusal.detail = refusal.detail.replace(PRODUCT, "");
    for error in &mut refusal.errors {
        if let Some(field) = error.field.strip_prefix(PRODUCT) {
            error.field = field.to_owned();
        }
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::of_one;
    use bakery_nats::refusal::{FieldError, Refusal};

    #[test]
    fn fields_are_named_as_they_were_written() {
        let named = |field: &str| FieldError::new(field, "must be another");
        let fields = ["products[0].price.amount", "products[0].name", "branch"].map(named);
        let expected = ["price.amount", "name", "branch"].map(named);
        assert_eq!(of_one(Refusal::invalid(fields.into())), Refusal::invalid(expected.into()));
    }
}
