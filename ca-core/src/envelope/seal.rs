//! EXH, EncX, Enc, EncK: making envelopes (spec `set-crypto.md` §1.1, §1.5).

use der::asn1::OctetString;
use der::{Decode, Encode};
use zeroize::Zeroizing;

use super::transport::{self, Recipient};
use super::{Block, ContentCipher, SealError, Slot, block, bulk};
use crate::Suite;
use crate::signer::SecureRandom;
use crate::wire::pkcs7::{
    Bounded, DigestedData, Element, EncryptedData, EnvelopedData, IssuerAndSerial, RecipientInfo,
    Version, sequence,
};
use crate::wire::{BackKeyData, Cert};

/// X: what rides in the key block beside the content key.
#[derive(Clone, Copy)]
pub struct Extra<'a> {
    /// What it is.
    pub block: Block,
    /// One whole DER element.
    pub der: &'a [u8],
}

/// EXH(r, t, p): the body is `L(t, p)`, p and the digest of the body are in the key block.
///
/// # Errors
/// [`SealError`]; [`SealError::Encoding`] if t or p is not one whole DER element.
pub fn seal_exh(
    suite: Suite,
    recipient: &Cert,
    slot: &Slot,
    t: &[u8],
    p: Extra<'_>,
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, SealError> {
    let digest_of_p = DigestedData::of(suite, slot.inner_type, p.der)?.to_der()?;
    let body = sequence(&[t, &digest_of_p])?;
    envelope(suite, recipient, slot, &body, p, random)
}

/// What the SO inside an EncX signs: `SEQUENCE { t, p }` (CertReqTBS).
///
/// # Errors
/// [`SealError::Encoding`] if t or p is not one whole DER element.
pub fn encx_tbs(t: &[u8], p: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    Ok(sequence(&[t, p])?)
}

/// EncX(s, r, t, p): the body is `{t, SO(s, {t, p})}`, p is in the key block.
///
/// `signature` is the SO that [`sign`](super::sign) makes, detached, over [`encx_tbs`].
///
/// # Errors
/// [`SealError`]; [`SealError::Encoding`] if t, p or the signature is not one whole DER element.
pub fn seal_encx(
    suite: Suite,
    recipient: &Cert,
    slot: &Slot,
    t: &[u8],
    signature: &[u8],
    p: Extra<'_>,
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, SealError> {
    let body = sequence(&[t, signature])?;
    envelope(suite, recipient, slot, &body, p, random)
}

/// Enc(s, r, t): the body is `S(s, t)`, the key block holds the content key alone.
///
/// # Errors
/// [`SealError`]; [`SealError::Encoding`] if `signed` is not one whole DER element.
pub fn seal_enc(
    suite: Suite,
    recipient: &Cert,
    slot: &Slot,
    signed: &[u8],
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, SealError> {
    let body = Element::from_der(signed)?;
    let nothing = Extra { block: Block::Key, der: &[] };
    envelope(suite, recipient, slot, body.octets(), nothing, random)
}

/// EncK(k, s, t): `S(s, t)` under a key that both sides have, with the cipher that key is for; an
/// EncryptedData.
///
/// # Errors
/// [`SealError`]; [`SealError::BackKey`] if the cipher is none of the suite's or the key is of
/// another length than it needs.
pub fn seal_enck(
    suite: Suite,
    back_key: &BackKeyData,
    slot: &Slot,
    signed: &[u8],
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, SealError> {
    let cipher = ContentCipher::of_back_key(suite, back_key).ok_or(SealError::BackKey)?;
    let key = back_key.back_key.as_bytes();
    let body = Element::from_der(signed)?;
    let encrypted = EncryptedData {
        version: Version::default(),
        encrypted_content_info: bulk::encrypt(
            cipher,
            key,
            slot.content_type,
            body.octets(),
            random,
        )?,
    };
    Ok(encrypted.to_der()?)
}

fn envelope(
    suite: Suite,
    recipient: &Cert,
    slot: &Slot,
    body: &[u8],
    extra: Extra<'_>,
    random: &dyn SecureRandom,
) -> Result<Vec<u8>, SealError> {
    if !slot.blocks.contains(&extra.block) {
        return Err(SealError::Block(extra.block.code()));
    }
    // HD covers the plaintext before anything is encrypted (spec `set-crypto.md` §1.5 step 2).
    let digest = if slot.has_digest() { suite.digest(body) } else { Vec::new() };
    let cipher = ContentCipher::of_envelopes(suite);
    let key = bulk::fresh_key(cipher, random)?;
    let content = bulk::encrypt(cipher, &key, slot.content_type, body, random)?;
    let to = Recipient::of_spki(recipient.spki_der())?;
    let message = block::encode(suite, &to, extra.block, [&key, &digest, extra.der], random)?;
    let (key_encryption_algorithm, encrypted_key) =
        transport::wrap(suite, &to, slot.content_type, &message, random)?;
    let recipient_info = RecipientInfo {
        version: Version::default(),
        recipient: IssuerAndSerial::of(recipient)?,
        key_encryption_algorithm,
        encrypted_key: OctetString::new(encrypted_key)?,
    };
    let envelope = EnvelopedData {
        version: Version::default(),
        recipient_infos: Bounded::new(vec![recipient_info])?,
        encrypted_content_info: content,
    };
    Ok(envelope.to_der()?)
}
