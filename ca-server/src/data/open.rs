//! Opening a data folder: what an authority works with.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use ca_core::audit::{Actor, NoteKey};
use ca_core::authority::{self, Clock, Parts};
use ca_core::profile::Policies;
use ca_core::store::Store;
use ca_core::wire::Cert;
use der::pem::{self, LineEnding};

use super::{
    DataError, Folder, PassphraseSource, PolicySource, Settings, audit_key, files, pan_key,
};
use crate::approval::BankApprover;
use crate::signer::KeyFolder;
use crate::store::Place;
use crate::{SystemClock, SystemRandom};

/// An opened data folder.
pub struct Opened {
    /// The places in it.
    pub folder: Folder,
    /// What it says about itself.
    pub settings: Settings,
    /// For `Authority::open`.
    pub parts: Parts,
    /// The keys in it, and where new ones go.
    pub keys: Arc<KeyFolder>,
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
    /// Opens the data folder.
    ///
    /// `offline-root` is not touched unless `with_offline_root` asks for the root's keys.
    ///
    /// # Errors
    /// [`DataError`]: no folder, another version, no or a wrong passphrase, an unusable key file,
    /// the root's keys carried away, policies or records that cannot be read, records of another
    /// hierarchy.
    pub fn open(
        &self,
        passphrase: &PassphraseSource,
        with_offline_root: bool,
    ) -> Result<Opened, DataError> {
        let folder = self.clone();
        let settings = Settings::read(&folder)?;
        let passphrase = passphrase
            .find(&folder)?
            .ok_or_else(|| DataError::NoPassphrase(folder.passphrase_file()))?;
        let policies = folder.read_policies(&settings)?;
        let store = folder.records()?;
        // First, so that a wrong passphrase costs one key derivation and not all of them.
        let pan_key = pan_key::load(&folder.pan_key(), &passphrase)?;
        let (settings, audit_key) = audit_key::ensure(&folder, settings, &passphrase)?;
        let offline = Some(folder.offline_root()).filter(|_| with_offline_root);
        if let Some(offline) = offline.as_ref().filter(|offline| !offline.exists()) {
            return Err(DataError::OfflineRootAway(offline.clone()));
        }
        let keys = KeyFolder::open(&folder.keys(), offline.as_deref(), &passphrase)?;
        let keys = Arc::new(keys);
        let base_url = settings.base_url.clone();
        let parts = folder.parts(policies, store, keys.clone(), pan_key, base_url, audit_key);
        Ok(Opened { folder, settings, parts, keys })
    }

    /// The parts of an authority over this folder's records.
    pub(super) fn parts(
        &self,
        policies: Policies,
        store: Arc<dyn Store>,
        keys: Arc<KeyFolder>,
        pan_key: pan_key::PanKey,
        base_url: String,
        audit_key: NoteKey,
    ) -> Parts {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        Parts {
            policies: Arc::new(policies),
            store,
            signer: keys.clone(),
            decryptor: keys,
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            approver: Arc::new(BankApprover::new(&self.path, clock)),
            pan_key,
            base_url,
            actor: Actor::Folder,
            audit_key: Some(audit_key),
            watch: None,
        }
    }

    /// The records of this folder, wherever they are.
    ///
    /// # Errors
    /// [`DataError::NoRecords`] if there are none, [`DataError::OtherRecords`] if they are not of
    /// this hierarchy, [`DataError::Open`], [`DataError::Store`].
    pub fn records(&self) -> Result<Arc<dyn Store>, DataError> {
        let own = self.database();
        // A store that is not there would be made anew, and empty.
        if let Some(file) = self.records.file(&own).filter(|file| !file.exists()) {
            return Err(DataError::NoRecords(file.display().to_string()));
        }
        let store = self.records.open(&own)?;
        if self.records != Place::Folder {
            self.check_records(&*store)?;
        }
        Ok(store)
    }

    /// Whoever names a database may name that of another hierarchy.
    fn check_records(&self, store: &dyn Store) -> Result<(), DataError> {
        let path = self.root_certificate();
        let pem = fs::read(&path).map_err(DataError::io("read", &path))?;
        let cas = store.cas()?;
        let root = cas.first().ok_or_else(|| DataError::NoRecords("the database".to_owned()))?;
        let known = root.certificates.iter().any(|own| {
            let text = pem::encode_string("CERTIFICATE", LineEnding::LF, &own.der);
            text.is_ok_and(|text| pem.windows(text.len()).any(|part| part == text.as_bytes()))
        });
        if known { Ok(()) } else { Err(DataError::OtherRecords(self.path.clone())) }
    }

    /// A place for the records of a new hierarchy.
    pub(super) fn new_records(&self) -> Result<Arc<dyn Store>, DataError> {
        let store = self.records.open(&self.database())?;
        if store.cas()?.is_empty() && store.audit_size()? == 0 {
            return Ok(store);
        }
        Err(DataError::OccupiedRecords)
    }

    /// Writes the root certificates that relying parties may trust into
    /// [`Folder::root_certificate`], the one in force first: an old one is trusted until its end.
    ///
    /// # Errors
    /// [`DataError::Io`], or [`DataError::Authority`] for a certificate that is no PEM text.
    pub fn write_roots<'a>(
        &self,
        roots: impl DoubleEndedIterator<Item = &'a Cert>,
    ) -> Result<(), DataError> {
        let mut text = String::new();
        for root in roots.rev() {
            let one = pem::encode_string("CERTIFICATE", LineEnding::LF, root.der());
            let odd = |_| authority::Error::Hierarchy("root certificate as PEM".to_owned());
            text.push_str(&one.map_err(odd)?);
        }
        files::replace_public(&self.root_certificate(), text.as_bytes())
    }

    /// The policies in force in this folder; no key is needed for them.
    ///
    /// # Errors
    /// [`DataError::Policies`], or [`DataError::Io`] if they cannot be read.
    pub fn read_policies(&self, settings: &Settings) -> Result<Policies, DataError> {
        let suite = settings.suite;
        let policies = match settings.policies {
            PolicySource::BuiltIn => Policies::shipped(suite)?,
            PolicySource::Folder => Policies::from_files(suite, &policy_files(&self.policies())?)?,
        };
        Ok(if settings.test { policies.marked_as_test()? } else { policies })
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
