//! Me-AqCInitReq and Me-AqCInitRes: a merchant or a payment gateway makes contact (spec
//! `set-messages.md` §2.3, §2.4).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | Me-AqCInitReq | idData | its own `[0]`, `[1]` (a CHOICE) | S:ALV1 |
//! | Me-AqCInitReq | thumbs | `[0]` EXPLICIT | R-H |
//! | Me-AqCInitResTBS | lid-CA | `[0]` IMPLICIT | R-H |
//! | Me-AqCInitResTBS | acctDataField | `[1]` IMPLICIT | R-M |
//! | Me-AqCInitResTBS | caeThumb | `[2]` EXPLICIT | R-M |
//! | Me-AqCInitResTBS | brandCRLIdentifier | `[3]` EXPLICIT | R-M |
//! | Me-AqCInitResTBS | thumbs | `[4]` EXPLICIT | R-M |

use der::Sequence;

use super::card_c_init::BrandId;
use super::id_data::IdData;
use super::octets::{Challenge, LocalId, Rrpid};
use super::raw::BrandCrlIdentifierOctets;
use super::reg_form::{Language, RegField, RegFormOrReferral};
use super::request_type::RequestType;
use super::thumbs::{CertThumb, Thumbs};

/// First message of a merchant to its MCA or of a payment gateway to its PCA, in clear.
///
/// ```text
/// Me-AqCInitReq ::= SEQUENCE {
///     rrpid        RRPID,
///     lid-EE       LocalID,
///     chall-EE     Challenge,
///     requestType  RequestType,
///     idData       IDData,
///     brandID      BrandID,
///     language     Language,
///     thumbs   [0] EXPLICIT Thumbs OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MeAqCInitReq {
    /// Fresh pair id.
    pub rrpid: Rrpid,
    /// Fresh label of the registration at the end entity.
    pub lid_ee: LocalId,
    /// What the CA's signature must cover.
    pub chall_ee: Challenge,
    /// A merchant or gateway type.
    pub request_type: RequestType,
    /// Who the end entity is.
    pub id_data: IdData,
    /// Brand of the certificates wanted.
    pub brand_id: BrandId,
    /// Language wanted for form and policy.
    pub language: Language,
    /// Certificates (root included), CRLs and BCIs the end entity holds.
    #[asn1(context_specific = "0", optional = "true")]
    pub thumbs: Option<Thumbs>,
}

/// What the CA signs in answer, content type 2.23.42.0.43.
///
/// ```text
/// Me-AqCInitResTBS ::= SEQUENCE {
///     rrpid                   RRPID,
///     lid-EE                  LocalID,
///     chall-EE                Challenge,
///     lid-CA              [0] LocalID OPTIONAL,
///     chall-CA                Challenge,
///     requestType             RequestType,
///     regFormOrReferral       RegFormOrReferral,
///     acctDataField       [1] RegField OPTIONAL,
///     caeThumb            [2] EXPLICIT CertThumb OPTIONAL,
///     brandCRLIdentifier  [3] EXPLICIT BrandCRLIdentifier OPTIONAL,
///     thumbs              [4] EXPLICIT Thumbs OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MeAqCInitResTbs {
    /// Copied.
    pub rrpid: Rrpid,
    /// Copied.
    pub lid_ee: LocalId,
    /// Copied.
    pub chall_ee: Challenge,
    /// Label of the registration at the CA.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub lid_ca: Option<LocalId>,
    /// Fresh challenge, to be repeated in CertReq.
    pub chall_ca: Challenge,
    /// Echoed.
    pub request_type: RequestType,
    /// The form, or where else to go.
    pub reg_form_or_referral: RegFormOrReferral,
    /// Label of the account data to collect; present: CertReq is EncX (`decisions.md` 31).
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub acct_data_field: Option<RegField>,
    /// The key-exchange certificate for CertReq; always sent, absence decodes: it is for the end
    /// entity to miss it (spec §6 row 7).
    #[asn1(context_specific = "2", optional = "true")]
    pub cae_thumb: Option<CertThumb>,
    /// The current BCI, if its thumbprint was not offered.
    #[asn1(context_specific = "3", optional = "true")]
    pub brand_crl_identifier: Option<BrandCrlIdentifierOctets>,
    /// Copied.
    #[asn1(context_specific = "4", optional = "true")]
    pub thumbs: Option<Thumbs>,
}
