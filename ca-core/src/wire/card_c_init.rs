//! CardCInitReq and CardCInitRes: a cardholder makes contact (spec `set-messages.md` §2.1, §2.2).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | CardCInitReq | thumbs | `[0]` EXPLICIT | R-H |
//! | CardCInitResTBS | lid-CA | universal, OPTIONAL | R-M |
//! | CardCInitResTBS | caeThumb | `[0]` EXPLICIT | R-M |
//! | CardCInitResTBS | brandCRLIdentifier | `[1]` EXPLICIT | R-M |
//! | CardCInitResTBS | thumbs | `[2]` EXPLICIT | R-M |

use der::Sequence;

use super::bounds::UB_BRAND_ID;
use super::octets::{Challenge, LocalId, Rrpid};
use super::raw::BrandCrlIdentifierOctets;
use super::strings::SetString;
use super::thumbs::{CertThumb, Thumbs};

/// `Brand` or `Brand:Product`.
pub type BrandId = SetString<UB_BRAND_ID>;

/// First message of a cardholder to its CCA, in clear.
///
/// ```text
/// CardCInitReq ::= SEQUENCE {
///     rrpid       RRPID,
///     lid-EE      LocalID,
///     chall-EE    Challenge,
///     brandID     BrandID,
///     thumbs  [0] EXPLICIT Thumbs OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CardCInitReq {
    /// Fresh pair id.
    pub rrpid: Rrpid,
    /// Fresh label of the registration at the cardholder.
    pub lid_ee: LocalId,
    /// What the CCA's signature must cover.
    pub chall_ee: Challenge,
    /// Brand of the certificate wanted.
    pub brand_id: BrandId,
    /// Certificates (root included), CRLs and BCIs the cardholder holds.
    #[asn1(context_specific = "0", optional = "true")]
    pub thumbs: Option<Thumbs>,
}

/// What the CCA signs in answer, content type 2.23.42.0.42.
///
/// ```text
/// CardCInitResTBS ::= SEQUENCE {
///     rrpid                   RRPID,
///     lid-EE                  LocalID,
///     chall-EE                Challenge,
///     lid-CA                  LocalID OPTIONAL,
///     caeThumb            [0] EXPLICIT CertThumb,
///     brandCRLIdentifier  [1] EXPLICIT BrandCRLIdentifier OPTIONAL,
///     thumbs              [2] EXPLICIT Thumbs OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CardCInitResTbs {
    /// Copied.
    pub rrpid: Rrpid,
    /// Copied.
    pub lid_ee: LocalId,
    /// Copied.
    pub chall_ee: Challenge,
    /// Label of the registration at the CCA.
    #[asn1(optional = "true")]
    pub lid_ca: Option<LocalId>,
    /// The key-exchange certificate to encrypt RegFormReq with.
    #[asn1(context_specific = "0")]
    pub cae_thumb: CertThumb,
    /// The current BCI, if its thumbprint was not offered.
    #[asn1(context_specific = "1", optional = "true")]
    pub brand_crl_identifier: Option<BrandCrlIdentifierOctets>,
    /// Copied.
    #[asn1(context_specific = "2", optional = "true")]
    pub thumbs: Option<Thumbs>,
}
