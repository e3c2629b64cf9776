//! Accounts in the API's document.

use super::DepositBody;
use crate::api::Op;
use crate::api::op::Form;
use bakery_nats::requests::bank::{Account, AccountPage, AccountStatement};
use serde_json::json;

const ACCOUNT: &str = "0190c6a8-0000-7000-8000-000000000001";

/// Their operations.
pub(crate) fn ops() -> Vec<Op> {
    let tag = "Accounts";
    vec![
        Op::new(("GET", "/accounts/{id}"), tag, "An account and its newest entries")
            .id(Form::Uuid, "id", "The account.", ACCOUNT)
            .answers::<AccountStatement>(200, "The account."),
        Op::new(("GET", "/accounts"), tag, "All accounts")
            .page("after")
            .answers::<AccountPage>(200, "A page of accounts, by id."),
        Op::new(("POST", "/accounts/{id}/deposits"), tag, "Pay money in")
            .id(Form::Uuid, "id", "The account.", ACCOUNT)
            .idempotent()
            .body::<DepositBody>(&json!({ "amount": { "amount": 500, "currency": "EUR" } }))
            .answers::<Account>(201, "The account, with the money in it.")
            .refuses(
                422,
                "Fields are wrong, such as the currency of the account, or \
                 `idempotency_key_reused`.",
            ),
    ]
}
