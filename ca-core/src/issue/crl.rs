//! CRLs (RFC 5280 §5, spec `set-certificates.md` §6.2), written as a stream of octets.
//!
//! A list of a million entries is one buffer: no structure per entry is built.

use der::asn1::OctetString;
use der::{Encode, EncodeValue};
use x509_cert::ext::Extension;
use x509_cert::time::Time;

use super::crl_kind::{CrlKind, check_kind, extensions};
use super::signed::{SEQUENCE, Unsigned, header_len, push_header};
use crate::profile::KeyUsageBits;
use crate::signer::{KeyError, KeyId, SignatureAlgorithm, Signer};
use crate::store::{RevocationReason, RevokedEntry};
use crate::wire::extensions::{
    AuthorityKeyIdentifier, ExtensionValue, KeyUsage, PrivateKeyUsagePeriod,
};
use crate::wire::{Cert, oids};
use crate::{Part, Suite, UnixTime};

/// One CRL to be made.
#[derive(Clone, Debug)]
pub struct CrlOrder<'a> {
    /// Certificate of the key that signs the CRL.
    pub issuer: &'a Cert,
    /// Suite of the hierarchy: `set-1997` writes no reason codes.
    pub suite: Suite,
    /// How the key signs.
    pub algorithm: SignatureAlgorithm,
    /// What the CRL covers.
    pub kind: CrlKind<'a>,
    /// cRLNumber: strictly increasing per issuer.
    pub number: u64,
    /// thisUpdate.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: UnixTime,
    /// What is revoked.
    pub entries: EncodedEntries,
}

/// Encoded entries in ascending order of [`SerialNumber`](crate::store::SerialNumber).
#[derive(Clone, Debug, Default)]
pub struct EncodedEntries {
    /// Whole entries each.
    pub parts: Vec<Part>,
    /// How many entries.
    pub count: usize,
    /// How many octets.
    pub len: usize,
}

impl EncodedEntries {
    /// Encodes entries.
    ///
    /// # Errors
    /// [`ListError::Unsorted`], [`ListError::Encode`].
    pub fn of(entries: &[RevokedEntry], suite: Suite) -> Result<Self, ListError> {
        let mut neighbours = entries.iter().zip(entries.iter().skip(1));
        if let Some((_, after)) = neighbours.find(|(a, b)| a.serial >= b.serial) {
            return Err(ListError::Unsorted(after.serial.to_string()));
        }
        let mut octets = Vec::new();
        for entry in entries {
            push_entry(&mut octets, entry, suite).map_err(ListError::Encode)?;
        }
        let (count, len) = (entries.len(), octets.len());
        Ok(Self { parts: vec![Part::from(octets)], count, len })
    }
}

/// Makes the unsigned CRL.
///
/// # Errors
/// [`ListError`]: nothing was signed.
pub fn prepare_crl(order: &CrlOrder<'_>) -> Result<PreparedList, ListError> {
    check_signer(order.issuer)?;
    check_suite(order.suite, order.algorithm)?;
    check_period(order.issuer, order.this_update)?;
    check_dates(order.this_update, order.next_update)?;
    check_utc(order)?;
    check_kind(order)?;
    let tbs = tbs(order).map_err(ListError::Encode)?;
    PreparedList::new(order.issuer, order.algorithm, order.number, tbs)
}

/// A CRL or BCI without a signature; only [`prepare_crl`] and
/// [`prepare_bci`](super::prepare_bci) make one.
#[derive(Debug)]
#[must_use = "a prepared list is not published until it is signed and recorded"]
pub struct PreparedList {
    number: u64,
    unsigned: Unsigned,
}

impl PreparedList {
    pub(super) fn new(
        issuer: &Cert,
        algorithm: SignatureAlgorithm,
        number: u64,
        tbs: Vec<u8>,
    ) -> Result<Self, ListError> {
        let unsigned = Unsigned::by(issuer, algorithm, tbs).ok_or(ListError::Signer)?;
        Ok(Self { number, unsigned })
    }

    /// cRLNumber or sequenceNum.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// DER of the unsigned list.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        &self.unsigned.tbs
    }

    /// Thumbprint the signed list will have (spec `set-certificates.md` §5.2).
    #[must_use]
    pub fn thumbprint(&self, suite: Suite) -> Vec<u8> {
        suite.digest(self.tbs())
    }

    /// Signs with the key of the issuer's certificate; the result is the DER list. The signature is
    /// verified before it is handed out.
    ///
    /// # Errors
    /// [`KeyError`] if `key` is another one, or signing fails or makes a wrong signature.
    pub fn sign(self, key: &KeyId, signer: &dyn Signer) -> Result<Vec<u8>, KeyError> {
        self.unsigned.sign(key, signer)
    }
}

