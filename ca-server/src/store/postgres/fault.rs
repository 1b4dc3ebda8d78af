//! What goes wrong between us and the database, and whether another try may help.

use ca_core::store::{Conflict, StoreError};
use deadpool_postgres::PoolError;
use tokio_postgres::error::{Error, SqlState};

/// An act or a look-up that failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The contract has a word for it.
    Contract(StoreError),
    /// The database or the way to it has.
    Database(Error),
    /// No answer in time.
    Late(&'static str),
    /// No connection.
    Pool(PoolError),
    /// The way was lost while a transaction ended, for this cause, and not found again.
    Unknown(String),
}

impl Fault {
    pub(super) fn absent(what: impl Into<String>) -> Self {
        Self::Contract(StoreError::Absent(what.into()))
    }

    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Contract(StoreError::Damaged(what.into()))
    }

    /// True if the same may go well a moment later: the way to the database was lost, another
    /// database takes over, or transactions met.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Contract(_) => false,
            Self::Late(_) | Self::Unknown(_) => true,
            Self::Pool(PoolError::Backend(error)) | Self::Database(error) => is_passing(error),
            Self::Pool(_) => true,
        }
    }

    /// True if the connection must not be used again.
    pub(super) fn spoils_connection(&self) -> bool {
        match self {
            Self::Contract(_) => false,
            Self::Late(_) | Self::Pool(_) | Self::Unknown(_) => true,
            Self::Database(error) => match error.code() {
                Some(code) => is_farewell(code),
                None => true,
            },
        }
    }

    /// The error a caller sees; `place` is the database, without a password.
    pub(super) fn at(self, place: &str) -> StoreError {
        match self {
            Self::Contract(error) => error,
            other => StoreError::Unavailable(format!("{place}: {}", other.cause())),
        }
    }

    /// In one line, without values: what the database says of them may be anything.
    pub(super) fn cause(&self) -> String {
        match self {
            Self::Contract(error) => error.to_string(),
            Self::Late(what) => format!("no answer in time: {what}"),
            Self::Pool(PoolError::Backend(error)) | Self::Database(error) => cause_of(error),
            Self::Pool(error) => error.to_string(),
            Self::Unknown(cause) => format!("{cause}; it is not known whether the act counts"),
        }
    }
}

/// What the database or the system says, in one line.
pub(super) fn cause_of(error: &Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} ({})", said.message(), said.code().code());
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

fn is_passing(error: &Error) -> bool {
    match error.code() {
        Some(code) => {
            is_farewell(code)
                || [
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                    SqlState::LOCK_NOT_AVAILABLE,
                    SqlState::QUERY_CANCELED,
                ]
                .contains(code)
        }
        None => true,
    }
}

/// The database takes its leave, or is not the one that takes writes.
fn is_farewell(code: &SqlState) -> bool {
    // Class 08: connection exceptions.
    code.code().starts_with("08")
        || [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::TOO_MANY_CONNECTIONS,
        ]
        .contains(code)
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Contract(error)
    }
}

impl From<Conflict> for Fault {
    fn from(conflict: Conflict) -> Self {
        Self::Contract(conflict.into())
    }
}
