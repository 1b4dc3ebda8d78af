//! The private keys of a data folder, in memory: opened at the start, and later those that another
//! process has put there since.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use ca_core::authority::{self, NewKey, PlannedKey};
use ca_core::signer::{
    Decryptor, KeyError, KeyId, PrivateKey, SignatureAlgorithm, Signer, SoftwareKeys,
};
use ca_core::wire::Cert;
use ca_core::wire::extensions::{ExtensionValue as _, HashedRootKey};
use zeroize::Zeroizing;

use super::key_file;
use crate::SystemRandom;
use crate::data::{DataError, Passphrase, files};
use crate::parallel::on_all_cores;

/// The keys of a data folder.
///
/// A certificate that came into force while the service runs names a key that was not there at its
/// start: its file is looked for when the key is first needed.
pub struct KeyFolder {
    online: PathBuf,
    /// Only for commands that were given the root's keys.
    offline: Option<PathBuf>,
    passphrase: Passphrase,
    loaded: RwLock<Loaded>,
}

#[derive(Default)]
struct Loaded {
    keys: SoftwareKeys,
    public: Vec<NewKey>,
}

impl KeyFolder {
    /// Opens every key of `online` and, if given, of `offline`.
    ///
    /// # Errors
    /// As [`key_file::load`].
    pub fn open(
        online: &Path,
        offline: Option<&Path>,
        passphrase: &Passphrase,
    ) -> Result<Self, DataError> {
        let mut keys = key_file::load(online, passphrase)?;
        if let Some(offline) = offline {
            keys.extend(key_file::load(offline, passphrase)?);
        }
        Ok(Self::holding(online, offline, passphrase, keys))
    }

    /// With keys that are in the folders already.
    pub(crate) fn holding(
        online: &Path,
        offline: Option<&Path>,
        passphrase: &Passphrase,
        keys: Vec<PrivateKey>,
    ) -> Self {
        let mut loaded = Loaded::default();
        keys.into_iter().for_each(|key| loaded.insert(key));
        Self {
            online: online.to_owned(),
            offline: offline.map(Path::to_owned),
            passphrase: passphrase.clone(),
            loaded: RwLock::new(loaded),
        }
    }

    /// Makes keys, each written and durable before this returns; in the order of `wanted`. `made`
    /// hears the number of each that is there.
    ///
    /// # Errors
    /// [`DataError::OfflineRootAway`] if one belongs to the root and the root's keys are not here;
    /// [`DataError`] of the file that cannot be written.
    pub fn make(
        &self,
        wanted: &[PlannedKey],
        made: impl FnMut(usize),
    ) -> Result<Vec<NewKey>, DataError> {
        let place = |key: &PlannedKey| match (&self.offline, key.offline) {
            (_, false) => Ok(&self.online),
            (Some(offline), true) => Ok(offline),
            (None, true) => {
                Err(DataError::OfflineRootAway(self.online.with_file_name("offline-root")))
            }
        };
        wanted.iter().try_for_each(|key| place(key).map(|_| ()))?;
        let make = |wanted: &PlannedKey| {
            let key = PrivateKey::generate(wanted.algorithm, &SystemRandom)
                .map_err(authority::Error::from)?;
            key_file::save(place(wanted)?, &key, &self.passphrase, &SystemRandom)?;
            Ok::<_, DataError>(key)
        };
        let keys = on_all_cores(wanted, make, made)?;
        files::sync_folder(&self.online)?;
        if let Some(offline) = &self.offline {
            files::sync_folder(offline)?;
        }
        let public = keys.iter().map(public_half).collect();
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        keys.into_iter().for_each(|key| loaded.insert(key));
        Ok(public)
    }

    /// The key that a root certificate announces, if it is here.
    #[must_use]
    pub fn announced_by(&self, root: &Cert) -> Option<NewKey> {
        let announced = HashedRootKey::find(root).ok().flatten()?;
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        loaded.public.iter().find(|key| announced.announces(&key.spki)).cloned()
    }

    /// Works with the keys; one that is missing is looked for in the folders.
    fn with<T>(
        &self,
        id: &KeyId,
        work: impl Fn(&SoftwareKeys) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let attempt = || work(&self.loaded.read().unwrap_or_else(PoisonError::into_inner).keys);
        match attempt() {
            Err(KeyError::Absent(_)) if self.fetch(id) => attempt(),
            outcome => outcome,
        }
    }

