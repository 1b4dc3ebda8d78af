//! The input of the EnvelopedData targets, and what holds for all of them.
//!
//! ```text
//! octet 0   bit 0  suite: 0 modern, 1 set-1997
//!           bit 1, 2  depth: 0 the rest is an EnvelopedData as it is
//!                            1 the rest is a body, sealed here
//!                            2, 3 the rest is t, and the body is made of it here
//!           bit 3  HD is spoiled (depth 1…3)
//! octet 1   n
//! n octets  depth 0: what RSA gave, BC | key | HD | X, masked here in set-1997; none: it failed
//!           depth 1…3: BC | X
//! the rest
//! ```

use std::sync::atomic::{AtomicUsize, Ordering};

use ca_core::Suite;
use ca_core::envelope::set_oaep::{self, CounterOctet};
use ca_core::envelope::{ContentCipher, OpenError, Slot};
use ca_core::signer::{Decryptor, KeyError, KeyId, SecureRandom, SeededRandom};
use ca_core::wire::pkcs7::{
    Bounded, EnvelopedData, IssuerAndSerial, MAX_PKCS7, RecipientInfo, Version, cbc_64_iv,
    gcm_nonce, is_rsa_oaep_set, is_rsaes_oaep_sha256, rsa_oaep_set, rsaes_oaep_sha256,
};
use ca_core::wire::{Cert, decode, oids};
use der::Encode;
use der::asn1::OctetString;
use zeroize::Zeroizing;

use crate::{DES_KEY, GCM_KEY, House, encrypt, is_element, split_by_length, suite_of};

/// Which layers are hostile.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Depth {
    Envelope,
    Body,
    Content,
}

pub struct EnvelopeInput<'a> {
    pub house: &'static House,
    pub depth: Depth,
    pub rest: &'a [u8],
    spoiled: bool,
    block: &'a [u8],
}

/// One of `open_exh`, `open_encx` and `open_enc`.
type Open<T> =
    fn(Suite, &Slot, &[u8], &[&Cert], &dyn Decryptor, &dyn SecureRandom) -> Result<T, OpenError>;

impl<'a> EnvelopeInput<'a> {
    pub fn read(octets: &'a [u8]) -> Option<Self> {
        let (flags, octets) = octets.split_first()?;
        let (block, rest) = split_by_length(octets)?;
        let depth = match flags >> 1 & 3 {
            0 => Depth::Envelope,
            1 => Depth::Body,
            _ => Depth::Content,
        };
        let house = House::of(suite_of(*flags));
        Some(Self { house, depth, rest, spoiled: flags & 8 != 0, block })
    }

    /// X, as it was put into the key block (depth 1…3).
    pub fn extra(&self) -> &'a [u8] {
        self.block.get(1..).unwrap_or_default()
    }

    /// X as it must come out of a block that was made here: `None` if the block must not open.
    /// `codes` are the BC of the slot.
    pub fn expected_extra(&self, codes: &[u8], has_extra: bool, has_hd: bool) -> Option<Vec<u8>> {
        let code = self.block.first().filter(|code| codes.contains(code));
        if code.is_none() || (has_hd && self.spoiled) {
            return None;
        }
        let extra = self.extra();
        match (self.house.suite, has_extra) {
            (Suite::Modern, true) => is_element(extra).then(|| extra.to_vec()),
            (Suite::Modern, false) => extra.is_empty().then(Vec::new),
            (Suite::Set1997, false) => is_zero(extra).then(Vec::new),
            (Suite::Set1997, true) => {
                let mut filled = extra.to_vec();
                filled
                    .resize(set_oaep::capacity(K).checked_sub(8 + if has_hd { 20 } else { 0 })?, 0);
                // The size that X itself tells; zeros behind it.
                let length = match filled[..] {
                    [_, short @ 0..=0x7f, ..] => 2 + usize::from(short),
                    [_, 0x81, long @ 0x80..=0xff, ..] => 3 + usize::from(long),
                    _ => return None,
                };
                let (extra, fill) = filled.split_at_checked(length)?;
                (is_zero(fill) && is_element(extra)).then(|| extra.to_vec())
            }
        }
    }

    /// Opens the envelope of depth 0, or one around `body`, and checks what every slot promises:
    /// which errors there are, and that RSA is asked once or not at all.
    ///
    /// `None` if the key block made here does not fit the key.
    pub fn open<T>(
        &self,
        slot: &Slot,
        has_hd: bool,
        body: &[u8],
        open: Open<T>,
    ) -> Option<Result<T, OpenError>> {
        let House { suite, certificate, .. } = self.house;
        let (block, envelope) = match self.depth {
            Depth::Envelope => (self.block.to_vec(), self.rest.to_vec()),
            Depth::Body | Depth::Content => (self.lay_out(has_hd, body), self.seal(slot, body)),
        };
        let block = match suite {
            Suite::Modern => block,
            Suite::Set1997 => masked(&block)?,
        };
        let stub = Stub { block, asked: AtomicUsize::new(0) };
        let random = SeededRandom::new(b"fuzz", "spare key");
        let opened = open(*suite, slot, &envelope, &[certificate], &stub, &random);
        let asked = stub.asked.load(Ordering::Relaxed);
        check_refusal(self.house, slot, &envelope, opened.as_ref().err(), asked);
        Some(opened)
    }

    fn lay_out(&self, has_hd: bool, body: &[u8]) -> Vec<u8> {
        let (code, extra) = self.block.split_at_checked(1).unwrap_or_default();
        let key = match self.house.suite {
            Suite::Modern => &GCM_KEY[..],
            Suite::Set1997 => &DES_KEY,
        };
        let mut digest = if has_hd { self.house.suite.digest(body) } else { Vec::new() };
        if let Some(last) = digest.last_mut().filter(|_| self.spoiled) {
            *last ^= 1;
        }
        [code, key, &digest, extra].concat()
    }

    fn seal(&self, slot: &Slot, body: &[u8]) -> Vec<u8> {
        let House { suite, certificate, .. } = self.house;
        let (algorithm, key_len) = match suite {
            Suite::Modern => (rsaes_oaep_sha256(b"not looked at").expect("a constant"), 384),
            Suite::Set1997 => (rsa_oaep_set(), K),
        };
        let info = RecipientInfo {
            version: Version::default(),
            recipient: IssuerAndSerial::of(certificate).expect("a constant"),
            key_encryption_algorithm: algorithm,
            encrypted_key: OctetString::new(vec![1; key_len]).expect("a constant"),
        };
        let cipher = ContentCipher::of_envelopes(*suite);
        let envelope = EnvelopedData {
            version: Version::default(),
            recipient_infos: Bounded::new(vec![info]).expect("a constant"),
            encrypted_content_info: encrypt(cipher, slot.content_type(), body),
        };
        envelope.to_der().expect("short enough")
    }
}

