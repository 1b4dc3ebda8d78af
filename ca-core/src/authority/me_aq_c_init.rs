//! Me-AqCInitReq → Me-AqCInitRes: a merchant or a payment gateway makes contact and is given its
//! form (spec `set-messages.md` §4.5).

use super::answer::octets;
use super::fault::Fault;
use super::form_offer::{account_field, offer};
use super::initiate::new_registration;
use super::reg_form::local_id;
use super::respond::{Answer, Received};
use super::{Authority, Ca};
use crate::decide::{Identity, Refusal, check_id_data, check_me_aq, check_rrpid};
use crate::profile::{FormChoice, FormQuery};
use crate::store::{Registration, RegistrationState};
use crate::wire::{Challenge, LocalId, MeAqCInitReq, MeAqCInitResTbs, Message, oids};

impl Authority {
    /// Opens a registration, chooses its form and hands it out, or refers elsewhere.
    pub(super) fn give_form_to_me_aq(
        &self,
        received: &Received<'_>,
        request: &MeAqCInitReq,
    ) -> Result<Answer, Fault> {
        check_rrpid(received.rrpid.as_bytes(), request.rrpid.as_bytes())?;
        let role = request.request_type.role();
        check_me_aq(role)?;
        check_id_data(role, Some(&request.id_data))?;
        // The type picks the CA (decisions.md 11).
        let hierarchy = self.hierarchy();
        let brand = request.brand_id.as_str();
        let ca = hierarchy.registering(brand, role);
        let ca = ca.ok_or_else(|| Refusal::BrandUnknown(brand.to_owned()))?;
        let choice = self.form_for(brand, request)?;
        let chall_ca = Challenge::random(self.parts.random.as_ref())?;
        let registration = self.begun(received, ca, request, choice.as_ref(), &chall_ca)?;
        let bundle = self.bundle(ca, request.thumbs.as_ref(), &[])?;
        let referral = self.brand_rules(brand)?.referral(request.language.as_str());
        let tbs = MeAqCInitResTbs {
            rrpid: request.rrpid,
            lid_ee: request.lid_ee.clone(),
            chall_ee: request.chall_ee,
            lid_ca: Some(local_id(&registration)?),
            chall_ca,
            request_type: request.request_type,
            reg_form_or_referral: offer(choice.as_ref(), referral)?,
            acct_data_field: account_field(choice.as_ref())?,
            cae_thumb: Some(self.key_exchange_thumb(ca)?),
            brand_crl_identifier: bundle.bci,
            thumbs: request.thumbs.clone(),
        };
        let content = self.encoded(&tbs)?;
        let content_type = oids::CT_ME_AQ_C_INIT_RES_TBS;
        let signed = self.signed(ca, content_type, &content, bundle.attachments, received.now)?;
        let message = Message::MeAqCInitRes(octets(signed)?);
        let answer = self.wrapped(&message, Some(received.rrpid), received.now)?;
        self.record_answer(received, &registration, answer)
    }

    /// The form for an acquirer's BIN, role, type and language; none if it is not served.
    fn form_for(
        &self,
        brand: &str,
        request: &MeAqCInitReq,
    ) -> Result<Option<FormChoice<'_>>, Fault> {
        let bin = Identity::from(&request.id_data).bin;
        if self.brand_rules(brand)?.acquirer_for_bin(bin).is_none() {
            return Ok(None);
        }
        Ok(self.parts.policies.form(&FormQuery {
            brand,
            role: request.request_type.role(),
            bin,
            language: request.language.as_str(),
            request_type: request.request_type.number(),
        }))
    }

    /// A registration with what its form run binds the CertReq to.
    fn begun(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        request: &MeAqCInitReq,
        choice: Option<&FormChoice<'_>>,
        chall_ca: &Challenge,
    ) -> Result<Registration, Fault> {
        let lid_ca = LocalId::random(self.parts.random.as_ref())?;
        let role = request.request_type.role();
        let lid_ee = request.lid_ee.as_bytes();
        let identity = Identity::from(&request.id_data);
        let state = match choice {
            Some(_) => RegistrationState::FormSent,
            None => RegistrationState::Referred,
        };
        Ok(Registration {
            role,
            brand: request.brand_id.as_str().to_owned(),
            state,
            request_type: Some(request.request_type.number()),
            language: choice.map(|choice| choice.language.to_owned()),
            form_id: choice.map(|choice| choice.form.id),
            chall_ca: Some(*chall_ca.as_bytes()),
            bin: Some(identity.bin.to_owned()),
            business_id: identity.business_id.map(str::to_owned),
            ..new_registration(ca, &lid_ca, lid_ee, received.now)
        })
    }
}