/// A list that cannot be made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// The list published before is not one that we made.
    #[error("entries of the list published before cannot be read")]
    Damaged,
    /// The end is not after the beginning.
    #[error("list would end at {until}, not after it begins at {from}")]
    Dates {
        /// thisUpdate or notBefore.
        from: UnixTime,
        /// nextUpdate or notAfter.
        until: UnixTime,
    },
    /// A value cannot be encoded.
    #[error("list cannot be encoded")]
    Encode(#[source] der::Error),
    /// The signature algorithm belongs to the other suite (spec `set-crypto.md` §8.3).
    #[error("{} does not belong to suite {suite}", algorithm.name())]
    Algorithm {
        /// How the list would be signed.
        algorithm: SignatureAlgorithm,
        /// Suite of the hierarchy.
        suite: Suite,
    },
    /// A time that UTCTime cannot say: `set-1997` knows no other (spec `set-certificates.md`
    /// §6.2, §10.1).
    #[error("{0} is beyond UTCTime, the only time of suite set-1997")]
    BeyondUtc(UnixTime),
    /// A list of suite `set-1997` that is not complete or has deltas.
    #[error("suite set-1997 knows complete CRLs alone")]
    Partial,
    /// The key must not sign at that time any more, or not yet.
    #[error("{0} is outside the private key usage period of the issuer: give it a new key")]
    Period(UnixTime),
    /// The certificate's key must not sign lists (RFC 5280 §4.2.1.3: cRLSign).
    #[error("the issuer's certificate has no cRLSign, or its key cannot be read")]
    Signer,
    /// Entries are not in ascending order, or one stands there twice.
    #[error("serial number {0} is out of order or listed twice")]
    Unsorted(String),
}

/// §6.2, §6.3: lists are signed with a key whose certificate has cRLSign.
pub(super) fn check_signer(issuer: &Cert) -> Result<(), ListError> {
    match KeyUsage::find(issuer) {
        Ok(Some(usage)) if usage.0.contains(KeyUsageBits::CRL_SIGN) => Ok(()),
        _ => Err(ListError::Signer),
    }
}

/// Suites never mix: SHA-1 is the mark of `set-1997` (spec `set-certificates.md` §10.2).
pub(super) fn check_suite(suite: Suite, algorithm: SignatureAlgorithm) -> Result<(), ListError> {
    if algorithm.suite() == suite { Ok(()) } else { Err(ListError::Algorithm { algorithm, suite }) }
}

fn check_utc(order: &CrlOrder<'_>) -> Result<(), ListError> {
    let last = order.next_update;
    let utc = last.to_x509().is_ok_and(|time| matches!(time, Time::UtcTime(_)));
    if utc || order.suite == Suite::Modern { Ok(()) } else { Err(ListError::BeyondUtc(last)) }
}

/// §1.4: a CA key signs within its usage period only.
pub(super) fn check_period(issuer: &Cert, at: UnixTime) -> Result<(), ListError> {
    match PrivateKeyUsagePeriod::find(issuer) {
        Ok(Some(period)) if period.contains(at) => Ok(()),
        _ => Err(ListError::Period(at)),
    }
}

pub(super) fn check_dates(from: UnixTime, until: UnixTime) -> Result<(), ListError> {
    if until > from { Ok(()) } else { Err(ListError::Dates { from, until }) }
}

/// The authorityKeyIdentifier of a list: names the certificate that verifies it.
pub(super) fn authority(issuer: &Cert, suite: Suite) -> der::Result<Extension> {
    Ok(Extension {
        extn_id: oids::AUTHORITY_KEY_IDENTIFIER,
        critical: false,
        extn_value: OctetString::new(AuthorityKeyIdentifier::naming(issuer, suite).to_value()?)?,
    })
}

/// tbsCertList. Every length is known before the first octet is written.
fn tbs(order: &CrlOrder<'_>) -> der::Result<Vec<u8>> {
    let mut head = VERSION_2.to_der()?;
    order.algorithm.identifier()?.encode_to_vec(&mut head)?;
    head.extend_from_slice(order.issuer.subject_der());
    order.this_update.to_x509()?.encode_to_vec(&mut head)?;
    order.next_update.to_x509()?.encode_to_vec(&mut head)?;
    let tail = crl_extensions(order)?;
    let list = order.entries.len;
    let list_framed = if list == 0 { 0 } else { header_len(list).saturating_add(list) };
    let length = head.len().saturating_add(list_framed).saturating_add(tail.len());
    // Room for the outer header, the algorithm and the signature: signing then copies nothing.
    let mut tbs = Vec::with_capacity(length.saturating_add(SIGNATURE_ROOM));
    push_header(&mut tbs, SEQUENCE, length);
    tbs.extend_from_slice(&head);
    if list > 0 {
        push_header(&mut tbs, SEQUENCE, list);
        for part in &order.entries.parts {
            tbs.extend_from_slice(part.octets());
        }
    }
    tbs.extend_from_slice(&tail);
    Ok(tbs)
}

