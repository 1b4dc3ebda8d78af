//! CertRes: the CA answers a request for certificates (spec `set-messages.md` §2.10, §2.11).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | CertRes | certResTBS, certResTBSX | `[0]`, `[1]` EXPLICIT | R-M |
//! | CertResData | lid-CA | universal, accepted absent | R-M |
//! | CertResData | certThumbs | `[0]` EXPLICIT | R-M |
//! | CertResData | brandCRLIdentifier | `[1]` EXPLICIT | R-M |
//! | CertResData | thumbs | `[2]` EXPLICIT | R-M |
//! | CertStatus | nonceCCA | `[0]` IMPLICIT | R-M |
//! | CertStatus | eeMessage | universal (a CHOICE) | R-L |
//! | CertStatus | caMsg | `[1]` IMPLICIT | R-L |
//! | CertStatus | failedItemSeq | `[2]` IMPLICIT | R-L |
//! | CAMsg | cardLogoURL, brandLogoURL, cardCurrency | `[0]`, `[1]`, `[2]` IMPLICIT | R-M |
//! | CAMsg | cardholderMsg | `[3]` EXPLICIT (a CHOICE) | R-M |

use der::{Choice, Sequence};

use super::bounds::{
    UB_CARDHOLDER_MSG, UB_CURRENCY, UB_EE_MESSAGE, UB_FIELD_LIST, UB_ITEM_NUMBER, UB_REASON,
};
use super::enumeration::enumeration;
use super::list::{NonEmpty, RangedInt};
use super::octets::{Challenge, LocalId, Rrpid, Secret};
use super::raw::{BrandCrlIdentifierOctets, EncryptedDataOctets, SignedDataOctets};
use super::reg_form::Url;
use super::strings::SetString;
use super::thumbs::Thumbs;

/// ISO 4217 numeric code.
pub type Currency = RangedInt<1, UB_CURRENCY>;
/// Position of a field in the form, from 1; 0 is AcctData, 50 a label that is not in the form
/// (`decisions.md` 3).
pub type ItemNumber = RangedInt<0, UB_ITEM_NUMBER>;

/// The answer to CertReq, and to CertInqReq.
///
/// ```text
/// CertRes ::= CHOICE {
///     certResTBS   [0] EXPLICIT S{CA, CertResData},
///     certResTBSX  [1] EXPLICIT EncK{caBackKeyData, CA, CertResData} }
/// ```
#[derive(Choice, Clone, Debug, Eq, PartialEq)]
pub enum CertRes {
    /// Signed: merchants and gateways; a cardholder without usable caBackKeyData.
    #[asn1(context_specific = "0", constructed = "true")]
    Signed(SignedDataOctets),
    /// Signed, then encrypted under the back key.
    #[asn1(context_specific = "1", constructed = "true")]
    Encrypted(EncryptedDataOctets),
}

/// What the CA signs, content type 2.23.42.0.47.
///
/// ```text
/// CertResData ::= SEQUENCE {
///     rrpid                   RRPID,
///     lid-EE                  LocalID,
///     chall-EE3               Challenge,
///     lid-CA                  LocalID,
///     certStatus              CertStatus,
///     certThumbs          [0] EXPLICIT Thumbs OPTIONAL,
///     brandCRLIdentifier  [1] EXPLICIT BrandCRLIdentifier OPTIONAL,
///     thumbs              [2] EXPLICIT Thumbs OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CertResData {
    /// Copied.
    pub rrpid: Rrpid,
    /// Copied.
    pub lid_ee: LocalId,
    /// Copied.
    pub chall_ee3: Challenge,
    /// Label of the request at the CA; always sent, absence is accepted (spec §6 row 6).
    #[asn1(optional = "true")]
    pub lid_ca: Option<LocalId>,
    /// The outcome.
    pub cert_status: CertStatus,
    /// The end-entity certificates issued in this answer, exactly those (`decisions.md` 5).
    #[asn1(context_specific = "0", optional = "true")]
    pub cert_thumbs: Option<Thumbs>,
    /// The current BCI, if its thumbprint was not offered.
    #[asn1(context_specific = "1", optional = "true")]
    pub brand_crl_identifier: Option<BrandCrlIdentifierOctets>,
    /// Copied.
    #[asn1(context_specific = "2", optional = "true")]
    pub thumbs: Option<Thumbs>,
}

