//! The bodies about users. All that is wrong with one is found at once. None of them can be printed:
//! there are passwords in them.

use crate::api::texts::{Email, Name};
use crate::auth::password;
use crate::checks::Checks;
use bakery_nats::money::Currency;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::gateway::Role;
use serde::Deserialize;
use std::ops::RangeInclusive;
use utoipa::ToSchema;

const USERNAME_LENGTH: RangeInclusive<usize> = 3..=40;
const NAME_LENGTH_MAX: usize = 80;

/// What somebody signs in with.
pub(crate) struct UsernameAndPassword {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl UsernameAndPassword {
    /// Those of somebody new, if they are such as may be.
    pub(crate) fn read(
        username: Option<&str>,
        password: Option<String>,
        checks: &mut Checks,
    ) -> Option<Self> {
        let username = new_username(username, checks);
        let password = new_password("password", password, checks);
        Some(Self { username: username?, password: password? })
    }
}

/// The username of somebody new, if it is such as may be.
pub(crate) fn new_username(text: Option<&str>, checks: &mut Checks) -> Option<String> {
    let text = checks.needed("username", text)?;
    if is_username(text) {
        return Some(text.to_owned());
    }
    let (least, most) = (USERNAME_LENGTH.start(), USERNAME_LENGTH.end());
    let form = format!("must be {least} to {most} characters of a-z, 0-9, '.', '_' and '-'");
    checks.wrong("username", form);
    None
}

/// Whether somebody can have this username.
pub(crate) fn is_username(text: &str) -> bool {
    let known =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    USERNAME_LENGTH.contains(&text.len()) && text.bytes().all(known)
}

/// A password that somebody chooses.
fn new_password(field: &str, text: Option<String>, checks: &mut Checks) -> Option<String> {
    let text = checks.needed(field, text)?;
    if password::LENGTH.contains(&text.chars().count()) {
        return Some(text);
    }
    let (least, most) = (password::LENGTH.start(), password::LENGTH.end());
    checks.wrong(field, format!("must be {least} to {most} characters"));
    None
}

/// What somebody is called.
pub(crate) fn name(text: Option<&str>, checks: &mut Checks) -> Option<String> {
    checks.text("name", text, 1..=NAME_LENGTH_MAX)
}

/// The currency of the account, if one is named.
fn currency(text: Option<&str>, checks: &mut Checks) -> Option<Currency> {
    text.and_then(|text| checks.read("currency", text))
}

/// Somebody new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserBody {
    #[schema(value_type = String, min_length = 3, max_length = 40, pattern = "^[a-z0-9._-]+$", example = "ada")]
    username: Option<String>,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: Option<String>,
    #[schema(value_type = Name)]
    name: Option<String>,
    #[schema(value_type = Option<Email>)]
    email: Option<String>,
    #[schema(value_type = Option<Currency>)]
    currency: Option<String>,
}

/// Somebody new, as it must be.
pub(crate) struct NewUser {
    pub(crate) login: UsernameAndPassword,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    /// Of the account.
    pub(crate) currency: Option<Currency>,
}

impl UserBody {
    pub(crate) fn read(self) -> Result<NewUser, Refusal> {
        let mut checks = Checks::default();
        let login = UsernameAndPassword::read(self.username.as_deref(), self.password, &mut checks);
        let name = name(self.name.as_deref(), &mut checks);
        checks.email("email", self.email.as_deref());
        let currency = currency(self.currency.as_deref(), &mut checks);
        let user = || Some(NewUser { login: login?, name: name?, email: self.email, currency });
        checks.finish(user())
    }
}

/// Somebody who leaves no more than a name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuestBody {
    #[schema(value_type = Name)]
    name: Option<String>,
    #[schema(value_type = Option<Currency>)]
    currency: Option<String>,
}

impl GuestBody {
    pub(crate) fn read(self) -> Result<(String, Option<Currency>), Refusal> {
        let mut checks = Checks::default();
        let name = name(self.name.as_deref(), &mut checks);
        let currency = currency(self.currency.as_deref(), &mut checks);
        checks.finish(name.map(|name| (name, currency)))
    }
}

/// Somebody who is a user already. Whether the username or the password could be any is not looked
/// at: they are the right ones or they are not.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    #[schema(value_type = String)]
    username: Option<String>,
    #[schema(value_type = String, format = Password)]
    password: Option<String>,
}

impl SignInBody {
    pub(crate) fn read(self) -> Result<UsernameAndPassword, Refusal> {
        let mut checks = Checks::default();
        let username = checks.needed("username", self.username);
        let password = checks.needed("password", self.password);
        let login = username.zip(password);
        let login = login.map(|(username, password)| UsernameAndPassword { username, password });
        checks.finish(login)
    }
}

/// The token of a session that goes on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshBody {
    #[schema(value_type = String)]
    refresh_token: Option<String>,
}

impl RefreshBody {
    pub(crate) fn read(self) -> Result<String, Refusal> {
        let mut checks = Checks::default();
        let token = checks.needed("refresh_token", self.refresh_token);
        checks.finish(token)
    }
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    #[schema(value_type = String, format = Password)]
    old: Option<String>,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    new: Option<String>,
}

/// The password that is, and the one that shall be.
pub(crate) struct NewPassword {
    pub(crate) old: String,
    pub(crate) new: String,
}

impl PasswordBody {
    pub(crate) fn read(self) -> Result<NewPassword, Refusal> {
        let mut checks = Checks::default();
        let old = checks.needed("old", self.old);
        let new = new_password("new", self.new, &mut checks);
        let both = old.zip(new).map(|(old, new)| NewPassword { old, new });
        checks.finish(both)
    }
}

/// Another role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleBody {
    #[schema(value_type = Role)]
    role: Option<String>,
}

impl RoleBody {
    pub(crate) fn read(self) -> Result<Role, Refusal> {
        let mut checks = Checks::default();
        let role = checks.needed("role", self.role.as_deref()).and_then(|text| {
            let role = text.parse::<Role>();
            role.map_err(|error| checks.wrong("role", error.to_string())).ok()
        });
        checks.finish(role)
    }
}

/// In or out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisabledBody {
    #[schema(value_type = bool)]
    disabled: Option<bool>,
}

impl DisabledBody {
    pub(crate) fn read(&self) -> Result<bool, Refusal> {
        let mut checks = Checks::default();
        let disabled = checks.needed("disabled", self.disabled);
        checks.finish(disabled)
    }
}

#[cfg(test)]
mod tests;
