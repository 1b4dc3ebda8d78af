//! Software keys at hand, by their identifiers.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::software::PrivateKey;
use super::{Decryptor, KeyError, KeyId, SignatureAlgorithm, Signer};

/// A set of software keys by identifier.
#[derive(Debug, Default)]
pub struct SoftwareKeys {
    keys: HashMap<KeyId, PrivateKey>,
}

impl SoftwareKeys {
    /// Adds a key; one that is already there is replaced by itself.
    pub fn insert(&mut self, key: PrivateKey) {
        self.keys.insert(key.id(), key);
    }

    /// The key with this identifier.
    #[must_use]
    pub fn find(&self, id: &KeyId) -> Option<&PrivateKey> {
        self.keys.get(id)
    }

    fn present(&self, id: &KeyId) -> Result<&PrivateKey, KeyError> {
        self.keys.get(id).ok_or(KeyError::Absent(*id))
    }
}

impl FromIterator<PrivateKey> for SoftwareKeys {
    fn from_iter<I: IntoIterator<Item = PrivateKey>>(keys: I) -> Self {
        Self { keys: keys.into_iter().map(|key| (key.id(), key)).collect() }
    }
}

impl Signer for SoftwareKeys {
    fn sign(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.present(key)?.sign(algorithm, message)
    }

    fn sign_digest(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.present(key)?.sign_digest(algorithm, digest)
    }
}

impl Decryptor for SoftwareKeys {
    fn decrypt_oaep(
        &self,
        key: &KeyId,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.present(key)?.decrypt_oaep(label, ciphertext)
    }

    fn decrypt_raw(&self, key: &KeyId, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.present(key)?.decrypt_raw(ciphertext)
    }
}
