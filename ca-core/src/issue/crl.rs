//! CRLs (RFC 5280 §5, spec `set-certificates.md` §6.2): a head and a tail around encoded entries.

use der::Encode;
use x509_cert::ext::Extension;
use x509_cert::time::Time;

use super::crl_entries::EncodedEntries;
use super::crl_kind::{CrlKind, check_kind, extensions};
use super::list::PreparedList;
use super::signed::{SEQUENCE, push_header};
use crate::profile::KeyUsageBits;
use crate::signer::SignatureAlgorithm;
use crate::wire::extensions::{
    AuthorityKeyIdentifier, ExtensionValue, KeyUsage, PrivateKeyUsagePeriod, extension,
};
use crate::wire::{Cert, oids};
use crate::{Octets, Part, Suite, UnixTime};

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
    let value = AuthorityKeyIdentifier::naming(issuer, suite).to_value()?;
    extension(oids::AUTHORITY_KEY_IDENTIFIER, false, value)
}

/// tbsCertList: head and tail around the parts of the entries, which are not copied.
fn tbs(order: &CrlOrder<'_>) -> der::Result<Octets> {
    let mut fields = VERSION_2.to_der()?;
    order.algorithm.identifier()?.encode_to_vec(&mut fields)?;
    fields.extend_from_slice(order.issuer.subject_der());
    order.this_update.to_x509()?.encode_to_vec(&mut fields)?;
    order.next_update.to_x509()?.encode_to_vec(&mut fields)?;
    let entries = &order.entries;
    if entries.count > 0 {
        push_header(&mut fields, SEQUENCE, entries.len);
    }
    let tail = crl_extensions(order)?;
    let length = fields.len().saturating_add(entries.len).saturating_add(tail.len());
    let mut head = Vec::new();
    push_header(&mut head, SEQUENCE, length);
    head.extend_from_slice(&fields);
    let parts = entries.parts.iter().cloned();
    Ok([Part::from(head)].into_iter().chain(parts).chain([Part::from(tail)]).collect())
}

/// `[0] EXPLICIT Extensions`.
fn crl_extensions(order: &CrlOrder<'_>) -> der::Result<Vec<u8>> {
    let extensions = extensions(order)?.to_der()?;
    let mut tagged = Vec::new();
    push_header(&mut tagged, EXPLICIT_0, extensions.len());
    tagged.extend_from_slice(&extensions);
    Ok(tagged)
}

const EXPLICIT_0: u8 = 0xa0;
/// v2.
const VERSION_2: u8 = 1;
