//! Stores that survive the process: backends of [`ca_core::store::Store`].

mod columns;
mod digest;
mod error;
mod place;
mod postgres;
mod sqlite;

pub use error::OpenError;
pub use place::Place;
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;
