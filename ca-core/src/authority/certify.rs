//! CertReq → CertRes: the message that ends in a certificate (spec `set-messages.md` §4.6, §4.7).
//!
//! Read [`Authority::certify`] from top to bottom: opened, decided, prepared, recorded, signed,
//! sealed, recorded.

use der::Encode;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::issuance::{Entry, locations, profile, record_and_sign};
use super::reg_form::recipient;
use super::respond::{Received, stored_answer};
use super::{Authority, Ca, Error};
use crate::UnixTime;
use crate::decide::{
    Answered, Decision, ExpiryMonth, Refusal, check_account, check_challenge, check_form,
    check_key, check_lid, check_open, check_request_type, check_role, check_rrpid,
    check_same_account, check_self_signed,
};
use crate::envelope::{CERT_REQ_ENCX, OpenedEncx, blinded_name, open_encx, pan_secret};
use crate::issue::{CertificateOrder, Issuer, SubjectName, prepare};
use crate::profile::{Approval, IssuerRules, KeyUse, Role};
use crate::store::{Conflict, IssuedCertificate, Registration, RegistrationState, StoreError};
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::{AcctInfo, CertReqData, PanData0, Secret, decode};

/// A CertReq that opened and whose header checks passed.
pub(super) struct Request {
    pub(super) data: CertReqData,
    opened: OpenedEncx,
}

/// What was granted: everything the certificate is made of.
struct Grant<'a> {
    issuer: &'a IssuerRules,
    account: PanData0,
    card_ends: UnixTime,
    spki: Vec<u8>,
}

/// A certificate with what only its cardholder may learn.
pub(super) struct Issued {
    pub(super) certificate: IssuedCertificate,
    pub(super) nonce_cca: Secret,
    pub(super) card_logo_url: Option<String>,
}

impl Authority {
    /// Decides on a request for a cardholder certificate and issues it.
    pub(super) fn certify(
        &self,
        received: &Received<'_>,
        envelope: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        // Step 1: open. Every fault of the envelope is one and the same Error.
        let hierarchy = self.hierarchy();
        let ca = recipient(&hierarchy, &CERT_REQ_ENCX, envelope)?;
        let request = self.open_request(ca, envelope)?;
        // Step 2: what belongs in an Error rather than in a CertRes. The registration is held to
        // the end: two requests of it could both find it open.
        let lid_ca = request.data.lid_ca.as_ref();
        let _alone = lid_ca.map(|lid_ca| self.registrations.enter(lid_ca.as_bytes().to_vec()));
        let mut registration = self.tied(received, ca, &request)?;
        registration.updated_at = received.now;
        // Step 3: decide. The rules are pure; a refusal is an answer.
        let grant = match self.decide(&registration, &request, received.now)? {
            Decision::Approve(grant) => grant,
            Decision::Refuse(refusal) => {
                return self.refuse(received, ca, registration, &request.data, refusal);
            }
        };
        // Step 4: prepare, record, sign. A key that anyone has certified before stops here, but not
        // one that a run of this very request reserved before it died.
        let issued = match self.issue(received, ca, &registration, &grant) {
            Ok(issued) => issued,
            Err(Error::Store(StoreError::Conflict(Conflict::PublicKey(_)))) => {
                let refusal = Refusal::KeyCertified;
                return self.refuse(received, ca, registration, &request.data, refusal);
            }
            Err(error) => return Err(error.into()),
        };
        // Step 5: seal the answer, then record certificate, registration and answer in one act:
        // nothing leaves before it is durable, and a repeated request meets these very octets.
        registration.state = RegistrationState::Complete;
        registration.refusal = None;
        let octets = self.complete(received, ca, &registration, &request.data, &issued)?;
        let answer = stored_answer(received, &registration, octets);
        let recorded = Some((&registration, Some(&answer)));
        match self.parts.store.record_issued(std::slice::from_ref(&issued.certificate), recorded) {
            Ok(()) => Ok(answer.octets),
            Err(error) => self.answer_of_other_run(received, error),
        }
    }

