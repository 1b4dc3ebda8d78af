//! Message: the CHOICE of everything that travels in a wrapper (spec `set-messages.md` §1.2).

use der::{Decode, Encode};

use super::bounds::MAX_MESSAGE;
use super::card_c_init::CardCInitReq;
use super::cert_req::CertReq;
use super::cert_res::CertRes;
use super::error::{DecodeError, decode};
use super::error_message::ErrorMessage;
use super::me_aq_c_init::MeAqCInitReq;
use super::raw::{EnvelopedDataOctets, SignedDataOctets};
use super::tags;
use super::wrapper::{MessageOctets, MessageWrapper};

/// A decoded message. What is signed or enveloped stays octets here; `envelope` opens it.
///
/// Every alternative is EXPLICIT; the numbers are in [`tags`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// 22, in clear.
    CardCInitReq(CardCInitReq),
    /// 23, S(CA, CardCInitResTBS).
    CardCInitRes(SignedDataOctets),
    /// 24, in clear.
    MeAqCInitReq(MeAqCInitReq),
    /// 25, S(CA, Me-AqCInitResTBS).
    MeAqCInitRes(SignedDataOctets),
    /// 26, EXH(CA, RegFormReqData, PANOnly).
    RegFormReq(EnvelopedDataOctets),
    /// 27, S(CA, RegFormResTBS).
    RegFormRes(SignedDataOctets),
    /// 28.
    CertReq(CertReq),
    /// 29.
    CertRes(CertRes),
    /// 30, S(EE, CertInqReqTBS).
    CertInqReq(SignedDataOctets),
    /// 31.
    CertInqRes(CertRes),
    /// 999.
    Error(ErrorMessage),
    /// A message SET defines and this library does not read: Error messageNotSupported.
    Unserved(MessageOctets),
    /// A number SET does not define: Error messageNotSupported.
    Unknown(MessageOctets),
}

impl Message {
    /// Decodes the message of a wrapper.
    ///
    /// # Errors
    /// [`DecodeError`] if it is not what its alternative says, with the offset in
    /// [`MessageOctets::as_der`].
    pub fn from_wrapper(wrapper: &MessageWrapper) -> Result<Self, DecodeError> {
        let octets = &wrapper.message;
        match octets.alternative() {
            tags::CARD_C_INIT_REQ => open(octets).map(Self::CardCInitReq),
            tags::CARD_C_INIT_RES => open(octets).map(Self::CardCInitRes),
            tags::ME_AQ_C_INIT_REQ => open(octets).map(Self::MeAqCInitReq),
            tags::ME_AQ_C_INIT_RES => open(octets).map(Self::MeAqCInitRes),
            tags::REG_FORM_REQ => open(octets).map(Self::RegFormReq),
            tags::REG_FORM_RES => open(octets).map(Self::RegFormRes),
            tags::CERT_REQ => open(octets).map(Self::CertReq),
            tags::CERT_RES => open(octets).map(Self::CertRes),
            tags::CERT_INQ_REQ => open(octets).map(Self::CertInqReq),
            tags::CERT_INQ_RES => open(octets).map(Self::CertInqRes),
            tags::ERROR => open(octets).map(Self::Error),
            known if tags::message_name(known).is_some() => Ok(Self::Unserved(octets.clone())),
            _ => Ok(Self::Unknown(octets.clone())),
        }
    }

    /// Number of its alternative, see [`tags`].
    #[must_use]
    pub const fn alternative(&self) -> u32 {
        match self {
            Self::CardCInitReq(_) => tags::CARD_C_INIT_REQ,
            Self::CardCInitRes(_) => tags::CARD_C_INIT_RES,
            Self::MeAqCInitReq(_) => tags::ME_AQ_C_INIT_REQ,
            Self::MeAqCInitRes(_) => tags::ME_AQ_C_INIT_RES,
            Self::RegFormReq(_) => tags::REG_FORM_REQ,
            Self::RegFormRes(_) => tags::REG_FORM_RES,
            Self::CertReq(_) => tags::CERT_REQ,
            Self::CertRes(_) => tags::CERT_RES,
            Self::CertInqReq(_) => tags::CERT_INQ_REQ,
            Self::CertInqRes(_) => tags::CERT_INQ_RES,
            Self::Error(_) => tags::ERROR,
            Self::Unserved(octets) | Self::Unknown(octets) => octets.alternative(),
        }
    }

    /// Encodes it as the message of a wrapper.
    ///
    /// # Errors
    /// Only for a message beyond the 4 GiB the encoder can count.
    pub fn to_octets(&self) -> der::Result<MessageOctets> {
        let content = match self {
            Self::CardCInitReq(message) => message.to_der()?,
            Self::MeAqCInitReq(message) => message.to_der()?,
            Self::CardCInitRes(message)
            | Self::MeAqCInitRes(message)
            | Self::RegFormRes(message)
            | Self::CertInqReq(message) => message.to_der()?,
            Self::RegFormReq(message) => message.to_der()?,
            Self::CertReq(message) => message.to_der()?,
            Self::CertRes(message) | Self::CertInqRes(message) => message.to_der()?,
            Self::Error(message) => message.to_der()?,
            Self::Unserved(octets) | Self::Unknown(octets) => return Ok(octets.clone()),
        };
        MessageOctets::wrap(self.alternative(), &content)
    }
}

fn open<'a, T>(octets: &'a MessageOctets) -> Result<T, DecodeError>
where
    T: Decode<'a, Error = der::Error> + Encode,
{
    decode(octets.content(), MAX_MESSAGE).map_err(|error| DecodeError {
        offset: error.offset.saturating_add(octets.content_offset()),
        ..error
    })
}
