//! What the bank is asked.

use crate::money::{Currency, Money};
use crate::request::request;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

request!(ListAccounts -> AccountPage: "bank" "accounts", "customers' accounts, by id");
request!(GetAccount -> AccountStatement: "bank" "account", "one account with its newest entries");
request!(OpenAccounts -> Opened: "bank" "open-accounts", "opens accounts with opening money");
request!(Deposit -> Account: "bank" "deposit", "pays money into an account");
request!(SetBehaviour -> Behaviours: "bank" "set-behaviour", "makes the bank slow, silent, refuse or answer twice");
request!(GetBehaviours -> Behaviours: "bank" "behaviours", "how the bank misbehaves just now");
request!(GetTill -> Till: "bank" "till", "what came into a branch's till in a span of time, and what left it");

/// A customer's account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// The account.
    pub id: Uuid,
    /// Whose it is.
    pub name: String,
    /// What is in it.
    pub balance: Money,
}

/// Accounts in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    /// Only behind this account: the cursor of the page before.
    pub after: Option<Uuid>,
    /// 1 to 100 accounts a page; 20 where it is not given.
    pub limit: Option<u16>,
}

/// One page of accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccountPage {
    /// In the order of their ids.
    pub accounts: Vec<Account>,
    /// The cursor of the next page; null on the last.
    pub next: Option<Uuid>,
}

/// One account by its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetAccount {
    /// The account.
    pub account_id: Uuid,
}

/// An account and its newest entries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccountStatement {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// The newest 100 entries, newest first.
    pub entries: Vec<Entry>,
}

/// One side of a transfer, as seen from an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// The transfer; the entries of one transfer sum to zero.
    pub transfer_id: Uuid,
    /// `deposit`, `charge` or `refund`.
    pub kind: String,
    /// The order it is about.
    pub order_id: Option<Uuid>,
    /// Minor units; negative where money left the account.
    pub amount: i64,
    /// The shop's time.
    pub at: DateTime<Utc>,
}

/// Accounts to open; one that is there already is left as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAccounts {
    /// At most 1,000.
    pub accounts: Vec<NewAccount>,
}

/// An account to open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Its id, made by the asker.
    pub id: Uuid,
    /// Whose it is.
    pub name: String,
    /// The money in it from the start, 0 or more.
    pub opening: Money,
}

/// Accounts were opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// How many were new.
    pub opened: usize,
}

/// Money from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    /// Names the transfer; the same one again changes nothing.
    pub deposit_id: Uuid,
    /// Where it goes.
    pub account_id: Uuid,
    /// How much, more than 0.
    pub amount: Money,
}

/// What the bank does wrong, and for whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetBehaviour {
    /// Who is treated like this.
    #[serde(default)]
    pub scope: Scope,
    /// How; all fields left out is the good behaviour again.
    #[serde(default)]
    pub behaviour: Behaviour,
}

/// Who the bank treats in a special way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Scope {
    /// Everybody.
    #[default]
    All,
    /// The orders of one branch.
    Branch(Slug),
    /// The orders of one account.
    Account(Uuid),
}

/// What the bank does wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Each answer comes this much later, 0 to 60,000.
    pub latency_ms: u32,
    /// Of a hundred charges so many are refused without a reason, 0 to 100.
    pub decline_percent: u8,
    /// It works, and does not answer.
    pub silent: bool,
    /// It answers twice.
    pub doubled: bool,
}

/// How the bank misbehaves; empty when it does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Behaviours {
    /// Account before branch before everybody: the first that fits counts.
    pub behaviours: Vec<SetBehaviour>,
}

/// How the bank misbehaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetBehaviours {}

/// What moved in the till of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetTill {
    /// The branch.
    pub branch: Slug,
    /// Of the till.
    pub currency: Currency,
    /// From this moment on.
    pub from: DateTime<Utc>,
    /// Until just before this one.
    pub to: DateTime<Utc>,
}

/// What moved in a till, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Till {
    /// What customers paid into it.
    pub charged: i64,
    /// What went back to them.
    pub refunded: i64,
}
