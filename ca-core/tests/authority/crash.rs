//! What is left when an act fails or nobody lives to see its end (design: intent before signature,
//! certificate before answer).

use std::sync::Arc;

use ca_core::authority::Authority;
use ca_core::profile::{KeyUse, Role};
use ca_core::store::{
    CertificateQuery, CertificateRecord, CertificateState, RegistrationState, RevocationReason,
};
use ca_core::wire::CertStatusCode;
use ca_core::wire::ocsp::{CertId, CertIdHash, CertStatus};

use crate::house::faults::{Act, Fault, FaultySigner, FaultyStore, Journal, Meanwhile};
use crate::house::{House, house};
use crate::messages::{Draft, FormDraft, FormRun, Heard, ca_certificate, ca_id, form_run, post};
use crate::ocsp::ask;

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

fn cardholders(house: &House, state: CertificateState) -> Vec<CertificateRecord> {
    let query = CertificateQuery {
        role: Some(Role::Cardholder),
        state: Some(state),
        ..CertificateQuery::default()
    };
    house.authority.store().certificates(&query).unwrap().items
}

fn status(house: &House, record: &CertificateRecord) -> CertStatus {
    let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::CertificateSigning);
    let id = CertId::of(CertIdHash::Sha1, &cca, record.intent.serial.as_octets()).unwrap();
    // Another process than the one that died.
    house.authority.follow().unwrap();
    ask(&house.authority, &[id])[0]
}

/// A registration that waits for its CertReq, and that CertReq.
fn ready(house: &House) -> (FormRun, Vec<u8>) {
    let run = form_run(&house.authority, "crash");
    let request = Draft::new(&run, "crash", house.authority.now()).octets(&house.authority);
    (run, request)
}

#[test]
fn intent_signature_answer_and_certificate_follow_in_this_order() {
    let house = house();
    let (_, request) = ready(&house);
    let (authority, journal) = watched(&house, None);
    post(&authority, &request);
    // Signed are the certificate and the CertRes.
    assert_eq!(journal.acts(), [Act::Intent, Act::Sign, Act::Sign, Act::Issued]);
}

#[test]
fn a_refusal_signs_its_answer_alone() {
    let house = house();
    let (run, _) = ready(&house);
    let draft = Draft::new(&run, "bad", house.authority.now()).with(|d| d.data.reg_form = None);
    let (authority, journal) = watched(&house, None);
    post(&authority, &draft.octets(&authority));
    assert_eq!(journal.acts(), [Act::Sign, Act::Registration]);
}

#[test]
fn without_a_durable_intent_nothing_is_signed() {
    let house = house();
    let (_, request) = ready(&house);
    let (authority, journal) = watched(&house, Some(Fault::Fails(Act::Intent, 1)));
    authority.respond(&request).unwrap_err();
    assert_eq!(journal.acts(), []);
    assert!(cardholders(&house, CertificateState::Intent).is_empty());
}

/// Every way to die between the intent and the recorded certificate.
const DEATHS: [Fault; 6] = [
    Fault::DiesAfter(Act::Intent, 1),
    Fault::Fails(Act::Sign, 1),
    Fault::DiesAfter(Act::Sign, 1),
    Fault::Fails(Act::Sign, 2),
    Fault::DiesAfter(Act::Sign, 2),
    Fault::Fails(Act::Issued, 1),
];

#[test]
fn who_dies_before_the_certificate_is_recorded_leaves_an_intent_that_is_never_good() {
    for fault in DEATHS {
        let house = house();
        let (run, request) = ready(&house);
        let (authority, _) = watched(&house, Some(fault));
        authority.respond(&request).unwrap_err();
        let [intent] = &cardholders(&house, CertificateState::Intent)[..] else {
            panic!("{fault:?}: one intent");
        };
        assert_eq!(status(&house, intent), CertStatus::Unknown, "{fault:?}");
        let registration = house.authority.store().registration(run.lid_ca.as_bytes());
        assert_eq!(registration.unwrap().unwrap().state, RegistrationState::FormSent);
    }
}

