//! Every way in which a request is refused, with the numbers that explain it.

use core::fmt;

use const_oid::ObjectIdentifier;

use crate::UnixTime;
use crate::profile::Role;
use crate::signer::KeyAlgorithm;

/// Why a request was refused. A value with a wire representation (`authority/answer.rs`), not an
/// error of ours. Holds no account number and no secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A cardholder's request without an account (`set-messages.md` §2.8).
    #[error("a cardholder's request names no account")]
    AccountMissing,
    /// AcctInfo of an opened CertReq does not decode (`set-messages.md` §4.6 step 1a).
    #[error("account data does not decode as what this certificate authority asked for")]
    AccountUnreadable,
    /// The acquirer said no (§4.6 step 14), and perhaps what the end entity is told.
    #[error("{}", .0.as_deref().unwrap_or("the acquirer refused"))]
    AcquirerRefused(Option<String>),
    /// The clear content type is not that of the Message alternative (decisions.md 15).
    #[error("the content type of the message is not that of its wrapper")]
    AlternativeMismatch,
    /// The brand is not served here (`set-messages.md` §4.3).
    #[error("brand {0} is not served here")]
    BrandUnknown(String),
    /// The card ends before a certificate could begin (§4.6 step 15).
    #[error("the card expired at {expiry}, now is {now}")]
    CardExpired {
        /// Last second of the card.
        expiry: UnixTime,
        /// Time of the request.
        now: UnixTime,
    },
    /// A certificate the request builds on has expired (§4.6 step 5).
    #[error("the certificate that this request builds on expired at {not_after}, now is {now}")]
    CertificateExpired {
        /// notAfter of the certificate.
        not_after: UnixTime,
        /// Time of the request.
        now: UnixTime,
    },
    /// The certificate to renew has been renewed (§4.6 step 5).
    #[error("the certificate has been renewed before")]
    CertificateRenewed,
    /// A certificate the request builds on is revoked (§4.6 step 5).
    #[error("the certificate that this request builds on is revoked")]
    CertificateRevoked,
    /// A certificate the request builds on was not issued here, or for something else (§4.6 step
    /// 5).
    #[error("the certificate that this request builds on was not issued here for this")]
    CertificateUnknown,
    /// A challenge or local identifier returned differs from the one given (§4.6 step 6).
    #[error("the challenge returned is not the one given out for this registration")]
    ChallengeMismatch,
    /// A certificate the request builds on is of another merchant or gateway (§3.3).
    #[error("the certificate that this request builds on is of another entity")]
    EntityOther,
    /// An unknown critical extension (§4.1 step 7).
    #[error("critical extension {0} is unknown here")]
    ExtensionUnrecognized(ObjectIdentifier),
    /// Answers that do not fit the form (§4.6 step 10).
    #[error("{} answers do not fit the form", .0.len())]
    FormMalformed(Vec<FormFault>),
    /// A form other than the one given out (§4.6 step 10).
    #[error("form {answered} was answered, form {offered} was given out")]
    FormOther {
        /// regFormID given out.
        offered: u64,
        /// regFormID answered.
        answered: u64,
    },
    /// A header without what its message needs (§1.1, §4.1 step 4).
    #[error("the message header has no rrpid")]
    HeaderIncomplete,
    /// IDData is not that of the form run (§4.6 step 7).
    #[error("the identity is not the one the form was asked for")]
    IdDataChanged,
    /// IDData of another class of entities, missing or not (decisions.md 11).
    #[error("the identity is not one of a {0}")]
    IdDataWrong(Role),
    /// The card issuer said no (§4.6 step 14), and perhaps what its cardholder is told.
    #[error("{}", .0.as_deref().unwrap_or("the card issuer refused"))]
    IssuerRefused(Option<String>),
    /// The public key was certified before, by anyone, or is in an open request (decisions.md 21).
    #[error("this public key has been certified before")]
    KeyCertified,
    /// The kind of key is not in the profile (§4.6 step 8).
    #[error("a {found} key is not accepted here; accepted: {accepted}")]
    KeyKind {
        /// What was offered.
        found: String,
        /// What the profile accepts.
        accepted: String,
    },
    /// One key for signature and encryption: it would be certified twice (decisions.md 21).
    #[error("the keys for signature and encryption are the same")]
    KeysAlike,
    /// The request does not hold exactly the keys its type needs (§4.6 step 8).
    #[error("the request does not hold exactly the keys that its type needs")]
    KeysWrong,
    /// The language of the form run is not served any more (§4.6 step 12).
    #[error("language {0} is not served")]
    LanguageNotServed(String),
    /// LID-CA names no registration of this LID-EE (§4.4 step 3, §4.7).
    #[error("the local identifier names no registration here")]
    LidUnknown,
    /// Not DER, or not this message (§4.1 steps 2 and 9).
    #[error("the message does not decode")]
    Malformed,
    /// A message for someone else (§4.1 step 8).
    #[error("message alternative {0} is not served here")]
    MessageNotSupported(u32),
    /// No caBackKeyData, or of an algorithm that is not offered (§4.6 step 13).
    #[error("the request brings no usable key for an encrypted answer")]
    NoBackKey,
    /// An account number whose BIN is not served (§4.6 step 11).
    #[error("BIN {0} is not served")]
    PanBin(String),
    /// An account number that is not the one of the form run, although of its BIN (decisions.md
    /// 17).
    #[error("the account number is not the one the form was asked for")]
    PanChanged,
    /// An account number with a wrong check digit (§4.6 step 11).
    #[error("the check digit of the account number is wrong")]
    PanCheckDigit,
    /// The registration has its certificate, or was refused for good (§4.8).
    #[error("this registration is closed: begin a new one")]
    RegistrationClosed,
    /// eeThumb does not name the encryption certificate to renew (§4.6 step 5, §6 no. 15).
    #[error("the request does not name the encryption certificate that it renews")]
    RenewedUnnamed,
    /// RequestType differs from that of the form run (§4.6 step 7).
    #[error("request type {found} differs from {offered} of the form run")]
    RequestTypeChanged {
        /// RequestType of the form run.
        offered: u8,
        /// RequestType found.
        found: u8,
    },
    /// A legal type of another entity class (decisions.md 11).
    #[error("a {found} cannot register with the certificate authority of a {served}")]
    RoleMismatch {
        /// Who is served.
        served: Role,
        /// Who asked.
        found: Role,
    },
    /// RRPID of wrapper and message differ (§4.1 step 10).
    #[error("the rrpid of the wrapper is not that of the message")]
    RrpidMismatch,
    /// The RRPID was used for another message (§4.8).
    #[error("this rrpid was used for another message")]
    RrpidReused,
    /// A request signature that does not verify (§4.6 steps 4 and 5).
    #[error("a request signature does not verify")]
    SignatureInvalid,
    /// Signer infos that do not fit the request type (§3.3, §4.6 step 3).
    #[error("{found} signatures, or by other signers than this request type asks for")]
    SignersWrong {
        /// Number of SignerInfos.
        found: usize,
    },
    /// More octets than a message may have (§1.4).
    #[error("the message has {found} octets, the limit is {limit}")]
    TooBig {
        /// Octets received.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A date too far in the future (§4.1 step 6).
    #[error("the message is dated {date}, the newest accepted is {newest}")]
    TooNew {
        /// Date of the message.
        date: UnixTime,
        /// Newest date accepted.
        newest: UnixTime,
    },
    /// A date too far in the past (§4.1 step 6).
    #[error("the message is dated {date}, the oldest accepted is {oldest}")]
    TooOld {
        /// Date of the message.
        date: UnixTime,
        /// Oldest date accepted.
        oldest: UnixTime,
    },
    /// The envelope does not open: every fault alike (`set-crypto.md` §5.4).
    #[error("the message does not decode")]
    Undecryptable,
    /// A version above 1 (§4.1 step 3).
    #[error("message version {0} is not supported yet")]
    VersionTooNew(u64),
    /// A version below 1 (§4.1 step 3).
    #[error("message version {0} is not supported any more")]
    VersionTooOld(u64),
}

