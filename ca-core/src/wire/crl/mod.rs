//! A parsed certificate revocation list that keeps the octets it came in.

mod entry;
mod number;
mod set;
mod time;

use core::fmt;

use const_oid::ObjectIdentifier;
use der::asn1::BitString;
use der::{Decode, Encode, ErrorKind, Reader, SliceReader, Tag, TagMode, TagNumber};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::time::Time;

pub use entry::CrlEntry;
pub use number::CrlNumber;
pub use set::{SetCrl, SetCrlFault};

use super::bounds::MAX_CRL;
use super::extensions::{
    AuthorityKeyIdentifier, ExtensionValue, FreshestCrl, IssuingDistributionPoint,
};
use super::signed::SignedOctets;
use super::{DecodeError, DecodeErrorKind, oids};
use crate::{Suite, UnixTime};
use entry::Entries;
use time::Clock;

/// An X.509 CRL (RFC 5280 §5) with its received octets: complete or delta, of one issuer's
/// certificates or indirect.
///
/// What is well-formed is read; whether it may be used is for `path` to say, and whether it is a
/// CRL as SET knows it for [`Crl::from_der_set`].
#[derive(Clone, Eq, PartialEq)]
pub struct Crl {
    octets: SignedOctets,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
    tbs: Tbs,
}

/// When and why a certificate was revoked, as a CRL or an OCSP answer says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RevokedInfo {
    /// revocationDate, revocationTime.
    pub at: UnixTime,
    /// CRLReason (RFC 5280 §5.3.1); none if not given.
    pub reason: Option<u8>,
}

impl Crl {
    /// Parses one DER CRL, at most [`MAX_CRL`] octets.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not exactly one CRL, or an extension of it that says what it covers
    /// cannot be read.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        if octets.len() > MAX_CRL {
            return Err(DecodeError { kind: DecodeErrorKind::TooLong, offset: MAX_CRL });
        }
        let at = |e: der::Error| DecodeError::from_der_error(&e);
        let mut reader = SliceReader::new(octets).map_err(at)?;
        let (mut tbs, algorithm, signature) = reader
            .sequence(|r| {
                let tbs = r.sequence(Tbs::read)?;
                let algorithm = AlgorithmIdentifierOwned::decode(r)?;
                Ok::<_, der::Error>((tbs, algorithm, BitString::decode(r)?))
            })
            .map_err(at)?;
        reader.finish().map_err(at)?;
        tbs.entries.sort(octets);
        let octets = SignedOctets::of(octets)?;
        // RFC 5280 §5.1.1.2: inner and outer algorithm are the same.
        if tbs.algorithm != algorithm {
            return Err(DecodeError::malformed_at(octets.tbs_range().end));
        }
        Ok(Self { octets, algorithm, signature, tbs })
    }

    /// The whole CRL as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.octets.der()
    }

    /// The unsigned CRL as received: what the signature and the thumbprint cover.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        self.octets.tbs()
    }

    /// Algorithm of the signature.
    #[must_use]
    pub const fn signature_algorithm(&self) -> &AlgorithmIdentifierOwned {
        &self.algorithm
    }

    /// Signature octets.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.signature.raw_bytes()
    }

    /// DER of the issuer name.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.tbs.issuer
    }

    /// The version as people count: 1, 2; a higher one is none that anybody knows.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.tbs.version
    }

    /// cRLNumber.
    #[must_use]
    pub const fn number(&self) -> Option<CrlNumber> {
        self.tbs.number
    }

    /// deltaCRLIndicator: the number of the complete CRL that this delta starts from; `None` in a
    /// complete CRL.
    #[must_use]
    pub const fn base_number(&self) -> Option<CrlNumber> {
        self.tbs.base_number
    }

    /// issuingDistributionPoint, `None` if absent.
    #[must_use]
    pub const fn scope(&self) -> Option<&IssuingDistributionPoint> {
        self.tbs.scope.as_ref()
    }

    /// freshestCRL, `None` if absent.
    #[must_use]
    pub const fn freshest(&self) -> Option<&FreshestCrl> {
        self.tbs.freshest.as_ref()
    }

    /// thisUpdate.
    #[must_use]
    pub const fn this_update(&self) -> UnixTime {
        self.tbs.this_update
    }

    /// nextUpdate.
    #[must_use]
    pub const fn next_update(&self) -> Option<UnixTime> {
        self.tbs.next_update
    }

    /// True if a time that UTCTime can express is written as GeneralizedTime (RFC 5280 §5.1.2.4).
    #[must_use]
    pub const fn has_early_generalized_time(&self) -> bool {
        self.tbs.clock.early_generalized
    }

    /// crlExtensions, in order.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.tbs.extensions
    }

    /// authorityKeyIdentifier, `None` if absent.
    ///
    /// # Errors
    /// [`DecodeError`] if it is there and cannot be read.
    pub fn authority_key_identifier(&self) -> Result<Option<AuthorityKeyIdentifier>, DecodeError> {
        find_extension(self.extensions())
    }

    /// A critical extension, of the CRL or of an entry, that this build does not know: the CRL must
    /// not be used (RFC 5280 §5.2, §5.3).
    #[must_use]
    pub fn unknown_critical(&self) -> Option<ObjectIdentifier> {
        let unknown = self.extensions().iter().find(|e| e.critical && !KNOWN.contains(&e.extn_id));
        unknown.map(|extension| extension.extn_id).or(self.tbs.entries.unknown_critical)
    }

    /// Number of revoked certificates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tbs.entries.len()
    }

    /// True if nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if an entry names the issuer of its certificate: such a CRL must be indirect.
    #[must_use]
    pub const fn names_issuers(&self) -> bool {
        self.tbs.entries.name_issuers()
    }

    /// True if one serial number of one issuer is listed more than once.
    #[must_use]
    pub const fn repeats_a_serial(&self) -> bool {
        self.tbs.entries.repeat
    }

    /// The entry of a serial number (content octets) of the CRL's own issuer, `None` if it is not
    /// listed.
    #[must_use]
    pub fn revoked(&self, serial: &[u8]) -> Option<RevokedInfo> {
        let own = |entry: &CrlEntry<'_>| entry.issuer == self.issuer_der();
        self.entries_of(serial).find(own).map(|entry| entry.info)
    }

    /// Every entry of a serial number (content octets): in an indirect CRL several issuers may have
    /// used it.
    pub fn entries_of<'a>(&'a self, serial: &'a [u8]) -> impl Iterator<Item = CrlEntry<'a>> {
        self.tbs.entries.of(serial, self.der(), self.issuer_der())
    }

    /// Every entry, sorted by the content octets of the serial number.
    pub fn entries(&self) -> impl Iterator<Item = CrlEntry<'_>> {
        self.tbs.entries.all(self.der(), self.issuer_der())
    }

    /// Thumbprint: the suite's digest of the unsigned CRL (spec `set-certificates.md` §5.2).
    #[must_use]
    pub fn thumbprint(&self, suite: Suite) -> Vec<u8> {
        self.octets.thumbprint(suite)
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("number", &self.number())
            .field("this_update", &self.this_update())
            .field("entries", &self.len())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Eq, PartialEq)]
