//! EXH, EncX, Enc, EncK: opening envelopes.
//!
//! Every fault behind the clear content type is the same [`OpenError::Undecryptable`]. What depends
//! on octets in clear alone (recipient, algorithms) is refused at once; from the RSA operation on,
//! all steps are done whatever came before (spec `set-crypto.md` §5.4).

use core::fmt;

use const_oid::ObjectIdentifier;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::block::truth;
use super::{
    ContentCipher, OpenError, SignedMessage, Slot, VerifiedContent, block, bulk, transport,
};
use crate::Suite;
use crate::signer::{Decryptor, SecureRandom};
use crate::wire::pkcs7::{DigestedData, EncryptedData, EnvelopedData, MAX_PKCS7, pair, sequence};
use crate::wire::{BackKeyData, Cert, decode};

/// The parts of an EXH, bound to each other by HD and DD.
pub struct OpenedExh {
    /// t: one whole DER element.
    pub t: Vec<u8>,
    /// p: one whole DER element, from the key block.
    pub p: Zeroizing<Vec<u8>>,
}

/// The parts of an EncX. Nothing binds them until [`OpenedEncx::verify`] has been asked.
pub struct OpenedEncx {
    /// t: one whole DER element.
    pub t: Vec<u8>,
    /// p: one whole DER element, from the key block.
    pub p: Zeroizing<Vec<u8>>,
    /// The SO over `{t, p}`.
    pub signature: SignedMessage,
    signed_type: ObjectIdentifier,
    signed: Zeroizing<Vec<u8>>,
}

impl OpenedEncx {
    /// Checks signature number `signer` (from 0) over `{t, p}` with the public key in `spki_der`.
    ///
    /// # Errors
    /// As [`SignedMessage::verify`].
    pub fn verify(
        &self,
        suite: Suite,
        signer: usize,
        spki_der: &[u8],
    ) -> Result<VerifiedContent, OpenError> {
        self.signature.verify(suite, self.signed_type, Some(&self.signed), signer, spki_der)
    }
}

impl fmt::Debug for OpenedExh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedExh(redacted)")
    }
}

impl fmt::Debug for OpenedEncx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedEncx(redacted)")
    }
}

/// Opens an EXH made for one of `recipients`.
///
/// # Errors
/// [`OpenError::Malformed`], [`OpenError::WrongContentType`], else [`OpenError::Undecryptable`];
/// [`OpenError::Key`] if we do not have the recipient's key.
pub fn open_exh(
    suite: Suite,
    slot: &Slot,
    octets: &[u8],
    recipients: &[&Cert],
    decryptor: &dyn Decryptor,
    random: &dyn SecureRandom,
) -> Result<OpenedExh, OpenError> {
    let opened = open_envelope(suite, slot, octets, recipients, decryptor, random)?;
    let (t, linked) = match pair(&opened.body) {
        Ok((t, digest_of_p)) => (t.to_vec(), is_digest(suite, slot, digest_of_p, &opened.extra)),
        Err(_) => (Vec::new(), is_digest(suite, slot, &[], &opened.extra)),
    };
    accept(opened.good & linked)?;
    Ok(OpenedExh { t, p: opened.extra })
}

/// Opens an EncX made for one of `recipients`. The signature in it is not checked yet.
///
/// # Errors
/// As [`open_exh`].
pub fn open_encx(
    suite: Suite,
    slot: &Slot,
    octets: &[u8],
    recipients: &[&Cert],
    decryptor: &dyn Decryptor,
    random: &dyn SecureRandom,
) -> Result<OpenedEncx, OpenError> {
    let opened = open_envelope(suite, slot, octets, recipients, decryptor, random)?;
    accept(opened.good)?;
    let (t, signature) = pair(&opened.body).map_err(|_| OpenError::Undecryptable)?;
    let signature = signed_message(slot, signature)?;
    let signed = sequence(&[t, &opened.extra]).map_err(|_| OpenError::Undecryptable)?;
    Ok(OpenedEncx {
        t: t.to_vec(),
        p: opened.extra,
        signature,
        signed_type: slot.inner_type,
        signed,
    })
}

/// Opens an Enc made for one of `recipients`. The signature in it is not checked yet.
///
/// # Errors
/// As [`open_exh`].
pub fn open_enc(
    suite: Suite,
    slot: &Slot,
    octets: &[u8],
    recipients: &[&Cert],
    decryptor: &dyn Decryptor,
    random: &dyn SecureRandom,
) -> Result<SignedMessage, OpenError> {
    let opened = open_envelope(suite, slot, octets, recipients, decryptor, random)?;
    accept(opened.good)?;
    signed_message(slot, &opened.body)
}

