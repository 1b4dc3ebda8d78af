//! Error: a message could not be dealt with at all (spec `set-messages.md` §2.13).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | Error | signedError, unsignedError | `[0]`, `[1]` EXPLICIT | R-H |
//! | ErrorTBS | errorOID | `[0]` IMPLICIT | R-H |
//! | ErrorTBS | errorThumb | `[1]` EXPLICIT | R-H |
//! | ErrorTBS | errorMsg | `[2]` EXPLICIT (a CHOICE) | R-M |
//! | ErrorMsg | messageHeader | `[0]` EXPLICIT | R-M |
//! | ErrorMsg | badWrapper | `[1]` IMPLICIT | R-M |

use core::fmt;

use const_oid::ObjectIdentifier;
use der::{
    Choice, DecodeValue, EncodeValue, FixedTag, Header, Length, Reader, Sequence, Tag, Writer,
};

use super::bounds::UB_BAD_WRAPPER;
use super::enumeration::enumeration;
use super::octets::Nonce;
use super::raw::SignedDataOctets;
use super::strings::read_octets;
use super::thumbs::CertThumb;
use super::wrapper::MessageHeader;

/// The message Error.
///
/// ```text
/// Error ::= CHOICE {
///     signedError    [0] EXPLICIT S{EE, ErrorTBS},
///     unsignedError  [1] EXPLICIT ErrorTBS }
/// ```
#[derive(Choice, Clone, Debug, Eq, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one at a time, never in a collection")]
pub enum ErrorMessage {
    /// The sender has a signature certificate.
    #[asn1(context_specific = "0", constructed = "true")]
    Signed(SignedDataOctets),
    /// The sender has none.
    #[asn1(context_specific = "1", constructed = "true")]
    Unsigned(ErrorTbs),
}

/// What went wrong, content type 2.23.42.0.49.
///
/// ```text
/// ErrorTBS ::= SEQUENCE {
///     errorCode       ErrorCode,
///     errorNonce      Nonce,
///     errorOID    [0] OBJECT IDENTIFIER OPTIONAL,
///     errorThumb  [1] EXPLICIT CertThumb OPTIONAL,
///     errorMsg    [2] EXPLICIT ErrorMsg }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct ErrorTbs {
    /// The cause.
    pub error_code: ErrorCode,
    /// Makes the signed data unpredictable.
    pub error_nonce: Nonce,
    /// The critical extension that is not known.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub error_oid: Option<ObjectIdentifier>,
    /// The certificate at fault.
    #[asn1(context_specific = "1", optional = "true")]
    pub error_thumb: Option<CertThumb>,
    /// What went wrong came with this.
    #[asn1(context_specific = "2")]
    pub error_msg: ErrorMsg,
}

/// The message an Error is about.
///
/// ```text
/// ErrorMsg ::= CHOICE {
///     messageHeader  [0] EXPLICIT MessageHeader,
///     badWrapper     [1] OCTET STRING (SIZE(0..20000)) }
/// ```
#[derive(Choice, Clone, Debug, Eq, PartialEq)]
pub enum ErrorMsg {
    /// The header of the bad message.
    #[asn1(context_specific = "0", constructed = "true")]
    MessageHeader(MessageHeader),
    /// The bad message, when it has no header that can be read.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT")]
    BadWrapper(BadWrapper),
}

/// The first 20000 octets of a message that is no MessageWrapper. Not shown: it may be anything.
#[derive(Clone, Eq, PartialEq)]
pub struct BadWrapper(Vec<u8>);

impl BadWrapper {
    /// The part of `message` that is sent back.
    #[must_use]
    pub fn new(message: &[u8]) -> Self {
        Self(message.get(..UB_BAD_WRAPPER).unwrap_or(message).to_vec())
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for BadWrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BadWrapper({} octets)", self.0.len())
    }
}

impl<'a> DecodeValue<'a> for BadWrapper {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        Ok(Self(read_octets(reader, header, 0..=UB_BAD_WRAPPER)?))
    }
}

impl EncodeValue for BadWrapper {
    fn value_len(&self) -> der::Result<Length> {
        self.0.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(&self.0)
    }
}

impl FixedTag for BadWrapper {
    const TAG: Tag = Tag::OctetString;
}

enumeration! {
    /// Cause of an Error (names 1-4 S:RUerr, 1-18, 20, 22 S:KT; numbers and 21 R-H).
    ErrorCode {
        /// None of the others.
        UnspecifiedFailure = 1 "unspecifiedFailure";
        /// A message type this party does not serve.
        MessageNotSupported = 2 "messageNotSupported";
        /// Not DER, or an envelope that does not open.
        DecodingFailure = 3 "decodingFailure";
        /// A certificate that is needed is not valid.
        InvalidCertificate = 4 "invalidCertificate";
        /// A certificate has expired.
        ExpiredCertificate = 5 "expiredCertificate";
        /// A certificate is revoked.
        RevokedCertificate = 6 "revokedCertificate";
        /// A certificate that is needed is neither enclosed nor cached.
        MissingCertificate = 7 "missingCertificate";
        /// A signature does not verify.
        SignatureFailure = 8 "signatureFailure";
        /// The header cannot be used.
        BadMessageHeader = 9 "badMessageHeader";
        /// Wrapper and message disagree in anything but the RRPID.
        WrapperMsgMismatch = 10 "wrapperMsgMismatch";
        /// A version no longer served.
        VersionTooOld = 11 "versionTooOld";
        /// A version not yet served.
        VersionTooNew = 12 "versionTooNew";
        /// A critical extension that is not known.
        UnrecognizedExtension = 13 "unrecognizedExtension";
        /// Too many octets.
        MessageTooBig = 14 "messageTooBig";
        /// The unsigned form is not accepted.
        SignatureRequired = 15 "signatureRequired";
        /// A date too far in the past.
        MessageTooOld = 16 "messageTooOld";
        /// A date too far in the future.
        MessageTooNew = 17 "messageTooNew";
        /// Thumbs in the answer differ from those sent.
        ThumbsMismatch = 18 "thumbsMismatch";
        /// An RRPID that is unknown, or another than the wrapper's.
        UnknownRrpid = 19 "unknownRRPID";
        /// Payment only.
        UnknownXid = 20 "unknownXID";
        /// An unknown LID.
        UnknownLid = 21 "unknownLID";
        /// A challenge that differs from the one sent.
        ChallengeMismatch = 22 "challengeMismatch";
    }
}