#[test]
fn the_request_of_a_dead_intent_is_granted_when_it_comes_again() {
    for fault in DEATHS {
        let house = house();
        let (_, request) = ready(&house);
        watched(&house, Some(fault)).0.respond(&request).unwrap_err();
        let answer = post(&house.reopened(|_| ()), &request);
        let heard = Heard::of(&house.authority, &answer);
        assert_eq!(heard.status(), CertStatusCode::RequestComplete, "{fault:?}");
        assert_eq!(post(&house.authority, &request), answer, "{fault:?}");
        // The dead intent is still listed, and not good; the certificate has a serial of its own.
        let [intent] = &cardholders(&house, CertificateState::Intent)[..] else {
            panic!("{fault:?}: one intent");
        };
        let [issued] = &cardholders(&house, CertificateState::Issued)[..] else {
            panic!("{fault:?}: one certificate");
        };
        assert_eq!(issued.der.as_deref(), Some(heard.issued().der()), "{fault:?}");
        assert_ne!(intent.intent.serial, issued.intent.serial, "{fault:?}");
        assert_eq!(status(&house, intent), CertStatus::Unknown, "{fault:?}");
        assert_eq!(status(&house, issued), CertStatus::Good, "{fault:?}");
    }
}

#[test]
fn a_dead_intent_holds_its_key_against_everybody_else() {
    let house = house();
    let (_, request) = ready(&house);
    watched(&house, Some(Fault::DiesAfter(Act::Intent, 1))).0.respond(&request).unwrap_err();
    let other = form_run(&house.authority, "other");
    let draft = Draft::new(&other, "crash", house.authority.now());
    assert_ne!(draft.octets(&house.authority), request);
    let answer = post(&house.authority, &draft.octets(&house.authority));
    assert_eq!(Heard::of(&house.authority, &answer).status(), CertStatusCode::RejectedByCa);
}

#[test]
fn an_intent_that_was_revoked_is_not_tried_again() {
    let house = house();
    let (_, request) = ready(&house);
    watched(&house, Some(Fault::Fails(Act::Issued, 1))).0.respond(&request).unwrap_err();
    let [intent] = &cardholders(&house, CertificateState::Intent)[..] else { panic!("one") };
    let serial = &intent.intent.serial;
    house.authority.revoke(&ca_id("sample-cca"), serial, RevocationReason::Superseded).unwrap();
    let answer = post(&house.authority, &request);
    assert_eq!(Heard::of(&house.authority, &answer).status(), CertStatusCode::RejectedByCa);
    assert!(matches!(status(&house, intent), CertStatus::Revoked(_)));
}

#[test]
fn who_dies_after_the_certificate_is_recorded_gives_the_stored_answer() {
    let house = house();
    let (run, request) = ready(&house);
    let fault = Fault::DiesAfter(Act::Issued, 1);
    watched(&house, Some(fault)).0.respond(&request).unwrap_err();
    let [issued] = &cardholders(&house, CertificateState::Issued)[..] else { panic!("one") };
    assert_eq!(status(&house, issued), CertStatus::Good);
    let registration = house.authority.store().registration(run.lid_ca.as_bytes());
    assert_eq!(registration.unwrap().unwrap().state, RegistrationState::Complete);
    let (authority, journal) = watched(&house, None);
    let heard = Heard::of(&house.authority, &post(&authority, &request));
    assert_eq!(heard.issued().der(), issued.der.as_deref().unwrap());
    assert_eq!(journal.acts(), [], "nothing is signed or written for a repeat");
}

#[test]
fn an_answer_that_is_not_recorded_does_not_leave_and_changes_nothing() {
    let house = house();
    let (run, _) = ready(&house);
    let before = house.authority.store().registration(run.lid_ca.as_bytes()).unwrap();
    let mut form = FormDraft::new("again");
    form.data.lid_ee = run.lid_ee.clone();
    form.data.lid_ca = Some(run.lid_ca.clone());
    let request = form.octets(&house.authority);
    let fault = Fault::Fails(Act::Registration, 1);
    watched(&house, Some(fault)).0.respond(&request).unwrap_err();
    let after = house.authority.store().registration(run.lid_ca.as_bytes()).unwrap();
    assert_eq!(after, before);
    // And one that was recorded is the answer, although nobody saw it.
    let fault = Fault::DiesAfter(Act::Registration, 1);
    watched(&house, Some(fault)).0.respond(&request).unwrap_err();
    let stored = house.authority.store().answer(form.data.rrpid.as_bytes()).unwrap().unwrap();
    assert_eq!(post(&house.authority, &request), stored.octets);
}
