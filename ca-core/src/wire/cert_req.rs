//! CertReq: an end entity asks for its certificates (spec `set-messages.md` §2.8).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | CertReq | encx, enc | `[0]`, `[1]` EXPLICIT | R-M |
//! | CertReqData | lid-CA, chall-CA | `[0]`, `[1]` IMPLICIT | R-H |
//! | CertReqData | idData | `[2]` EXPLICIT (a CHOICE) | R-H |
//! | CertReqData | regForm | `[3]` IMPLICIT | R-M |
//! | CertReqData | caBackKeyData | `[4]` EXPLICIT | R-M |
//! | CertReqData | eeThumb | `[5]` EXPLICIT | R-M |
//! | CertReqData | thumbs | `[6]` EXPLICIT | R-M |
//! | RegFormItems | fieldName, fieldValue | universal | R-M |
//! | FieldValue | setString, octetString | universal | R-M |

use core::fmt;

use der::{
    Choice, Decode, DecodeValue, EncodeValue, Header, Length, Reader, Sequence, Tag, Tagged, Writer,
};

use super::bounds::{UB_FIELD_LIST, UB_FIELD_VALUE};
use super::date::Date;
use super::id_data::IdData;
use super::keys::{BackKeyData, PublicKeySorE};
use super::list::NonEmpty;
use super::octets::{Challenge, LocalId, Rrpid};
use super::raw::EnvelopedDataOctets;
use super::reg_form::FieldName;
use super::request_type::RequestType;
use super::strings::{SetString, ValueError, read_octets};
use super::thumbs::{CertThumb, Thumbs};

/// A request for certificates, sealed to the CA.
///
/// ```text
/// CertReq ::= CHOICE {
///     encx  [0] EXPLICIT EncX{EE, CA, CertReqData, AcctInfo},
///     enc   [1] EXPLICIT Enc{EE, CA, CertReqData} }
/// ```
#[derive(Choice, Clone, Debug, Eq, PartialEq)]
pub enum CertReq {
    /// With account data: cardholders always.
    #[asn1(context_specific = "0", constructed = "true")]
    EncX(EnvelopedDataOctets),
    /// Without.
    #[asn1(context_specific = "1", constructed = "true")]
    Enc(EnvelopedDataOctets),
}

/// The request itself, content type 2.23.42.0.45.
///
/// ```text
/// CertReqData ::= SEQUENCE {
///     rrpid              RRPID,
///     lid-EE             LocalID,
///     chall-EE3          Challenge,
///     lid-CA         [0] LocalID OPTIONAL,
///     chall-CA       [1] Challenge OPTIONAL,
///     requestType        RequestType,
///     requestDate        Date,
///     idData         [2] EXPLICIT IDData OPTIONAL,
///     regFormID          INTEGER (0..MAX),
///     regForm        [3] RegForm OPTIONAL,
///     caBackKeyData  [4] EXPLICIT BackKeyData OPTIONAL,
///     publicKeySorE      PublicKeySorE,
///     eeThumb        [5] EXPLICIT CertThumb OPTIONAL,
///     thumbs         [6] EXPLICIT Thumbs OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CertReqData {
    /// Fresh pair id.
    pub rrpid: Rrpid,
    /// From the message before, if there was one.
    pub lid_ee: LocalId,
    /// Fresh challenge.
    pub chall_ee3: Challenge,
    /// From the answer before, if it had one.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub lid_ca: Option<LocalId>,
    /// From RegFormRes or Me-AqCInitRes, if there was one.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub chall_ca: Option<Challenge>,
    /// As in the answer before, else the type wanted.
    pub request_type: RequestType,
    /// When the request was made.
    pub request_date: Date,
    /// Merchants and gateways.
    #[asn1(context_specific = "2", optional = "true")]
    pub id_data: Option<IdData>,
    /// The form answered; 0 is none (`decisions.md` 4).
    pub reg_form_id: u64,
    /// The answers: one item per answered field, in form order (`decisions.md` 3).
    #[asn1(context_specific = "3", tag_mode = "IMPLICIT", optional = "true")]
    pub reg_form: Option<NonEmpty<RegFormItem, UB_FIELD_LIST>>,
    /// Key for the encrypted answer: cardholders.
    #[asn1(context_specific = "4", optional = "true")]
    pub ca_back_key_data: Option<BackKeyData>,
    /// Keys to certify.
    pub public_key_s_or_e: PublicKeySorE,
    /// The encryption certificate that is renewed.
    #[asn1(context_specific = "5", optional = "true")]
    pub ee_thumb: Option<CertThumb>,
    /// The end entity's cache.
    #[asn1(context_specific = "6", optional = "true")]
    pub thumbs: Option<Thumbs>,
}

/// One answer of a form.
///
/// ```text
/// RegFormItems ::= SEQUENCE { fieldName FieldName, fieldValue FieldValue }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RegFormItem {
    /// Labels of the field, copied from the form.
    pub field_name: FieldName,
    /// The answer.
    pub field_value: FieldValue,
}

/// An answer. Not shown by `Debug`: it is somebody's personal data.
///
/// ```text
/// FieldValue ::= CHOICE {
///     setString    SETString{ub-FieldValue},
///     octetString  OCTET STRING (SIZE(1..ub-FieldValue)) }
/// ```
#[derive(Clone, Eq, PartialEq)]
pub enum FieldValue {
    /// Text: the one we send.
    Text(SetString<UB_FIELD_VALUE>),
    /// Octets: read only (spec §6 row 11).
    Octets(FieldOctets),
}

impl FieldValue {
    /// A text of 1 to 128 characters.
    ///
    /// # Errors
    /// [`ValueError`] as [`SetString::new`].
    pub fn text(text: &str) -> Result<Self, ValueError> {
        SetString::new(text).map(Self::Text)
    }

    /// The text, `None` for octets.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            Self::Octets(_) => None,
        }
    }
}

/// The octets of a [`FieldValue`]: 1 to 128.
#[derive(Clone, Eq, PartialEq)]
pub struct FieldOctets(Vec<u8>);

impl FieldOctets {
    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldValue(redacted)")
    }
}

impl fmt::Debug for FieldOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldOctets(redacted)")
    }
}

impl<'a> DecodeValue<'a> for FieldOctets {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        Ok(Self(read_octets(reader, header, 1..=UB_FIELD_VALUE)?))
    }
}

impl der::FixedTag for FieldOctets {
    const TAG: Tag = Tag::OctetString;
}

impl<'a> Decode<'a> for FieldValue {
    type Error = der::Error;

    fn decode<R: Reader<'a>>(reader: &mut R) -> der::Result<Self> {
        match Tag::peek(reader)? {
            Tag::OctetString => FieldOctets::decode(reader).map(Self::Octets),
            _ => SetString::decode(reader).map(Self::Text),
        }
    }
}

impl EncodeValue for FieldValue {
    fn value_len(&self) -> der::Result<Length> {
        match self {
            Self::Text(text) => text.value_len(),
            Self::Octets(octets) => octets.0.len().try_into(),
        }
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        match self {
            Self::Text(text) => text.encode_value(writer),
            Self::Octets(octets) => writer.write(&octets.0),
        }
    }
}

impl Tagged for FieldValue {
    fn tag(&self) -> Tag {
        match self {
            Self::Text(text) => text.tag(),
            Self::Octets(_) => Tag::OctetString,
        }
    }
}
