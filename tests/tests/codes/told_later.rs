//! CertStatusCodes that depend on what becomes of a service between form and answer, or on a bank
//! that takes its time.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use ca_core::ee::Outcome;
use ca_core::wire::CertStatusCode;
use e2e::wallet::{self, now};
use e2e::{Answer, Hierarchy, PAN, Service};

use super::{Site, set};

/// A card of "Example Careful Bank", whose registrations people decide.
const CAREFUL: &str = "4200009876543217";

#[test]
fn a_request_that_people_decide_is_pended() {
    let site = Site::shared();
    let (outcome, answer) = asked(&site.hierarchy, &site.service, CAREFUL);
    assert_eq!(waits(outcome), CertStatusCode::RequestPended);
    // decisions.md 30.
    assert_eq!(answer.header("retry-after"), "300");
}

#[test]
fn a_request_that_a_silent_bank_decides_is_in_progress() {
    let hierarchy = Hierarchy::new();
    // Connections are taken by the system, and nobody answers.
    let bank = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/decide", bank.local_addr().unwrap());
    let ask = format!("approval = {{ ask = \"{url}\", key = \"bank.key\", timeout_secs = 1 }}");
    fs::write(hierarchy.dir().join("bank.key"), "a secret shared with the bank").unwrap();
    hierarchy.change_policies(&[("approval = \"by-hand\"", &ask)]);
    let service = hierarchy.serve();
    let begun = Instant::now();
    let (outcome, answer) = asked(&hierarchy, &service, CAREFUL);
    assert_eq!(waits(outcome), CertStatusCode::RequestInProgress);
    assert!(begun.elapsed() > Duration::from_secs(1), "the bank was given its time");
    assert_eq!(answer.header("retry-after"), "300");
}

/// `set-messages.md` §6 no. 19: what is served may change between the form and its answer.
#[test]
fn a_form_in_a_language_that_is_served_no_more_is_an_invalid_language() {
    let hierarchy = Hierarchy::new();
    let service = hierarchy.serve();
    let root = hierarchy.root_certificate();
    let offer = wallet::offer(&root, PAN, &mut |request| set(&service, &request).body);
    service.kill();
    // English is gone, and French has come.
    hierarchy.change_policies(&[(".en", ".fr"), ("\"en\"", "\"fr\"")]);
    let service = hierarchy.serve();
    let (request, waiting) = wallet::request(&offer, PAN);
    let answer = set(&service, &request).body;
    let Outcome::Refused(refused) = waiting.accept(&answer, now()).unwrap() else {
        panic!("not refused");
    };
    assert_eq!(refused.status, CertStatusCode::InvalidLanguage);
}

/// What comes of a good request for this card, as a wallet and as HTTP has it.
fn asked(hierarchy: &Hierarchy, service: &Service, pan: &str) -> (Outcome, Answer) {
    let root = hierarchy.root_certificate();
    let offer = wallet::offer(&root, pan, &mut |request| set(service, &request).body);
    let (request, waiting) = wallet::request(&offer, pan);
    let answer = set(service, &request);
    (waiting.accept(&answer.body, now()).unwrap(), answer)
}

fn waits(outcome: Outcome) -> CertStatusCode {
    match outcome {
        Outcome::Pending(pending) => pending.status(),
        other => panic!("decided already: {other:?}"),
    }
}
