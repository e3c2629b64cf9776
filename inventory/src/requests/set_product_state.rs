//! `inventory.set-product-state`: a product is taken off sale, put back on, or taken off the menu.

use super::{attempt, no_branch};
use crate::branch;
use crate::catalogue;
use crate::menu::entries;
use crate::product::Product;
use bakery_nats::envelope::Outgoing;
use bakery_nats::error::HandlerError;
use bakery_nats::refusal::Refusal;
use bakery_nats::request::{Asked, Request};
use bakery_nats::requests::inventory::SetProductState;
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;

/// The writer of states. Requests are rare, so they are written one after the other.
pub struct SetProductStateWriter;

impl Writer for SetProductStateWriter {
    type Request = SetProductState;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<SetProductState>],
    ) -> Result<Vec<WriteResult<SetProductState>>, HandlerError> {
        let key = |asked: &Asked<SetProductState>| {
            (asked.body.branch.clone(), asked.body.product_id.clone())
        };
        Product::lock(conn, &batch.iter().map(key).collect()).await?;
        let ids = batch.iter().map(|asked| asked.body.branch.clone()).collect();
        let shops = branch::load(conn, &ids).await?;
        let mut results = Vec::with_capacity(batch.len());
        for asked in batch {
            let SetProductState { branch, product_id, state } = &asked.body;
            let Some(shop) = shops.get(branch) else {
                results.push(Err(no_branch(branch)));
                continue;
            };
            let changed = catalogue::set_state(conn, branch, product_id, *state).await?;
            let row = catalogue::some(conn, branch, &[product_id]).await?.pop();
            let step = row.and_then(|row| row.listed()).map(|listed| Step {
                business_id: asked.request_id,
                name: SetProductState::NAME.to_owned(),
                outgoing: vec![Outgoing::attempt(branch, attempt(changed, asked.at), &listed)],
            });
            let entry = entries(conn, shop, Some(product_id), asked.at).await?.into_iter().next();
            results.push(match entry {
                Some(reply) => Ok(Written { reply, step }),
                None => Err(Refusal::not_found("product", product_id)),
            });
        }
        Ok(results)
    }
}
