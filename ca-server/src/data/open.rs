//! Opening a data folder: what an authority works with.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use ca_core::Suite;
use ca_core::authority::{Clock, Parts};
use ca_core::profile::Policies;
use ca_core::signer::SoftwareKeys;

use super::{DataError, Folder, PassphraseSource, PolicySource, Settings, pan_key};
use crate::approval::BankApprover;
use crate::signer::key_file;
use crate::store::SqliteStore;
use crate::{SystemClock, SystemRandom};

/// An opened data folder.
pub struct Opened {
    /// The places in it.
    pub folder: Folder,
    /// What it says about itself.
    pub settings: Settings,
    /// For `Authority::open`.
    pub parts: Parts,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("folder", &self.folder)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Folder {
    /// Opens the data folder at `path`.
    ///
    /// `offline-root` is not touched unless `with_offline_root` asks for the root's keys.
    ///
    /// # Errors
    /// [`DataError`]: no folder, another version, no or a wrong passphrase, an unusable key file,
    /// the root's keys carried away, policies or records that cannot be read.
    pub fn open(
        path: &Path,
        passphrase: &PassphraseSource,
        with_offline_root: bool,
    ) -> Result<Opened, DataError> {
        let folder = Self::at(path);
        let settings = Settings::read(&folder)?;
        let passphrase = passphrase
            .find(&folder)?
            .ok_or_else(|| DataError::NoPassphrase(folder.passphrase_file()))?;
        let policies = folder.read_policies(settings.suite, settings.policies)?;
        // A store that is not there would be made anew, and empty.
        fs::metadata(folder.database()).map_err(DataError::io("read", &folder.database()))?;
        // First, so that a wrong passphrase costs one key derivation and not all of them.
        let pan_key = pan_key::load(&folder.pan_key(), &passphrase)?;
        let mut keys = key_file::load(&folder.keys(), &passphrase)?;
        if with_offline_root {
            let offline = folder.offline_root();
            if !offline.exists() {
                return Err(DataError::OfflineRootAway(offline));
            }
            keys.extend(key_file::load(&offline, &passphrase)?);
        }
        let base_url = settings.base_url.clone();
        let keys = keys.into_iter().collect();
        let parts = folder.parts(policies, keys, pan_key, base_url)?;
        Ok(Opened { folder, settings, parts })
    }

    /// The parts of an authority over this folder's records.
    pub(super) fn parts(
        &self,
        policies: Policies,
        keys: SoftwareKeys,
        pan_key: pan_key::PanKey,
        base_url: String,
    ) -> Result<Parts, DataError> {
        let keys = Arc::new(keys);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        Ok(Parts {
            policies: Arc::new(policies),
            store: Arc::new(SqliteStore::open(&self.database())?),
            signer: keys.clone(),
            decryptor: keys,
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            approver: Arc::new(BankApprover::new(&self.path, clock)),
            pan_key,
            base_url,
        })
    }

    /// The policies in force in this folder.
    fn read_policies(&self, suite: Suite, source: PolicySource) -> Result<Policies, DataError> {
        Ok(match source {
            PolicySource::BuiltIn => Policies::shipped(suite)?,
            PolicySource::Folder => Policies::from_files(suite, &policy_files(&self.policies())?)?,
        })
    }
}

/// Name and content of the `.toml` files of a folder and its sub-folders, by name.
pub(super) fn policy_files(folder: &Path) -> Result<Vec<(String, String)>, DataError> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(
    folder: &Path,
    prefix: &str,
    files: &mut Vec<(String, String)>,
) -> Result<(), DataError> {
    let listing = fs::read_dir(folder).map_err(DataError::io("read", folder))?;
    for entry in listing {
        let path = entry.map_err(DataError::io("read", folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path).map_err(DataError::io("read", &path))?;
            files.push((name, text));
        }
    }
    Ok(())
}
