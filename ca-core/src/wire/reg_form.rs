//! RegFormReq and RegFormRes: a cardholder asks for the form (spec `set-messages.md` §2.5 to §2.7).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | RegFormReqData | lid-CA | `[0]` IMPLICIT | R-L |
//! | RegFormReqData | thumbs | `[1]` EXPLICIT | R-L |
//! | RegFormResTBS | lid-CA | `[0]` IMPLICIT | R-H |
//! | RegFormResTBS | caeThumb | `[1]` EXPLICIT | R-M |
//! | RegFormResTBS | brandCRLIdentifier | `[2]` EXPLICIT | R-M |
//! | RegFormResTBS | thumbs | `[3]` EXPLICIT | R-M |
//! | RegFormOrReferral | regFormData, referralData | `[0]`, `[1]` IMPLICIT | S:ALV1 |
//! | RegTemplate | brandLogoURL, cardLogoURL | `[0]`, `[1]` IMPLICIT | R-H |
//! | RegTemplate | regFieldSeq | universal, OPTIONAL | R-M |
//! | RegField | fieldId | `[0]` IMPLICIT | R-M |
//! | RegField | fieldDesc | `[1]` EXPLICIT (a CHOICE) | R-M |
//! | RegField | fieldRequired, fieldInvisible | `[2]`, `[3]` IMPLICIT | R-M |
//! | ReferralData | reason, referralURLSeq | universal, OPTIONAL | R-M |

use const_oid::ObjectIdentifier;
use der::{Choice, Sequence};

use super::bounds::{
    UB_FIELD_DESC, UB_FIELD_LEN, UB_FIELD_LIST, UB_FIELD_NAME, UB_LANGUAGE, UB_POLICY_TEXT,
    UB_REASON, UB_URL,
};
use super::list::{NonEmpty, RangedInt};
use super::octets::{Challenge, LocalId, Rrpid};
use super::raw::BrandCrlIdentifierOctets;
use super::request_type::RequestType;
use super::strings::{SetString, VisibleString};
use super::thumbs::{CertThumb, Thumbs};

/// RFC 1766 language tag.
pub type Language = VisibleString<UB_LANGUAGE>;
/// Address of a page or an image.
pub type Url = VisibleString<UB_URL>;
/// Labels of a field: several are the same field in several wordings.
pub type FieldName = NonEmpty<SetString<UB_FIELD_NAME>, UB_FIELD_LIST>;
/// What the requester must agree to.
pub type PolicyText = SetString<UB_POLICY_TEXT>;
/// Longest value of a field, DEFAULT 128.
pub type FieldLen = RangedInt<1, UB_FIELD_LEN>;

/// The enveloped part of RegFormReq; the account number rides beside it as extra data.
///
/// ```text
/// RegFormReqData ::= SEQUENCE {
///     rrpid        RRPID,
///     lid-EE       LocalID,
///     chall-EE2    Challenge,
///     lid-CA   [0] LocalID OPTIONAL,
///     requestType  RequestType,
///     language     Language,
///     thumbs   [1] EXPLICIT Thumbs OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RegFormReqData {
    /// Fresh pair id.
    pub rrpid: Rrpid,
    /// As in CardCInitReq.
    pub lid_ee: LocalId,
    /// Fresh challenge.
    pub chall_ee2: Challenge,
    /// From CardCInitRes, when it had one.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub lid_ca: Option<LocalId>,
    /// A cardholder type.
    pub request_type: RequestType,
    /// Language wanted for form and policy.
    pub language: Language,
    /// The cardholder's cache.
    #[asn1(context_specific = "1", optional = "true")]
    pub thumbs: Option<Thumbs>,
}

