//! `bank.open-accounts`: accounts are opened, with money from outside in them.

use crate::account::Account;
use crate::ledger::Transfer;
use bakery_nats::envelope::Outgoing;
use bakery_nats::error::HandlerError;
use bakery_nats::id::derived;
use bakery_nats::messages::bank::AccountOpened;
use bakery_nats::money::AMOUNT_MAX;
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::bank::{NewAccount, OpenAccounts, Opened};
use bakery_nats::slug::Slug;
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, BTreeSet};

const ACCOUNTS_MAX: usize = 1000;
const NAME_LENGTH_MAX: usize = 80;
/// The name of its step in the record.
const STEP: &str = "open-accounts";
/// An account belongs to no branch, but every subject names one.
const BRANCH: &str = "main";

/// The writer of new accounts. The accounts of all requests are opened in one statement; where two
/// name the same one, the first opens it.
pub struct OpenAccountsWriter;

impl Writer for OpenAccountsWriter {
    type Request = OpenAccounts;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<OpenAccounts>],
    ) -> Result<Vec<WriteResult<OpenAccounts>>, HandlerError> {
        let branch = Slug::try_from(BRANCH.to_owned())
            .map_err(|error| HandlerError::Permanent(Box::new(error)))?;
        let errors: Vec<_> = batch.iter().map(|a| wrong_fields(&a.body.accounts)).collect();
        let mut wanted: BTreeMap<_, &NewAccount> = BTreeMap::new();
        for (asked, _) in batch.iter().zip(&errors).filter(|(_, errors)| errors.is_empty()) {
            for account in &asked.body.accounts {
                wanted.entry(account.id).or_insert(account);
            }
        }
        let mut new = Account::open(conn, &wanted).await?;

        let mut transfers = Vec::new();
        let mut results = Vec::with_capacity(batch.len());
        for (asked, errors) in batch.iter().zip(errors) {
            if !errors.is_empty() {
                results.push(Err(Refusal::invalid(errors)));
                continue;
            }
            let opened: Vec<&NewAccount> =
                asked.body.accounts.iter().filter(|account| new.remove(&account.id)).collect();
            transfers.extend(opened.iter().filter_map(|account| opening(account, asked.at)));
            results.push(Ok(written(asked, &opened, &branch)));
        }
        Transfer::book(conn, &transfers).await?;
        Ok(results)
    }
}

/// The money an account is opened with, if any. Made once, because the account is.
fn opening(account: &NewAccount, at: DateTime<Utc>) -> Option<Transfer> {
    let NewAccount { id, opening, .. } = account;
    let transfer_id = derived(&["transfer", &id.to_string(), "opening"]);
    (opening.amount > 0).then(|| Transfer::deposit(transfer_id, *id, opening.clone(), at))
}

fn written(asked: &Asked<OpenAccounts>, opened: &[&NewAccount], branch: &Slug) -> Written<Opened> {
    let event = |account: &&NewAccount| {
        let currency = account.opening.currency.clone();
        Outgoing::attempt(branch, 1, &AccountOpened { account_id: account.id, currency })
    };
    let step = || Step {
        business_id: asked.request_id,
        name: STEP.to_owned(),
        outgoing: opened.iter().map(event).collect(),
    };
    Written { reply: Opened { opened: opened.len() }, step: (!opened.is_empty()).then(step) }
}

fn wrong_fields(accounts: &[NewAccount]) -> Vec<FieldError> {
    if accounts.is_empty() || accounts.len() > ACCOUNTS_MAX {
        return vec![FieldError::new("accounts", "must be 1 to 1,000 accounts")];
    }
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, account) in accounts.iter().enumerate() {
        let mut wrong = |field: &str, reason: &str| {
            errors.push(FieldError::new(format!("accounts[{i}].{field}"), reason));
        };
        let NewAccount { id, name, opening } = account;
        if !seen.insert(id) {
            wrong("id", "stands twice in this request");
        }
        let too_long = name.chars().count() > NAME_LENGTH_MAX;
        if name.trim().is_empty() || too_long || name.chars().any(char::is_control) {
            wrong("name", "must be 1 to 80 characters without control characters");
        }
        if !(0..=AMOUNT_MAX).contains(&opening.amount) {
            wrong("opening.amount", "must be 0 to 10,000,000,000 minor units");
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::{opening, wrong_fields};
    use bakery_nats::money::{AMOUNT_MAX, Currency, Money};
    use bakery_nats::requests::bank::NewAccount;
    use chrono::DateTime;
    use uuid::Uuid;

    fn account(id: u128, name: &str, amount: i64) -> NewAccount {
        let currency = Currency::try_from("EUR".to_owned()).unwrap();
        let opening = Money { amount, currency };
        NewAccount { id: Uuid::from_u128(id), name: name.to_owned(), opening }
    }

    fn fields(accounts: &[NewAccount]) -> Vec<String> {
        wrong_fields(accounts).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn the_ends_of_the_ranges_are_allowed() {
        let good = [account(1, "A", 0), account(2, &"ä".repeat(80), AMOUNT_MAX)];
        assert!(wrong_fields(&good).is_empty());
        let thousand: Vec<_> = (0..1000).map(|id| account(id, "A", 0)).collect();
        assert!(wrong_fields(&thousand).is_empty());
    }

    #[test]
    fn every_wrong_field_is_named() {
        let bad = [
            account(1, " ", 0),
            account(2, &"x".repeat(81), -1),
            account(3, "a\nb", AMOUNT_MAX + 1),
            account(3, "c", 0),
        ];
        let expected = [
            "accounts[0].name",
            "accounts[1].name",
            "accounts[1].opening.amount",
            "accounts[2].name",
            "accounts[2].opening.amount",
            "accounts[3].id",
        ];
        assert_eq!(fields(&bad), expected);
    }

    #[test]
    fn none_and_too_many_are_refused() {
        let many: Vec<_> = (0..=1000).map(|id| account(id, "A", 0)).collect();
        assert_eq!(fields(&[]), ["accounts"]);
        assert_eq!(fields(&many), ["accounts"]);
    }

    #[test]
    fn an_account_without_opening_money_has_no_transfer() {
        assert!(opening(&account(1, "A", 0), DateTime::UNIX_EPOCH).is_none());
        assert!(opening(&account(1, "A", 1), DateTime::UNIX_EPOCH).is_some());
    }
}
