//! What goes wrong inside the store, before it has a path and a place in the contract.

use std::path::Path;

use ca_core::store::{Conflict, StoreError};
use rusqlite::{Error as SqliteError, ErrorCode};

/// An act or a look-up that failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The contract has a word for it.
    Contract(StoreError),
    /// SQLite has.
    Sqlite(SqliteError),
}

impl Fault {
    pub(super) fn absent(what: impl Into<String>) -> Self {
        Self::Contract(StoreError::Absent(what.into()))
    }

    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Contract(StoreError::Damaged(what.into()))
    }

    /// The error a caller sees; `path` is the file it happened in.
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Contract(error) => error,
            Self::Sqlite(error) if is_damage(&error) => {
                StoreError::Damaged(format!("{}: {error}", path.display()))
            }
            Self::Sqlite(error) => StoreError::Unavailable(format!("{}: {error}", path.display())),
        }
    }
}

impl From<SqliteError> for Fault {
    fn from(error: SqliteError) -> Self {
        Self::Sqlite(error)
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

/// True for broken pages and for values no act of ours has written.
fn is_damage(error: &SqliteError) -> bool {
    match error {
        SqliteError::SqliteFailure(cause, _) => {
            matches!(cause.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        }
        SqliteError::FromSqlConversionFailure(..)
        | SqliteError::IntegralValueOutOfRange(..)
        | SqliteError::InvalidColumnType(..)
        | SqliteError::Utf8Error(..) => true,
        _ => false,
    }
}