    fn open_request(&self, ca: &Ca, envelope: &[u8]) -> Result<Request, Fault> {
        let certificate = ca.need(KeyUse::Encryption)?.certificate;
        let opened = open_encx(
            self.suite(),
            &CERT_REQ_ENCX,
            envelope,
            &[certificate],
            self.parts.decryptor.as_ref(),
            self.parts.random.as_ref(),
        )
        .map_err(Fault::opening)?;
        // A plaintext that does not decode is the uniform failure too (set-crypto.md §5.4).
        let data = decode(&opened.t, MAX_MESSAGE).map_err(|_| Refusal::Undecryptable)?;
        Ok(Request { data, opened })
    }

    /// The registration this request belongs to: rrpid, entity class, date, LID and challenge.
    fn tied(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        request: &Request,
    ) -> Result<Registration, Fault> {
        let data = &request.data;
        check_rrpid(received.rrpid.as_bytes(), data.rrpid.as_bytes())?;
        check_role(Role::Cardholder, data.request_type.role())?;
        let window = crate::decide::DateWindow::default();
        crate::decide::check_date(data.request_date.time(), received.now, window)?;
        // A cardholder's request always follows a form, so there is a LID-CA to return.
        let lid_ca = data.lid_ca.as_ref().ok_or(Refusal::LidUnknown)?;
        let found = self.parts.store.registration(lid_ca.as_bytes())?;
        let found = found.filter(|registration| registration.ca == ca.record.id);
        let registration = check_lid(found.as_ref(), data.lid_ee.as_bytes())?.clone();
        let returned = data.chall_ca.as_ref().map(|challenge| &challenge.as_bytes()[..]);
        check_challenge(registration.chall_ca.as_ref(), returned)?;
        Ok(registration)
    }

