//! From the form to the certificates: the same for every end entity, first time or renewal.

use std::io::{self, IsTerminal as _};

use ca_core::Suite;
use ca_core::ee::{
    Account, Application, Blame, EeError, FormAnswer, FormOffer, Holder, Outcome, PanData, Pending,
    Referral, Refused, Requesting,
};
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::{CertStatusCode, RequestType};
use ca_server::SystemRandom;
use ca_server::data::Passphrase;

use super::folder::{Folder, Held, Pair};
use super::form::{self, Filled};
use super::notes::{Notes, Registration, Waiting};
use super::order::{Filling, now};
use super::outcome;
use super::service::{Reply, Service};
use crate::failure::Failure;
use crate::report::{Report, say};
use crate::tree::Shown;

/// A registration that has come to its form.
pub(super) struct Job {
    pub(super) folder: Folder,
    pub(super) service: Service,
    pub(super) passphrase: Passphrase,
    pub(super) registration: Registration,
    pub(super) offer: FormOffer,
    pub(super) filling: Filling,
    /// The card of a cardholder.
    pub(super) card: Option<PanData>,
    /// The bank account of a merchant or gateway, if given.
    pub(super) account: Option<String>,
    /// What is held so far: renewals, and encryption alone.
    pub(super) held: Option<Held>,
    /// Kinds of the keys to make: signature, encryption.
    pub(super) kinds: [Option<KeyAlgorithm>; 2],
}

impl Job {
    /// Fills in the form, makes the keys, asks, and settles what comes.
    ///
    /// # Errors
    /// Whatever ends it; what may still become something rests in the folder then.
    pub(super) fn run(self) -> Result<Report, Failure> {
        let mut given = self.filling.clone();
        let mut keys = Keys([None, None]);
        loop {
            let filled = form::fill(&self.offer, given.clone(), self.account.clone())?;
            keys.make(self.kinds)?;
            let (waiting, requesting) = self.request(&filled, &keys)?;
            self.folder.wait(&waiting, self.held.as_ref(), &self.passphrase)?;
            say("asking for the certificate: CertReq, signed and sealed");
            let desk = Desk {
                folder: &self.folder,
                service: &self.service,
                passphrase: &self.passphrase,
                held: self.held.as_ref(),
            };
            let (outcome, reply) = desk.ask(&requesting)?;
            match outcome {
                Outcome::Refused(refused) if is_correctable(&refused) => {
                    say(refusal(&waiting.notes.labels, &refused));
                    given.answer = form::without(&self.offer, filled.answers, &refused);
                }
                other => return desk.settle(other, waiting.notes, &reply),
            }
        }
    }

    fn request(&self, filled: &Filled, keys: &Keys) -> Result<(Waiting, Requesting), Failure> {
        let signature = self.held.as_ref().and_then(|held| held.signature.as_ref());
        let encryption = self.held.as_ref().and_then(|held| held.encryption.as_ref());
        let asked = self.offer.request_type();
        let renewed = asked.is_renewal() && asked.wants_encryption();
        let application = Application {
            answers: &filled.answers,
            account: match (&self.card, &filled.account) {
                (Some(card), _) => Account::Card(card),
                (None, Some(account)) => Account::Bank(account),
                (None, None) => Account::None,
            },
            signature_key: keys.0[0].as_ref(),
            encryption_key: keys.0[1].as_ref(),
            holder: signature
                .filter(|_| needs_holder(asked))
                .map(|pair| Holder { certificate: &pair.certificate, key: &pair.key }),
            renewed_encryption: encryption.filter(|_| renewed).map(|pair| &pair.certificate),
        };
        let (_, requesting) = self
            .offer
            .request(&application, now(), &SystemRandom)
            .map_err(|e| fault("certificate", &e))?;
        let run = requesting.save().map_err(|e| fault("certificate", &e))?;
        let notes = Notes {
            registration: self.registration.clone(),
            policy: self.offer.policy().to_owned(),
            agreed_at: filled.agreed_at.as_secs(),
            labels: self.offer.fields().iter().map(form::label).collect(),
        };
        Ok((Waiting { notes, run }, requesting))
    }
}

/// Renewals are signed with what is renewed, encryption alone with what is held (spec
/// `set-messages.md` §3.3).
const fn needs_holder(asked: RequestType) -> bool {
    asked.is_renewal() || !asked.wants_signature()
}

/// New keys; made once, however often the form is corrected.
struct Keys([Option<PrivateKey>; 2]);

impl Keys {
    fn make(&mut self, kinds: [Option<KeyAlgorithm>; 2]) -> Result<(), Failure> {
        for (place, kind) in self.0.iter_mut().zip(kinds) {
            let (None, Some(kind)) = (&place, kind) else { continue };
            say(format_args!("making a key: {kind}"));
            let key = PrivateKey::generate(kind, &SystemRandom)
                .map_err(|e| Failure::outside(format!("the key cannot be made: {e}")))?;
            *place = Some(key);
        }
        Ok(())
    }
}

