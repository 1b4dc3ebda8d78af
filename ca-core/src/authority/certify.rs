//! CertReq → CertRes: the message that ends in certificates (spec `set-messages.md` §4.6, §4.7).
//!
//! Read [`Authority::certify`] from top to bottom: opened, tied, verified, decided, approved,
//! recorded, signed, sealed, recorded. One flow for cardholders, merchants and gateways: where they
//! differ is in what is granted (`card_grant.rs`, `me_aq_grant.rs`).

use core::ops::ControlFlow;

use super::cert_req::{Request, Verified};
use super::cert_res::Asked;
use super::fault::Fault;
use super::form_answer::AnsweredForm;
use super::grant::Grant;
use super::issuance::{profile, refusal_of};
use super::open_request::{completes, note_signers, serials};
use super::respond::{Answer, Received, stored_answer};
use super::{Authority, Ca};
use crate::UnixTime;
use crate::audit::{Acting, Actor};
use crate::decide::{
    Answered, DateWindow, Refusal, check_challenge, check_date, check_form, check_id_data,
    check_key, check_keys, check_keys_differ, check_lid, check_open, check_request_type,
    check_role, check_rrpid, check_same_identity, check_served,
};
use crate::profile::{KeyUse, Role};
use crate::store::Registration;
use crate::wire::{AcctInfo, CertReq, CertReqData, RequestType};

impl Authority {
    /// Decides on a request for certificates and issues them.
    pub(super) fn certify(
        &self,
        received: &Received<'_>,
        message: &CertReq,
    ) -> Result<Answer, Fault> {
        // Step 1: open. Every fault of the envelope is one and the same Error.
        let hierarchy = self.hierarchy();
        let (ca, request) = self.open_request(&hierarchy, message)?;
        // Step 2: what belongs in an Error rather than in a CertRes. The registration is held to
        // the end: two requests of it could both find it open.
        let lid_ca = request.data.lid_ca.as_ref();
        let _alone = lid_ca.map(|lid_ca| self.registrations.enter(lid_ca.as_bytes().to_vec()));
        let mut registration = self.tied(received, ca, &request)?;
        registration.updated_at = received.now;
        let asked = Asked::of(&request.data);
        // Step 3: the signatures. Until they are verified, anybody may have sent it.
        let verified = match self.verified(ca, &registration, &request, received.now) {
            Ok(verified) => verified,
            Err(fault) => return self.refused(received, ca, registration, &asked, fault),
        };
        // A request that waits already is told so when it comes in another message (§4.8).
        let keys = &request.data.public_key_s_or_e;
        if let Some(answer) = self.same_request(received, ca, &registration, &asked, keys)? {
            return Ok(answer);
        }
        note_signers(&mut registration, verified.signers.clone());
        // Step 4: decide. The rules are pure; a refusal is an answer.
        let grant = match self.grant(ca, &registration, &request, &verified, received.now) {
            Ok(grant) => grant,
            Err(fault) => return self.refused(received, ca, registration, &asked, fault),
        };
        // Step 5: the institution decides, now or later.
        match self.approve(received, ca, registration, &asked, &grant)? {
            ControlFlow::Continue(approved) => self.fulfil(received, ca, approved, &asked, &grant),
            ControlFlow::Break(answer) => Ok(answer),
        }
    }

    /// Issues what was granted and approved, and answers with it.
    fn fulfil(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        mut registration: Registration,
        asked: &Asked<'_>,
        grant: &Grant,
    ) -> Result<Answer, Fault> {
        // Step 6: prepare, record, sign. A key that anyone has certified before stops here, but not
        // one that a run of this very request reserved before it died.
        let issued = self.issue(ca, &registration, grant, received.request, received.now);
        let issued = match issued.map_err(refusal_of) {
            Ok(issued) => issued,
            Err(fault) => return self.refused(received, ca, registration, asked, fault),
        };
        // Step 7: seal the answer, then record certificates, registration and answer in one act:
        // nothing leaves before it is durable, and a repeated request meets these very octets.
        completes(&mut registration, serials(&issued));
        let certificates: Vec<&[u8]> = issued.iter().map(|issued| issued.der.as_slice()).collect();
        let reply = &grant.reply;
        let octets = self.complete(received, ca, &registration, asked, &certificates, reply)?;
        let answer = stored_answer(received, &registration, octets);
        let recorded = Some((&registration, Some(&answer)));
        let acting = Acting::new(Actor::EndEntity, received.now);
        match self.parts.store.record_issued(&issued, recorded, &acting) {
            Ok(()) => Ok(Answer::about(&registration, answer.octets)),
            Err(error) => self.answer_of_other_run(received, error),
        }
    }

