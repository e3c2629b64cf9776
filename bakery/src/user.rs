//! `bakery user`: adds users before anybody can sign in, and has the view of their orders built anew,
//! over the bus, as the operator.

use anyhow::{Context, Result, bail};
use bakery_chassis::env;
use bakery_chassis::service::bus_from_env;
use bakery_gateway::hash_password;
use bakery_nats::ask::ask;
use bakery_nats::connect::{Bus, connect};
use bakery_nats::requests::gateway::{AddUser, RebuildUsers, Role};
use clap::Args;
use console::Term;

/// A command line can be read by everybody on the machine, an environment cannot.
const PASSWORD: &str = "BAKERY_USER_PASSWORD";

/// Who is added.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// 3 to 40 characters of a-z, 0-9, '.', '_' and '-'.
    username: String,
    /// customer, kitchen, manager or operator.
    #[arg(long)]
    role: Role,
    /// What the user is called; the username if it is not given.
    #[arg(long)]
    name: Option<String>,
}

/// `bakery user add`.
pub(crate) async fn add(args: AddArgs) -> Result<()> {
    let password = password()?;
    let AddArgs { username, role, name } = args;
    let name = name.unwrap_or_else(|| username.clone());
    let bus = operator().await?;
    let password_hash = hash_password(&password)?;
    let add = AddUser { username, password_hash, name, role };
    let user = ask(&bus.client, &add).await.context("the user was not added")?;
    tracing::info!(id = %user.id, username = user.username, role = %user.role, "added");
    Ok(())
}

/// `bakery user rebuild`.
pub(crate) async fn rebuild() -> Result<()> {
    let bus = operator().await?;
    let rebuilt = ask(&bus.client, &RebuildUsers {}).await.context("nothing is read again")?;
    tracing::info!(known = rebuilt.known, "the log is read again");
    Ok(())
}

async fn operator() -> Result<Bus> {
    Ok(connect(&bus_from_env("operator")?).await?)
}

/// The password, which is shown nowhere.
fn password() -> Result<String> {
    if let Some(password) = env::text(PASSWORD) {
        return Ok(password);
    }
    let terminal = Term::stderr();
    if !terminal.is_term() {
        bail!("{PASSWORD} is not set, and there is no terminal to ask for the password");
    }
    let ask = |question: &str| -> Result<String> {
        terminal.write_str(question)?;
        Ok(terminal.read_secure_line()?)
    };
    let password = ask("Password: ")?;
    if ask("The same again: ")? != password {
        bail!("the two passwords differ");
    }
    Ok(password)
}
