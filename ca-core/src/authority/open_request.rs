//! A granted request meets its institution: issued at once, refused, or kept open until somebody
//! decides (spec `set-messages.md` §4.6 step 14, §4.8).
//!
//! An open request needs nothing of its CertReq afterwards: what was granted stands sealed in the
//! registration, and the registration holds the keys.

use core::ops::ControlFlow;

use sha2::{Digest as _, Sha256};

use super::cert_res::Asked;
use super::fault::Fault;
use super::grant::Grant;
use super::respond::{Answer, Received};
use super::sealed::SealingKey;
use super::{ApprovalAnswer, Authority, Ca, Case, Error, Stage};
use crate::decide::{Refusal, check_not_over};
use crate::profile::{Approval, LocalText, Role};
use crate::store::{
    Conflict, Decided, IssuedCertificate, OpenRequest, Registration, RegistrationState,
    SerialNumber, StoreError,
};
use crate::wire::{CertStatusCode, PublicKeySorE, RequestType};

impl Authority {
    /// Asks who has to be asked. Goes on with the approved registration, which keeps sealed what
    /// inquiries need, or breaks off with the answer to give instead of certificates.
    pub(super) fn approve(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        mut registration: Registration,
        asked: &Asked<'_>,
        grant: &Grant,
    ) -> Result<ControlFlow<Answer, Registration>, Fault> {
        let answer = self.ask_institution(&registration, grant)?;
        registration.sealed = Some(self.seal_grant(&registration, grant)?);
        let state = match answer {
            ApprovalAnswer::Approve { by } => {
                registration.decision = Some(Decided { by, approved: true, at: received.now });
                return Ok(ControlFlow::Continue(registration));
            }
            ApprovalAnswer::Refuse { by, message } => {
                registration.decision = Some(Decided { by, approved: false, at: received.now });
                let refusal = said_no(registration.role, message);
                let refused = self.refuse(received, ca, registration, asked, refusal)?;
                return Ok(ControlFlow::Break(refused));
            }
            ApprovalAnswer::Later => RegistrationState::InProgress,
            ApprovalAnswer::ByHand => RegistrationState::Pended,
        };
        self.keep_open(received, ca, registration, asked, grant, state).map(ControlFlow::Break)
    }

    /// Records the request as open, with its keys, and answers that it is.
    fn keep_open(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: Registration,
        asked: &Asked<'_>,
        grant: &Grant,
        state: RegistrationState,
    ) -> Result<Answer, Fault> {
        let public_keys = grant.keys.iter().map(|key| Sha256::digest(&key.spki).into()).collect();
        let open = OpenRequest { request: received.request, public_keys };
        let mut waiting = Registration { open: Some(open), ..registration.clone() };
        self.wait(&mut waiting, state)?;
        let octets = self.standing(received, ca, &waiting, asked)?;
        match self.record_answer(received, &waiting, octets) {
            // A key that anyone has certified, or holds in an open request of his own.
            Err(Fault::Ours(Error::Store(StoreError::Conflict(Conflict::PublicKey(_))))) => {
                self.refuse(received, ca, registration, asked, Refusal::KeyCertified)
            }
            outcome => outcome,
        }
    }

    /// The answer to another CertReq for the very keys of an open request: where that one stands
    /// (§4.8). `None` if nothing is open, or for other keys.
    pub(super) fn same_request(
        &self,
        received: &Received<'_>,
        ca: &Ca,
        registration: &Registration,
        asked: &Asked<'_>,
        keys: &PublicKeySorE,
    ) -> Result<Option<Answer>, Fault> {
        let Some(open) = &registration.open else { return Ok(None) };
        if open.public_keys != hashes(keys)? {
            return Ok(None);
        }
        let octets = self.standing(received, ca, registration, asked)?;
        self.record_answer(received, registration, octets).map(Some)
    }

    /// What the institution of a registration says by its rule.
    pub(super) fn ask_institution(
        &self,
        registration: &Registration,
        grant: &Grant,
    ) -> Result<ApprovalAnswer, Error> {
        let Institution { name, rule, .. } = self.institution(registration)?;
        let by = || format!("policy of {name}");
        Ok(match rule {
            Approval::Automatic => ApprovalAnswer::Approve { by: by() },
            Approval::ByHand => ApprovalAnswer::ByHand,
            Approval::Refuse => ApprovalAnswer::Refuse { by: by(), message: None },
            Approval::Ask { .. } | Approval::List { .. } => {
                let case = case(registration, name, grant)?;
                self.parts.within(Stage::Ask, || self.parts.approver.ask(rule, &case))
            }
        })
    }