    /// A refusal is answered in a CertRes; what is our own fault is not answered at all.
    fn refused(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: Registration,
        asked: &Asked<'_>,
        fault: Fault,
    ) -> Result<Answer, Fault> {
        match fault {
            Fault::Refused(refusal) => self.refuse(received, ca, registration, asked, refusal),
            ours @ Fault::Ours(_) => Err(ours),
        }
    }

    /// The registration this request belongs to: rrpid, entity class, date, LID and challenge.
    fn tied(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        request: &Request,
    ) -> Result<Registration, Fault> {
        let data = &request.data;
        let role = data.request_type.role();
        check_rrpid(received.rrpid.as_bytes(), data.rrpid.as_bytes())?;
        check_served(&ca.record.roles, role)?;
        check_id_data(role, data.id_data.as_ref())?;
        check_date(data.request_date.time(), received.now, DateWindow::default())?;
        // Every request follows a form, so there is a LID-CA to return.
        let lid_ca = data.lid_ca.as_ref().ok_or(Refusal::LidUnknown)?;
        let found = self.parts.store.registration(lid_ca.as_bytes())?;
        let found = found.filter(|registration| registration.ca == ca.record.id);
        let registration = check_lid(found.as_ref(), data.lid_ee.as_bytes())?.clone();
        check_role(registration.role, role)?;
        let returned = data.chall_ca.as_ref().map(|challenge| &challenge.as_bytes()[..]);
        check_challenge(registration.chall_ca.as_ref(), returned)?;
        Ok(registration)
    }

    /// The rules of §4.6 that are answered in a CertRes, after the signatures.
    fn grant(
        &self,
        ca: &Ca,
        registration: &Registration,
        request: &Request,
        verified: &Verified,
        now: UnixTime,
    ) -> Result<Grant, Fault> {
        let data = &request.data;
        check_open(registration)?;
        check_request_type(registration.request_type, data.request_type.number())?;
        check_same_identity(registration, data.id_data.as_ref())?;
        self.check_keys(registration.role, data.request_type, &request.keys()?)?;
        let keys = self.granted_keys(ca, registration, request, verified, now)?;
        let account = request.account(self.suite())?;
        let form = self.answered_form(registration, data, account.as_ref())?;
        match account {
            Some(AcctInfo::PanData0(card)) => {
                self.cardholder_grant(registration, data, keys, &form, &card, now)
            }
            _ => self.me_aq_grant(registration, keys, &form, verified.backing.as_ref()),
        }
    }

    /// The keys that the type needs, and no others, each as its profile wants it (§4.6 step 8).
    fn check_keys(
        &self,
        role: Role,
        request_type: RequestType,
        keys: &[(KeyUse, Vec<u8>)],
    ) -> Result<(), Fault> {
        let brings = |wanted| keys.iter().any(|(key_use, _)| *key_use == wanted);
        let signature = brings(KeyUse::MessageSignature);
        check_keys(request_type, signature, brings(KeyUse::Encryption))?;
        check_keys_differ(keys.iter().map(|(_, spki)| spki.as_slice()))?;
        for (key_use, spki) in keys {
            check_key(spki, profile(&self.parts.policies, role, *key_use)?)?;
        }
        Ok(())
    }

    /// The form answered is the one given out, in a language still served, and the answers fit it
    /// (§4.6 steps 10 and 12).
    fn answered_form(
        &self,
        registration: &Registration,
        data: &CertReqData,
        account: Option<&AcctInfo>,
    ) -> Result<AnsweredForm<'_>, Refusal> {
        let offered = registration.form_id.unwrap_or_default();
        if data.reg_form_id != offered {
            return Err(Refusal::FormOther { offered, answered: data.reg_form_id });
        }
        let language = registration.language.clone().unwrap_or_default();
        let form = self.parts.policies.form_by_id(offered);
        let text = form.and_then(|form| form.text(&language));
        let text = text.ok_or(Refusal::LanguageNotServed(language))?;
        let items = data.reg_form.iter().flat_map(|items| items.iter());
        let answers: Vec<Answered> = items
            .map(|item| Answered {
                labels: item.field_name.iter().map(|label| label.as_str().to_owned()).collect(),
                value: item.field_value.as_str().map(str::to_owned),
            })
            .collect();
        let account = match account {
            Some(AcctInfo::AcctData(account)) => Some(account.acct_identification.as_str()),
            _ => None,
        };
        check_form(text, &answers, account)?;
        Ok(AnsweredForm { text, answers, account: account.map(str::to_owned) })
    }
}
