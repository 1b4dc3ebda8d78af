//! CertRes in both its outcomes: issued, or refused with a status (spec `set-messages.md` §4.7).

use der::Encode;

use super::answer::{Channel, channel, octets};
use super::certify::Issued;
use super::fault::Fault;
use super::reg_form::local_id;
use super::respond::Received;
use super::{Authority, Ca, Error, back_key};
use crate::decide::Refusal;
use crate::envelope::{Attachments, CERT_RES_ENCK, seal_enck};
use crate::store::{Registration, RegistrationState};
use crate::wire::{
    BrandCrlIdentifierOctets, CaMsg, Cert, CertReqData, CertRes, CertResData, CertStatus,
    CertStatusCode, Digest, EncryptedDataOctets, FailedItem, Message, NonEmpty, RangedInt,
    SetString, Thumbs, Url, oids,
};

impl Authority {
    /// The answer that carries the certificate.
    pub(super) fn complete(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: &Registration,
        request: &CertReqData,
        issued: &Issued,
    ) -> Result<Vec<u8>, Error> {
        let der = &issued.certificate.der;
        let bundle = self.bundle(ca, request.thumbs.as_ref(), &[der])?;
        let logo = issued.card_logo_url.as_deref().and_then(|url| Url::new(url).ok());
        let status = CertStatus {
            nonce_cca: Some(issued.nonce_cca.clone()),
            ca_msg: logo.map(|url| CaMsg {
                card_logo_url: Some(url),
                brand_logo_url: None,
                card_currency: None,
                cardholder_msg: None,
            }),
            ..CertStatus::new(CertStatusCode::RequestComplete)
        };
        let thumbs = self.issued_thumbs(der)?;
        let data = result(registration, request, status, Some(thumbs), bundle.bci)?;
        self.answered(received, ca, request, &data, bundle.attachments)
    }

    /// The answer that says no. A refusal leaves the registration open (anyone who overhears the
    /// form run could provoke one), unless the card itself was refused.
    pub(super) fn refuse(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        mut registration: Registration,
        request: &CertReqData,
        refusal: Refusal,
    ) -> Result<Vec<u8>, Fault> {
        let Channel::Status(code) = channel(&refusal) else {
            return Err(refusal.into());
        };
        if matches!(refusal, Refusal::IssuerRefused | Refusal::CardExpired { .. }) {
            registration.state = RegistrationState::Refused;
        }
        registration.refusal = Some(refusal.code().to_owned());
        let bundle = self.bundle(ca, request.thumbs.as_ref(), &[])?;
        let status = CertStatus {
            ee_message: message_for_people(&refusal),
            failed_item_seq: failed_items(&refusal),
            ..CertStatus::new(code)
        };
        let data = result(&registration, request, status, None, bundle.bci)?;
        let answer = self.answered(received, ca, request, &data, bundle.attachments)?;
        self.record_answer(received, &registration, answer)
    }

    /// EncK under the back key where there is a usable one, plain S otherwise (spec
    /// `set-messages.md` §6 no. 13).
    fn answered(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        request: &CertReqData,
        data: &CertResData,
        attachments: Attachments,
    ) -> Result<Vec<u8>, Error> {
        let content = data.to_der()?;
        let content_type = oids::CT_CERT_RES_DATA;
        let signed = self.signed(ca, content_type, &content, attachments, received.now)?;
        let answer = match back_key::usable(self.suite(), request.ca_back_key_data.as_ref()) {
            Ok(back) => {
                let key = back.back_key.as_bytes();
                let random = self.parts.random.as_ref();
                let sealed = seal_enck(self.suite(), key, &CERT_RES_ENCK, &signed, random)?;
                CertRes::Encrypted(EncryptedDataOctets::new(sealed).map_err(own)?)
            }
            Err(_) => CertRes::Signed(octets(signed)?),
        };
        Self::wrapped(&Message::CertRes(answer), Some(received.rrpid), received.now)
    }

    /// certThumbs: the certificates issued in this answer, exactly those (decisions.md 5).
    fn issued_thumbs(&self, der: &[u8]) -> Result<Thumbs, Error> {
        let certificate = Cert::from_der(der).map_err(own)?;
        let thumb = Digest::new(&certificate.thumbprint(self.suite()))
            .map_err(|_| Error::Hierarchy("a thumbprint is no Digest".to_owned()))?;
        Ok(Thumbs { cert_thumbs: Some(vec![thumb]), ..Thumbs::empty(self.suite()) })
    }
}

fn result(
    registration: &Registration,
    request: &CertReqData,
    cert_status: CertStatus,
    cert_thumbs: Option<Thumbs>,
    brand_crl_identifier: Option<BrandCrlIdentifierOctets>,
) -> Result<CertResData, Error> {
    Ok(CertResData {
        rrpid: request.rrpid,
        lid_ee: request.lid_ee.clone(),
        chall_ee3: request.chall_ee3,
        lid_ca: Some(local_id(registration)?),
        cert_status,
        cert_thumbs,
        brand_crl_identifier,
        thumbs: request.thumbs.clone(),
    })
}

/// eeMessage: what happened, cut to its bound; nothing if it does not fit a SETString.
fn message_for_people(
    refusal: &Refusal,
) -> Option<SetString<{ crate::wire::bounds::UB_EE_MESSAGE }>> {
    let text: String =
        refusal.to_string().chars().take(crate::wire::bounds::UB_EE_MESSAGE).collect();
    SetString::new(&text).ok()
}

fn failed_items(
    refusal: &Refusal,
) -> Option<NonEmpty<FailedItem, { crate::wire::bounds::UB_FIELD_LIST }>> {
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
