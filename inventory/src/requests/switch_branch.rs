//! `inventory.switch-branch`: a branch is closed by hand, or left to its hours.

use super::{branch_said, no_branch};
use crate::branch;
use bakery_nats::error::HandlerError;
use bakery_nats::request::Asked;
use bakery_nats::requests::inventory::SwitchBranch;
use bakery_nats::write::{WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;

/// The writer of the switch. Requests are rare, so they are written one after the other.
pub struct SwitchBranchWriter;

impl Writer for SwitchBranchWriter {
    type Request = SwitchBranch;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<SwitchBranch>],
    ) -> Result<Vec<WriteResult<SwitchBranch>>, HandlerError> {
        let ids = batch.iter().map(|asked| asked.body.branch.clone()).collect();
        branch::lock(conn, &ids).await?;
        let mut shops = branch::load(conn, &ids).await?;
        let mut results = Vec::with_capacity(batch.len());
        for asked in batch {
            let SwitchBranch { branch: id, closed } = &asked.body;
            let Some(shop) = shops.get_mut(id) else {
                results.push(Err(no_branch(id)));
                continue;
            };
            let changed = shop.branch.closed != *closed;
            if changed {
                shop.branch.closed = *closed;
                shop.version += 1;
                branch::save(conn, shop).await?;
            }
            results.push(Ok(Written {
                reply: shop.state(asked.at),
                step: branch_said(asked, shop, changed),
            }));
        }
        Ok(results)
    }
}
