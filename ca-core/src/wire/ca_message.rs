//! Messages between CAs: CRLNotification, CRLNotificationRes, BCIDistribution (spec
//! `set-certificates.md` §6.4).
//!
//! They have no place in Message and so no MessageWrapper: each is a ContentInfo with an `S` of the
//! SET dialect in it (spec `set-crypto.md` §1.2 `[P]`).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | CRLNotificationTBS, CRLNotificationResTBS | date, crlThumbprint | universal | R |
//! | BCIDistributionTBS | bci | `[0]` IMPLICIT | R |
//! | ContentInfo | content | `[0]` EXPLICIT | P |

use const_oid::ObjectIdentifier;
use der::{Encode, Sequence};

use super::bounds::MAX_CA_MESSAGE;
use super::raw::{BrandCrlIdentifierOctets, SignedDataOctets};
use super::{CertThumb, Date, DecodeError, decode, oids};

/// A CA tells its brand CA that it has a new CRL; the CRL travels in the SignedData.
///
/// ```text
/// CRLNotificationTBS ::= SEQUENCE {
///     date           Date,
///     crlThumbprint  CertThumb }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CrlNotificationTbs {
    /// When it was sent.
    pub date: Date,
    /// Thumbprint of the CRL.
    pub crl_thumbprint: CertThumb,
}

/// The brand CA acknowledges a CRLNotification.
///
/// ```text
/// CRLNotificationResTBS ::= SEQUENCE {
///     date           Date,
///     crlThumbprint  CertThumb }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CrlNotificationResTbs {
    /// Copied.
    pub date: Date,
    /// Copied.
    pub crl_thumbprint: CertThumb,
}

/// The brand CA hands out its BCI; the CRLs it names travel in the SignedData.
///
/// ```text
/// BCIDistributionTBS ::= SEQUENCE {
///     date      Date,
///     bci  [0]  BrandCRLIdentifier OPTIONAL }   -- IMPLICIT TAGS
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct BciDistributionTbs {
    /// When it was sent.
    pub date: Date,
    /// The BCI.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub bci: Option<BrandCrlIdentifierOctets>,
}

/// The three messages, by the content type of their SignedData.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CaMessageKind {
    /// 2.23.42.0.82.
    BciDistribution,
    /// 2.23.42.0.80.
    CrlNotification,
    /// 2.23.42.0.81.
    CrlNotificationRes,
}

impl CaMessageKind {
    /// The content type it is signed under.
    #[must_use]
    pub const fn content_type(self) -> ObjectIdentifier {
        match self {
            Self::BciDistribution => oids::CT_BCI_DISTRIBUTION_TBS,
            Self::CrlNotification => oids::CT_CRL_NOTIFICATION_TBS,
            Self::CrlNotificationRes => oids::CT_CRL_NOTIFICATION_RES_TBS,
        }
    }

    /// The message signed under this content type, `None` if CAs have none.
    #[must_use]
    pub fn of_content_type(content_type: ObjectIdentifier) -> Option<Self> {
        [Self::BciDistribution, Self::CrlNotification, Self::CrlNotificationRes]
            .into_iter()
            .find(|kind| kind.content_type() == content_type)
    }

    /// Its name in the standard.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BciDistribution => "BCIDistribution",
            Self::CrlNotification => "CRLNotification",
            Self::CrlNotificationRes => "CRLNotificationRes",
        }
    }
}

/// The frame of every message between CAs.
///
/// ```text
/// ContentInfo ::= SEQUENCE {
///     contentType       OBJECT IDENTIFIER,   -- signedData, 1.2.840.113549.1.7.2
///     content      [0]  EXPLICIT SignedData }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaMessage {
    signed: SignedDataOctets,
}

impl CaMessage {
    /// Frames a SignedData.
    #[must_use]
    pub const fn new(signed: SignedDataOctets) -> Self {
        Self { signed }
    }

    /// Reads the frame, at most [`MAX_CA_MESSAGE`] octets; what is signed is not looked at.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not exactly one ContentInfo with a SEQUENCE under signedData.
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        let frame: Frame = decode(octets, MAX_CA_MESSAGE)?;
        if frame.content_type != oids::ID_SIGNED_DATA {
            return Err(DecodeError::malformed_at(0));
        }
        Ok(Self { signed: frame.content })
    }

    /// DER.
    ///
    /// # Errors
    /// The encoder's, for more octets than DER lengths hold here.
    pub fn to_der(&self) -> der::Result<Vec<u8>> {
        Frame { content_type: oids::ID_SIGNED_DATA, content: self.signed.clone() }.to_der()
    }

    /// The SignedData as received.
    #[must_use]
    pub const fn signed(&self) -> &SignedDataOctets {
        &self.signed
    }
}

#[derive(Sequence)]
struct Frame {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: SignedDataOctets,
}
