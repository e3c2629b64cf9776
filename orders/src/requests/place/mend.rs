//! A branch, account or product this service has not heard of: the owner knows. What it confirms
//! is kept, and the order is decided again.

use super::judge::{UNKNOWN, product_field};
use crate::branch::{self, ASKED_VERSION};
use crate::known;
use bakery_nats::Pool;
use bakery_nats::ask::ask;
use bakery_nats::branch::Branch;
use bakery_nats::error::HandlerError;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::bank::GetAccount;
use bakery_nats::requests::inventory::{GetBranch, GetProduct};
use bakery_nats::requests::orders::Place;
use bakery_nats::slug::Slug;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// What the owners know of what was unknown here.
#[derive(Default)]
struct Found {
    branch: Option<Branch>,
    accounts: Vec<Uuid>,
    products: Vec<(Slug, Slug)>,
}

/// Whether a refusal is one for something unknown.
pub(super) fn can_mend(refusal: &Refusal) -> bool {
    refusal.code == UNKNOWN
}

/// Asks the owners about everything the refusal names; true where there is something new.
pub(super) async fn mend(
    client: &async_nats::Client,
    pool: &Pool,
    body: &Place,
    refusal: &Refusal,
) -> Result<bool, Refusal> {
    let found = find(client, body, refusal).await?;
    if found.branch.is_none() && found.accounts.is_empty() && found.products.is_empty() {
        return Ok(false);
    }
    let unavailable = || Refusal::unavailable("the orders database");
    let mut conn = pool.get().await.map_err(|_| unavailable())?;
    found.keep(&mut conn).await.map_err(|error| {
        tracing::warn!(error = error.chain(), "what an owner said cannot be kept");
        unavailable()
    })?;
    Ok(true)
}

async fn find(
    client: &async_nats::Client,
    body: &Place,
    refusal: &Refusal,
) -> Result<Found, Refusal> {
    let named = |field: &str| refusal.errors.iter().any(|error| error.field == field);
    let mut found = Found::default();
    if named("branch") {
        let state = known_to_owner(ask(client, &GetBranch { branch: body.branch.clone() }).await)?;
        found.branch = state.map(|state| state.branch);
    }
    let nowhere = named("branch") && found.branch.is_none();
    if named("account_id") {
        let account_id = body.account_id;
        let account = known_to_owner(ask(client, &GetAccount { account_id }).await)?;
        found.accounts.extend(account.map(|_| account_id));
    }
    for (i, line) in body.items.iter().enumerate() {
        // Where there is no branch there are no products.
        if nowhere || !named(&product_field(i)) {
            continue;
        }
        let (branch, id) = (body.branch.clone(), line.product_id.clone());
        let product = known_to_owner(ask(client, &GetProduct { branch, id }).await)?;
        found.products.extend(product.map(|_| (body.branch.clone(), line.product_id.clone())));
    }
    Ok(found)
}

impl Found {
    async fn keep(&self, conn: &mut AsyncPgConnection) -> Result<(), HandlerError> {
        let branches: Vec<_> = self.branch.iter().map(|b| (ASKED_VERSION, b)).collect();
        branch::add(conn, &branches).await?;
        known::add_accounts(conn, &self.accounts).await?;
        known::add_products(conn, &self.products).await?;
        Ok(())
    }
}

/// What the owner says of it, if it knows it; an owner that does not answer is a refusal of its
/// own.
fn known_to_owner<T>(answer: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match answer {
        Ok(known) => Ok(Some(known)),
        Err(refusal) if refusal.status == 404 => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
