//! CertRes and CertInqRes in all their outcomes: issued, refused, or not decided yet (spec
//! `set-messages.md` §4.7).

use super::answer::{Channel, channel, octets};
use super::fault::Fault;
use super::grant::Reply;
use super::reg_form::local_id;
use super::respond::{Answer, Received};
use super::{Authority, Ca, Error, Stage, back_key};
use crate::decide::{Refusal, check_not_over};
use crate::envelope::{Attachments, CERT_RES_ENCK, seal_enck};
use crate::profile::Role;
use crate::store::{Registration, RegistrationState};
use crate::wire::bounds::{UB_EE_MESSAGE, UB_FIELD_LIST};
use crate::wire::{
    BackKeyData, BrandCrlIdentifierOctets, Cert, CertInqReqTbs, CertReqData, CertRes, CertResData,
    CertStatus, CertStatusCode, Challenge, Digest, EncryptedDataOctets, FailedItem, LocalId,
    Message, NonEmpty, RangedInt, SetString, Thumbs, oids,
};

/// What an answer copies from the message it answers, and how it goes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    lid_ee: &'a LocalId,
    chall_ee3: &'a Challenge,
    thumbs: Option<&'a Thumbs>,
    back_key: Option<&'a BackKeyData>,
    /// CertRes or CertInqRes, which have the same content.
    message: fn(CertRes) -> Message,
}

impl<'a> Asked<'a> {
    /// By a CertReq. A caBackKeyData of others than cardholders is not looked at (spec
    /// `set-messages.md` §4.7).
    pub(super) fn of(request: &'a CertReqData) -> Self {
        let cardholder = request.request_type.role() == Role::Cardholder;
        Self {
            lid_ee: &request.lid_ee,
            chall_ee3: &request.chall_ee3,
            thumbs: request.thumbs.as_ref(),
            back_key: request.ca_back_key_data.as_ref().filter(|_| cardholder),
            message: Message::CertRes,
        }
    }

    /// By an inquiry, which brings no key of its own and no Thumbs (decisions.md 6).
    pub(super) fn again(inquiry: &'a CertInqReqTbs, back_key: Option<&'a BackKeyData>) -> Self {
        Self {
            lid_ee: &inquiry.lid_ee,
            chall_ee3: &inquiry.chall_ee3,
            thumbs: None,
            back_key,
            message: Message::CertInqRes,
        }
    }
}

impl Authority {
    /// The answer that carries the certificates.
    pub(super) fn complete(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: &Registration,
        asked: &Asked<'_>,
        issued: &[&[u8]],
        reply: &Reply,
    ) -> Result<Vec<u8>, Error> {
        let bundle = self.bundle(ca, asked.thumbs, issued)?;
        let status = CertStatus {
            nonce_cca: reply.nonce_cca.clone(),
            ca_msg: reply.ca_msg.clone(),
            ee_message: registration.message.as_deref().and_then(message_for_people),
            ..CertStatus::new(CertStatusCode::RequestComplete)
        };
        let thumbs = self.issued_thumbs(issued)?;
        let data = result(received, registration, asked, status, Some(thumbs), bundle.bci)?;
        self.answered(received, ca, asked, &data, bundle.attachments)
    }

    /// The answer that says no. A refusal leaves the registration open (anyone who overhears the
    /// form run could provoke one), unless the card itself was refused. What already waits for a
    /// decision, or has one, stays as it is.
    pub(super) fn refuse(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        mut registration: Registration,
        asked: &Asked<'_>,
        refusal: Refusal,
    ) -> Result<Answer, Fault> {
        let Channel::Status(code) = channel(&refusal) else {
            return Err(refusal.into());
        };
        if check_not_over(&registration).is_ok() {
            if is_final(&refusal) {
                registration.state = RegistrationState::Refused;
            }
            registration.status = Some(code.number());
            registration.refusal = Some(refusal.code().to_owned());
            registration.message = Some(refusal.to_string());
        }
        let answer = self.refusal_answer(received, ca, &registration, asked, &refusal)?;
        self.record_answer(received, &registration, answer)
    }

    /// The answer to a refusal that belongs in a status.
    pub(super) fn refusal_answer(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: &Registration,
        asked: &Asked<'_>,
        refusal: &Refusal,
    ) -> Result<Vec<u8>, Fault> {
        let Channel::Status(code) = channel(refusal) else {
            return Err(refusal.clone().into());
        };
        let status = CertStatus {
            ee_message: message_for_people(&refusal.to_string()),
            failed_item_seq: failed_items(refusal),
            ..CertStatus::new(code)
        };
        Ok(self.status_answer(received, ca, registration, asked, status)?)
    }

