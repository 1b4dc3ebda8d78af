//! What can go wrong in a registration, whose fault it is, and what the CA is told.

use const_oid::ObjectIdentifier;

use super::{AnswerFault, ApplicationFault, BciFault, CertificateFault};
use crate::UnixTime;
use crate::envelope::{OpenError, SealError, SignatureFault};
use crate::path::{ReasonCode, Verdict};
use crate::signer::{KeyError, RandomError};
use crate::wire::{CertThumb, DecodeError, ErrorCode, ValueError};

/// A registration that went no further. Never holds anything secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EeError {
    /// An answer to the form that does not fit it: the user's to correct.
    #[error("{0}")]
    Answer(#[from] AnswerFault),
    /// Keys, certificates or account data that do not fit what is asked for: the caller's.
    #[error("{0}")]
    Application(#[from] ApplicationFault),
    /// No usable brand CRL identifier.
    #[error("brand CRL identifier: {0}")]
    Bci(#[from] BciFault),
    /// A certificate that the answer depends on is not valid.
    #[error("{what} is not valid: {}", reasons(.verdict))]
    Certificate {
        /// Which certificate.
        what: &'static str,
        /// Why it is not accepted.
        verdict: Box<Verdict>,
        /// Its thumbprint.
        thumb: CertThumb,
    },
    /// A challenge, label or type that should have come back as it was sent, or stayed as it was.
    #[error("{0} in the answer is not the one of this registration")]
    Challenge(&'static str),
    /// The issued certificate is not what was asked for.
    #[error("the certificate is not installed: {0}")]
    Issued(#[from] CertificateFault),
    /// The answer does not decode.
    #[error("answer cannot be decoded: {0}")]
    Malformed(#[from] DecodeError),
    /// A certificate is neither enclosed nor known.
    #[error("{0} is neither enclosed nor known")]
    MissingCertificate(&'static str),
    /// A request that waits has no label to ask after it by.
    #[error("the CA gave the waiting request no label (lid-CA) to ask after it by")]
    NoLabel,
    /// The header has no rrpid.
    #[error("the header of the answer has no rrpid")]
    NoRrpid,
    /// The CA cannot send us an encrypted answer in a way we understand.
    #[error("the CA's encryption certificate offers no algorithm for answers that we have")]
    NoTunneling,
    /// The CA sent an Error instead of an answer.
    #[error(
        "the CA answered with the error {code}{}",
        if *.authentic { "" } else { " (unsigned)" }
    )]
    Peer {
        /// What it says.
        code: ErrorCode,
        /// True if it was signed by the CA of this brand and role.
        authentic: bool,
    },
    /// What is secret came in clear.
    #[error("the CA sent a certificate or a secret without encrypting it")]
    PlainAnswer,
    /// The random source failed.
    #[error("random source failed")]
    Random(#[from] RandomError),
    /// The rrpid of header or message is not the one sent.
    #[error("the answer belongs to another request (rrpid)")]
    Rrpid,
    /// The request cannot be made.
    #[error("request cannot be sealed: {0}")]
    Seal(#[from] SealError),
    /// The signature does not verify.
    #[error("signature of the answer: {0}")]
    Signature(#[from] SignatureFault),
    /// Not exactly one signer.
    #[error("the answer is not signed by exactly one signer")]
    Signers,
    /// Thumbs came back changed: somebody altered the request (§4.2).
    #[error("the list of thumbprints was changed on its way")]
    Thumbs,
    /// The answer is larger than a message may be.
    #[error("answer of {found} octets, at most {limit} are read")]
    TooBig {
        /// Octets received.
        found: usize,
        /// Most octets read.
        limit: usize,
    },
    /// The answer's date is too far ahead.
    #[error("answer is dated {0}: check the clock of this machine")]
    TooNew(UnixTime),
    /// The answer's date is too far back.
    #[error("answer is dated {0}: check the clock of this machine")]
    TooOld(UnixTime),
    /// The encrypted answer does not open.
    #[error("answer cannot be decrypted")]
    Undecryptable,
    /// Another message than the one that answers ours.
    #[error("{expected} expected, message number {found} received")]
    Unexpected {
        /// Name of the answer.
        expected: &'static str,
        /// Alternative of Message that came.
        found: u32,
    },
    /// A critical extension of the wrapper that is not known.
    #[error("critical wrapper extension {0} is not known")]
    UnknownExtension(ObjectIdentifier),
    /// A value given by the caller does not fit its SET type.
    #[error("{what}: {fault}")]
    Value {
        /// Which value.
        what: &'static str,
        /// What is wrong.
        fault: ValueError,
    },
    /// Another version than 1.
    #[error("version {0} of SET is not spoken here")]
    Version(i32),
    /// The content type in clear is not that of the message.
    #[error("content type {found} where {expected} belongs")]
    WrongContentType {
        /// What the message demands.
        expected: ObjectIdentifier,
        /// What was there.
        found: ObjectIdentifier,
    },
}

/// Whose fault an [`EeError`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Blame {
    /// The CA, or somebody between us and the CA.
    Peer,
    /// This machine: its random source, a key that cannot be used.
    Own,
    /// Whoever filled in the form or chose the settings.
    User,
}

impl EeError {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Answer(_) | Self::Application(_) | Self::Value { .. } => Blame::User,
            Self::Random(_) | Self::Seal(_) => Blame::Own,
            _ => Blame::Peer,
        }
    }

    /// The code to tell the CA; none where it is not told: an Error is never answered, and what is
    /// ours does not concern it (spec `set-messages.md` §4.1, §4.11).
    #[must_use]
    pub fn error_code(&self) -> Option<ErrorCode> {
        Some(match self {
            Self::Answer(_)
            | Self::Application(_)
            | Self::NoTunneling
            | Self::Peer { .. }
            | Self::Random(_)
            | Self::Seal(_)
            | Self::Value { .. } => return None,
            Self::Bci(BciFault::Missing) | Self::MissingCertificate(_) => {
                ErrorCode::MissingCertificate
            }
            Self::Bci(_) | Self::Issued(_) => ErrorCode::InvalidCertificate,
            Self::Certificate { verdict, .. } => certificate_code(verdict),
            Self::Challenge(_) => ErrorCode::ChallengeMismatch,
            Self::Malformed(_) | Self::Undecryptable => ErrorCode::DecodingFailure,
            Self::NoLabel => ErrorCode::UnknownLid,
            Self::NoRrpid => ErrorCode::BadMessageHeader,
            Self::PlainAnswer => ErrorCode::UnspecifiedFailure,
            Self::Rrpid => ErrorCode::UnknownRrpid,
            Self::Signature(_) | Self::Signers => ErrorCode::SignatureFailure,
            Self::Thumbs => ErrorCode::ThumbsMismatch,
            Self::TooBig { .. } => ErrorCode::MessageTooBig,
            Self::TooNew(_) => ErrorCode::MessageTooNew,
            Self::TooOld(_) => ErrorCode::MessageTooOld,
            Self::Unexpected { .. } => ErrorCode::MessageNotSupported,
            Self::UnknownExtension(_) => ErrorCode::UnrecognizedExtension,
            Self::Version(version) if *version < 1 => ErrorCode::VersionTooOld,
            Self::Version(_) => ErrorCode::VersionTooNew,
            Self::WrongContentType { .. } => ErrorCode::WrapperMsgMismatch,
        })
    }
}

impl From<OpenError> for EeError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Malformed(fault) => Self::Malformed(fault),
            OpenError::Random(fault) => Self::Random(fault),
            OpenError::Signature(fault) => Self::Signature(fault),
            OpenError::WrongContentType { expected, found } => {
                Self::WrongContentType { expected, found }
            }
            // An end entity has no decryption key, so these two are only the suite's.
            OpenError::Key(_) | OpenError::Undecryptable => Self::Undecryptable,
        }
    }
}

impl From<KeyError> for EeError {
    fn from(error: KeyError) -> Self {
        Self::Seal(SealError::Key(error))
    }
}

impl From<der::Error> for EeError {
    fn from(_: der::Error) -> Self {
        Self::Seal(SealError::Encoding)
    }
}

/// The nearest code for a path that is not valid.
fn certificate_code(verdict: &Verdict) -> ErrorCode {
    let is = |code| verdict.has(code);
    let missing = [ReasonCode::NoBci, ReasonCode::NoIssuer, ReasonCode::NoRevocationStatus];
    if is(ReasonCode::BadSignature) {
        // What else is said of a forged certificate follows from that, or from the forger.
        ErrorCode::InvalidCertificate
    } else if is(ReasonCode::Revoked) {
        ErrorCode::RevokedCertificate
    } else if is(ReasonCode::Expired) {
        ErrorCode::ExpiredCertificate
    } else if missing.into_iter().any(is) {
        ErrorCode::MissingCertificate
    } else {
        ErrorCode::InvalidCertificate
    }
}

fn reasons(verdict: &Verdict) -> String {
    let texts: Vec<String> = verdict.reasons.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
