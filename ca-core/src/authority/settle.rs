//! An open request gets its decision: from a person, or from an institution's system that is asked
//! again (spec `set-messages.md` §4.6 step 14). The end entity learns of it when it inquires.
//!
//! The order is that of `certify.rs`: intents, signatures, then certificates and registration in
//! one act. Who dies in between leaves the request open and its keys held; the next decision takes
//! it up, and the dead intents give way.

use super::answer::{Channel, channel};
use super::fault::Fault;
use super::grant::Grant;
use super::issuance::refusal_of;
use super::open_request::{completes, said_no, serials};
use super::{ApprovalAnswer, Authority, DeskError, Error};
use crate::audit::{Acting, Actor};
use crate::decide::{Refusal, Wanted, check_card_lives, check_standing};
use crate::store::{
    Conflict, Decided, IssuedCertificate, OpenRequest, Registration, RegistrationQuery,
    RegistrationState, StoreError,
};
use crate::wire::bounds::UB_EE_MESSAGE;
use crate::wire::{CertStatusCode, SetString};
use crate::{UnixTime, hex};

/// What a person decides.
#[derive(Clone, Copy, Debug)]
pub struct ByHandDecision<'a> {
    /// Approved, or rejected.
    pub approve: bool,
    /// Who decides: the operator's name.
    pub by: &'a str,
    /// For the end entity (eeMessage), at most 128 characters.
    pub message: Option<&'a str>,
}

/// What came of asking the institutions again.
#[derive(Debug, Default)]
pub struct Settled {
    /// Approved, and issued.
    pub approved: u64,
    /// Refused.
    pub refused: u64,
    /// Given over to people.
    pub pended: u64,
    /// Still waiting for an answer.
    pub waiting: u64,
    /// What went wrong with single registrations; they wait as before, unless the error says
    /// otherwise.
    pub failed: Vec<DeskError>,
}

/// A decision, whoever made it.
struct Verdict {
    decided: Decided,
    message: Option<String>,
}

impl Verdict {
    fn acting(&self) -> Acting {
        Acting::new(Actor::Decider(self.decided.by.clone()), self.decided.at)
    }
}

impl Authority {
    /// Decides by hand on a registration that waits, for people or for an institution's system.
    /// Approved, its certificates are issued at once.
    ///
    /// # Errors
    /// [`DeskError::Unknown`], [`DeskError::NotOpen`], [`DeskError::Decided`] and
    /// [`DeskError::Message`] change nothing; [`DeskError::Refused`] if it came too late;
    /// [`DeskError::Failed`] may be tried again.
    pub fn decide_registration(
        &self,
        lid_ca: &[u8],
        decision: ByHandDecision<'_>,
    ) -> Result<Registration, DeskError> {
        let message = decision.message.map(fitting).transpose()?;
        let (by, approved, at) = (decision.by.to_owned(), decision.approve, self.now());
        let verdict = Verdict { decided: Decided { by, approved, at }, message };
        let outcome = self.conclude(lid_ca, &verdict);
        let decision = if approved { "approve" } else { "reject" }.to_owned();
        let of = [("registration", hex(lid_ca)), ("decision", decision)];
        self.noting(&verdict.acting(), "registration.decide", of, outcome, |error| {
            failed(lid_ca, error)
        })
    }

    /// Asks the institutions again about every registration in progress.
    ///
    /// What fails in one registration does not keep the others waiting.
    ///
    /// # Errors
    /// [`Error::Store`] if the registrations cannot be listed.
    pub fn settle_in_progress(&self) -> Result<Settled, Error> {
        let mut settled = Settled::default();
        let state = Some(RegistrationState::InProgress);
        let mut query = RegistrationQuery { state, ..RegistrationQuery::default() };
        loop {
            let page = self.parts.store.registrations(&query)?;
            for record in page.items {
                self.settle(&record.registration, &mut settled);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(settled),
            }
        }
    }

    fn settle(&self, registration: &Registration, settled: &mut Settled) {
        let lid_ca = &registration.lid_ca;
        // Nothing is held while the institution thinks about it.
        let answer = self.kept(registration).and_then(|grant| {
            let asked = self.ask_institution(registration, &grant);
            asked.map_err(|error| failed(lid_ca, error))
        });
        let at = self.now();
        let verdict = |by, approved, message| {
            let decided = Decided { by, approved, at };
            self.conclude(lid_ca, &Verdict { decided, message }).map(drop)
        };
        let outcome = match answer {
            Ok(ApprovalAnswer::Approve { by }) => {
                verdict(by, true, None).map(|()| &mut settled.approved)
            }
            Ok(ApprovalAnswer::Refuse { by, message }) => {
                verdict(by, false, message).map(|()| &mut settled.refused)
            }
            Ok(ApprovalAnswer::ByHand) => self.hand_over(lid_ca).map(|()| &mut settled.pended),
            Ok(ApprovalAnswer::Later) => Ok(&mut settled.waiting),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(count) => *count = count.saturating_add(1),
            // Somebody was quicker than the institution.
            Err(DeskError::Decided { .. }) => {}
            Err(error) => settled.failed.push(error),
        }
    }

    /// From now on people decide.
    fn hand_over(&self, lid_ca: &[u8]) -> Result<(), DeskError> {
        let _alone = self.registrations.enter(lid_ca.to_vec());
        let now = self.now();
        let pend = |registration: &mut Registration| {
            registration.updated_at = now;
            self.wait(registration, RegistrationState::Pended)
        };
        self.record_moved(lid_ca, &[], &self.parts.acting(), pend).map(drop)
    }

