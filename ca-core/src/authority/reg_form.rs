//! RegFormReq → RegFormRes: which form, in which language, or a referral (spec `set-messages.md`
//! §4.4).

use super::answer::octets;
use super::fault::Fault;
use super::form_offer::offer;
use super::initiate::new_registration;
use super::respond::{Answer, Received};
use super::{Authority, Ca, Error, Hierarchy, Stage};
use crate::decide::{Refusal, check_lid, check_not_over, check_role, check_rrpid};
use crate::envelope::{REG_FORM_REQ, Slot, open_exh};
use crate::profile::{FormChoice, FormQuery, KeyUse, Role};
use crate::store::{Registration, RegistrationState};
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::pkcs7::EnvelopedData;
use crate::wire::{
    Challenge, LocalId, Message, PanOnly, RegFormReqData, RegFormResTbs, decode, oids,
};

impl Authority {
    /// Chooses the form for an account and hands it out.
    pub(super) fn give_form(
        &self,
        received: &Received<'_>,
        envelope: &[u8],
    ) -> Result<Answer, Fault> {
        let hierarchy = self.hierarchy();
        let (ca, request, account) = self.open_form_request(&hierarchy, envelope)?;
        check_rrpid(received.rrpid.as_bytes(), request.rrpid.as_bytes())?;
        check_role(Role::Cardholder, request.request_type.role())?;
        // Held to the end: a certificate may be on its way in this very registration.
        let lid_ca = request.lid_ca.as_ref();
        let _alone = lid_ca.map(|lid_ca| self.registrations.enter(lid_ca.as_bytes().to_vec()));
        let mut registration = self.registration_for(ca, received, &request)?;
        check_not_over(&registration)?;
        let brand = registration.brand.clone();
        let rules = self.brand_rules(&brand)?;
        let served = rules.issuer_for_bin(account.pan.bin()).is_some();
        let choice = self.parts.policies.form(&FormQuery {
            brand: &brand,
            role: Role::Cardholder,
            bin: account.pan.bin(),
            language: request.language.as_str(),
            request_type: request.request_type.number(),
        });
        let choice = choice.filter(|_| served);
        let referral = rules.referral(request.language.as_str());
        let chall_ca = Challenge::random(self.parts.random.as_ref())?;
        note_form(&mut registration, &request, choice.as_ref(), &chall_ca);
        registration.bin = Some(account.pan.bin().to_owned());
        registration.pan_hash = Some(self.pan_hash(account.pan.digits())?);
        registration.pan_tail = Some(account.pan.last_four().to_owned());
        registration.updated_at = received.now;
        let bundle = self.bundle(ca, request.thumbs.as_ref(), &[])?;
        let tbs = RegFormResTbs {
            rrpid: request.rrpid,
            lid_ee: request.lid_ee,
            chall_ee2: request.chall_ee2,
            lid_ca: Some(local_id(&registration)?),
            chall_ca,
            cae_thumb: None,
            request_type: request.request_type,
            form_or_referral: offer(choice.as_ref(), referral)?,
            brand_crl_identifier: bundle.bci,
            thumbs: request.thumbs,
        };
        let content = self.encoded(&tbs)?;
        let content_type = oids::CT_REG_FORM_RES_TBS;
        let signed = self.signed(ca, content_type, &content, bundle.attachments, received.now)?;
        let message = Message::RegFormRes(octets(signed)?);
        let answer = self.wrapped(&message, Some(received.rrpid), received.now)?;
        self.record_answer(received, &registration, answer)
    }

    /// Opens the envelope: the CA it is for, what was asked, and the account.
    fn open_form_request<'a>(
        &self,
        hierarchy: &'a Hierarchy,
        envelope: &[u8],
    ) -> Result<(&'a Ca, RegFormReqData, PanOnly), Fault> {
        let slot = &REG_FORM_REQ;
        let ca = self.parts.within(Stage::Decode, || recipient(hierarchy, slot, envelope))?;
        let own: Vec<_> = ca.generations(KeyUse::Encryption).collect();
        let (decryptor, random) = (self.parts.decryptor.as_ref(), self.parts.random.as_ref());
        let open = || open_exh(self.suite(), slot, envelope, &own, decryptor, random);
        let opened = self.parts.within(Stage::Open, open).map_err(Fault::opening)?;
        // A plaintext that does not decode is the uniform failure too (set-crypto.md §5.4).
        let closed = |_| Refusal::Undecryptable;
        self.parts.within(Stage::Decode, || {
            let request = decode(&opened.t, MAX_MESSAGE).map_err(closed)?;
            let account = decode(&opened.p, MAX_MESSAGE).map_err(closed)?;
            Ok((ca, request, account))
        })
    }

    /// The registration begun with CardCInitReq, or a new one where the cardholder already held the
    /// key-exchange certificate and began here.
    fn registration_for(
        &self,
        ca: &Ca,
        received: &Received<'_>,
        request: &RegFormReqData,
    ) -> Result<Registration, Fault> {
        let Some(lid_ca) = &request.lid_ca else {
            let lid_ca = LocalId::random(self.parts.random.as_ref())?;
            let lid_ee = request.lid_ee.as_bytes();
            return Ok(new_registration(ca, &lid_ca, lid_ee, received.now));
        };
        let found = self.parts.store.registration(lid_ca.as_bytes())?;
        let found = found.filter(|registration| registration.ca == ca.record.id);
        Ok(check_lid(found.as_ref(), request.lid_ee.as_bytes())?.clone())
    }
}

/// What the form run binds the CertReq to.
fn note_form(
    registration: &mut Registration,
    request: &RegFormReqData,
    choice: Option<&FormChoice<'_>>,
    chall_ca: &Challenge,
) {
    registration.state = match choice {
        Some(_) => RegistrationState::FormSent,
        None => RegistrationState::Referred,
    };
    registration.request_type = Some(request.request_type.number());
    registration.language = choice.map(|choice| choice.language.to_owned());
    registration.form_id = choice.map(|choice| choice.form.id);
    registration.chall_ca = Some(*chall_ca.as_bytes());
}

/// The CA that an envelope of `slot` is for: a RegFormReq is for a CCA, a CertReq for any CA of end
/// entities.
///
/// The content type in clear comes first (decisions.md 15); anything wrong with the recipient is
/// the uniform failure (decisions.md 16).
pub(super) fn recipient<'a>(
    hierarchy: &'a Hierarchy,
    slot: &Slot,
    envelope: &[u8],
) -> Result<&'a Ca, Refusal> {
    let envelope: EnvelopedData = decode(envelope, MAX_MESSAGE).map_err(|_| Refusal::Malformed)?;
    if envelope.encrypted_content_info.content_type != slot.content_type() {
        return Err(Refusal::AlternativeMismatch);
    }
    hierarchy.recipient(&envelope, recipients(slot)).ok_or(Refusal::Undecryptable)
}

/// Roles of the CAs that a message in `slot` may be sealed to.
pub(super) fn recipients(slot: &Slot) -> &'static [Role] {
    if slot.content_type() == REG_FORM_REQ.content_type() {
        &[Role::Cca]
    } else {
        &[Role::Cca, Role::Mca, Role::Pca]
    }
}

/// LID-CA of a registration.
pub(super) fn local_id(registration: &Registration) -> Result<LocalId, Error> {
    LocalId::new(&registration.lid_ca)
        .map_err(|_| Error::Hierarchy("a stored LID-CA is not one".to_owned()))
}
