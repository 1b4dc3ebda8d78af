//! What an open registration keeps that nobody may read in the store (spec `set-messages.md` §4.8:
//! "encrypted at rest"): the grant, the back key, nonceCCA and the answers to the form.
//!
//! AES-256-GCM under HMAC-SHA-256(account key, [`LABEL`]), with LID-CA as associated data, so that
//! what one registration keeps does not open as another's. Layout: one octet of version, twelve of
//! nonce, ciphertext, tag.

use core::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Error;
use crate::signer::SecureRandom;

/// Seals and opens; made from the account key for each use, and forgotten with it.
pub(super) struct SealingKey(LessSafeKey);

impl SealingKey {
    /// The key that follows from the account key.
    ///
    /// # Errors
    /// [`Error::Policy`] if the cryptographic library refuses a key of this length.
    pub(super) fn new(pan_key: &[u8; 32]) -> Result<Self, Error> {
        let odd = || Error::Policy("the account key has a wrong length".to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(pan_key).map_err(|_| odd())?;
        mac.update(LABEL);
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(mac.finalize().into_bytes().into());
        let key = UnboundKey::new(&AES_256_GCM, &key[..]).map_err(|_| odd())?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals `plaintext` for the registration `lid_ca` under a fresh nonce.
    ///
    /// # Errors
    /// [`Error::Random`]; [`Error::Sealed`] if there is too much of it.
    pub(super) fn seal(
        &self,
        lid_ca: &[u8],
        plaintext: &[u8],
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce)?;
        // Room for the tag, so that no copy of the plaintext is left behind when it grows.
        let room = plaintext.len().saturating_add(AES_256_GCM.tag_len());
        let mut body = Zeroizing::new(Vec::with_capacity(room));
        body.extend_from_slice(plaintext);
        let aad = Aad::from(lid_ca);
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut *body)
            .map_err(|_| Error::Sealed)?;
        Ok([&[VERSION], &nonce[..], &body].concat())
    }

    /// Opens what was sealed for the registration `lid_ca`.
    ///
    /// # Errors
    /// [`Error::Sealed`] for anything else.
    pub(super) fn open(&self, lid_ca: &[u8], octets: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let body = octets.strip_prefix(&[VERSION]).ok_or(Error::Sealed)?;
        let (nonce, body) = body.split_first_chunk::<NONCE_LEN>().ok_or(Error::Sealed)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut body = Zeroizing::new(body.to_vec());
        let opened = self.0.open_in_place(nonce, Aad::from(lid_ca), &mut body);
        let length = opened.map_err(|_| Error::Sealed)?.len();
        body.truncate(length);
        Ok(body)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(redacted)")
    }
}

/// Tells this key from every other use of the account key.
const LABEL: &[u8] = b"setca registration 1";
/// First octet of what is sealed.
const VERSION: u8 = 1;
/// Octets of a nonce of GCM (NIST SP 800-38D §8.2.2: random, 96 bits).
const NONCE_LEN: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::SeededRandom;
    use crate::unhex;

    const SECRET: &[u8] = b"a back key and a nonce";

    fn key(octet: u8) -> SealingKey {
        SealingKey::new(&[octet; 32]).unwrap()
    }

    fn sealed() -> Vec<u8> {
        key(7).seal(b"lid", SECRET, &SeededRandom::new(b"seed", "sealed")).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_its_registration_under_its_key() {
        assert_eq!(key(7).open(b"lid", &sealed()).unwrap().as_slice(), SECRET);
    }

    #[test]
    fn nothing_of_the_plaintext_is_seen() {
        let sealed = sealed();
        assert_eq!(sealed.len(), 1 + 12 + SECRET.len() + 16);
        assert!(!SECRET.windows(4).any(|part| sealed.windows(4).any(|found| found == part)));
    }

    #[test]
    fn the_same_plaintext_is_never_sealed_alike() {
        let random = SeededRandom::new(b"seed", "twice");
        let one = key(7).seal(b"lid", SECRET, &random).unwrap();
        assert_ne!(key(7).seal(b"lid", SECRET, &random).unwrap(), one);
    }

    #[test]
    fn another_registration_does_not_open_it() {
        assert!(matches!(key(7).open(b"lie", &sealed()), Err(Error::Sealed)));
    }

    #[test]
    fn another_account_key_does_not_open_it() {
        assert!(matches!(key(8).open(b"lid", &sealed()), Err(Error::Sealed)));
    }

    #[test]
    fn no_octet_may_change_and_none_be_cut() {
        let sealed = sealed();
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(matches!(key(7).open(b"lid", &flipped), Err(Error::Sealed)), "octet {at}");
            assert!(
                matches!(key(7).open(b"lid", &sealed[..at]), Err(Error::Sealed)),
                "cut at {at}"
            );
        }
    }

    /// Sealed by Python's `cryptography` from the words of the header of this file.
    #[test]
    fn a_foreign_tool_seals_what_opens_here() {
        let foreign = unhex(FOREIGN).unwrap();
        assert_eq!(key(7).open(b"lid", &foreign).unwrap().as_slice(), SECRET);
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", key(7)), "SealingKey(redacted)");
    }

    /// Account key 07…07, LID-CA "lid", nonce 00…0b.
    const FOREIGN: &str = "01000102030405060708090a0b1f4e8715e0296f749268e39ef7dc655f3565366acbee\
                           3379cdef3c3c4717add228efc8f22c1c";
}