/// Opens an EncK with the back key and the cipher that key is for. The signature in it is not
/// checked yet.
///
/// # Errors
/// [`OpenError::Malformed`], [`OpenError::WrongContentType`], else [`OpenError::Undecryptable`].
pub fn open_enck(
    suite: Suite,
    slot: &Slot,
    octets: &[u8],
    back_key: &BackKeyData,
) -> Result<SignedMessage, OpenError> {
    let encrypted: EncryptedData = decode(octets, MAX_PKCS7)?;
    let content = &encrypted.encrypted_content_info;
    check_content_type(slot, content.content_type)?;
    let body = ContentCipher::of_back_key(suite, back_key)
        .and_then(|cipher| bulk::decrypt(cipher, back_key.back_key.as_bytes(), content))
        .ok_or(OpenError::Undecryptable)?;
    signed_message(slot, &body)
}

/// What came out of an envelope; worth something only if `good`.
struct Opened {
    body: Zeroizing<Vec<u8>>,
    extra: Zeroizing<Vec<u8>>,
    good: Choice,
}

fn open_envelope(
    suite: Suite,
    slot: &Slot,
    octets: &[u8],
    recipients: &[&Cert],
    decryptor: &dyn Decryptor,
    random: &dyn SecureRandom,
) -> Result<Opened, OpenError> {
    // Step 1: what stands in clear. The sender knows it, so an early answer tells nothing.
    let envelope: EnvelopedData = decode(octets, MAX_PKCS7)?;
    let content = &envelope.encrypted_content_info;
    check_content_type(slot, content.content_type)?;
    let info = envelope.recipient_infos.as_slice().first().ok_or(OpenError::Undecryptable)?;
    let cipher = ContentCipher::of_envelopes(suite);
    let named = recipients.iter().find(|certificate| info.recipient.names(certificate));
    let of_suite =
        transport::is_of(suite, &info.key_encryption_algorithm) && bulk::is_of(cipher, content);
    let recipient = named.filter(|_| of_suite).ok_or(OpenError::Undecryptable)?;

    // Step 2: the RSA operation. The spare key is drawn whether it is needed or not.
    let spare_key = bulk::fresh_key(cipher, random)?;
    let encrypted_key = info.encrypted_key.as_bytes();
    let unwrapped =
        transport::unwrap(suite, recipient, slot.content_type, encrypted_key, decryptor)?;
    let key_block = block::cut(suite, slot, &unwrapped, &spare_key);

    // Step 3: the body, under the spare key if there was no better one.
    let body = bulk::decrypt(cipher, &key_block.key, content);
    let opens = truth(body.is_some());
    let ciphertext = content.encrypted_content.as_bytes();
    let body = body.unwrap_or_else(|| Zeroizing::new(ciphertext.to_vec()));

    // Step 4: HD over what came out.
    let digest = if slot.has_digest() { suite.digest(&body) } else { Vec::new() };
    let good = key_block.good & opens & digest.as_slice().ct_eq(key_block.digest.as_slice());
    Ok(Opened { body, extra: key_block.extra, good })
}

/// decisions.md 15: the content type in clear comes before the envelope.
fn check_content_type(slot: &Slot, found: ObjectIdentifier) -> Result<(), OpenError> {
    let expected = slot.content_type;
    if found == expected { Ok(()) } else { Err(OpenError::WrongContentType { expected, found }) }
}

/// Set if `octets` are `DD(p)` of the slot.
fn is_digest(suite: Suite, slot: &Slot, octets: &[u8], p: &[u8]) -> Choice {
    let computed = suite.digest(p);
    let linked = decode::<DigestedData>(octets, MAX_PKCS7).ok();
    let received = linked.as_ref().and_then(|dd| dd.digest_of(suite, slot.inner_type));
    computed.as_slice().ct_eq(received.unwrap_or_default())
}

fn accept(good: Choice) -> Result<(), OpenError> {
    if bool::from(good) { Ok(()) } else { Err(OpenError::Undecryptable) }
}

/// The SignedData that was inside. Undecodable, or of another type, is the uniform failure too
/// (spec `set-crypto.md` §5.2 row 6).
fn signed_message(slot: &Slot, octets: &[u8]) -> Result<SignedMessage, OpenError> {
    let message = SignedMessage::decode(octets).map_err(|_| OpenError::Undecryptable)?;
    if message.content_type() == slot.inner_type {
        Ok(message)
    } else {
        Err(OpenError::Undecryptable)
    }
}
