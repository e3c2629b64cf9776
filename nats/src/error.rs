//! The two meanings a failure can have: try again, or never.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why a batch could not be handled. A business refusal is not an error: it is an answer.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// A passing fault: roll back, wait, try again. It never counts against a message.
    #[error("a passing fault")]
    Passing(#[source] Source),
    /// It fails whenever it is tried; the batch is halved until the guilty message stands alone.
    #[error("it can never succeed")]
    Permanent(#[source] Source),
}

type Source = Box<dyn std::error::Error + Send + Sync>;

impl HandlerError {
    /// In how many parts a batch could do: one message of it is guilty, or all together took longer than
    /// a statement may. `None` where fewer at once fail as well.
    ///
    /// What takes too long is cut small at once: where everything is slow, a message alone comes to that
    /// while its batch is still in hand (`ack_wait`).
    pub fn parts(&self) -> Option<usize> {
        match self {
            Self::Permanent(_) => Some(2),
            Self::Passing(source) => source.to_string().contains(TOO_LONG).then_some(SLOW_PARTS),
        }
    }

    /// A broken rule, in words.
    pub fn permanent(rule: impl Into<String>) -> Self {
        Self::Permanent(rule.into().into())
    }

    /// The whole chain of causes in one line, for logs and dead letters.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }
}

impl From<tokio::task::JoinError> for HandlerError {
    /// A panic comes again with the same message; a task that was cancelled says nothing of it.
    fn from(error: tokio::task::JoinError) -> Self {
        if error.is_panic() {
            Self::Permanent(Box::new(error))
        } else {
            Self::Passing(Box::new(error))
        }
    }
}

impl From<DieselError> for HandlerError {
    fn from(error: DieselError) -> Self {
        if is_passing(&error) {
            Self::Passing(Box::new(error))
        } else {
            Self::Permanent(Box::new(error))
        }
    }
}

/// What takes too long is tried in so many parts.
const SLOW_PARTS: usize = 16;

/// What Postgres says of a statement that took longer than the session's `statement_timeout`.
const TOO_LONG: &str = "canceling statement due to statement timeout";

/// What Postgres says in words where diesel has no kind for it. The roles of the services have
/// `lc_messages = C` (`bakery/src/provision.rs`, `deploy/postgres`), so the words are these.
const PASSING_WORDS: [&str; 17] = [
    "deadlock detected",
    "canceling statement due to",
    "terminating connection due to",
    "the database system is",
    "could not serialize access",
    "No space left on device",
    "could not extend file",
    "out of memory",
    "out of shared memory",
    "could not open file",
    "could not read",
    "could not write",
    "permission denied",
    "remaining connection slots",
    // Of what is sent at once the second learns only that the first has failed.
    "current transaction is aborted",
    // What a connection keeps is of another time; the next one is a new one.
    "cached plan must not change result type",
    "prepared statement",
];

fn is_passing(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(kind, info) => match kind {
            // A unique violation is a race with another worker on the same business id: the next
            // try finds that worker's record.
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand => true,
            DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation
            | DatabaseErrorKind::RestrictViolation
            | DatabaseErrorKind::ExclusionViolation => false,
            _ => unknown_is_passing(info.message()),
        },
        DieselError::BrokenTransactionManager | DieselError::RollbackTransaction => true,
        DieselError::RollbackErrorOnCommit { commit_error, .. } => is_passing(commit_error),
        _ => false,
    }
}

/// Errors of the connection itself come without an SQL state; what the server refuses comes with
/// its own sentence.
fn unknown_is_passing(message: &str) -> bool {
    let connection = ["connection", "closed", "communicating", "Broken pipe", "reset by peer"];
    PASSING_WORDS.iter().chain(&connection).any(|words| message.contains(words))
}
