//! What people see of a user: the row, what the log said of the orders, and what the bank says of
//! the money.

use super::row::User;
use super::seen::{self, ProductRow, StatusRow};
use super::unavailable;
use crate::app::App;
use bakery_nats::messages::orders::Status;
use bakery_nats::money::{Currency, Money};
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::bank::GetAccount;
use bakery_nats::requests::gateway::UserView;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Products that are named as favourites.
const FAVOURITES_MAX: i32 = 5;
/// Orders that bought something.
const BOUGHT: [Status; 4] = [Status::Confirmed, Status::Preparing, Status::Ready, Status::Served];

/// A user, all in one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Profile {
    #[serde(flatten)]
    user: UserView,
    account: Account,
    orders: Orders,
    /// What the orders came to that bought something, a currency each.
    spent: Vec<Money>,
    /// What was bought most.
    favourites: Vec<Favourite>,
}

/// The account at the bank.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProfileAccount)]
struct Account {
    id: Uuid,
    /// Null until the log has told of it.
    currency: Option<String>,
    /// Null while the bank does not answer.
    balance: Option<Money>,
}

/// How the orders of a user stand.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ProfileOrders)]
struct Orders {
    all: i64,
    by_status: BTreeMap<String, i64>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct Favourite {
    product_id: String,
    units: i64,
}

impl From<ProductRow> for Favourite {
    fn from(row: ProductRow) -> Self {
        Self { product_id: row.product_id, units: row.units }
    }
}

/// Puts together what is known of a user. It may be a moment behind the orders.
pub(crate) async fn of(app: &App, user: User) -> Result<Profile, Refusal> {
    let account_id = user.account_id;
    let bought = BOUGHT.map(Status::as_str);
    // The connection is given back before the bank is asked.
    let (orders, favourites, currency) = {
        let mut conn = app.users.connection().await?;
        let orders = seen::by_status(&mut conn, account_id).await.map_err(unavailable)?;
        let favourites = seen::favourites(&mut conn, account_id, &bought, FAVOURITES_MAX).await;
        let currency = seen::currency(&mut conn, account_id).await.map_err(unavailable)?;
        (orders, favourites.map_err(unavailable)?, currency)
    };
    let balance = match app.ask(&GetAccount { account_id }).await {
        Ok(statement) => Some(statement.account.balance),
        Err(refusal) => {
            tracing::debug!(%refusal, "a user is shown without a balance");
            None
        }
    };
    Ok(Profile {
        user: user.view(),
        account: Account { id: account_id, currency, balance },
        spent: spent(&orders),
        orders: counted(&orders),
        favourites: favourites.into_iter().map(Favourite::from).collect(),
    })
}

fn counted(rows: &[StatusRow]) -> Orders {
    let mut by_status = BTreeMap::new();
    for row in rows {
        *by_status.entry(row.status.clone()).or_default() += row.orders;
    }
    Orders { all: rows.iter().map(|row| row.orders).sum(), by_status }
}

fn spent(rows: &[StatusRow]) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    let bought = rows.iter().filter(|row| BOUGHT.iter().any(|s| s.as_str() == row.status));
    for row in bought {
        // What was bought has a price, and a price a currency.
        let currency = row.currency.clone().and_then(|code| Currency::try_from(code).ok());
        if let Some(currency) = currency {
            *sums.entry(currency).or_default() += row.total;
        }
    }
    sums.into_iter().map(|(currency, amount)| Money { amount, currency }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Orders, counted, spent};
    use crate::users::seen::StatusRow;

    fn row(status: &str, currency: Option<&str>, orders: i64, total: i64) -> StatusRow {
        let currency = currency.map(str::to_owned);
        StatusRow { status: status.to_owned(), currency, orders, total }
    }

    #[test]
    fn only_what_was_bought_was_spent() {
        let rows = [
            row("cancelled", Some("EUR"), 1, 500),
            row("confirmed", Some("EUR"), 2, 300),
            row("placed", None, 1, 0),
            row("served", Some("CHF"), 1, 70),
            row("served", Some("EUR"), 3, 900),
        ];
        let sums: Vec<String> = spent(&rows).iter().map(ToString::to_string).collect();
        assert_eq!(sums, ["0.70 CHF", "12.00 EUR"]);
        let by_status = [("cancelled", 1), ("confirmed", 2), ("placed", 1), ("served", 4)];
        let by_status = by_status.map(|(status, n)| (status.to_owned(), n)).into();
        assert_eq!(counted(&rows), Orders { all: 8, by_status });
        assert!(spent(&[]).is_empty());
    }
}
