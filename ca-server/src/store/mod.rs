//! Stores that survive the process: backends of [`ca_core::store::Store`].

mod columns;
mod digest;
mod sqlite;

pub use sqlite::{OpenError, SqliteStore};
