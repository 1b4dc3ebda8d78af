//! MessageWrapper and its header: the clear outside of every message (spec `set-messages.md` §1.1).
//!
//! Decoding is in two steps because a receiver answers from the header alone (versions, duplicates,
//! dates) before it looks at the message: first [`MessageWrapper::from_der`], then
//! [`super::Message::from_wrapper`].
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | MessageWrapper | message | `[0]` EXPLICIT | S:ALV0 |
//! | MessageWrapper | mwExtensions | `[1]` IMPLICIT | S:ALV0; content R-M |
//! | MessageHeader | messageIDs | `[0]` IMPLICIT | S:ALV0 |
//! | MessageHeader | rrpid | `[1]` IMPLICIT | S:ALV0 |
//! | MessageIDs | lid-C, lid-M, xID | `[0]`, `[1]`, `[2]` IMPLICIT | S:ALV0 |

use core::fmt;

use der::{
    Decode, EncodeValue, Header, Length, Reader, Sequence, SliceReader, Tag, TagNumber, Tagged,
    Writer,
};
use x509_cert::ext::Extension;

use super::bounds::{MAX_MESSAGE, UB_SW_IDENT};
use super::date::Date;
use super::error::{DecodeError, decode};
use super::octets::{LocalId, Rrpid, Xid};
use super::raw::tlv;
use super::strings::VisibleString;
use crate::UnixTime;

/// Vendor, product and version of the software that made a message.
pub type SwIdent = VisibleString<UB_SW_IDENT>;

/// What is sent and received: a header and one message, which is kept as it came.
///
/// ```text
/// MessageWrapper ::= SEQUENCE {
///     messageHeader      MessageHeader,
///     message        [0] EXPLICIT Message,
///     mwExtensions   [1] MsgExtensions OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MessageWrapper {
    /// The clear-text header.
    pub header: MessageHeader,
    /// The message: one alternative of Message.
    #[asn1(context_specific = "0")]
    pub message: MessageOctets,
    /// Extensions of the wrapper; none is defined.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub extensions: Option<Vec<Extension>>,
}

impl MessageWrapper {
    /// Decodes wrapper and header of at most [`MAX_MESSAGE`] octets; the message stays closed.
    ///
    /// # Errors
    /// [`super::DecodeErrorKind::TooLong`] above the bound (Error messageTooBig), any other kind if
    /// it is no MessageWrapper (Error decodingFailure; spec §4.1).
    pub fn from_der(octets: &[u8]) -> Result<Self, DecodeError> {
        decode(octets, MAX_MESSAGE)
    }

    /// A wrapper without extensions.
    #[must_use]
    pub const fn new(header: MessageHeader, message: MessageOctets) -> Self {
        Self { header, message, extensions: None }
    }

    /// The first critical extension: none is defined, so each is one we do not know.
    #[must_use]
    pub fn unknown_critical_extension(&self) -> Option<&Extension> {
        self.extensions.iter().flatten().find(|extension| extension.critical)
    }
}

/// The clear-text header of a message; an Error sends it back alone.
///
/// ```text
/// MessageHeader ::= SEQUENCE {
///     version         INTEGER { setVer1(1) },
///     revision        INTEGER DEFAULT 0,
///     date            Date,
///     messageIDs  [0] MessageIDs OPTIONAL,
///     rrpid       [1] RRPID OPTIONAL,
///     swIdent         SWIdent }
/// ```
///
/// The numbers are as received: whether a version is served is the receiver's decision.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MessageHeader {
    /// Major version.
    pub version: i32,
    /// Minor version.
    #[asn1(default = "Default::default")]
    pub revision: i32,
    /// When the message was made.
    pub date: Date,
    /// Payment identifiers: not sent in certificate messages, ignored when received.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub message_ids: Option<MessageIds>,
    /// The same as inside the message; only an Error about an undecodable header has none.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub rrpid: Option<Rrpid>,
    /// Software that made the message.
    pub sw_ident: SwIdent,
}

impl MessageHeader {
    /// The version we speak: setVer1.
    pub const VERSION: i32 = 1;

    /// A header of version 1.0.
    #[must_use]
    pub fn new(date: UnixTime, rrpid: Option<Rrpid>, sw_ident: SwIdent) -> Self {
        Self {
            version: Self::VERSION,
            revision: 0,
            date: Date::from(date),
            message_ids: None,
            rrpid,
            sw_ident,
        }
    }
}

/// Payment identifiers.
///
/// ```text
/// MessageIDs ::= SEQUENCE {
///     lid-C  [0] LocalID OPTIONAL,
///     lid-M  [1] LocalID OPTIONAL,
///     xID    [2] XID OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct MessageIds {
    /// The cardholder's label.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub lid_c: Option<LocalId>,
    /// The merchant's label.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub lid_m: Option<LocalId>,
    /// The transaction.
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    pub xid: Option<Xid>,
}

/// One alternative of Message as it came: `[n]` EXPLICIT and what is in it, not looked at.
///
/// Duplicates are recognised by the SHA-256 of [`MessageOctets::as_der`] (spec §4.8).
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct MessageOctets {
    der: Vec<u8>,
    content: usize,
    number: u32,
}

impl MessageOctets {
    /// The octets, the tag of the alternative included.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Number of the alternative, see [`super::tags`].
    #[must_use]
    pub const fn alternative(&self) -> u32 {
        self.number
    }

    /// The octets under the tag of the alternative.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.der.get(self.content..).unwrap_or_default()
    }

    /// Where [`MessageOctets::content`] starts in [`MessageOctets::as_der`].
    pub(super) const fn content_offset(&self) -> usize {
        self.content
    }

    /// The alternative `number` around `content`, which is one encoded value.
    pub(super) fn wrap(number: u32, content: &[u8]) -> der::Result<Self> {
        let tag = Tag::ContextSpecific { constructed: true, number: TagNumber(number) };
        let header = Header::new(tag, content.len().try_into()?);
        let (der, start) = tlv(&mut SliceReader::new(content)?, header)?;
        Ok(Self { der, content: start, number })
    }
}

impl fmt::Debug for MessageOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageOctets([{}], {} octets)", self.number, self.der.len())
    }
}

impl<'a> Decode<'a> for MessageOctets {
    type Error = der::Error;

    fn decode<R: Reader<'a>>(reader: &mut R) -> der::Result<Self> {
        let header = Header::decode(reader)?;
        let Tag::ContextSpecific { constructed: true, number } = header.tag() else {
            return Err(reader.error(header.tag().unexpected_error(None)));
        };
        let (der, content) = tlv(reader, header)?;
        Ok(Self { der, content, number: number.value() })
    }
}

impl EncodeValue for MessageOctets {
    fn value_len(&self) -> der::Result<Length> {
        self.content().len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.content())
    }
}

impl Tagged for MessageOctets {
    fn tag(&self) -> Tag {
        Tag::ContextSpecific { constructed: true, number: TagNumber(self.number) }
    }
}
