//! CardCInitReq → CardCInitRes: a cardholder makes contact (spec `set-messages.md` §4.3).

use super::answer::octets;
use super::fault::Fault;
use super::respond::{Answer, Received};
use super::{Authority, Ca, Error};
use crate::decide::{Refusal, check_rrpid};
use crate::profile::{KeyUse, Role};
use crate::store::Registration;
use crate::wire::{CardCInitReq, CardCInitResTbs, CertThumb, LocalId, Message, oids};

impl Authority {
    /// Opens a registration and names the key to encrypt to.
    pub(super) fn initiate(
        &self,
        received: &Received<'_>,
        request: &CardCInitReq,
    ) -> Result<Answer, Fault> {
        check_rrpid(received.rrpid.as_bytes(), request.rrpid.as_bytes())?;
        let hierarchy = self.hierarchy();
        let brand = request.brand_id.as_str();
        let ca = hierarchy
            .serving(brand, Role::Cca)
            .ok_or_else(|| Refusal::BrandUnknown(brand.to_owned()))?;
        let lid_ca = LocalId::random(self.parts.random.as_ref())?;
        let bundle = self.bundle(ca, request.thumbs.as_ref(), &[])?;
        let tbs = CardCInitResTbs {
            rrpid: request.rrpid,
            lid_ee: request.lid_ee.clone(),
            chall_ee: request.chall_ee,
            lid_ca: Some(lid_ca.clone()),
            cae_thumb: self.key_exchange_thumb(ca)?,
            brand_crl_identifier: bundle.bci,
            thumbs: request.thumbs.clone(),
        };
        let content = self.encoded(&tbs)?;
        let content_type = oids::CT_CARD_C_INIT_RES_TBS;
        let signed = self.signed(ca, content_type, &content, bundle.attachments, received.now)?;
        let message = Message::CardCInitRes(octets(signed)?);
        let answer = self.wrapped(&message, Some(received.rrpid), received.now)?;
        let registration = new_registration(ca, &lid_ca, request.lid_ee.as_bytes(), received.now);
        self.record_answer(received, &registration, answer)
    }

    /// CertThumb of the key-exchange certificate of a CA.
    pub(super) fn key_exchange_thumb(&self, ca: &Ca) -> Result<CertThumb, Error> {
        let held = ca.need(KeyUse::Encryption)?;
        let thumb = held.certificate.thumbprint(self.suite());
        CertThumb::new(self.suite(), &thumb)
            .map_err(|_| Error::Hierarchy("a thumbprint does not fit a CertThumb".to_owned()))
    }
}

/// A registration at its beginning.
pub(super) fn new_registration(
    ca: &Ca,
    lid_ca: &LocalId,
    lid_ee: &[u8],
    now: crate::UnixTime,
) -> Registration {
    Registration::begun(
        lid_ca.as_bytes().to_vec(),
        lid_ee.to_vec(),
        ca.record.id.clone(),
        Role::Cardholder,
        ca.record.brand.clone().unwrap_or_default(),
        now,
    )
}
