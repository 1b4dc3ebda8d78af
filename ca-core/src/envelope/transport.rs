//! Key transport: the key block under the recipient's RSA key.

use const_oid::ObjectIdentifier;
use rsa::pkcs8::DecodePublicKey as _;
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::{OpenError, SealError};
use crate::Suite;
use crate::signer::{Decryptor, KeyError, KeyId, RandomAdapter, SecureRandom};
use crate::wire::pkcs7::{is_rsaes_oaep_sha256, rsaes_oaep_sha256};

/// Encrypts a key block for the key in `spki_der`. `modern`: RSAES-OAEP with SHA-256, MGF1-SHA-256
/// and the label of `content_type`; the seed is the next 32 octets of `random`.
pub(super) fn wrap(
    suite: Suite,
    spki_der: &[u8],
    content_type: ObjectIdentifier,
    message: &[u8],
    random: &dyn SecureRandom,
) -> Result<(AlgorithmIdentifierOwned, Vec<u8>), SealError> {
    match suite {
        Suite::Modern => {
            let label = label(content_type);
            let algorithm = rsaes_oaep_sha256(&label)?;
            let key = rsa::RsaPublicKey::from_public_key_der(spki_der)
                .map_err(|_| SealError::Recipient)?;
            let padding = rsa::Oaep::<sha2::Sha256>::new_with_label(label);
            let mut adapter = RandomAdapter::new(random);
            let encrypted = key.encrypt(&mut adapter, padding, message);
            adapter.finish()?;
            Ok((algorithm, encrypted.map_err(|_| SealError::Recipient)?))
        }
        Suite::Set1997 => Err(SealError::Suite(suite)),
    }
}

/// Refuses every key transport but the suite's.
pub(super) fn check(suite: Suite, algorithm: &AlgorithmIdentifierOwned) -> Result<(), OpenError> {
    match suite {
        Suite::Modern if is_rsaes_oaep_sha256(algorithm) => Ok(()),
        Suite::Modern => Err(OpenError::Undecryptable),
        Suite::Set1997 => Err(OpenError::Suite(suite)),
    }
}

/// Decrypts a key block with the label that is expected here; `None` if it does not open.
///
/// A key that we do not have is told apart: that depends on us and not on the ciphertext.
pub(super) fn unwrap(
    suite: Suite,
    key: &KeyId,
    content_type: ObjectIdentifier,
    encrypted: &[u8],
    decryptor: &dyn Decryptor,
) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
    match suite {
        Suite::Modern => match decryptor.decrypt_oaep(key, &label(content_type), encrypted) {
            Ok(message) => Ok(Some(message)),
            Err(KeyError::Operation) => Ok(None),
            Err(error) => Err(OpenError::Key(error)),
        },
        Suite::Set1997 => Err(OpenError::Suite(suite)),
    }
}

/// OAEP label of `modern` (spec `set-crypto.md` §8.1).
fn label(content_type: ObjectIdentifier) -> Vec<u8> {
    format!("{MODERN_LABEL}{content_type}").into_bytes()
}

const MODERN_LABEL: &str = "set-modern-1:";
