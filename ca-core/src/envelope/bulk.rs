//! Bulk encryption: the body under the content key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::OctetString;
use zeroize::Zeroizing;

use super::{OpenError, SealError};
use crate::Suite;
use crate::signer::SecureRandom;
use crate::wire::pkcs7::{EncryptedContentInfo, aes_256_gcm, gcm_nonce};

/// Octets of a content key.
pub(super) const fn key_len(suite: Suite) -> usize {
    match suite {
        Suite::Modern => 32,
        Suite::Set1997 => 8,
    }
}

/// Encrypts a whole element under a fresh nonce or IV. `modern`: AES-256-GCM, 12 octets of `random`
/// as nonce, the DER of `content_type` as associated data, the tag appended (spec `set-crypto.md`
/// §8.1).
pub(super) fn encrypt(
    suite: Suite,
    key: &[u8],
    content_type: ObjectIdentifier,
    plaintext: &[u8],
    random: &dyn SecureRandom,
) -> Result<EncryptedContentInfo, SealError> {
    match suite {
        Suite::Modern => {
            let mut nonce = [0; 12];
            random.fill(&mut nonce)?;
            let cipher = cipher(key).ok_or(SealError::Encoding)?;
            let mut octets =
                Zeroizing::new(Vec::with_capacity(plaintext.len().saturating_add(TAG_LEN)));
            octets.extend_from_slice(plaintext);
            let aad = Aad::from(content_type.to_der()?);
            cipher
                .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut *octets)
                .map_err(|_| SealError::Encoding)?;
            Ok(EncryptedContentInfo {
                content_type,
                algorithm: aes_256_gcm(&nonce)?,
                encrypted_content: OctetString::new(octets.as_slice())?,
            })
        }
        Suite::Set1997 => Err(SealError::Suite(suite)),
    }
}

/// Refuses every cipher and every form of its parameters but the suite's.
pub(super) fn check(suite: Suite, info: &EncryptedContentInfo) -> Result<(), OpenError> {
    match suite {
        Suite::Modern => gcm_nonce(&info.algorithm).map(drop).ok_or(OpenError::Undecryptable),
        Suite::Set1997 => Err(OpenError::Suite(suite)),
    }
}

/// Decrypts a body; `None` if it does not open under this key.
pub(super) fn decrypt(
    suite: Suite,
    key: &[u8],
    info: &EncryptedContentInfo,
) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
    match suite {
        Suite::Modern => Ok(decrypt_gcm(key, info)),
        Suite::Set1997 => Err(OpenError::Suite(suite)),
    }
}

fn decrypt_gcm(key: &[u8], info: &EncryptedContentInfo) -> Option<Zeroizing<Vec<u8>>> {
    let nonce = Nonce::assume_unique_for_key(gcm_nonce(&info.algorithm)?);
    let aad = Aad::from(info.content_type.to_der().ok()?);
    let mut octets = Zeroizing::new(info.encrypted_content.as_bytes().to_vec());
    let length = cipher(key)?.open_in_place(nonce, aad, &mut octets).ok()?.len();
    octets.truncate(length);
    Some(octets)
}

fn cipher(key: &[u8]) -> Option<LessSafeKey> {
    Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?))
}

/// Octets of the tag behind the ciphertext.
const TAG_LEN: usize = 16;
