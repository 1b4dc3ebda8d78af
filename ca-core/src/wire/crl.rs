//! A parsed certificate revocation list that keeps the octets it came in.

use core::fmt;

use const_oid::ObjectIdentifier;
use der::asn1::BitString;
use der::{Decode, Encode, ErrorKind, Header, Reader, SliceReader, Tag, TagNumber};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::CrlReason;
use x509_cert::name::Name;
use x509_cert::time::Time;

use super::bounds::{MAX_CRL, MAX_SERIAL};
use super::extensions::{AuthorityKeyIdentifier, ExtensionValue};
use super::signed::SignedOctets;
use super::{DecodeError, DecodeErrorKind, oids};
use crate::{Suite, UnixTime};

/// An X.509 v2 CRL (RFC 5280 §5, spec `set-certificates.md` §6.2) with its received octets.
///
/// cRLNumber and nextUpdate must be there, as SET demands. An entry with a critical extension other
/// than reasonCode or invalidityDate is refused: indirect CRLs are not for us. Whether the CRL as a
/// whole may be used is for the caller to ask: [`Crl::unknown_critical`].
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
    /// [`DecodeError`] if it is not exactly one v2 CRL with cRLNumber and nextUpdate, or lists a
    /// serial number twice.
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
        tbs.sort(octets)?;
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

    /// cRLNumber.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.tbs.number
    }

    /// thisUpdate.
    #[must_use]
    pub const fn this_update(&self) -> UnixTime {
        self.tbs.this_update
    }

    /// nextUpdate.
    #[must_use]
    pub const fn next_update(&self) -> UnixTime {
        self.tbs.next_update
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

    /// A critical extension this build does not know: such a CRL is as good as missing
    /// (decisions.md 33). Shards and deltas are not complete CRLs and show here too.
    #[must_use]
    pub fn unknown_critical(&self) -> Option<ObjectIdentifier> {
        unknown_critical(self.extensions())
    }

    /// Number of revoked certificates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tbs.entries.len()
    }

    /// True if nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tbs.entries.is_empty()
    }

    /// The entry of a serial number (content octets), `None` if it is not listed.
    #[must_use]
    pub fn revoked(&self, serial: &[u8]) -> Option<RevokedInfo> {
        let entries = &self.tbs.entries;
        let found = entries.binary_search_by(|entry| entry.serial(self.der()).cmp(serial)).ok()?;
        entries.get(found).map(|entry| entry.info)
    }

    /// Every entry, content octets of the serial number first, sorted by those octets.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], RevokedInfo)> {
        self.tbs.entries.iter().map(|entry| (entry.serial(self.der()), entry.info))
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
    algorithm: AlgorithmIdentifierOwned,
    issuer: Vec<u8>,
    this_update: UnixTime,
    next_update: UnixTime,
    entries: Vec<Entry>,
    extensions: Vec<Extension>,
    number: u64,
}

impl Tbs {
    /// The content of tbsCertList (RFC 5280 §5.1).
    fn read<'a, R: Reader<'a>>(r: &mut R) -> der::Result<Self> {
        if u8::decode(r)? != VERSION_2 {
            return Err(r.error(Tag::Integer.value_error()));
        }
        let algorithm = AlgorithmIdentifierOwned::decode(r)?;
        let issuer = Name::decode(r)?.to_der()?;
        let this_update = UnixTime::from(&Time::decode(r)?);
        let next_update = UnixTime::from(&Time::decode(r)?);
        let entries = if Tag::peek(r)? == Tag::Sequence { entries(r)? } else { Vec::new() };
        let extensions = r
            .context_specific::<Vec<Extension>>(TagNumber(0), der::TagMode::Explicit)?
            .ok_or_else(|| der::Error::from(ErrorKind::Failed))?;
        let number = number(&extensions)?;
        Ok(Self { algorithm, issuer, this_update, next_update, entries, extensions, number })
    }

