//! Why a store cannot be opened.

/// A store that cannot be opened. `place` is the file, or hosts and name of the database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file or database holds something else.
    #[error("{place} is not a setca store")]
    Foreign {
        /// Where.
        place: String,
    },
    /// The file system offers no write-ahead log, so nothing would be durable.
    #[error("{place}: journal mode is {mode}, setca needs wal (a local file system)")]
    JournalMode {
        /// Where.
        place: String,
        /// What SQLite fell back to.
        mode: String,
    },
    /// It was written by a newer setca.
    #[error("{place} has schema version {found}, this setca knows up to {known}")]
    Newer {
        /// Where.
        place: String,
        /// Version of the store.
        found: u32,
        /// Newest version this build knows.
        known: u32,
    },
    /// The random source failed.
    #[error("random source failed")]
    Random,
    /// The writing thread could not be started.
    #[error("{place}: no thread to write with")]
    Thread {
        /// Where.
        place: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It cannot be reached, read or written.
    #[error("{place} cannot be opened as a store")]
    Unavailable {
        /// Where.
        place: String,
        /// What the system or the database said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Not the URL of a database; the text is not repeated, it may hold a password.
    #[error("not a usable database URL: {0}")]
    Url(String),
}