    /// The rules of §4.6 that are answered in a CertRes.
    fn decide(
        &self,
        registration: &Registration,
        request: &Request,
        now: UnixTime,
    ) -> Result<Decision<Grant<'_>>, Fault> {
        let account = match account_of(request) {
            Ok(account) => account,
            Err(refusal) => return Ok(Decision::Refuse(refusal)),
        };
        let hash = self.pan_hash(account.pan.digits())?;
        let rules = self.brand_rules(&registration.brand)?;
        let key_rules = profile(&self.parts.policies, Role::Cardholder, KeyUse::MessageSignature)?;
        let suite = self.suite();
        let granted = || {
            let data = &request.data;
            let spki = self.verified_key(request)?;
            check_open(registration)?;
            check_request_type(registration.request_type, data.request_type.number())?;
            check_key(&spki, key_rules)?;
            self.check_answers(registration, data)?;
            let bin = registration.bin.as_deref().unwrap_or_default();
            let bound = registration.pan_hash.unwrap_or_default();
            check_same_account(bin, &bound, account.pan.bin(), &hash)?;
            let issuer = rules.issuer_for_bin(account.pan.bin());
            let expiry = ExpiryMonth {
                year: account.card_expiry.year(),
                month: account.card_expiry.month(),
            };
            let card_ends = check_account(account.pan.digits(), expiry, issuer.is_some(), now)?;
            let issuer = issuer.ok_or_else(|| Refusal::PanBin(account.pan.bin().to_owned()))?;
            super::back_key::usable(suite, data.ca_back_key_data.as_ref())?;
            match issuer.approval {
                Approval::Automatic => Ok((issuer, card_ends, spki)),
                Approval::Refuse => Err(Refusal::IssuerRefused),
            }
        };
        let granted = granted();
        let grant = |(issuer, card_ends, spki)| Grant { issuer, account, card_ends, spki };
        Ok(granted.map(grant).into())
    }

    /// One signature, under the very key the request brings (§3.3, §4.6 steps 3, 4 and 8).
    fn verified_key(&self, request: &Request) -> Result<Vec<u8>, Refusal> {
        let signers: Vec<bool> =
            request.opened.signature.signers().map(|signer| signer.is_null()).collect();
        let renewal = request.data.request_type.is_renewal();
        check_self_signed(renewal, signers.len(), signers.first().copied().unwrap_or_default())?;
        let keys = &request.data.public_key_s_or_e;
        let key = match (keys.signature(), keys.encryption()) {
            (Some(key), None) => key.to_der().map_err(|_| Refusal::KeysWrong)?,
            _ => return Err(Refusal::KeysWrong),
        };
        request.opened.verify(self.suite(), 0, &key).map_err(|_| Refusal::SignatureInvalid)?;
        Ok(key)
    }

    /// The form answered is the one given out, in a language still served, and the answers fit it.
    fn check_answers(
        &self,
        registration: &Registration,
        data: &CertReqData,
    ) -> Result<(), Refusal> {
        let offered = registration.form_id.unwrap_or_default();
        if data.reg_form_id != offered {
            return Err(Refusal::FormOther { offered, answered: data.reg_form_id });
        }
        let language = registration.language.clone().unwrap_or_default();
        let text = self
            .parts
            .policies
            .form_by_id(offered)
            .and_then(|form| form.text(&language))
            .ok_or(Refusal::LanguageNotServed(language))?;
        let items = data.reg_form.iter().flat_map(|items| items.iter());
        let answers: Vec<Answered> = items
            .map(|item| Answered {
                labels: item.field_name.iter().map(|label| label.as_str().to_owned()).collect(),
                value: item.field_value.as_str().map(str::to_owned),
            })
            .collect();
        check_form(&text.fields, &answers)
    }

    fn issue(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: &Registration,
        grant: &Grant<'_>,
    ) -> Result<Issued, Error> {
        let suite = self.suite();
        let nonce_cca = Secret::random(self.parts.random.as_ref(), suite)?;
        let subject = SubjectName {
            country: grant.issuer.country.clone(),
            organization: registration.brand.clone(),
            units: vec![grant.issuer.name.clone()],
            common_name: Some(self.blinded(&grant.account, &nonce_cca)?),
        };
        let held = ca.need(KeyUse::CertificateSigning)?;
        let order = CertificateOrder {
            profile: profile(&self.parts.policies, Role::Cardholder, KeyUse::MessageSignature)?,
            suite,
            issuer: Issuer {
                certificate: Some(held.certificate),
                key: held.key,
                algorithm: held.algorithm,
            },
            subject,
            spki_der: &grant.spki,
            roles: &[Role::Cardholder],
            not_before: received.now,
            not_after_cap: Some(grant.card_ends),
            hashed_root_key: None,
            tunneling: None,
            merchant_data: None,
            card_cert_required: None,
            set_extensions: None,
            locations: Some(&locations(&self.parts.base_url, &ca.record.id)),
        };
        let prepared = prepare(&order, self.parts.random.as_ref())?;
        let entry = Entry {
            issuer: &ca.record.id,
            key: held.key,
            role: Role::Cardholder,
            key_use: KeyUse::MessageSignature,
            brand: Some(&registration.brand),
            request: Some(received.request),
            now: received.now,
        };
        let certificate = record_and_sign(&self.parts, entry, prepared)?;
        let card_logo_url = grant.issuer.card_logo_url.clone();
        Ok(Issued { certificate, nonce_cca, card_logo_url })
    }

    /// commonName: the account under PANSecret (§4.9).
    fn blinded(&self, account: &PanData0, nonce_cca: &Secret) -> Result<String, Error> {
        let suite = self.suite();
        let odd = |_| Error::Policy("account cannot be blinded in this suite".to_owned());
        let secret: Zeroizing<Vec<u8>> =
            pan_secret(suite, account.card_secret.as_bytes(), nonce_cca.as_bytes()).map_err(odd)?;
        let expiry = account.card_expiry.to_string();
        blinded_name(suite, account.pan.digits(), &expiry, &secret).map_err(odd)
    }
}

/// PANData0 out of the key block (§4.6 step 1a).
fn account_of(request: &Request) -> Result<PanData0, Refusal> {
    match decode(&request.opened.p, MAX_MESSAGE) {
        Ok(AcctInfo::PanData0(account)) => Ok(account),
        _ => Err(Refusal::AccountUnreadable),
    }
}
