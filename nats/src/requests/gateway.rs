//! What the gateway is asked over the bus: what must work before anybody can sign in.

use crate::request::request;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;
use uuid::Uuid;

request!(AddUser -> UserView: "gateway" "add-user", "adds a user with a role, such as the first operator");
request!(RebuildUsers -> UsersRebuilt: "gateway" "rebuild-users", "reads the log of users' orders again, over what is known of them");

/// What a user may do. A later role may all that those before it may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Buys: the own orders and the own account.
    Customer,
    /// Prepares: the orders of all.
    Kitchen,
    /// Runs the shop: reports, catalogue, branches, jobs, accounts.
    Manager,
    /// Everything, also other users.
    Operator,
}

impl Role {
    /// All of them, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Kitchen, Self::Manager, Self::Operator];

    /// As written in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Kitchen => "kitchen",
            Self::Manager => "manager",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is not a role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be customer, kitchen, manager or operator")]
pub struct NotARole;

impl std::str::FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(NotARole)
    }
}

/// A user to add.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddUser {
    /// 3 to 40 characters of `a-z`, `0-9`, `.`, `_` and `-`; nobody else has it.
    pub username: String,
    /// The Argon2id hash of the password, as a PHC string: the password itself is on no bus, where
    /// whoever looks on would read it.
    pub password_hash: String,
    /// 1 to 80 characters.
    pub name: String,
    /// What the user may do.
    pub role: Role,
}

impl fmt::Debug for AddUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { username, name, role, password_hash: _ } = self;
        f.debug_struct("AddUser")
            .field("username", username)
            .field("name", name)
            .field("role", role)
            .finish_non_exhaustive()
    }
}

/// A user as people with the right to see them do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserView {
    /// The user.
    pub id: Uuid,
    /// What the user signs in with; a guest has none.
    pub username: Option<String>,
    /// What the user is called.
    pub name: String,
    /// An e-mail address, if given.
    pub email: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// The user's account at the bank.
    pub account_id: Uuid,
    /// True while the user cannot sign in.
    pub disabled: bool,
    /// When the user was added.
    pub created_at: DateTime<Utc>,
}

/// Read the log of orders from its start again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RebuildUsers {}

/// The log is being read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersRebuilt {
    /// How many orders are known; those that the log still has are written anew.
    pub known: i64,
}

#[cfg(test)]
mod tests {
    use super::{AddUser, Role};

    #[test]
    fn a_role_reads_back_and_a_later_one_may_more() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert!("Operator".parse::<Role>().is_err());
        assert!(Role::ALL.is_sorted());
    }

    #[test]
    fn a_hash_is_not_shown() {
        let add = AddUser {
            username: "ada".to_owned(),
            password_hash: "$argon2id$secret".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Operator,
        };
        assert!(!format!("{add:?}").contains("secret"));
    }
}