/// One answer that does not fit its field: an element of failedItemSeq.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FormFault {
    /// Position of the field in the form, from 1; 50 for a label that is not in it (decisions.md
    /// 3).
    pub item: u8,
    /// Why, for people.
    pub reason: String,
}

/// One table for the match and the list, so that neither can know a variant the other does not.
macro_rules! codes {
    ($($variant:ident => $code:literal,)*) => {
        impl Refusal {
            /// Every code there is, in the order of the variants.
            pub const CODES: &[&str] = &[$($code),*];

            /// Stable code, stored with a refused registration and written to logs.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)*
                }
            }
        }
    };
}

codes! {
    AccountMissing => "account-missing",
    AccountUnreadable => "account-unreadable",
    AcquirerRefused => "acquirer-refused",
    AlternativeMismatch => "alternative-mismatch",
    BrandUnknown => "brand-unknown",
    CardExpired => "card-expired",
    CertificateExpired => "certificate-expired",
    CertificateRenewed => "certificate-renewed",
    CertificateRevoked => "certificate-revoked",
    CertificateUnknown => "certificate-unknown",
    ChallengeMismatch => "challenge-mismatch",
    EntityOther => "entity-other",
    ExtensionUnrecognized => "extension-unrecognized",
    FormMalformed => "form-malformed",
    FormOther => "form-other",
    HeaderIncomplete => "header-incomplete",
    IdDataChanged => "id-data-changed",
    IdDataWrong => "id-data-wrong",
    IssuerRefused => "issuer-refused",
    KeyCertified => "key-certified",
    KeyKind => "key-kind",
    KeysAlike => "keys-alike",
    KeysWrong => "keys-wrong",
    LanguageNotServed => "language-not-served",
    LidUnknown => "lid-unknown",
    Malformed => "malformed",
    MessageNotSupported => "message-not-supported",
    NoBackKey => "no-back-key",
    PanBin => "pan-bin",
    PanChanged => "pan-changed",
    PanCheckDigit => "pan-check-digit",
    RegistrationClosed => "registration-closed",
    RenewedUnnamed => "renewed-unnamed",
    RequestTypeChanged => "request-type-changed",
    RoleMismatch => "role-mismatch",
    RrpidMismatch => "rrpid-mismatch",
    RrpidReused => "rrpid-reused",
    SignatureInvalid => "signature-invalid",
    SignersWrong => "signers-wrong",
    TooBig => "too-big",
    TooNew => "too-new",
    TooOld => "too-old",
    Undecryptable => "undecryptable",
    VersionTooNew => "version-too-new",
    VersionTooOld => "version-too-old",
}

impl Refusal {
    pub(crate) fn key_kind(found: Option<KeyAlgorithm>, accepted: &[KeyAlgorithm]) -> Self {
        let found = found.map_or_else(|| "key of unknown kind".to_owned(), |kind| kind.to_string());
        let accepted: Vec<String> = accepted.iter().map(ToString::to_string).collect();
        Self::KeyKind { found, accepted: accepted.join(", ") }
    }
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.item, self.reason)
    }
}
