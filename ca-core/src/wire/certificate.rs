//! A parsed X.509 certificate that keeps the octets it came in.

use core::fmt;
use core::ops::Range;

use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;
use der::{Decode, Header, Reader, SliceReader, Tag, TagNumber};
use x509_cert::certificate::{CertificateInner, Raw, TbsCertificateInner};
use x509_cert::ext::Extension;

use super::bounds::{MAX_CERTIFICATE, MAX_SERIAL};
use super::signed::SignedOctets;
use super::{DecodeError, draft, early};
use crate::{Suite, UnixTime, hex};

/// An X.509 certificate with its received octets: what is hashed and verified is never re-encoded.
///
/// Serial numbers of up to 64 octets are read (spec `set-certificates.md` §2); everything else that
/// a profile forbids is the business of `path` and `issue`.
#[derive(Clone, Eq, PartialEq)]
pub struct Cert {
    octets: SignedOctets,
    inner: CertificateInner<Raw>,
    /// In tbs, as received; so the two below.
    subject: Range<usize>,
    issuer: Range<usize>,
    spki: Range<usize>,
    draft: bool,
}

impl Cert {
    /// Parses one DER certificate, at most [`MAX_CERTIFICATE`] octets. A validity that begins
    /// before 1970 is read as if it began then.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not exactly one certificate.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        if octets.len() > MAX_CERTIFICATE {
            return Err(DecodeError {
                kind: super::DecodeErrorKind::TooLong,
                offset: MAX_CERTIFICATE,
            });
        }
        let exact = Self::read(octets, octets, false);
        if exact.is_ok() {
            return exact;
        }
        match early::with_times_from_1970(octets) {
            Some(copy) => Self::read(octets, &copy, false),
            None => exact,
        }
    }

    /// The same, of the 1996 draft too: its extensions are read under the numbers that SET 1.0 gave
    /// them (spec `set-certificates.md` §8.4). [`Cert::is_draft`] tells.
    ///
    /// # Errors
    /// As [`Cert::from_der`].
    pub fn from_der_lenient(octets: &[u8]) -> Result<Self, DecodeError> {
        let strict = Self::from_der(octets);
        if strict.is_ok() || octets.len() > MAX_CERTIFICATE {
            return strict;
        }
        match draft::with_final_numbers(octets) {
            Some(copy) => Self::read(octets, &copy, true),
            None => strict,
        }
    }

    /// `decoded` is `octets`, but for the numbers of a draft's extensions or dates before 1970.
    fn read(octets: &[u8], decoded: &[u8], draft: bool) -> Result<Self, DecodeError> {
        let at = |e: der::Error| DecodeError::from_der_error(&e);
        let inner = CertificateInner::<Raw>::from_der(decoded).map_err(at)?;
        let octets = SignedOctets::of(octets)?;
        let tbs = inner.tbs_certificate();
        if tbs.serial_number().as_bytes().len() > usize::from(MAX_SERIAL) {
            return Err(DecodeError::malformed_at(octets.tbs_range().start));
        }
        let [issuer, subject, spki] = named_fields(octets.tbs()).map_err(at)?;
        Ok(Self { octets, inner, subject, issuer, spki, draft })
    }

    /// True of a certificate of the 1996 draft, which [`Cert::from_der_lenient`] alone reads.
    #[must_use]
    pub const fn is_draft(&self) -> bool {
        self.draft
    }

    /// The whole certificate as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.octets.der()
    }

    /// The unsigned certificate as received: what the signature and the thumbprint cover.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        self.octets.tbs()
    }

    /// The decoded unsigned certificate.
    #[must_use]
    pub fn tbs(&self) -> &TbsCertificateInner<Raw> {
        self.inner.tbs_certificate()
    }

    /// The decoded certificate.
    #[must_use]
    pub fn inner(&self) -> &CertificateInner<Raw> {
        &self.inner
    }

    /// Signature octets.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.inner.signature().raw_bytes()
    }

    /// DER of the subject name.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        self.octets.tbs().get(self.subject.clone()).unwrap_or_default()
    }

    /// DER of the issuer name.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        self.octets.tbs().get(self.issuer.clone()).unwrap_or_default()
    }

    /// DER of the SubjectPublicKeyInfo, tag and length included.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        self.octets.tbs().get(self.spki.clone()).unwrap_or_default()
    }

    /// Content octets of the serial number, as received (big-endian two's complement).
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.inner.tbs_certificate().serial_number().as_bytes()
    }

    /// notBefore.
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        UnixTime::from(&self.tbs().validity().not_before)
    }

    /// notAfter.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        UnixTime::from(&self.tbs().validity().not_after)
    }

    /// All extensions in order, empty if there are none.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        self.tbs().extensions().map_or(&[], Vec::as_slice)
    }

    /// The first extension with this OID.
    #[must_use]
    pub fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension> {
        self.extensions().iter().find(|e| e.extn_id == oid)
    }

    /// Thumbprint: the suite's digest of the unsigned certificate (spec `set-certificates.md`
    /// §5.2).
    #[must_use]
    pub fn thumbprint(&self, suite: Suite) -> Vec<u8> {
        self.octets.thumbprint(suite)
    }
}

/// Where issuer, subject and subjectPublicKeyInfo stand in tbsCertificate (RFC 5280 §4.1).
fn named_fields(tbs: &[u8]) -> der::Result<[Range<usize>; 3]> {
    let mut reader = SliceReader::new(tbs)?;
    Header::decode(&mut reader)?;
    if Tag::peek(&reader)? == VERSION {
        AnyRef::decode(&mut reader)?;
    }
    // serialNumber, signature
    AnyRef::decode(&mut reader)?;
    AnyRef::decode(&mut reader)?;
    let mut next = || {
        let start = usize::try_from(reader.position())?;
        AnyRef::decode(&mut reader)?;
        Ok::<_, der::Error>(start..usize::try_from(reader.position())?)
    };
    let issuer = next()?;
    let _validity = next()?;
    Ok([issuer, next()?, next()?])
}

/// `[0] EXPLICIT Version`.
const VERSION: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };

impl fmt::Debug for Cert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cert")
            .field("subject", &self.tbs().subject().to_string())
            .field("serial", &hex(self.serial()))
            .finish_non_exhaustive()
    }
}