/// Folder, service and passphrase of a request that is out.
pub(super) struct Desk<'a> {
    pub(super) folder: &'a Folder,
    pub(super) service: &'a Service,
    pub(super) passphrase: &'a Passphrase,
    /// What is held so far.
    pub(super) held: Option<&'a Held>,
}

impl Desk<'_> {
    /// Posts the request and checks the answer.
    ///
    /// # Errors
    /// No answer, or none to be believed: the request stays in the folder, because the CA may have
    /// certified its keys.
    pub(super) fn ask(&self, requesting: &Requesting) -> Result<(Outcome, Reply), Failure> {
        let hint = |failure: Failure| {
            let folder = self.folder.path().display();
            failure.with_hint(&format!(
                "the request is kept: setca register collect --out {folder} sends it again"
            ))
        };
        let reply = self.service.exchange(requesting.message()).map_err(hint)?;
        let outcome = requesting
            .accept(&reply.message, now())
            .map_err(|e| hint(told(self.service, self.held, "certificate", &e, &reply.message)))?;
        Ok((outcome, reply))
    }

    /// Installs, keeps or forgets, as the outcome says.
    ///
    /// # Errors
    /// A refusal of the CA, or the folder cannot be written.
    pub(super) fn settle(
        &self,
        outcome: Outcome,
        notes: Notes,
        reply: &Reply,
    ) -> Result<Report, Failure> {
        match outcome {
            Outcome::Certified(certified) => {
                say("        CertRes: certificates for these keys");
                let waiting = Waiting { notes, run: Vec::new().into() };
                let installed = self.folder.install(&certified, &waiting, self.passphrase)?;
                outcome::certified(&installed, &certified, &waiting.notes)
            }
            Outcome::Pending(pending) => {
                self.keep(&pending, notes)?;
                outcome::waiting(self.folder, &pending, reply.retry_after)
            }
            Outcome::Refused(refused) => {
                self.folder.forget();
                Err(Failure::refused(refusal(&notes.labels, &refused)))
            }
        }
    }

    /// Writes the state of a request that is still open.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn keep(&self, pending: &Pending, notes: Notes) -> Result<(), Failure> {
        let run = pending.save().map_err(|e| fault("certificate", &e))?;
        self.folder.wait(&Waiting { notes, run }, None, self.passphrase)
    }
}

/// The form, or where else to go.
pub(super) fn form_of(answer: FormAnswer) -> Result<FormOffer, Failure> {
    match answer {
        FormAnswer::Form(offer) => {
            say(format_args!("        a form of {} fields", offer.fields().len()));
            Ok(*offer)
        }
        FormAnswer::Referral(referral) => Err(elsewhere(&referral)),
    }
}

/// A fault of an answer: the CA is told if it should be, then the user. Who has a signature
/// certificate signs what he says (spec `set-messages.md` §4.1).
pub(super) fn told(
    service: &Service,
    held: Option<&Held>,
    step: &str,
    error: &EeError,
    answer: &[u8],
) -> Failure {
    let report = match held.and_then(|held| held.signature.as_ref()) {
        Some(Pair { certificate, key }) => {
            let suite = Suite::of_signature(certificate.inner().signature_algorithm());
            let sender = (suite, Holder { certificate, key });
            error.signed_report(answer, sender, now(), &SystemRandom)
        }
        None => error.report(answer, now(), &SystemRandom),
    };
    // What cannot be said is not said: the fault is the user's to know.
    if let Ok(Some(report)) = report {
        service.tell(&report);
    }
    fault(step, error)
}

/// A fault in one line.
pub(super) fn fault(step: &str, error: &EeError) -> Failure {
    let text = format!("{step}: {}", Shown(&error.to_string()));
    match error.blame() {
        Blame::Own => Failure::outside(text),
        Blame::Peer => Failure::refused(text),
        Blame::User => Failure::usage(text),
    }
}

/// Only a person can correct an answer.
fn is_correctable(refused: &Refused) -> bool {
    refused.status == CertStatusCode::RegFormAnswerMalformed && io::stdin().is_terminal()
}

fn elsewhere(referral: &Referral) -> Failure {
    let mut text = "the CA does not serve this registration".to_owned();
    if let Some(reason) = referral.reason() {
        text.push_str(&format!(": {}", Shown(reason)));
    }
    for url in referral.urls() {
        text.push_str(&format!("; try {}", Shown(url)));
    }
    Failure::refused(text)
}

/// What the CA refused, with the labels of the fields it complains about.
fn refusal(labels: &[String], refused: &Refused) -> String {
    let mut text = format!("the CA refused: {}", refused.status);
    if let Some(message) = &refused.message {
        text.push_str(&format!(" ({})", Shown(message)));
    }
    for item in &refused.failed_items {
        let number = usize::from(item.item_number.value());
        let label = match number.checked_sub(1).map(|index| labels.get(index)) {
            None => "the account".to_owned(),
            Some(Some(label)) => label.clone(),
            Some(None) => format!("item {number}"),
        };
        text.push_str(&format!("; {}: {}", Shown(&label), Shown(item.item_reason.as_str())));
    }
    text
}