    /// The answer that says where a registration stands, and carries nothing.
    pub(super) fn standing(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: &Registration,
        asked: &Asked<'_>,
    ) -> Result<Vec<u8>, Error> {
        let code =
            CertStatusCode::ALL.iter().find(|code| Some(code.number()) == registration.status);
        let code = code.ok_or_else(|| Error::Hierarchy("a stored status is not one".to_owned()))?;
        let status = CertStatus {
            ee_message: registration.message.as_deref().and_then(message_for_people),
            ..CertStatus::new(*code)
        };
        self.status_answer(received, ca, registration, asked, status)
    }

    /// An answer without certificates.
    fn status_answer(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: &Registration,
        asked: &Asked<'_>,
        status: CertStatus,
    ) -> Result<Vec<u8>, Error> {
        let bundle = self.bundle(ca, asked.thumbs, &[])?;
        let data = result(received, registration, asked, status, None, bundle.bci)?;
        self.answered(received, ca, asked, &data, bundle.attachments)
    }

    /// EncK under the back key where there is a usable one, plain S otherwise (spec
    /// `set-messages.md` §6 no. 13).
    fn answered(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        asked: &Asked<'_>,
        data: &CertResData,
        attachments: Attachments,
    ) -> Result<Vec<u8>, Error> {
        let content = self.encoded(data)?;
        let content_type = oids::CT_CERT_RES_DATA;
        let signed = self.signed(ca, content_type, &content, attachments, received.now)?;
        let answer = match back_key::usable(self.suite(), asked.back_key) {
            Ok(back) => {
                let random = self.parts.random.as_ref();
                let seal = || seal_enck(self.suite(), back, &CERT_RES_ENCK, &signed, random);
                let sealed = self.parts.within(Stage::Seal, seal)?;
                CertRes::Encrypted(EncryptedDataOctets::new(sealed).map_err(own)?)
            }
            Err(_) => CertRes::Signed(octets(signed)?),
        };
        self.wrapped(&(asked.message)(answer), Some(received.rrpid), received.now)
    }

    /// certThumbs: the certificates issued in this answer, exactly those (decisions.md 5).
    fn issued_thumbs(&self, issued: &[&[u8]]) -> Result<Thumbs, Error> {
        let thumb = |der: &&[u8]| {
            let certificate = Cert::from_der(der).map_err(own)?;
            Digest::new(&certificate.thumbprint(self.suite()))
                .map_err(|_| Error::Hierarchy("a thumbprint is no Digest".to_owned()))
        };
        let thumbs = issued.iter().map(thumb).collect::<Result<_, Error>>()?;
        Ok(Thumbs { cert_thumbs: Some(thumbs), ..Thumbs::empty(self.suite()) })
    }
}

fn result(
    received: &Received<'_>,
    registration: &Registration,
    asked: &Asked<'_>,
    cert_status: CertStatus,
    cert_thumbs: Option<Thumbs>,
    brand_crl_identifier: Option<BrandCrlIdentifierOctets>,
) -> Result<CertResData, Error> {
    Ok(CertResData {
        rrpid: *received.rrpid,
        lid_ee: asked.lid_ee.clone(),
        chall_ee3: *asked.chall_ee3,
        lid_ca: Some(local_id(registration)?),
        cert_status,
        cert_thumbs,
        brand_crl_identifier,
        thumbs: asked.thumbs.cloned(),
    })
}

/// True if the answer will be the same whatever comes next in this registration.
fn is_final(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::AcquirerRefused(_) | Refusal::CardExpired { .. } | Refusal::IssuerRefused(_)
    )
}

/// eeMessage: what happened, cut to its bound; nothing if it does not fit a SETString.
fn message_for_people(text: &str) -> Option<SetString<UB_EE_MESSAGE>> {
    let text: String = text.chars().take(UB_EE_MESSAGE).collect();
    SetString::new(&text).ok()
}

fn failed_items(refusal: &Refusal) -> Option<NonEmpty<FailedItem, UB_FIELD_LIST>> {
    let Refusal::FormMalformed(faults) = refusal else {
        return None;
    };
    let items = faults.iter().filter_map(|fault| {
        Some(FailedItem {
            item_number: RangedInt::new(u16::from(fault.item)).ok()?,
            item_reason: SetString::new(&fault.reason).ok()?,
        })
    });
    NonEmpty::new(items.collect()).ok()
}

fn own(fault: crate::wire::DecodeError) -> Error {
    Error::Hierarchy(format!("own encoding: {fault}"))
}
