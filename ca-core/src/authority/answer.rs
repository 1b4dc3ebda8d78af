//! Answers: signed, sealed, wrapped; and what each refusal says on the wire.

use der::Encode;

use super::respond::SetReply;
use super::{Authority, Ca, Error, Held, Stage};
use crate::UnixTime;
use crate::decide::Refusal;
use crate::envelope::{Attachments, SignerIdentity, sign};
use crate::profile::KeyUse;
use crate::wire::extensions::{ExtensionValue, PrivateKeyUsagePeriod};
use crate::wire::{
    CertStatusCode, ErrorCode, ErrorMessage, ErrorMsg, ErrorTbs, Message, MessageHeader,
    MessageWrapper, Nonce, Rrpid, SignedDataOctets, SwIdent, oids,
};

/// Where a refusal is said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Channel {
    /// In an Error message.
    Error(ErrorCode),
    /// In the CertStatus of a CertRes.
    Status(CertStatusCode),
}

/// The map of spec `set-messages.md` §4.11.
pub(super) const fn channel(refusal: &Refusal) -> Channel {
    match refusal {
        Refusal::AccountUnreadable => Channel::Status(CertStatusCode::DecryptionError),
        Refusal::AcquirerRefused(_) => Channel::Status(CertStatusCode::RejectedByAquirer),
        Refusal::AlternativeMismatch => Channel::Error(ErrorCode::WrapperMsgMismatch),
        Refusal::BrandUnknown(_) | Refusal::IdDataWrong(_) | Refusal::RoleMismatch { .. } => {
            Channel::Error(ErrorCode::UnspecifiedFailure)
        }
        Refusal::ChallengeMismatch => Channel::Error(ErrorCode::ChallengeMismatch),
        Refusal::ExtensionUnrecognized(_) => Channel::Error(ErrorCode::UnrecognizedExtension),
        Refusal::FormMalformed(_) | Refusal::FormOther { .. } => {
            Channel::Status(CertStatusCode::RegFormAnswerMalformed)
        }
        Refusal::HeaderIncomplete => Channel::Error(ErrorCode::BadMessageHeader),
        Refusal::IssuerRefused(_) => Channel::Status(CertStatusCode::RejectedByIssuer),
        Refusal::AccountMissing
        | Refusal::CardExpired { .. }
        | Refusal::CertificateExpired { .. }
        | Refusal::CertificateRenewed
        | Refusal::CertificateRevoked
        | Refusal::CertificateUnknown
        | Refusal::EntityOther
        | Refusal::IdDataChanged
        | Refusal::KeyCertified
        | Refusal::KeyKind { .. }
        | Refusal::KeysAlike
        | Refusal::KeysWrong
        | Refusal::PanChanged
        | Refusal::RegistrationClosed
        | Refusal::RenewedUnnamed
        | Refusal::RequestTypeChanged { .. } => Channel::Status(CertStatusCode::RejectedByCa),
        Refusal::LanguageNotServed(_) => Channel::Status(CertStatusCode::InvalidLanguage),
        Refusal::LidUnknown => Channel::Error(ErrorCode::UnknownLid),
        Refusal::Malformed | Refusal::Undecryptable => Channel::Error(ErrorCode::DecodingFailure),
        Refusal::MessageNotSupported(_) => Channel::Error(ErrorCode::MessageNotSupported),
        Refusal::NoBackKey => Channel::Status(CertStatusCode::UnableToEncryptCertRes),
        Refusal::PanBin(_) | Refusal::PanCheckDigit => Channel::Status(CertStatusCode::InvalidBin),
        Refusal::RrpidMismatch | Refusal::RrpidReused => Channel::Error(ErrorCode::UnknownRrpid),
        Refusal::SignatureInvalid | Refusal::SignersWrong { .. } => {
            Channel::Status(CertStatusCode::SigValidationFail)
        }
        Refusal::TooBig { .. } => Channel::Error(ErrorCode::MessageTooBig),
        Refusal::TooNew { .. } => Channel::Error(ErrorCode::MessageTooNew),
        Refusal::TooOld { .. } => Channel::Error(ErrorCode::MessageTooOld),
        Refusal::VersionTooNew(_) => Channel::Error(ErrorCode::VersionTooNew),
        Refusal::VersionTooOld(_) => Channel::Error(ErrorCode::VersionTooOld),
    }
}

