//! Bulk encryption: the body under the content key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use const_oid::ObjectIdentifier;
use der::Encode;
use der::asn1::OctetString;
use zeroize::Zeroizing;

use super::{ContentCipher, SealError, des};
use crate::signer::{RandomError, SecureRandom};
use crate::wire::pkcs7::{EncryptedContentInfo, cbc_64_iv, gcm_nonce};

/// A fresh content key; one for DES has odd parity (spec `set-crypto.md` §2.5).
pub(super) fn fresh_key(
    cipher: ContentCipher,
    random: &dyn SecureRandom,
) -> Result<Zeroizing<Vec<u8>>, RandomError> {
    let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
    random.fill(&mut key)?;
    match cipher {
        ContentCipher::Aes256Gcm => {}
        ContentCipher::Cdmf | ContentCipher::DesCbc => des::set_odd_parity(&mut key),
    }
    Ok(key)
}

/// Encrypts a whole element under a fresh nonce or IV, which is the next 12 or 8 octets of
/// `random`.
///
/// AES-256-GCM has the DER of `content_type` as associated data, and its tag appended (spec
/// `set-crypto.md` §8.1); DES-CBC and CDMF are padded (§3).
pub(super) fn encrypt(
    cipher: ContentCipher,
    key: &[u8],
    content_type: ObjectIdentifier,
    plaintext: &[u8],
    random: &dyn SecureRandom,
) -> Result<EncryptedContentInfo, SealError> {
    let algorithm = cipher.identifier(random)?;
    let octets = match cipher {
        ContentCipher::Aes256Gcm => {
            let nonce = gcm_nonce(&algorithm).ok_or(SealError::Encoding)?;
            encrypt_gcm(key, nonce, content_type, plaintext)?
        }
        ContentCipher::Cdmf | ContentCipher::DesCbc => {
            let iv = cbc_64_iv(cipher.oid(), &algorithm).ok_or(SealError::Encoding)?;
            let key = des_key(cipher, key).ok_or(SealError::Encoding)?;
            des::encrypt_cbc(*key, iv, plaintext)
        }
    };
    let encrypted_content = OctetString::new(octets)?;
    Ok(EncryptedContentInfo { content_type, algorithm, encrypted_content })
}

/// True if the body is encrypted with this cipher, its parameters in the only form it has.
pub(super) fn is_of(cipher: ContentCipher, info: &EncryptedContentInfo) -> bool {
    match cipher {
        ContentCipher::Aes256Gcm => gcm_nonce(&info.algorithm).is_some(),
        ContentCipher::Cdmf | ContentCipher::DesCbc => {
            cbc_64_iv(cipher.oid(), &info.algorithm).is_some()
        }
    }
}

/// Decrypts a body; `None` if it does not open under this key.
pub(super) fn decrypt(
    cipher: ContentCipher,
    key: &[u8],
    info: &EncryptedContentInfo,
) -> Option<Zeroizing<Vec<u8>>> {
    match cipher {
        ContentCipher::Aes256Gcm => decrypt_gcm(key, info),
        ContentCipher::Cdmf | ContentCipher::DesCbc => {
            let iv = cbc_64_iv(cipher.oid(), &info.algorithm)?;
            let key = des_key(cipher, key)?;
            des::decrypt_cbc(*key, iv, info.encrypted_content.as_bytes())
        }
    }
}

/// The key that DES runs under: CDMF derives it from the one that was sent.
fn des_key(cipher: ContentCipher, key: &[u8]) -> Option<Zeroizing<[u8; 8]>> {
    let key = key.try_into().ok()?;
    Some(Zeroizing::new(if cipher == ContentCipher::Cdmf { des::cdmf_key(key) } else { key }))
}

fn encrypt_gcm(
    key: &[u8],
    nonce: [u8; 12],
    content_type: ObjectIdentifier,
    plaintext: &[u8],
) -> Result<Vec<u8>, SealError> {
    let cipher = gcm(key).ok_or(SealError::Encoding)?;
    let mut octets = Zeroizing::new(Vec::with_capacity(plaintext.len().saturating_add(TAG_LEN)));
    octets.extend_from_slice(plaintext);
    let aad = Aad::from(content_type.to_der()?);
    cipher
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut *octets)
        .map_err(|_| SealError::Encoding)?;
    Ok(core::mem::take(&mut *octets))
}

fn decrypt_gcm(key: &[u8], info: &EncryptedContentInfo) -> Option<Zeroizing<Vec<u8>>> {
    let nonce = Nonce::assume_unique_for_key(gcm_nonce(&info.algorithm)?);
    let aad = Aad::from(info.content_type.to_der().ok()?);
    let mut octets = Zeroizing::new(info.encrypted_content.as_bytes().to_vec());
    let length = gcm(key)?.open_in_place(nonce, aad, &mut octets).ok()?.len();
    octets.truncate(length);
    Some(octets)
}

fn gcm(key: &[u8]) -> Option<LessSafeKey> {
    Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?))
}

/// Octets of the tag behind the ciphertext.
const TAG_LEN: usize = 16;
