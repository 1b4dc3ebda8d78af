//! The data folder: keys, records, settings. Its layout, version 1:
//!
//! ```text
//! setca.toml            format, suite, brands, base URL, creation time: written last
//! setca.db              the records
//! keys/KEYID.p8         private keys of the service, encrypted (PKCS#8, scrypt + AES-256)
//! keys/pan.key          key of the account-number hash, encrypted alike
//! offline-root/KEYID.p8 the root's private keys; may be carried away
//! root.pem              the root certificates, for whoever needs a trust anchor: in force, older
//! operator.token        what an operator of the running service shows; settings hold its SHA-256
//! passphrase            only if setca made the passphrase itself
//! policies/             only if the operator gave policies
//! service               locked while a service runs; says which
//! ```

mod audit_key;
pub(crate) mod building;
mod create;
mod error;
pub(crate) mod files;
mod hold;
mod institution;
mod open;
mod operator;
mod pan_key;
mod passphrase;
mod settings;

use std::path::{Path, PathBuf};

use crate::store::Place;

pub use create::{Created, InitOrder, Progress};
pub use error::DataError;
pub use hold::Held;
pub use institution::{Institution, Tokens};
pub use open::Opened;
pub use operator::{OperatorHash, OperatorToken};
pub use passphrase::{Passphrase, PassphraseSource};
pub use settings::{PolicySource, Settings};

/// The places inside a data folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Folder {
    path: PathBuf,
    records: Place,
}

impl Folder {
    /// The folder at `path`, whatever is there.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), records: Place::Folder }
    }

    /// The same, with its records in another place.
    #[must_use]
    pub fn keeping(self, records: Place) -> Self {
        Self { records, ..self }
    }

    /// Where its records are.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.records
    }

    /// True if an established data folder (of any version) is there.
    #[must_use]
    pub fn is_established(&self) -> bool {
        self.settings_file().exists()
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `setca.toml`.
    #[must_use]
    pub fn settings_file(&self) -> PathBuf {
        self.path.join("setca.toml")
    }

    /// `setca.db`.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join("setca.db")
    }

    /// `keys`.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// `keys/pan.key`.
    #[must_use]
    pub fn pan_key(&self) -> PathBuf {
        self.keys().join("pan.key")
    }

    /// `service`.
    #[must_use]
    pub fn holder_file(&self) -> PathBuf {
        self.path.join("service")
    }

    /// `offline-root`.
    #[must_use]
    pub fn offline_root(&self) -> PathBuf {
        self.path.join("offline-root")
    }

    /// `root.pem`.
    #[must_use]
    pub fn root_certificate(&self) -> PathBuf {
        self.path.join("root.pem")
    }

    /// `operator.token`.
    #[must_use]
    pub fn operator_token_file(&self) -> PathBuf {
        self.path.join("operator.token")
    }

    /// `passphrase`.
    #[must_use]
    pub fn passphrase_file(&self) -> PathBuf {
        self.path.join("passphrase")
    }

    /// `policies`.
    #[must_use]
    pub fn policies(&self) -> PathBuf {
        self.path.join("policies")
    }
}