impl Authority {
    /// S(CA, content): signed by the CA's message-signature key.
    pub(super) fn signed(
        &self,
        ca: &Ca,
        content_type: const_oid::ObjectIdentifier,
        content: &[u8],
        attachments: Attachments,
        now: UnixTime,
    ) -> Result<Vec<u8>, Error> {
        let held = ca.need(KeyUse::MessageSignature)?;
        check_period(ca, &held, now)?;
        let identity = SignerIdentity {
            certificate: Some(held.certificate),
            key: held.key,
            algorithm: held.algorithm,
        };
        let signer = self.parts.signer.as_ref();
        Ok(self.parts.within(Stage::Seal, || {
            let signers = [identity];
            sign(self.suite(), content_type, content, true, &signers, attachments, signer)
        })?)
    }

    /// The content of an answer as DER.
    pub(super) fn encoded(&self, content: &impl Encode) -> Result<Vec<u8>, Error> {
        Ok(self.parts.within(Stage::Encode, || content.to_der())?)
    }

    /// A message in the wrapper that goes back for the pair `rrpid`.
    pub(super) fn wrapped(
        &self,
        message: &Message,
        rrpid: Option<&Rrpid>,
        now: UnixTime,
    ) -> Result<Vec<u8>, Error> {
        let sw_ident = SwIdent::new(SW_IDENT)
            .map_err(|_| Error::Policy("the software name is no SWIdent".to_owned()))?;
        let header = MessageHeader::new(now, rrpid.cloned(), sw_ident);
        self.parts.within(Stage::Encode, || {
            Ok(MessageWrapper::new(header, message.to_octets()?).to_der()?)
        })
    }

    /// A SET Error about a message: signed by the CA that would have served it, with its whole
    /// chain, if that could be told (decisions.md 7).
    pub(super) fn error_answer(
        &self,
        refusal: &Refusal,
        about: ErrorMsg,
        rrpid: Option<&Rrpid>,
        ca: Option<&Ca>,
        now: UnixTime,
    ) -> Result<SetReply, Error> {
        let error_code = match channel(refusal) {
            Channel::Error(code) => code,
            // A request whose CertRes cannot be formed: nothing in the list fits better.
            Channel::Status(_) => ErrorCode::UnspecifiedFailure,
        };
        let error_oid = match refusal {
            Refusal::ExtensionUnrecognized(oid) => Some(*oid),
            _ => None,
        };
        let tbs = ErrorTbs {
            error_code,
            error_nonce: Nonce::random(self.parts.random.as_ref())?,
            error_oid,
            error_thumb: None,
            error_msg: about,
        };
        let error = match ca {
            Some(ca) => {
                let chain = self.bundle(ca, None, &[])?.attachments;
                let signed =
                    self.signed(ca, oids::CT_ERROR_TBS, &self.encoded(&tbs)?, chain, now)?;
                ErrorMessage::Signed(octets(signed)?)
            }
            None => ErrorMessage::Unsigned(tbs),
        };
        let octets = self.wrapped(&Message::Error(error), rrpid, now)?;
        Ok(SetReply::Answer { octets, retry_after: None })
    }
}

/// A CA signs messages only while its key may (decisions.md 25).
fn check_period(ca: &Ca, held: &Held<'_>, now: UnixTime) -> Result<(), Error> {
    match PrivateKeyUsagePeriod::find(held.certificate) {
        Ok(Some(period)) if period.contains(now) => Ok(()),
        _ => Err(Error::Hierarchy(format!(
            "the message-signature key of {} must not sign at {now}: renew it",
            ca.record.id
        ))),
    }
}

/// The octets of a SignedData just made.
pub(super) fn octets(signed: Vec<u8>) -> Result<SignedDataOctets, Error> {
    SignedDataOctets::new(signed)
        .map_err(|fault| Error::Hierarchy(format!("own SignedData: {fault}")))
}

/// Who made the message: SWIdent of every header we send.
const SW_IDENT: &str = concat!("setca ", env!("CARGO_PKG_VERSION"));
