//! Which ciphers a suite has, and where.

use const_oid::ObjectIdentifier;
use spki::AlgorithmIdentifierOwned;

use super::SealError;
use crate::Suite;
use crate::signer::{SecureRandom, draw};
use crate::wire::extensions::Tunneling;
use crate::wire::pkcs7::{aes_256_gcm, cbc_64};
use crate::wire::{BackKeyData, oids};

/// A content encryption algorithm (spec `set-crypto.md` §3, §8.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ContentCipher {
    /// AES-256-GCM, 12-octet nonce, 16-octet tag: all that suite `modern` has.
    Aes256Gcm,
    /// DES-CBC under a key of 40 bits' strength; `set-1997`, and there for back keys alone.
    Cdmf,
    /// DES-CBC: every envelope of `set-1997`.
    DesCbc,
}

impl ContentCipher {
    /// The only cipher of envelopes (E…EncX) in the suite.
    #[must_use]
    pub const fn of_envelopes(suite: Suite) -> Self {
        match suite {
            Suite::Modern => Self::Aes256Gcm,
            Suite::Set1997 => Self::DesCbc,
        }
    }

    /// What a back key of the suite may be for, the best first. CDMF must have been offered (spec
    /// `set-crypto.md` §3).
    #[must_use]
    pub const fn of_back_keys(suite: Suite) -> &'static [Self] {
        match suite {
            Suite::Modern => &[Self::Aes256Gcm],
            Suite::Set1997 => &[Self::DesCbc, Self::Cdmf],
        }
    }

    /// The best cipher of the suite in an offer; extension absent or FALSE is none (spec
    /// `set-messages.md` §4.3 step 6).
    #[must_use]
    pub fn best_of(suite: Suite, offer: Option<&Tunneling>) -> Option<Self> {
        let offer = offer.filter(|offer| offer.tunneling)?;
        let mut known = Self::of_back_keys(suite).iter().copied();
        known.find(|cipher| offer.algorithms.contains(&cipher.oid()))
    }

    /// The cipher a back key is for, if the suite has it and the key is as long as it needs. The
    /// parameters beside the algorithm are not looked at (spec `set-crypto.md` §3).
    #[must_use]
    pub fn of_back_key(suite: Suite, data: &BackKeyData) -> Option<Self> {
        let mut known = Self::of_back_keys(suite).iter().copied();
        known.find(|cipher| {
            cipher.oid() == data.back_alg_id.oid
                && cipher.key_len() == data.back_key.as_bytes().len()
        })
    }

    /// Its AlgorithmIdentifier with a fresh nonce or IV, the next 12 or 8 octets of `random`.
    ///
    /// # Errors
    /// [`SealError::Random`] if the source failed.
    pub fn identifier(
        self,
        random: &dyn SecureRandom,
    ) -> Result<AlgorithmIdentifierOwned, SealError> {
        match self {
            Self::Aes256Gcm => Ok(aes_256_gcm(&draw(random)?)?),
            Self::Cdmf | Self::DesCbc => Ok(cbc_64(self.oid(), &draw(random)?)?),
        }
    }

    /// Its object identifier.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Aes256Gcm => oids::AES_256_GCM,
            Self::Cdmf => oids::CDMF,
            Self::DesCbc => oids::DES_CBC,
        }
    }

    /// Octets of its key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes256Gcm => 32,
            Self::Cdmf | Self::DesCbc => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(suite: Suite, algorithms: &[ObjectIdentifier]) -> Option<ContentCipher> {
        let offer = Tunneling { tunneling: true, algorithms: algorithms.to_vec() };
        ContentCipher::best_of(suite, Some(&offer))
    }

    #[test]
    fn des_is_taken_before_cdmf_whatever_the_order_of_the_offer() {
        for offer in [[oids::DES_CBC, oids::CDMF], [oids::CDMF, oids::DES_CBC]] {
            assert_eq!(best(Suite::Set1997, &offer), Some(ContentCipher::DesCbc));
        }
        assert_eq!(best(Suite::Set1997, &[oids::CDMF]), Some(ContentCipher::Cdmf));
    }

    #[test]
    fn no_suite_takes_the_cipher_of_the_other() {
        assert_eq!(best(Suite::Modern, &[oids::DES_CBC, oids::CDMF]), None);
        assert_eq!(best(Suite::Set1997, &[oids::AES_256_GCM]), None);
    }

    #[test]
    fn an_offer_that_is_absent_or_switched_off_is_none() {
        let off = Tunneling { tunneling: false, algorithms: vec![oids::AES_256_GCM] };
        assert_eq!(ContentCipher::best_of(Suite::Modern, Some(&off)), None);
        assert_eq!(ContentCipher::best_of(Suite::Modern, None), None);
    }
}