    /// Sorts the entries for look-up; a serial number listed twice is refused.
    fn sort(&mut self, der: &[u8]) -> Result<(), DecodeError> {
        self.entries.sort_unstable_by(|a, b| a.serial(der).cmp(b.serial(der)));
        let mut neighbours = self.entries.iter().zip(self.entries.iter().skip(1));
        match neighbours.find(|(a, b)| a.serial(der) == b.serial(der)) {
            Some((_, twice)) => Err(DecodeError::malformed_at(twice.start as usize)),
            None => Ok(()),
        }
    }
}

/// An entry: where its serial number stands in the CRL, and what it says. 24 octets, because a CRL
/// may have a million of them.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Entry {
    start: u32,
    length: u8,
    info: RevokedInfo,
}

impl Entry {
    fn serial<'a>(&self, der: &'a [u8]) -> &'a [u8] {
        let start = self.start as usize;
        der.get(start..start.saturating_add(usize::from(self.length))).unwrap_or_default()
    }

    /// The content of one entry of revokedCertificates.
    fn read<'a, R: Reader<'a>>(r: &mut R) -> der::Result<Self> {
        let header = Header::decode(r)?;
        header.tag().assert_eq(Tag::Integer)?;
        let start = u32::try_from(usize::try_from(r.position())?)
            .map_err(|_| der::Error::from(ErrorKind::Overlength))?;
        let serial = r.read_slice(header.length())?;
        let length = u8::try_from(serial.len())
            .ok()
            .filter(|length| *length <= MAX_SERIAL && is_minimal(serial))
            .ok_or_else(|| r.error(Tag::Integer.value_error()))?;
        let at = UnixTime::from(&Time::decode(r)?);
        let extensions = Option::<Vec<Extension>>::decode(r)?.unwrap_or_default();
        let reason = reason(&extensions)?;
        Ok(Self { start, length, info: RevokedInfo { at, reason } })
    }
}

fn entries<'a, R: Reader<'a>>(r: &mut R) -> der::Result<Vec<Entry>> {
    r.sequence(|r| {
        let mut entries = Vec::new();
        while !r.is_finished() {
            entries.push(r.sequence(Entry::read)?);
        }
        // §6.2: absent when empty, never an empty SEQUENCE.
        if entries.is_empty() {
            return Err(r.error(Tag::Sequence.length_error()));
        }
        Ok(entries)
    })
}

/// DER INTEGER: no octet more than the value needs (X.690 §8.3.2).
fn is_minimal(integer: &[u8]) -> bool {
    match integer {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        _ => true,
    }
}

/// reasonCode of an entry; refuses critical extensions that change what the entry means.
fn reason(extensions: &[Extension]) -> der::Result<Option<u8>> {
    let mut reason = None;
    for extension in extensions {
        match extension.extn_id {
            oids::CRL_REASON => {
                reason = Some(CrlReason::from_der(extension.extn_value.as_bytes())? as u8);
            }
            oids::INVALIDITY_DATE => {}
            _ if extension.critical => return Err(ErrorKind::Failed.into()),
            _ => {}
        }
    }
    Ok(reason)
}

/// cRLNumber: required, and never above 64 bits in a CRL we can use.
fn number(extensions: &[Extension]) -> der::Result<u64> {
    let found = extensions.iter().find(|extension| extension.extn_id == oids::CRL_NUMBER);
    let found = found.ok_or_else(|| der::Error::from(ErrorKind::Failed))?;
    u64::from_der(found.extn_value.as_bytes())
}

/// The first extension of kind `T` in a list, read.
pub(super) fn find_extension<T: ExtensionValue>(
    extensions: &[Extension],
) -> Result<Option<T>, DecodeError> {
    let found = extensions.iter().find(|extension| extension.extn_id == T::OID);
    found.map(|extension| T::from_value(extension.extn_value.as_bytes())).transpose()
}

/// The first critical extension that is neither cRLNumber nor authorityKeyIdentifier.
pub(super) fn unknown_critical(extensions: &[Extension]) -> Option<ObjectIdentifier> {
    let known = [oids::CRL_NUMBER, oids::AUTHORITY_KEY_IDENTIFIER];
    extensions
        .iter()
        .find(|extension| extension.critical && !known.contains(&extension.extn_id))
        .map(|extension| extension.extn_id)
}

/// v2.
const VERSION_2: u8 = 1;
