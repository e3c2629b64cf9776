//! How often somebody may try a password, or become somebody new: each try costs a hash, and each
//! account money.

use crate::app::App;
use crate::client::ClientAddress;
use crate::problem::Problem;
use std::time::Duration;

/// All limits are for a minute.
const WINDOW_S: u64 = 60;
/// Passwords tried for one account, whether there is such an account or not.
pub(crate) const PER_ACCOUNT_MAX: u32 = 5;
/// Passwords tried from one address.
pub(crate) const PER_ADDRESS_MAX: u32 = 20;
/// Users and guests that come from one address.
const NEWCOMERS_MAX: u32 = 20;

/// Counts a try of a password. The address comes first: what is refused for it is not counted for the
/// account, so that nobody can lock many others out from one place.
pub(crate) async fn password(
    app: &App,
    address: ClientAddress,
    account: &str,
) -> Result<(), Problem> {
    let address = address.network().to_string();
    count(app, "sign-ins", &address, PER_ADDRESS_MAX).await?;
    count(app, "sign-ins-account", account, PER_ACCOUNT_MAX).await
}

/// Counts somebody new.
pub(crate) async fn newcomer(app: &App, address: ClientAddress) -> Result<(), Problem> {
    if address.is_own {
        return Ok(());
    }
    count(app, "newcomers", &address.network().to_string(), NEWCOMERS_MAX).await
}

async fn count(app: &App, bucket: &'static str, key: &str, limit: u32) -> Result<(), Problem> {
    let window = Duration::from_secs(WINDOW_S);
    app.rate.check(bucket, key, limit, window).await.or_refuse().map(|_| ())
}