    /// Carries a decision out.
    fn conclude(&self, lid_ca: &[u8], verdict: &Verdict) -> Result<Registration, DeskError> {
        // Held to the end: of two decisions the second finds the first.
        let _alone = self.registrations.enter(lid_ca.to_vec());
        let (registration, open) = self.waiting(lid_ca)?;
        if !verdict.decided.approved {
            let refusal = said_no(registration.role, verdict.message.clone());
            return self.record_refused(lid_ca, verdict, &refusal);
        }
        let grant = self.kept(&registration)?;
        match self.issue_open(&registration, &open, &grant, verdict.decided.at) {
            Ok(issued) => self.record_moved(lid_ca, &issued, &verdict.acting(), |registration| {
                completes(registration, serials(&issued));
                registration.message.clone_from(&verdict.message);
                registration.decision = Some(verdict.decided.clone());
                registration.updated_at = verdict.decided.at;
                registration.collect_by = Some(verdict.decided.at.plus_days(COLLECTED_WITHIN));
                Ok(())
            }),
            Err(Fault::Refused(refusal)) => {
                self.record_refused(lid_ca, verdict, &refusal)?;
                Err(DeskError::Refused { lid_ca: lid_ca.to_vec(), refusal })
            }
            Err(Fault::Ours(error)) => Err(failed(lid_ca, error)),
        }
    }

    /// Issues what an open request asked for. What has changed for good since it was granted
    /// refuses it; what is wrong on our side may be mended.
    fn issue_open(
        &self,
        registration: &Registration,
        open: &OpenRequest,
        grant: &Grant,
        now: UnixTime,
    ) -> Result<Vec<IssuedCertificate>, Fault> {
        if let Some(card_ends) = grant.not_after_cap {
            check_card_lives(card_ends, now)?;
        }
        let hierarchy = self.hierarchy();
        let ca = hierarchy.need(&registration.ca)?;
        for key in &grant.keys {
            let Some(serial) = &key.renews else { continue };
            let record = self.parts.store.certificate(&registration.ca, serial)?;
            let (role, key_use, brand) = (grant.role, key.key_use, &registration.brand);
            check_standing(record.as_ref(), Wanted { role, key_use, brand }, now)?;
        }
        self.issue(ca, registration, grant, open.request, now).map_err(refusal_of)
    }

    fn record_refused(
        &self,
        lid_ca: &[u8],
        verdict: &Verdict,
        refusal: &Refusal,
    ) -> Result<Registration, DeskError> {
        self.record_moved(lid_ca, &[], &verdict.acting(), |registration| {
            registration.state = RegistrationState::Refused;
            registration.status = Some(status_of(refusal).number());
            registration.refusal = Some(refusal.code().to_owned());
            registration.message = Some(refusal.to_string());
            registration.open = None;
            registration.decision = Some(verdict.decided.clone());
            registration.updated_at = verdict.decided.at;
            Ok(())
        })
    }

    /// Records what was issued and how the registration moves, in one act. An inquiry that another
    /// process answers in between does not undo it.
    fn record_moved(
        &self,
        lid_ca: &[u8],
        issued: &[IssuedCertificate],
        acting: &Acting,
        moves: impl Fn(&mut Registration) -> Result<(), Error>,
    ) -> Result<Registration, DeskError> {
        loop {
            let (mut registration, _) = self.waiting(lid_ca)?;
            moves(&mut registration).map_err(|error| failed(lid_ca, error))?;
            match self.parts.store.record_issued(issued, Some((&registration, None)), acting) {
                Ok(()) => {
                    registration.revision = registration.revision.saturating_add(1);
                    return Ok(registration);
                }
                Err(StoreError::Conflict(Conflict::Registration(_))) => {}
                Err(error) => return Err(failed(lid_ca, error.into())),
            }
        }
    }

    /// A registration that waits for a decision, and what waits in it.
    fn waiting(&self, lid_ca: &[u8]) -> Result<(Registration, OpenRequest), DeskError> {
        let found = self.parts.store.registration(lid_ca);
        let found = found.map_err(|error| failed(lid_ca, error.into()))?;
        let registration = found.ok_or_else(|| DeskError::Unknown(lid_ca.to_vec()))?;
        let lid_ca = lid_ca.to_vec();
        let state = registration.state;
        let over = matches!(state, RegistrationState::Complete | RegistrationState::Refused);
        match (registration.open.clone(), registration.decision.clone()) {
            (Some(open), _) => Ok((registration, open)),
            (None, Some(Decided { by, approved, at })) if over => {
                Err(DeskError::Decided { lid_ca, by, approved, at })
            }
            (None, _) => Err(DeskError::NotOpen { lid_ca, state }),
        }
    }

    /// What was granted in a registration that waits.
    fn kept(&self, registration: &Registration) -> Result<Grant, DeskError> {
        let kept = self.kept_grant(registration).and_then(|kept| kept.ok_or(Error::Sealed));
        kept.map_err(|error| failed(&registration.lid_ca, error))
    }
}

fn failed(lid_ca: &[u8], error: Error) -> DeskError {
    DeskError::Failed { lid_ca: lid_ca.to_vec(), error }
}

fn fitting(message: &str) -> Result<String, DeskError> {
    match SetString::<UB_EE_MESSAGE>::new(message) {
        Ok(_) => Ok(message.to_owned()),
        Err(_) => Err(DeskError::Message(message.chars().count())),
    }
}

/// What an inquiry is told of a refusal.
fn status_of(refusal: &Refusal) -> CertStatusCode {
    match channel(refusal) {
        Channel::Status(code) => code,
        Channel::Error(_) => CertStatusCode::RejectedByCa,
    }
}

/// Days that an end entity has for its first inquiry. §4.8 keeps its secrets for seven days after
/// the final answer, which it has not had; for ever would be as wrong `[D]`.
const COLLECTED_WITHIN: u32 = 90;