    /// The card issuer or acquirer of a registration.
    fn institution(&self, registration: &Registration) -> Result<Institution<'_>, Error> {
        let rules = self.brand_rules(&registration.brand)?;
        let bin = registration.bin.as_deref().unwrap_or_default();
        let found = match registration.role {
            Role::Cardholder => rules.issuer_for_bin(bin).map(|issuer| Institution {
                name: &issuer.name,
                rule: &issuer.approval,
                message: issuer.ee_message.as_ref(),
            }),
            role => rules.acquirer_for_bin(bin).and_then(|acquirer| {
                let rule = acquirer.approval(role)?;
                Some(Institution {
                    name: &acquirer.name,
                    rule,
                    message: acquirer.ee_message.as_ref(),
                })
            }),
        };
        found.ok_or_else(|| {
            let (brand, role) = (&registration.brand, registration.role);
            Error::Policy(format!("brand {brand} has no institution for BIN {bin} of a {role}"))
        })
    }

    /// The name of that institution, if the policies still have one.
    pub(super) fn institution_name(&self, registration: &Registration) -> Option<&str> {
        self.institution(registration).ok().map(|institution| institution.name)
    }

    /// A registration that waits: for an institution's system, or for people. The institution says
    /// in its own words what the end entity is told.
    pub(super) fn wait(
        &self,
        registration: &mut Registration,
        state: RegistrationState,
    ) -> Result<(), Error> {
        let (code, message) = match state {
            RegistrationState::Pended => (CertStatusCode::RequestPended, PENDED),
            _ => (CertStatusCode::RequestInProgress, IN_PROGRESS),
        };
        let own = self.institution(registration)?.message;
        let language = registration.language.as_deref().unwrap_or_default();
        registration.state = state;
        registration.status = Some(code.number());
        registration.message =
            Some(own.map_or(message, |own| own.in_language(language)).to_owned());
        registration.refusal = None;
        Ok(())
    }

    fn seal_grant(&self, registration: &Registration, grant: &Grant) -> Result<Vec<u8>, Error> {
        let key = SealingKey::new(&self.parts.pan_key)?;
        key.seal(&registration.lid_ca, &grant.encode()?, self.parts.random.as_ref())
    }

    /// What was granted in a registration; none before its grant, and once it was forgotten.
    pub(super) fn kept_grant(&self, registration: &Registration) -> Result<Option<Grant>, Error> {
        let Some(sealed) = &registration.sealed else { return Ok(None) };
        let key = SealingKey::new(&self.parts.pan_key)?;
        Grant::decode(&key.open(&registration.lid_ca, sealed)?).map(Some)
    }
}

/// Who decides on a registration, as the policies have it.
struct Institution<'a> {
    name: &'a str,
    rule: &'a Approval,
    /// eeMessage while a registration waits for it.
    message: Option<&'a LocalText>,
}

/// The keys that signed a verified CertReq sign its inquiries, too; what an earlier one of the
/// registration left behind is forgotten. What already waits for a decision, or has one, keeps its
/// own.
pub(super) fn note_signers(registration: &mut Registration, signers: Vec<Vec<u8>>) {
    if check_not_over(registration).is_ok() {
        registration.signers = signers;
        registration.sealed = None;
    }
}

/// A registration that has its certificates: nothing is open any more.
pub(super) fn completes(registration: &mut Registration, issued: Vec<SerialNumber>) {
    registration.state = RegistrationState::Complete;
    registration.status = Some(CertStatusCode::RequestComplete.number());
    registration.message = None;
    registration.refusal = None;
    registration.open = None;
    registration.issued = issued;
}

/// Serial numbers of what was issued.
pub(super) fn serials(issued: &[IssuedCertificate]) -> Vec<SerialNumber> {
    issued.iter().map(|issued| issued.intent.serial).collect()
}

/// The refusal of a card issuer or of an acquirer, by whom it stands for.
pub(super) fn said_no(role: Role, message: Option<String>) -> Refusal {
    match role {
        Role::Cardholder => Refusal::IssuerRefused(message),
        _ => Refusal::AcquirerRefused(message),
    }
}

/// The request type of the form run.
pub(super) fn request_type(registration: &Registration) -> Result<RequestType, Error> {
    let number = registration.request_type;
    let found = RequestType::ALL.iter().find(|kind| Some(kind.number()) == number);
    found.copied().ok_or_else(|| Error::Hierarchy("a stored request type is not one".to_owned()))
}

fn case(registration: &Registration, institution: &str, grant: &Grant) -> Result<Case, Error> {
    Ok(Case {
        lid_ca: registration.lid_ca.clone(),
        lid_ee: registration.lid_ee.clone(),
        ca: registration.ca.clone(),
        brand: registration.brand.clone(),
        institution: institution.to_owned(),
        role: registration.role,
        request_type: request_type(registration)?,
        bin: registration.bin.clone(),
        pan_hash: registration.pan_hash,
        pan_tail: registration.pan_tail.clone(),
        business_id: registration.business_id.clone(),
        answers: grant.answers.clone(),
    })
}

/// SHA-256 of each key to certify, signature before encryption as in a grant.
fn hashes(keys: &PublicKeySorE) -> Result<Vec<[u8; 32]>, Error> {
    let keys = [keys.signature(), keys.encryption()].into_iter().flatten();
    keys.map(|key| Ok(Sha256::digest(der::Encode::to_der(key)?).into())).collect()
}

/// eeMessage with requestPended.
const PENDED: &str = "your request waits for a decision; ask again later";
/// eeMessage with requestInProgress.
const IN_PROGRESS: &str = "your request is being processed; ask again later";