    /// Reads the file of a key that was not there before; true if there is one now.
    fn fetch(&self, id: &KeyId) -> bool {
        let folders = [Some(&self.online), self.offline.as_ref()];
        for folder in folders.into_iter().flatten() {
            match key_file::find(folder, id, &self.passphrase) {
                Ok(Some(key)) => {
                    tracing::info!(key = %id, "key found that is new in the data folder");
                    self.loaded.write().unwrap_or_else(PoisonError::into_inner).insert(key);
                    return true;
                }
                Ok(None) => {}
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(key = %id, error, "key cannot be read");
                }
            }
        }
        false
    }
}

impl Loaded {
    fn insert(&mut self, key: PrivateKey) {
        self.public.push(public_half(&key));
        self.keys.insert(key);
    }
}

impl fmt::Debug for KeyFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFolder")
            .field("online", &self.online)
            .field("offline", &self.offline)
            .finish_non_exhaustive()
    }
}

impl Signer for KeyFolder {
    fn sign(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.with(key, |keys| keys.sign(key, algorithm, message))
    }

    fn sign_digest(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.with(key, |keys| keys.sign_digest(key, algorithm, digest))
    }
}

impl Decryptor for KeyFolder {
    fn decrypt_oaep(
        &self,
        key: &KeyId,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.with(key, |keys| keys.decrypt_oaep(key, label, ciphertext))
    }

    fn decrypt_raw(&self, key: &KeyId, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.with(key, |keys| keys.decrypt_raw(key, ciphertext))
    }
}

fn public_half(key: &PrivateKey) -> NewKey {
    NewKey { id: key.id(), spki: key.spki_der().to_vec() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ca_core::Suite;
    use ca_core::profile::KeyUse;
    use ca_core::signer::KeyAlgorithm;
    use tempfile::TempDir;

    use super::*;

    const WANTED: PlannedKey = PlannedKey {
        key_use: KeyUse::OcspSigning,
        algorithm: KeyAlgorithm::EcP256,
        offline: false,
        next_root: false,
    };

    fn opened(home: &TempDir) -> KeyFolder {
        let passphrase = Passphrase::new(Zeroizing::new("of the test".to_owned())).unwrap();
        KeyFolder::open(home.path(), None, &passphrase).unwrap()
    }

    fn sign(keys: &KeyFolder, key: &KeyId) -> Result<Vec<u8>, KeyError> {
        keys.sign(key, KeyAlgorithm::EcP256.default_signature(Suite::Modern), b"message")
    }

    #[test]
    fn key_that_another_process_made_is_found_when_it_is_needed() {
        let home = tempfile::tempdir().unwrap();
        let (serving, other) = (opened(&home), opened(&home));
        let made = other.make(&[WANTED], |_| ()).unwrap();
        assert!(sign(&serving, &made[0].id).is_ok());
        let unknown = KeyId([7; 20]);
        assert_eq!(sign(&serving, &unknown), Err(KeyError::Absent(unknown)));
    }

    #[test]
    fn key_file_that_was_cut_off_is_none_and_is_written_over() {
        let home = tempfile::tempdir().unwrap();
        let key = PrivateKey::generate(KeyAlgorithm::EcP256, &SystemRandom).unwrap();
        let draft = home.path().join(format!(".{}.p8.new", key.id()));
        fs::write(&draft, "-----BEGIN ENCR").unwrap();
        let keys = opened(&home);
        assert_eq!(sign(&keys, &key.id()), Err(KeyError::Absent(key.id())));
        key_file::save(home.path(), &key, &keys.passphrase, &SystemRandom).unwrap();
        assert!(sign(&keys, &key.id()).is_ok());
        assert!(!draft.exists());
    }

    #[test]
    fn key_of_the_root_is_made_only_where_the_roots_keys_are() {
        let home = tempfile::tempdir().unwrap();
        let wanted = [WANTED, PlannedKey { offline: true, ..WANTED }];
        let error = opened(&home).make(&wanted, |_| ()).unwrap_err();
        assert!(matches!(error, DataError::OfflineRootAway(_)), "{error}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing was written");
    }
}
