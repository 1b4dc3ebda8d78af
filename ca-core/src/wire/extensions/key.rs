//! Extensions about the subject's key: keyUsage, its period, its identifier, basicConstraints.

use const_oid::ObjectIdentifier;
use der::asn1::{Null, OctetString};
use der::{DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Sequence, Tag, Writer};
use x509_cert::ext::pkix::PrivateKeyUsagePeriod as PeriodSyntax;

use super::certificate_type::NamedBits;
use super::{ExtensionValue, OUT_OF_BOUNDS, der_extension, strict, unencodable};
use crate::UnixTime;
use crate::profile::KeyUsageBits;
use crate::signer::KeyId;
use crate::wire::{DecodeError, oids};

/// keyUsage (RFC 5280 §4.2.1.3, spec `set-certificates.md` §3.3): at least one bit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyUsage(pub KeyUsageBits);

impl FixedTag for KeyUsage {
    const TAG: Tag = Tag::BitString;
}

impl<'a> DecodeValue<'a> for KeyUsage {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        match NamedBits::decode_value(reader, header)?.0 {
            0 => Err(unencodable(Tag::BitString)),
            bits => Ok(Self(KeyUsageBits(bits))),
        }
    }
}

impl EncodeValue for KeyUsage {
    fn value_len(&self) -> der::Result<Length> {
        NamedBits(self.0.0).value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        NamedBits(self.0.0).encode_value(writer)
    }
}

der_extension!(KeyUsage, oids::KEY_USAGE);

/// privateKeyUsagePeriod (spec `set-certificates.md` §3.4): when the private key may be used.
///
/// ```text
/// PrivateKeyUsagePeriod ::= SEQUENCE {
///     notBefore [0] GeneralizedTime OPTIONAL,
///     notAfter  [1] GeneralizedTime OPTIONAL }  -- at least one
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PrivateKeyUsagePeriod {
    /// First second; we always write it.
    pub not_before: Option<UnixTime>,
    /// Last second; we always write it.
    pub not_after: Option<UnixTime>,
}

impl PrivateKeyUsagePeriod {
    /// True if the key may be used at `time`; an absent end is open.
    #[must_use]
    pub fn contains(&self, time: UnixTime) -> bool {
        self.not_before.is_none_or(|first| first <= time)
            && self.not_after.is_none_or(|last| time <= last)
    }
}

impl ExtensionValue for PrivateKeyUsagePeriod {
    const OID: ObjectIdentifier = oids::PRIVATE_KEY_USAGE_PERIOD;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        if self.not_before.is_none() && self.not_after.is_none() {
            return Err(unencodable(Tag::Sequence));
        }
        der::Encode::to_der(&PeriodSyntax {
            not_before: self.not_before.map(UnixTime::to_generalized).transpose()?,
            not_after: self.not_after.map(UnixTime::to_generalized).transpose()?,
        })
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let period: PeriodSyntax = strict(octets)?;
        if period.not_before.is_none() && period.not_after.is_none() {
            return Err(OUT_OF_BOUNDS);
        }
        Ok(Self {
            not_before: period.not_before.as_ref().map(UnixTime::from),
            not_after: period.not_after.as_ref().map(UnixTime::from),
        })
    }
}

/// subjectKeyIdentifier (RFC 5280 §4.2.1.2; ours by RFC 7093 §2 method 1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubjectKeyIdentifier(pub Vec<u8>);

impl From<KeyId> for SubjectKeyIdentifier {
    fn from(id: KeyId) -> Self {
        Self(id.0.to_vec())
    }
}

impl ExtensionValue for SubjectKeyIdentifier {
    const OID: ObjectIdentifier = oids::SUBJECT_KEY_IDENTIFIER;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        der::Encode::to_der(&OctetString::new(self.0.as_slice())?)
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self(strict::<OctetString>(octets)?.into_bytes().into()))
    }
}

/// basicConstraints (RFC 5280 §4.2.1.9, spec `set-certificates.md` §3.6).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Sequence)]
pub struct BasicConstraints {
    /// cA.
    #[asn1(default = "no")]
    pub ca: bool,
    /// pathLenConstraint.
    pub path_len: Option<u32>,
}

der_extension!(BasicConstraints, oids::BASIC_CONSTRAINTS);

/// extKeyUsage (RFC 5280 §4.2.1.12): at least one purpose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExtendedKeyUsage(pub Vec<ObjectIdentifier>);

impl ExtendedKeyUsage {
    /// id-kp-OCSPSigning and nothing else: our responders (spec `set-certificates.md` §10.5).
    #[must_use]
    pub fn ocsp_signing() -> Self {
        Self(vec![oids::KP_OCSP_SIGNING])
    }

    /// True if the key may be used for `purpose`.
    #[must_use]
    pub fn contains(&self, purpose: ObjectIdentifier) -> bool {
        self.0.contains(&purpose)
    }
}

impl ExtensionValue for ExtendedKeyUsage {
    const OID: ObjectIdentifier = oids::EXT_KEY_USAGE;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        der::Encode::to_der(&self.0)
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let purposes: Vec<ObjectIdentifier> = strict(octets)?;
        if purposes.is_empty() {
            return Err(OUT_OF_BOUNDS);
        }
        Ok(Self(purposes))
    }
}

/// id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1): the responder's own status is not asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OcspNoCheck;

impl ExtensionValue for OcspNoCheck {
    const OID: ObjectIdentifier = oids::OCSP_NOCHECK;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        der::Encode::to_der(&Null)
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        strict::<Null>(octets).map(|Null| Self)
    }
}

/// cA DEFAULT FALSE.
fn no() -> bool {
    false
}
