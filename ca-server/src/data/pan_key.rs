//! `keys/pan.key`: the key under which account numbers are hashed, kept like a private key.

use std::path::Path;

use ca_core::signer::{KeyError, RandomAdapter, SecureRandom};
use der::Decode as _;
use der::asn1::{AnyRef, OctetStringRef};
use der::oid::ObjectIdentifier;
use pkcs8::spki::AlgorithmIdentifier;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::{DataError, Passphrase};
use crate::signer::key_file::{read_sealed, save_sealed};

/// The 32 octets of the key.
pub(super) type PanKey = Zeroizing<[u8; 32]>;

/// A fresh key.
pub(super) fn generate(random: &dyn SecureRandom) -> Result<PanKey, DataError> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill(&mut key[..]).map_err(|_| DataError::Random)?;
    Ok(key)
}

/// Writes the key as EncryptedPrivateKeyInfo around PrivateKeyInfo { id-hmacWithSHA256, key }.
pub(super) fn save(
    path: &Path,
    key: &PanKey,
    passphrase: &Passphrase,
    random: &dyn SecureRandom,
) -> Result<(), DataError> {
    let failed = || wrong(path, KeyError::Operation);
    let algorithm: AlgorithmIdentifier<AnyRef<'_>> =
        AlgorithmIdentifier { oid: HMAC_WITH_SHA256, parameters: None };
    let octets = OctetStringRef::new(&key[..]).map_err(|_| failed())?;
    let mut adapter = RandomAdapter::new(random);
    let sealed = PrivateKeyInfoRef::new(algorithm, octets)
        .encrypt_with_rng(&mut adapter, passphrase.as_bytes())
        .map_err(|_| failed())?;
    adapter.finish().map_err(|_| DataError::Random)?;
    save_sealed(path, sealed.as_bytes())
}

/// Reads the key back.
pub(super) fn load(path: &Path, passphrase: &Passphrase) -> Result<PanKey, DataError> {
    let malformed = || wrong(path, KeyError::Malformed("not a 32-octet HMAC-SHA-256 key"));
    let sealed = read_sealed(path)?;
    let opened = EncryptedPrivateKeyInfoRef::from_der(&sealed)
        .map_err(|_| malformed())?
        .decrypt(passphrase.as_bytes())
        .map_err(|_| DataError::WrongPassphrase(path.to_owned()))?;
    let info: PrivateKeyInfoRef<'_> = opened.decode_msg().map_err(|_| malformed())?;
    if info.algorithm.oid != HMAC_WITH_SHA256 {
        return Err(malformed());
    }
    let key = info.private_key.as_bytes().try_into().map_err(|_| malformed())?;
    Ok(Zeroizing::new(key))
}

fn wrong(path: &Path, source: KeyError) -> DataError {
    DataError::KeyFile { path: path.to_owned(), source }
}

/// id-hmacWithSHA256 (RFC 8018 appendix B.1.2).
const HMAC_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
