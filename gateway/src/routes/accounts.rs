//! Accounts at the bank.

pub(crate) mod docs;

use crate::app::{Answer, App};
use crate::auth::caller::Caller;
use crate::checks::Checks;
use crate::headers::IdempotencyKey;
use crate::input::{Body, MoneyBody, Object};
use crate::params::{Id, Params};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bakery_nats::id::derived;
use bakery_nats::money::{AMOUNT_MAX, Currency, Money};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::bank::{
    Account, AccountPage, AccountStatement, Deposit, GetAccount, ListAccounts,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use uuid::Uuid;

/// `GET /accounts?after=&limit=`.
pub(crate) async fn list(State(app): State<App>, mut params: Params) -> Answer<AccountPage> {
    let wanted = ListAccounts { after: params.cursor("after"), limit: params.limit() };
    let wanted = params.finish(Some(wanted))?;
    app.answer(&wanted).await
}

/// `GET /accounts/{id}`. What is not the caller's to see is not asked for, whether it is there or not.
pub(crate) async fn account(
    State(app): State<App>,
    caller: Caller,
    Id(account_id): Id<Uuid>,
) -> Answer<AccountStatement> {
    if !caller.may_see_account(account_id) {
        return Err(Refusal::not_found("account", account_id).into());
    }
    app.answer(&GetAccount { account_id }).await
}

/// `POST /accounts/{id}/deposits`. With an `Idempotency-Key` the same deposit can be sent again.
pub(crate) async fn deposit(
    State(app): State<App>,
    caller: Caller,
    Id(account_id): Id<Uuid>,
    IdempotencyKey(key): IdempotencyKey,
    Body(body): Body<DepositBody>,
) -> Result<(StatusCode, Json<Account>), Problem> {
    let amount = body.amount()?;
    let deposit_id = match key {
        // Each manager's keys are their own.
        Some(key) => {
            let user_id = caller.user_id.to_string();
            derived(&["deposit", &account_id.to_string(), &user_id, &key])
        }
        None => Uuid::now_v7(),
    };
    let account = app.answer(&Deposit { deposit_id, account_id, amount }).await?;
    Ok((StatusCode::CREATED, account))
}

/// The body of a deposit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DepositBody {
    #[schema(schema_with = deposit_schema, required)]
    amount: Option<Object<MoneyBody>>,
}

/// A deposit of nothing is none.
fn deposit_schema() -> Schema {
    let amount = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("Minor units: 450 is 4.50."))
        .minimum(Some(1))
        .maximum(Some(AMOUNT_MAX));
    let sum = ObjectBuilder::new()
        .property("amount", amount)
        .property("currency", Ref::from_schema_name(Currency::name()))
        .required("amount")
        .required("currency")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    sum.into()
}

impl DepositBody {
    fn amount(&self) -> Result<Money, Refusal> {
        let mut checks = Checks::default();
        let money = checks.needed("amount", self.amount.as_ref());
        let money = money.and_then(|Object(money)| money.read("amount", 1, &mut checks));
        checks.finish(money)
    }
}

#[cfg(test)]
mod tests {
    use super::DepositBody;
    use crate::input::parse;
    use bakery_nats::refusal::Refusal;

    fn fields(body: &str) -> Vec<String> {
        let refusal: Refusal =
            parse::<DepositBody>(body.as_bytes()).and_then(|body| body.amount()).unwrap_err();
        assert_eq!(refusal.status, 422, "{body}");
        refusal.errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_deposit_is_a_positive_sum_in_a_currency() {
        let good = r#"{"amount":{"amount":500,"currency":"EUR"}}"#;
        let money = parse::<DepositBody>(good.as_bytes()).unwrap().amount().unwrap();
        assert_eq!(money.to_string(), "5.00 EUR");

        assert_eq!(fields("{}"), ["amount"]);
        assert_eq!(fields(r#"{"amount":500}"#), ["amount"]);
        assert_eq!(fields(r#"{"amount":{}}"#), ["amount.amount", "amount.currency"]);
        for sum in ["0", "-1", "1.5", "9223372036854775808", "10000000001"] {
            let body = format!(r#"{{"amount":{{"amount":{sum},"currency":"eur"}}}}"#);
            assert_eq!(fields(&body), ["amount.amount", "amount.currency"], "{sum}");
        }
    }
}
