//! CertInqReq → CertInqRes: what became of a request (spec `set-messages.md` §2.12, §4.7).
//!
//! An inquiry moves nothing: it reads the registration, and its answer is recorded beside it.

use super::cert_res::Asked;
use super::fault::Fault;
use super::open_request::request_type;
use super::respond::{Answer, Received};
use super::{Authority, Ca, Error, Stage};
use crate::decide::{Refusal, check_inquired, check_inquirers, check_rrpid};
use crate::envelope::SignedMessage;
use crate::profile::Role;
use crate::store::{Conflict, Registration, RegistrationState, StoreError};
use crate::wire::bounds::MAX_MESSAGE;
use crate::wire::{CertInqReqTbs, decode, oids};

impl Authority {
    /// Says where a registration stands; gives its certificates again once there are any.
    pub(super) fn inquire(&self, received: &Received<'_>, message: &[u8]) -> Result<Answer, Fault> {
        let (signed, inquiry) = self.parts.within(Stage::Decode, || read(message))?;
        check_rrpid(received.rrpid.as_bytes(), inquiry.rrpid.as_bytes())?;
        // A decision may be on its way to the records: its outcome is what is asked for.
        let lid_ca = inquiry.lid_ca.as_bytes();
        let _alone = self.registrations.enter(lid_ca.to_vec());
        let hierarchy = self.hierarchy();
        for _ in 0..ATTEMPTS {
            let found = self.parts.store.registration(lid_ca)?;
            let registration = check_inquired(found.as_ref(), inquiry.lid_ee.as_bytes())?;
            let ca = hierarchy.need(&registration.ca)?;
            match self.answer_inquiry(received, ca, registration.clone(), &signed, &inquiry) {
                // Another process has moved it: what was said is not true any more.
                Err(Fault::Ours(Error::Store(StoreError::Conflict(Conflict::Registration(_))))) => {
                }
                outcome => return outcome,
            }
        }
        Err(StoreError::from(Conflict::Registration(lid_ca.to_vec())).into())
    }

    fn answer_inquiry(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        mut registration: Registration,
        signed: &SignedMessage,
        inquiry: &CertInqReqTbs,
    ) -> Result<Answer, Fault> {
        let grant = self.kept_grant(&registration)?;
        let back_key = grant.as_ref().and_then(|grant| grant.reply.back_key.as_ref());
        let asked = Asked::again(inquiry, back_key);
        // §4.7: whoever did not sign the request learns nothing of it, and moves nothing.
        if let Err(refusal) = self.check_inquirer(&registration, signed) {
            let answer = self.refusal_answer(received, ca, &registration, &asked, &refusal)?;
            return self.record_answer(received, &registration, answer);
        }
        if registration.state != RegistrationState::Complete {
            let answer = self.standing(received, ca, &registration, &asked)?;
            return self.record_answer(received, &registration, answer);
        }
        // nonceCCA and caMsg leave under the back key alone; once it is forgotten, not at all.
        let reply = match grant.as_ref().map(|grant| &grant.reply) {
            None if registration.role == Role::Cardholder => {
                let refusal = Refusal::NoBackKey;
                let answer = self.refusal_answer(received, ca, &registration, &asked, &refusal)?;
                return self.record_answer(received, &registration, answer);
            }
            reply => reply.cloned().unwrap_or_default(),
        };
        let issued = self.issued_in(&registration)?;
        let issued: Vec<&[u8]> = issued.iter().map(Vec::as_slice).collect();
        let answer = self.complete(received, ca, &registration, &asked, &issued, &reply)?;
        // The time for which secrets are kept counts from the final answer (§4.8).
        registration.updated_at = received.now;
        registration.collect_by = None;
        self.record_answer(received, &registration, answer)
    }

    /// Signed exactly as the CertReq was: by the same keys, as many, named as its type wants it.
    fn check_inquirer(
        &self,
        registration: &Registration,
        signed: &SignedMessage,
    ) -> Result<(), Refusal> {
        let keys = &registration.signers;
        let null_names: Vec<bool> = signed.signers().map(|signer| signer.is_null()).collect();
        let kind = request_type(registration).map_err(|_| Refusal::SignatureInvalid)?;
        check_inquirers(kind, &null_names, keys.len())?;
        let verifies = |number: usize, key: &Vec<u8>| {
            let content_type = oids::CT_CERT_INQ_REQ_TBS;
            signed.verify(self.suite(), content_type, None, number, key).is_ok()
        };
        // SignerInfos are a SET: they may come in either order.
        let in_order = || keys.iter().enumerate().all(|(number, key)| verifies(number, key));
        let swapped = || keys.iter().rev().enumerate().all(|(number, key)| verifies(number, key));
        let verified = self.parts.within(Stage::Verify, || in_order() || swapped());
        if verified { Ok(()) } else { Err(Refusal::SignatureInvalid) }
    }

    /// The certificates issued in a registration, revoked ones too (decisions.md 22).
    fn issued_in(&self, registration: &Registration) -> Result<Vec<Vec<u8>>, Error> {
        let certificate = |serial| {
            let record = self.parts.store.certificate(&registration.ca, serial)?;
            record.and_then(|record| record.der).ok_or_else(|| {
                let ca = &registration.ca;
                Error::Hierarchy(format!("certificate {serial} of {ca} is not on record"))
            })
        };
        registration.issued.iter().map(certificate).collect()
    }
}

/// The inquiry in a SignedData, its signatures unchecked.
fn read(message: &[u8]) -> Result<(SignedMessage, CertInqReqTbs), Refusal> {
    let signed = SignedMessage::decode(message).map_err(|_| Refusal::Malformed)?;
    // decisions.md 15: the clear content type comes first.
    if signed.content_type() != oids::CT_CERT_INQ_REQ_TBS {
        return Err(Refusal::AlternativeMismatch);
    }
    let content = signed.unverified_content().ok_or(Refusal::Malformed)?;
    let inquiry = decode(content, MAX_MESSAGE).map_err(|_| Refusal::Malformed)?;
    Ok((signed, inquiry))
}

/// The LID-CA that an inquiry names, if it can be read.
pub(super) fn lid_ca_of(message: &[u8]) -> Option<Vec<u8>> {
    read(message).ok().map(|(_, inquiry)| inquiry.lid_ca.as_bytes().to_vec())
}

/// How often the records may move under an inquiry before we give up.
const ATTEMPTS: usize = 8;
