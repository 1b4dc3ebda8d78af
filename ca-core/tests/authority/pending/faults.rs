//! Deaths between decision and certificate, and everything at once.

use super::*;

/// Every way to die between a decision and its certificates.
const DEATHS: [Fault; 5] = [
    Fault::Fails(Act::Intent, 1),
    Fault::DiesAfter(Act::Intent, 1),
    Fault::Fails(Act::Sign, 1),
    Fault::DiesAfter(Act::Sign, 1),
    Fault::Fails(Act::Issued, 1),
];

/// A request whose approval died leaves nothing but an intent, still waits, and can be granted.
fn assert_survived(house: &House, customer: &Customer, fault: Fault, open: CertStatusCode) {
    let authority = &house.authority;
    let registration = customer.registration(authority);
    assert!(registration.open.is_some() && registration.decision.is_none(), "{fault:?}");
    assert_eq!(customer.ask(authority, "dead").status(), open, "{fault:?}");
    assert!(certified(authority, CertificateState::Issued).is_empty(), "{fault:?}");
    let taken = Customer::with(authority, crate::messages::PAN, "taker", |draft| {
        draft.set_key(key("ada"));
    });
    let status = taken.heard(authority).status();
    assert_eq!(status, CertStatusCode::RejectedByCa, "{fault:?}: its key is held");
}

fn assert_granted_once(house: &House, customer: &Customer, fault: Fault) {
    customer.assert_served(&customer.ask(&house.authority, "granted"));
    let issued = certified(&house.authority, CertificateState::Issued);
    assert_eq!(issued.len(), 1, "{fault:?}");
    let dead = certified(&house.authority, CertificateState::Intent);
    assert!(dead.iter().all(|dead| dead.intent.serial != issued[0].intent.serial), "{fault:?}");
}

#[test]
fn an_approval_that_died_is_taken_up_again_by_the_next() {
    for fault in DEATHS {
        let house = house();
        let customer = Customer::new(&house.authority, CAREFUL, "ada");
        let (dying, _) = watched(&house, Some(fault));
        dying.decide_registration(customer.lid_ca(), yes("grace")).unwrap_err();
        assert_survived(&house, &customer, fault, CertStatusCode::RequestPended);
        house.reopened(|_| ()).decide_registration(customer.lid_ca(), yes("alan")).unwrap();
        assert_granted_once(&house, &customer, fault);
    }
}

#[test]
fn an_approval_by_a_bank_that_died_is_taken_up_by_the_schedule() {
    for fault in DEATHS {
        let house = house();
        let customer = Customer::new(&house.authority, LISTED, "ada");
        house.approver.answers(ApprovalAnswer::Approve { by: "bank.example".to_owned() });
        let (dying, _) = watched(&house, Some(fault));
        let settled = dying.settle_in_progress().unwrap();
        assert_eq!((settled.approved, settled.failed.len()), (0, 1), "{fault:?}");
        assert_survived(&house, &customer, fault, CertStatusCode::RequestInProgress);
        let settled = house.reopened(|_| ()).settle_in_progress().unwrap();
        assert_eq!((settled.approved, settled.failed.len()), (1, 0), "{fault:?}");
        assert_granted_once(&house, &customer, fault);
    }
}

#[test]
fn an_approval_that_was_recorded_stands_although_nobody_heard_of_it() {
    let house = house();
    let customer = Customer::new(&house.authority, CAREFUL, "ada");
    let (dying, journal) = watched(&house, Some(Fault::DiesAfter(Act::Issued, 1)));
    dying.decide_registration(customer.lid_ca(), yes("grace")).unwrap_err();
    // Recorded before it was signed, and signed once.
    assert_eq!(journal.acts(), [Act::Intent, Act::Sign, Act::Issued]);
    let error = house.authority.decide_registration(customer.lid_ca(), no("alan", None));
    assert!(matches!(error, Err(DeskError::Decided { approved: true, .. })), "{error:?}");
    customer.assert_served(&customer.ask(&house.authority, "one"));
}

#[test]
fn sixteen_inquiries_and_an_approval_at_once_agree() {
    let house = house();
    let customer = Customer::new(&house.authority, CAREFUL, "ada");
    // Two processes over one store.
    let other = house.reopened(|_| ());
    let authorities = [&house.authority, &other];
    let heard: Vec<Heard> = std::thread::scope(|scope| {
        let customer = &customer;
        let ask = |number: usize| {
            let authority = authorities[number % 2];
            scope.spawn(move || customer.ask(authority, &format!("inquiry {number}")))
        };
        let inquiries: Vec<_> = (0..16).map(ask).collect();
        scope.spawn(move || other_decides(authorities[1], customer));
        inquiries.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for answer in &heard {
        match answer.status() {
            CertStatusCode::RequestPended => {}
            _ => customer.assert_served(answer),
        }
    }
    let nonces: std::collections::BTreeSet<Vec<u8>> = heard
        .iter()
        .filter_map(|answer| answer.data().cert_status.nonce_cca.as_ref())
        .map(|nonce| nonce.as_bytes().to_vec())
        .collect();
    assert!(nonces.len() <= 1, "one nonceCCA");
    customer.assert_served(&customer.ask(&house.authority, "after"));
    assert_eq!(certified(&house.authority, CertificateState::Issued).len(), 1);
}

fn other_decides(authority: &Authority, customer: &Customer) {
    authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap();
}

#[test]
fn of_two_decisions_at_once_one_is_made() {
    let house = house();
    let customer = Customer::new(&house.authority, CAREFUL, "ada");
    let other = house.reopened(|_| ());
    let outcomes: Vec<Result<Registration, DeskError>> = std::thread::scope(|scope| {
        let decide = |number: usize| {
            let authority = if number.is_multiple_of(2) { &house.authority } else { &other };
            let approve = number.is_multiple_of(3);
            let lid_ca = customer.lid_ca();
            let decision = ByHandDecision { approve, by: "operator", message: None };
            scope.spawn(move || authority.decide_registration(lid_ca, decision))
        };
        let threads: Vec<_> = (0..8).map(decide).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let made: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(made.len(), 1);
    let late = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    for error in late {
        assert!(matches!(error, DeskError::Decided { .. }), "{error}");
    }
    let issued = certified(&house.authority, CertificateState::Issued).len();
    assert_eq!(issued, usize::from(made[0].state == RegistrationState::Complete));
}