/// Gives the same block whatever it is asked to decrypt.
struct Stub {
    block: Vec<u8>,
    asked: AtomicUsize,
}

impl Stub {
    fn answer(&self, ciphertext: &[u8], k: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        assert_eq!(ciphertext.len(), k, "a number of the key's size");
        assert!(!is_zero(ciphertext));
        if self.block.is_empty() {
            return Err(KeyError::Operation);
        }
        Ok(Zeroizing::new(self.block.clone()))
    }
}

impl Decryptor for Stub {
    fn decrypt_oaep(
        &self,
        _: &KeyId,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        assert!(label.starts_with(b"set-modern-1:2.23.42.0."));
        self.answer(ciphertext, 384)
    }

    fn decrypt_raw(&self, _: &KeyId, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.answer(ciphertext, K)
    }
}

/// Malformed and WrongContentType depend on what stands in clear, and all else is one error; RSA is
/// asked once if recipient and algorithms are right, whatever else is wrong.
fn check_refusal(
    house: &House,
    slot: &Slot,
    envelope: &[u8],
    error: Option<&OpenError>,
    asked: usize,
) {
    let Ok(envelope) = decode::<EnvelopedData>(envelope, MAX_PKCS7) else {
        assert!(matches!(error, Some(OpenError::Malformed(_))), "{error:?}");
        return assert_eq!(asked, 0);
    };
    let content = &envelope.encrypted_content_info;
    if content.content_type != slot.content_type() {
        assert!(matches!(error, Some(OpenError::WrongContentType { .. })), "{error:?}");
        return assert_eq!(asked, 0);
    }
    assert!(error.is_none_or(|error| *error == OpenError::Undecryptable), "{error:?}");
    let info = &envelope.recipient_infos.as_slice()[0];
    let algorithms = match house.suite {
        Suite::Modern => {
            is_rsaes_oaep_sha256(&info.key_encryption_algorithm)
                && gcm_nonce(&content.algorithm).is_some()
        }
        Suite::Set1997 => {
            is_rsa_oaep_set(&info.key_encryption_algorithm)
                && cbc_64_iv(oids::DES_CBC, &content.algorithm).is_some()
        }
    };
    let for_us = info.recipient.names(&house.certificate);
    assert_eq!(asked, usize::from(algorithms && for_us));
}

/// A block of `set-1997` out of BC and ADB; nothing stays nothing.
fn masked(block: &[u8]) -> Option<Vec<u8>> {
    let Some((code, adb)) = block.split_first() else { return Some(Vec::new()) };
    Some(set_oaep::encode(&CounterOctet, K, *code, adb, &[0x5a; 16], 1)?.to_vec())
}

fn is_zero(octets: &[u8]) -> bool {
    octets.iter().all(|octet| *octet == 0)
}

/// Octets of the RSA key of `set-1997`.
const K: usize = 128;
