//! `bank.accounts` and `bank.account`: customers' accounts. Those of the house are not shown.

use super::{connection, unavailable};
use crate::account::Account;
use crate::entry::statement;
use bakery_nats::Pool;
use bakery_nats::money::NotACurrency;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::{AccountPage, AccountStatement, GetAccount, ListAccounts};

/// Accounts of one page, at most and where nothing is said.
const PAGE_MAX: u16 = 100;
const PAGE: u16 = 20;

/// One page.
pub async fn accounts(pool: Pool, asked: Asked<ListAccounts>) -> Result<AccountPage, Refusal> {
    let ListAccounts { after, limit } = asked.body;
    let limit = limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Refusal::invalid(vec![FieldError::new("limit", "must be 1 to 100")]));
    }
    let mut conn = connection(&pool).await?;
    // One more than is shown tells whether there is a next page.
    let rows = Account::page(&mut conn, after, i64::from(limit) + 1).await.map_err(unavailable)?;
    page(rows, limit.into()).map_err(unavailable)
}

fn page(rows: Vec<Account>, limit: usize) -> Result<AccountPage, NotACurrency> {
    let more = rows.len() > limit;
    let shown = rows.into_iter().take(limit).map(Account::view);
    let accounts = shown.collect::<Result<Vec<_>, _>>()?;
    let next = accounts.last().filter(|_| more).map(|account| account.id);
    Ok(AccountPage { accounts, next })
}

/// One account with its newest entries.
pub async fn account(pool: Pool, asked: Asked<GetAccount>) -> Result<AccountStatement, Refusal> {
    let GetAccount { account_id } = asked.body;
    let mut conn = connection(&pool).await?;
    let found = statement(&mut conn, account_id).await.map_err(unavailable)?;
    let (account, entries) = found.ok_or_else(|| Refusal::not_found("account", account_id))?;
    Ok(AccountStatement { account: account.view().map_err(unavailable)?, entries })
}
