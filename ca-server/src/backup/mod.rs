//! A data folder in one file, made while the service works, and the way back.
//!
//! The file is a tar archive. Its first entry, `manifest.json`, says what follows, octet by octet:
//!
//! ```text
//! manifest.json    Manifest: files with length and SHA-256, counts, size and root of the audit log
//! setca.db         the records at one moment
//! setca.toml       settings
//! root.pem         root certificates
//! keys/…           private keys, encrypted as in the folder
//! policies/…       if the operator gave policies
//! offline-root/…   the root's private keys, only if asked for
//! ```
//!
//! What stands in the folder in clear, the passphrase and the operator's token, is never in it.

mod check;
mod error;
mod make;
mod manifest;
mod restore;

pub use check::check;
pub use error::BackupError;
pub use make::{BackupOrder, Made, make};
pub use manifest::{Counts, Manifest};
pub use restore::{Restored, restore};

/// How far a backup or a restoration has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Progress {
    /// Octets of the records that were copied.
    Copied {
        /// Until now.
        done: u64,
        /// In all.
        total: u64,
    },
    /// Entries of the audit log that were examined.
    Examined {
        /// Until now.
        done: u64,
        /// In all.
        total: u64,
    },
}
