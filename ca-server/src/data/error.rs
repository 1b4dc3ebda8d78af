//! What can be wrong with a data folder; each message is one line that names the file.

use std::io;
use std::path::{Path, PathBuf};

use ca_core::authority;
use ca_core::profile::PolicyError;
use ca_core::signer::{KeyError, KeyId};
use ca_core::store::StoreError;

use super::settings::FORMAT;
use crate::store::OpenError;

/// A data folder that cannot be made or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The hierarchy cannot be established.
    #[error(transparent)]
    Authority(#[from] authority::Error),
    /// The folder was made by another version.
    #[error(
        "{} has data format {found}, this setca reads format {FORMAT}: use the version that made \
         it",
        path.display()
    )]
    Format {
        /// The settings file.
        path: PathBuf,
        /// Its format number.
        found: i64,
    },
    /// A service works on the folder.
    #[error("{} is held by another service: {holder}", path.display())]
    Held {
        /// The folder.
        path: PathBuf,
        /// What that one said of itself.
        holder: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried: `read`, `create`…
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A key file cannot be used.
    #[error("key file {}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: KeyError,
    },
    /// A key file holds another key than its name says.
    #[error("key file {} holds key {holds}", path.display())]
    KeyName {
        /// The file.
        path: PathBuf,
        /// The key in it.
        holds: KeyId,
    },
    /// No passphrase was found.
    #[error(
        "no passphrase: give a file, set {} or {}, or keep it in {}",
        super::passphrase::VARIABLE,
        super::passphrase::FILE_VARIABLE,
        .0.display()
    )]
    NoPassphrase(PathBuf),
    /// There are no records where they should be.
    #[error(
        "{0} is not here or holds no records: if they are in a database, name it by --store \
         postgres://… or SETCA_STORE"
    )]
    NoRecords(String),
    /// The place for new records has some.
    #[error("the database holds records already: give an empty one")]
    OccupiedRecords,
    /// The records were made with another root.
    #[error("the records that --store names are not those of {}: its root.pem has another root", .0.display())]
    OtherRecords(PathBuf),
    /// There is something in the way.
    #[error("{} already holds {found}: give a new or empty folder", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// A name in it.
        found: String,
    },
    /// The root's keys were carried away.
    #[error("{} is not here: bring the root's keys back for this command", .0.display())]
    OfflineRootAway(PathBuf),
    /// A passphrase that is no passphrase.
    #[error("the passphrase in {0} is empty")]
    PassphraseEmpty(String),
    /// The policies contradict themselves or the standard.
    #[error(transparent)]
    Policies(#[from] PolicyError),
    /// The random source failed.
    #[error("random source failed")]
    Random,
    /// The settings cannot be read.
    #[error("{}:{line}: {message}", path.display())]
    Settings {
        /// The settings file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// The records cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The records cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no data folder.
    #[error("{} holds no setca data: make it with setca init or setca up", .0.display())]
    Vacant(PathBuf),
    /// The passphrase does not open a key.
    #[error("wrong passphrase: it does not open {}", .0.display())]
    WrongPassphrase(PathBuf),
}

impl DataError {
    /// For `map_err`: what was tried on which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
