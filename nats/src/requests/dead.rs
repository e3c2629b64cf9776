//! What each service is asked about a dead letter of its own: to handle it once more.

use crate::request::{Request, request};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

request!(InventoryRetryDead -> Retried: "inventory" "retry-dead", "handles a dead letter of inventory once more");
request!(OrdersRetryDead -> Retried: "orders" "retry-dead", "handles a dead letter of orders once more");
request!(BankRetryDead -> Retried: "bank" "retry-dead", "handles a dead letter of the bank once more");
request!(SchedulerRetryDead -> Retried: "scheduler" "retry-dead", "handles a dead letter of the scheduler once more");
request!(GatewayRetryDead -> Retried: "gateway" "retry-dead", "handles a dead letter of the gateway once more");

/// The question to one service, whichever it is.
pub trait RetryDead: Request<Reply = Retried> {
    /// About the letter of this number.
    fn of(sequence: u64) -> Self;
    /// The number of the letter.
    fn sequence(&self) -> u64;
}

/// Declares the question to one service.
macro_rules! retry_dead {
    ($about:literal $name:ident) => {
        #[doc = $about]
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The number of the letter in the stream `DEAD`.
            pub sequence: u64,
        }

        impl RetryDead for $name {
            fn of(sequence: u64) -> Self {
                Self { sequence }
            }

            fn sequence(&self) -> u64 {
                self.sequence
            }
        }
    };
}

retry_dead!("Asks inventory." InventoryRetryDead);
retry_dead!("Asks orders." OrdersRetryDead);
retry_dead!("Asks the bank." BankRetryDead);
retry_dead!("Asks the scheduler." SchedulerRetryDead);
retry_dead!("Asks a gateway." GatewayRetryDead);

/// A letter that was handled. One that cannot be is refused, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// Whether it was done now.
    pub outcome: RetryOutcome,
    /// How many messages followed from it. They are in the stream.
    pub messages: u64,
}

/// What became of a letter that was handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryOutcome {
    /// It took effect now.
    Done,
    /// It had taken effect before; what followed from it was said again.
    AlreadyDone,
}

impl RetryOutcome {
    /// As written in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AlreadyDone => "already_done",
        }
    }
}