/// What the CCA signs in answer, content type 2.23.42.0.44.
///
/// ```text
/// RegFormResTBS ::= SEQUENCE {
///     rrpid                   RRPID,
///     lid-EE                  LocalID,
///     chall-EE2               Challenge,
///     lid-CA              [0] LocalID OPTIONAL,
///     chall-CA                Challenge,
///     caeThumb            [1] EXPLICIT CertThumb OPTIONAL,
///     requestType             RequestType,
///     formOrReferral          RegFormOrReferral,
///     brandCRLIdentifier  [2] EXPLICIT BrandCRLIdentifier OPTIONAL,
///     thumbs              [3] EXPLICIT Thumbs OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RegFormResTbs {
    /// Copied.
    pub rrpid: Rrpid,
    /// Copied.
    pub lid_ee: LocalId,
    /// Copied.
    pub chall_ee2: Challenge,
    /// Label of the registration at the CA.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub lid_ca: Option<LocalId>,
    /// Fresh challenge, to be repeated in CertReq.
    pub chall_ca: Challenge,
    /// The key-exchange certificate for CertReq, if it is another than before.
    #[asn1(context_specific = "1", optional = "true")]
    pub cae_thumb: Option<CertThumb>,
    /// Echoed.
    pub request_type: RequestType,
    /// The form, or where else to go.
    pub form_or_referral: RegFormOrReferral,
    /// The current BCI, if its thumbprint was not offered.
    #[asn1(context_specific = "2", optional = "true")]
    pub brand_crl_identifier: Option<BrandCrlIdentifierOctets>,
    /// Copied.
    #[asn1(context_specific = "3", optional = "true")]
    pub thumbs: Option<Thumbs>,
}

/// The form, or where else to go.
///
/// ```text
/// RegFormOrReferral ::= CHOICE {
///     regFormData   [0] RegFormData,
///     referralData  [1] ReferralData }
/// ```
#[derive(Choice, Clone, Debug, Eq, PartialEq)]
pub enum RegFormOrReferral {
    /// The CA serves the request.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    Form(RegFormData),
    /// It does not.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Referral(ReferralData),
}

/// The form and the policy that goes with it.
///
/// ```text
/// RegFormData ::= SEQUENCE { regTemplate RegTemplate OPTIONAL, policy PolicyText }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RegFormData {
    /// Form to fill in.
    #[asn1(optional = "true")]
    pub reg_template: Option<RegTemplate>,
    /// Must be shown; the requester must agree.
    pub policy: PolicyText,
}

/// A registration form.
///
/// ```text
/// RegTemplate ::= SEQUENCE {
///     regFormID         INTEGER (0..MAX),
///     brandLogoURL  [0] URL OPTIONAL,
///     cardLogoURL   [1] URL OPTIONAL,
///     regFieldSeq       SEQUENCE SIZE(1..ub-FieldList) OF RegField OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RegTemplate {
    /// Number of the form at the CA; 0 is no form (`decisions.md` 4).
    pub reg_form_id: u64,
    /// Logo of the brand.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub brand_logo_url: Option<Url>,
    /// Logo of the card issuer.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub card_logo_url: Option<Url>,
    /// The fields in order; always sent, absence is accepted (spec §6 row 5).
    #[asn1(optional = "true")]
    pub reg_field_seq: Option<NonEmpty<RegField, UB_FIELD_LIST>>,
}

/// One field of a form.
///
/// ```text
/// RegField ::= SEQUENCE {
///     fieldId         [0] OBJECT IDENTIFIER OPTIONAL,
///     fieldName           FieldName,
///     fieldDesc       [1] EXPLICIT SETString{ub-FieldDesc} OPTIONAL,
///     fieldLen            INTEGER (1..ub-FieldValue) DEFAULT ub-FieldValue,
///     fieldRequired   [2] BOOLEAN DEFAULT FALSE,
///     fieldInvisible  [3] BOOLEAN DEFAULT FALSE }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RegField {
    /// What the field means, for software.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub field_id: Option<ObjectIdentifier>,
    /// Labels, in the language asked for.
    pub field_name: FieldName,
    /// Help, in the same language.
    #[asn1(context_specific = "1", optional = "true")]
    pub field_desc: Option<SetString<UB_FIELD_DESC>>,
    /// Longest value, in characters or octets.
    #[asn1(default = "default_field_len")]
    pub field_len: FieldLen,
    /// Must be filled in.
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", default = "Default::default")]
    pub field_required: bool,
    /// Not shown to the user: software fills it or leaves it empty.
    #[asn1(context_specific = "3", tag_mode = "IMPLICIT", default = "Default::default")]
    pub field_invisible: bool,
}

/// Why not here, and where else.
///
/// ```text
/// ReferralData ::= SEQUENCE {
///     reason          SETString{ub-Reason} OPTIONAL,
///     referralURLSeq  SEQUENCE OF URL OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct ReferralData {
    /// Shown to the requester.
    #[asn1(optional = "true")]
    pub reason: Option<SetString<UB_REASON>>,
    /// Other CAs in order of preference, at least one; the standard gives no upper bound.
    #[asn1(optional = "true")]
    pub referral_url_seq: Option<NonEmpty<Url, { usize::MAX }>>,
}

const fn default_field_len() -> FieldLen {
    FieldLen::LARGEST
}
