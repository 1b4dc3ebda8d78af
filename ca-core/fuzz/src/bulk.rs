//! Body encryption from its crates alone, so that any octets can be a body.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ca_core::envelope::ContentCipher;
use ca_core::wire::oids;
use ca_core::wire::pkcs7::{EncryptedContentInfo, aes_256_gcm, cbc_64};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use der::Encode;
use der::asn1::{ObjectIdentifier, OctetString};

/// A body under the one key of its cipher.
pub fn encrypt(
    cipher: ContentCipher,
    content_type: ObjectIdentifier,
    body: &[u8],
) -> EncryptedContentInfo {
    let (algorithm, octets) = match cipher {
        ContentCipher::Aes256Gcm => (aes_256_gcm(&NONCE), gcm(content_type, body)),
        ContentCipher::Cdmf => (cbc_64(oids::CDMF, &IV), des(&CDMF_DERIVED, body)),
        _ => (cbc_64(oids::DES_CBC, &IV), des(&DES_KEY, body)),
    };
    EncryptedContentInfo {
        content_type,
        algorithm: algorithm.expect("a constant"),
        encrypted_content: OctetString::new(octets).expect("short enough"),
    }
}

fn gcm(content_type: ObjectIdentifier, body: &[u8]) -> Vec<u8> {
    let key = UnboundKey::new(&AES_256_GCM, &GCM_KEY).expect("a constant");
    let aad = Aad::from(content_type.to_der().expect("a constant"));
    let mut octets = body.to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(NONCE), aad, &mut octets)
        .expect("short enough");
    octets
}

fn des(key: &[u8; 8], body: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<des::Des>::new(key.into(), &IV.into()).encrypt_padded_vec::<Pkcs7>(body)
}

pub const GCM_KEY: [u8; 32] = [0x40; 32];
pub const DES_KEY: [u8; 8] = CDMF_KEY;
/// K of spec `set-crypto.md` §9.8, and the DES key that CDMF derives from it.
pub const CDMF_KEY: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
const CDMF_DERIVED: [u8; 8] = [0x1f, 0xb2, 0x6b, 0x1a, 0x81, 0x08, 0x9f, 0x12];
const NONCE: [u8; 12] = [0x90; 12];
const IV: [u8; 8] = [0x11; 8];