/// `[0] EXPLICIT Extensions`.
fn crl_extensions(order: &CrlOrder<'_>) -> der::Result<Vec<u8>> {
    let extensions = extensions(order)?.to_der()?;
    let mut tagged = Vec::new();
    push_header(&mut tagged, EXPLICIT_0, extensions.len());
    tagged.extend_from_slice(&extensions);
    Ok(tagged)
}

/// Octets of one entry's content, always below 128: 22 + 17 + 2 + 12 + 26.
fn entry_len(entry: &RevokedEntry, suite: Suite) -> der::Result<usize> {
    let serial = entry.serial.as_octets().len();
    let time = usize::try_from(entry.revocation.at.to_x509()?.value_len()?)?;
    let extensions = extensions_len(entry, suite);
    let framed = if extensions == 0 { 0 } else { extensions.saturating_add(2) };
    Ok(4_usize.saturating_add(serial).saturating_add(time).saturating_add(framed))
}

fn push_entry(tbs: &mut Vec<u8>, entry: &RevokedEntry, suite: Suite) -> der::Result<()> {
    push_header(tbs, SEQUENCE, entry_len(entry, suite)?);
    let serial = entry.serial.as_octets();
    push_header(tbs, INTEGER, serial.len());
    tbs.extend_from_slice(serial);
    entry.revocation.at.to_x509()?.encode_to_vec(tbs)?;
    let extensions = extensions_len(entry, suite);
    if extensions > 0 {
        push_header(tbs, SEQUENCE, extensions);
    }
    if let Some(code) = reason_code(entry, suite) {
        tbs.extend_from_slice(&REASON_PREFIX);
        tbs.push(code);
    }
    if let Some(since) = invalidity_date(entry, suite) {
        tbs.extend_from_slice(&INVALIDITY_PREFIX);
        since.to_generalized()?.encode_to_vec(tbs)?;
    }
    Ok(())
}

/// Octets of one entry's extensions, 0 if it has none.
fn extensions_len(entry: &RevokedEntry, suite: Suite) -> usize {
    let reason = reason_code(entry, suite).map_or(0, |_| REASON_PREFIX.len().saturating_add(1));
    let since = invalidity_date(entry, suite)
        .map_or(0, |_| INVALIDITY_PREFIX.len().saturating_add(GENERALIZED_TIME));
    reason.saturating_add(since)
}

/// reasonCode: left out when unspecified (RFC 5280 §5.3.1), and in `set-1997` (§9 row 19).
fn reason_code(entry: &RevokedEntry, suite: Suite) -> Option<u8> {
    match (suite, entry.revocation.reason) {
        (Suite::Set1997, _) | (_, RevocationReason::Unspecified) => None,
        (Suite::Modern, reason) => Some(reason.code()),
    }
}

/// invalidityDate (RFC 5280 §5.3.2); never in `set-1997`, as [`reason_code`].
fn invalidity_date(entry: &RevokedEntry, suite: Suite) -> Option<UnixTime> {
    entry.revocation.invalid_since.filter(|_| suite == Suite::Modern)
}

/// reasonCode, up to the ENUMERATED's one octet: SEQUENCE { 2.5.29.21, OCTET STRING { ENUMERATED.
const REASON_PREFIX: [u8; 11] = [0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01];
/// invalidityDate, not critical, up to the GeneralizedTime: SEQUENCE { 2.5.29.24, OCTET STRING.
const INVALIDITY_PREFIX: [u8; 9] = [0x30, 0x18, 0x06, 0x03, 0x55, 0x1d, 0x18, 0x04, 0x11];
/// Octets of a DER GeneralizedTime of a whole second.
const GENERALIZED_TIME: usize = 17;
const INTEGER: u8 = 0x02;
const EXPLICIT_0: u8 = 0xa0;
/// v2.
const VERSION_2: u8 = 1;
/// An RSA-8192 signature with its algorithm and both headers fits.
const SIGNATURE_ROOM: usize = 2048;