struct Tbs {
    version: u8,
    algorithm: AlgorithmIdentifierOwned,
    issuer: Vec<u8>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    clock: Clock,
    entries: Entries,
    extensions: Vec<Extension>,
    number: Option<CrlNumber>,
    base_number: Option<CrlNumber>,
    scope: Option<IssuingDistributionPoint>,
    freshest: Option<FreshestCrl>,
}

impl Tbs {
    /// The content of tbsCertList (RFC 5280 §5.1).
    fn read<'a, R: Reader<'a>>(r: &mut R) -> der::Result<Self> {
        let version = Option::<u8>::decode(r)?;
        // v1 is written by leaving the field out.
        let version = version.map_or(Some(1), |found| found.checked_add(1).filter(|v| *v > 1));
        let version = version.ok_or_else(|| r.error(Tag::Integer.value_error()))?;
        let algorithm = AlgorithmIdentifierOwned::decode(r)?;
        let issuer = Name::decode(r)?.to_der()?;
        let mut clock = Clock::default();
        let this_update = clock.read(&Time::decode(r)?);
        let next_update = Option::<Time>::decode(r)?.map(|time| clock.read(&time));
        let listed = !r.is_finished() && Tag::peek(r)? == Tag::Sequence;
        let entries = if listed { Entries::read(r, &mut clock)? } else { Entries::default() };
        let extensions = r.context_specific::<Vec<Extension>>(TagNumber(0), TagMode::Explicit)?;
        let extensions = distinct(extensions.unwrap_or_default())?;
        let number = number_in(&extensions, oids::CRL_NUMBER)?;
        let base_number = number_in(&extensions, oids::DELTA_CRL_INDICATOR)?;
        let scope = find_extension(&extensions).map_err(|_| ErrorKind::Failed)?;
        let freshest = find_extension(&extensions).map_err(|_| ErrorKind::Failed)?;
        Ok(Self {
            version,
            algorithm,
            issuer,
            this_update,
            next_update,
            clock,
            entries,
            extensions,
            number,
            base_number,
            scope,
            freshest,
        })
    }
}

/// RFC 5280 §4.2: an extension stands at most once.
fn distinct(extensions: Vec<Extension>) -> der::Result<Vec<Extension>> {
    let mut seen: Vec<ObjectIdentifier> = extensions.iter().map(|e| e.extn_id).collect();
    seen.sort_unstable();
    if seen.iter().zip(seen.iter().skip(1)).any(|(a, b)| a == b) {
        return Err(ErrorKind::Failed.into());
    }
    Ok(extensions)
}

fn number_in(extensions: &[Extension], oid: ObjectIdentifier) -> der::Result<Option<CrlNumber>> {
    let found = extensions.iter().find(|extension| extension.extn_id == oid);
    found.map(|extension| CrlNumber::from_der(extension.extn_value.as_bytes())).transpose()
}

/// The first extension of kind `T` in a list, read.
pub(super) fn find_extension<T: ExtensionValue>(
    extensions: &[Extension],
) -> Result<Option<T>, DecodeError> {
    let found = extensions.iter().find(|extension| extension.extn_id == T::OID);
    found.map(|extension| T::from_value(extension.extn_value.as_bytes())).transpose()
}

/// The first critical extension that is none of SET's.
pub(super) fn unknown_critical(extensions: &[Extension]) -> Option<ObjectIdentifier> {
    extensions
        .iter()
        .find(|extension| extension.critical && !set::KNOWN.contains(&extension.extn_id))
        .map(|extension| extension.extn_id)
}

/// Extensions of a CRL that this build applies (RFC 5280 §5.2); issuerAltName restricts nothing.
const KNOWN: [ObjectIdentifier; 6] = [
    oids::AUTHORITY_KEY_IDENTIFIER,
    oids::CRL_NUMBER,
    oids::DELTA_CRL_INDICATOR,
    oids::FRESHEST_CRL,
    oids::ISSUER_ALT_NAME,
    oids::ISSUING_DISTRIBUTION_POINT,
];
