//! Requests that are not decided at once: kept open, decided by people or by their bank's system,
//! collected by inquiry (spec `set-messages.md` §4.6 step 14, §4.7, §4.8).

mod asked;
mod decided;
mod entities;
mod faults;
mod held;

use std::sync::Arc;

use ca_core::authority::{ApprovalAnswer, Authority, ByHandDecision, DeskError};
use ca_core::envelope::{blinded_name, pan_secret};
use ca_core::profile::Role;
use ca_core::store::{
    CertificateQuery, CertificateRecord, CertificateState, Decided, Registration, RegistrationState,
};
use ca_core::wire::{AcctInfo, CertStatusCode, ErrorCode};
use ca_core::{Suite, UnixTime, hex};

use crate::house::faults::{Act, Fault, FaultySigner, FaultyStore, Journal, Meanwhile};
use crate::house::{House, house};
use crate::inquiry::Inquiry;
use crate::messages::{Draft, FormDraft, FormRun, Heard, form_run, key, post, post_whole};

/// A card of the bank whose registrations people decide.
const CAREFUL: &str = "4200001234567897";
/// A card of the bank that keeps a list of its customers.
const LISTED: &str = "4300001234567896";

/// A cardholder whose request was posted.
struct Customer {
    run: FormRun,
    draft: Draft,
    request: Vec<u8>,
    answer: Vec<u8>,
    retry_after: Option<u64>,
}

impl Customer {
    fn new(authority: &Authority, pan: &str, label: &str) -> Self {
        Self::with(authority, pan, label, |_| ())
    }

    fn with(
        authority: &Authority,
        pan: &str,
        label: &str,
        change: impl FnOnce(&mut Draft),
    ) -> Self {
        let mut form = FormDraft::new(label);
        form.pan = pan.to_owned();
        let run = form.run(authority);
        let draft = Draft::new(&run, label, authority.now()).with(change);
        let request = draft.octets(authority);
        let (answer, retry_after) = post_whole(authority, &request);
        Self { run, draft, request, answer, retry_after }
    }

    fn lid_ca(&self) -> &[u8] {
        self.run.lid_ca.as_bytes()
    }

    fn heard(&self, authority: &Authority) -> Heard {
        Heard::of(authority, &self.answer)
    }

    fn registration(&self, authority: &Authority) -> Registration {
        authority.store().registration(self.lid_ca()).unwrap().unwrap()
    }

    /// Inquires under a new rrpid.
    fn ask(&self, authority: &Authority, label: &str) -> Heard {
        self.inquiry(label).ask(authority)
    }

    fn inquiry(&self, label: &str) -> Inquiry {
        let mut inquiry = Inquiry::new(&self.run, "unused", label);
        inquiry.signed_by(&self.draft.key);
        inquiry
    }

    /// The certificate is for the key of the request and for the account under both secrets.
    fn assert_served(&self, heard: &Heard) {
        assert_eq!(heard.status(), CertStatusCode::RequestComplete);
        assert!(matches!(heard, Heard::Result { encrypted: true, .. }));
        assert_eq!(heard.issued().spki_der(), self.draft.key.spki_der());
        let AcctInfo::PanData0(account) = &self.draft.account else { panic!("no account") };
        let nonce = heard.data().cert_status.nonce_cca.clone().unwrap();
        let secret =
            pan_secret(Suite::Modern, account.card_secret.as_bytes(), nonce.as_bytes()).unwrap();
        let expiry = account.card_expiry.to_string();
        let name = blinded_name(Suite::Modern, account.pan.digits(), &expiry, &secret).unwrap();
        let subject = heard.issued().subject_der();
        assert!(subject.windows(name.len()).any(|part| part == name.as_bytes()), "{name}");
    }
}

fn yes(by: &str) -> ByHandDecision<'_> {
    ByHandDecision { approve: true, by, message: None }
}

fn no<'a>(by: &'a str, message: Option<&'a str>) -> ByHandDecision<'a> {
    ByHandDecision { approve: false, by, message }
}

fn certified(authority: &Authority, state: CertificateState) -> Vec<CertificateRecord> {
    let query = CertificateQuery {
        role: Some(Role::Cardholder),
        state: Some(state),
        ..CertificateQuery::default()
    };
    authority.store().certificates(&query).unwrap().items
}

/// The same house with a store and a signer that write down what they do.
fn watched(house: &House, fault: Option<Fault>) -> (Authority, Arc<Journal>) {
    let journal = Journal::new(fault);
    let authority = house.reopened(|parts| {
        let (inner, watcher) = (Arc::clone(&parts.store), Arc::clone(&journal));
        parts.store =
            Arc::new(FaultyStore { inner, journal: watcher, meanwhile: Meanwhile::default() });
        let (inner, watcher) = (Arc::clone(&parts.signer), Arc::clone(&journal));
        parts.signer = Arc::new(FaultySigner { inner, journal: watcher });
    });
    (authority, journal)
}