/// Outcome of a request, and what belongs to it.
///
/// ```text
/// CertStatus ::= SEQUENCE {
///     certStatusCode     CertStatusCode,
///     nonceCCA       [0] Nonce OPTIONAL,
///     eeMessage          SETString{ub-eeMessage} OPTIONAL,
///     caMsg          [1] CAMsg OPTIONAL,
///     failedItemSeq  [2] SEQUENCE SIZE(1..ub-FieldList) OF FailedItem OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CertStatus {
    /// The outcome.
    pub cert_status_code: CertStatusCode,
    /// The CA's half of PANSecret, with a cardholder's certificate; as long as CardSecret.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub nonce_cca: Option<Secret>,
    /// Text for people.
    #[asn1(optional = "true")]
    pub ee_message: Option<SetString<UB_EE_MESSAGE>>,
    /// Extras for a cardholder.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub ca_msg: Option<CaMsg>,
    /// With regFormAnswerMalformed.
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    pub failed_item_seq: Option<NonEmpty<FailedItem, UB_FIELD_LIST>>,
}

impl CertStatus {
    /// A status without anything beside its code.
    #[must_use]
    pub const fn new(cert_status_code: CertStatusCode) -> Self {
        Self {
            cert_status_code,
            nonce_cca: None,
            ee_message: None,
            ca_msg: None,
            failed_item_seq: None,
        }
    }
}

enumeration! {
    /// Outcome of a request (names and order S:KT, numbers R-H).
    CertStatusCode {
        /// Approved; certificates enclosed.
        RequestComplete = 1 "requestComplete";
        /// A language that is not served.
        InvalidLanguage = 2 "invalidLanguage";
        /// A BIN that is not served.
        InvalidBin = 3 "invalidBIN";
        /// A signature of the request does not verify.
        SigValidationFail = 4 "sigValidationFail";
        /// The extra data of the request cannot be read.
        DecryptionError = 5 "decryptionError";
        /// Being worked on, ask again.
        RequestInProgress = 6 "requestInProgress";
        /// The card issuer refused.
        RejectedByIssuer = 7 "rejectedByIssuer";
        /// Waiting for people, ask again later.
        RequestPended = 8 "requestPended";
        /// The acquirer refused; spelled so in the standard.
        RejectedByAquirer = 9 "rejectedByAquirer";
        /// A bad form entry; may be corrected and sent again.
        RegFormAnswerMalformed = 10 "regFormAnswerMalformed";
        /// The CA refused.
        RejectedByCa = 11 "rejectedByCA";
        /// No key to encrypt the answer with; may be corrected and sent again.
        UnableToEncryptCertRes = 12 "unableToEncryptCertRes";
    }
}

impl CertStatusCode {
    /// False while the request is still open and may be asked about again (spec §2.11).
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::RequestInProgress | Self::RequestPended)
    }
}

/// Extras for a cardholder.
///
/// ```text
/// CAMsg ::= SEQUENCE {
///     cardLogoURL    [0] URL OPTIONAL,
///     brandLogoURL   [1] URL OPTIONAL,
///     cardCurrency   [2] Currency OPTIONAL,
///     cardholderMsg  [3] EXPLICIT SETString{ub-cardholderMsg} OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CaMsg {
    /// Logo on the card.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub card_logo_url: Option<Url>,
    /// Logo of the brand.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub brand_logo_url: Option<Url>,
    /// Currency of the account.
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    pub card_currency: Option<Currency>,
    /// Text for the cardholder.
    #[asn1(context_specific = "3", optional = "true")]
    pub cardholder_msg: Option<SetString<UB_CARDHOLDER_MSG>>,
}

/// A form entry that was refused.
///
/// ```text
/// FailedItem ::= SEQUENCE { itemNumber INTEGER (0..50), itemReason SETString{ub-Reason} }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct FailedItem {
    /// Which field.
    pub item_number: ItemNumber,
    /// What is wrong with its answer.
    pub item_reason: SetString<UB_REASON>,
}
