//! What is wrong with a backup, or in the way of one; each message is one line that names the file.

use std::io;
use std::path::{Path, PathBuf};

use ca_core::audit::AuditFault;
use ca_core::store::StoreError;

use crate::data::DataError;
use crate::store::OpenError;

/// A backup that was not made, or not restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The audit log in it is not as it was written.
    #[error("the audit log in the backup is not as it was written: {0}")]
    Audit(#[source] AuditFault),
    /// Something else than the manifest says.
    #[error("{entry} in the backup is not what its manifest says: {what}")]
    Contents {
        /// Name in the archive.
        entry: String,
        /// The difference.
        what: String,
    },
    /// The data folder.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Another version wrote it.
    #[error("the backup has format {0}, this setca reads format {known}", known = super::manifest::FORMAT)]
    Format(u64),
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// No archive of ours.
    #[error("{} is no setca backup: {what}", path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What is missing.
        what: &'static str,
    },
    /// There is a file already.
    #[error("{} exists: a backup is never written over", .0.display())]
    Occupied(PathBuf),
    /// The records cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The records cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// For `map_err`: what was tried on which path.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
