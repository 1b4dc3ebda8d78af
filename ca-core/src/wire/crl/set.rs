//! What SET demands of a CRL (spec `set-certificates.md` §6.2).

use const_oid::ObjectIdentifier;

use super::{Crl, CrlNumber};
use crate::UnixTime;
use crate::wire::{DecodeError, oids};

/// What every CRL of SET has, and RFC 5280 leaves open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SetCrl {
    /// cRLNumber.
    pub number: u64,
    /// nextUpdate.
    pub next_update: UnixTime,
}

/// Why a CRL is none that SET knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SetCrlFault {
    /// An entry names its issuer, or has a critical extension that changes its meaning.
    #[error("has an entry with a critical extension")]
    EntryExtension,
    /// No nextUpdate.
    #[error("has no nextUpdate")]
    NextUpdate,
    /// No cRLNumber, or one above 64 bits.
    #[error("has no cRLNumber of at most 64 bits")]
    Number,
    /// A serial number is listed twice.
    #[error("lists a serial number twice")]
    Repeated,
    /// Not version 2.
    #[error("is not of version 2")]
    Version,
}

impl From<SetCrlFault> for DecodeError {
    fn from(_: SetCrlFault) -> Self {
        Self::malformed_at(0)
    }
}

impl Crl {
    /// Parses a CRL of SET: [`Crl::from_der`], then [`Crl::set_fields`].
    ///
    /// # Errors
    /// [`DecodeError`] if it is not exactly one v2 CRL with cRLNumber and nextUpdate, or lists a
    /// serial number twice, or has entries that SET does not know.
    pub fn from_der_set(octets: &[u8]) -> Result<Self, DecodeError> {
        let crl = Self::from_der(octets)?;
        crl.set_fields()?;
        Ok(crl)
    }

    /// The fields that SET demands, if this is a CRL as SET knows it.
    ///
    /// Whether it may be used is for the caller to ask: [`Crl::unknown_critical_set`].
    ///
    /// # Errors
    /// [`SetCrlFault`] if it is not.
    pub fn set_fields(&self) -> Result<SetCrl, SetCrlFault> {
        if self.version() != 2 {
            return Err(SetCrlFault::Version);
        }
        if self.tbs.entries.name_issuers() || self.tbs.entries.unknown_critical.is_some() {
            return Err(SetCrlFault::EntryExtension);
        }
        if self.repeats_a_serial() {
            return Err(SetCrlFault::Repeated);
        }
        let number = self.number().and_then(CrlNumber::as_u64).ok_or(SetCrlFault::Number)?;
        let next_update = self.next_update().ok_or(SetCrlFault::NextUpdate)?;
        Ok(SetCrl { number, next_update })
    }

    /// A critical extension that is none of SET's: such a CRL is as good as missing (decisions.md
    /// 33). Shards and deltas are not complete CRLs and show here too.
    #[must_use]
    pub fn unknown_critical_set(&self) -> Option<ObjectIdentifier> {
        super::unknown_critical(self.extensions())
    }
}

/// Critical extensions that lists of SET may have.
pub(super) const KNOWN: [ObjectIdentifier; 2] = [oids::CRL_NUMBER, oids::AUTHORITY_KEY_IDENTIFIER];
