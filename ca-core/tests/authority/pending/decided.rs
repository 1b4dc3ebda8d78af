//! By hand: pended, approved, rejected, final.

use super::*;

#[test]
fn a_request_that_people_decide_is_pended_and_its_answer_says_when_to_ask() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    let heard = customer.heard(authority);
    assert_eq!(heard.status(), CertStatusCode::RequestPended);
    assert!(matches!(heard, Heard::Result { encrypted: true, .. }));
    // decisions.md 30: five minutes, in the header; the bank's own words in eeMessage.
    assert_eq!(customer.retry_after, Some(300));
    let message = heard.data().cert_status.ee_message.as_ref().unwrap();
    assert_eq!(message.as_str(), "Your bank looks at your request. Please ask again later.");
    assert_eq!(customer.registration(authority).state, RegistrationState::Pended);
    assert_eq!(house.approver.asked(), [], "the rule names nobody to ask");
    assert!(certified(authority, CertificateState::Intent).is_empty());
    // And so it stays.
    let octets = customer.inquiry("one").octets(authority);
    let (answer, retry_after) = post_whole(authority, &octets);
    assert_eq!(Heard::of(authority, &answer).status(), CertStatusCode::RequestPended);
    assert_eq!(retry_after, Some(300));
}

#[test]
fn what_people_approve_is_issued_at_once_and_collected_by_inquiry() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    house.clock.advance(3600);
    let decided = authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap();
    assert_eq!(decided, customer.registration(authority));
    assert_eq!(decided.state, RegistrationState::Complete);
    assert_eq!(decided.open, None);
    let expected = Decided { by: "grace".to_owned(), approved: true, at: authority.now() };
    assert_eq!(decided.decision, Some(expected));
    let [record] = &certified(authority, CertificateState::Issued)[..] else { panic!("one") };
    assert_eq!(decided.issued, std::slice::from_ref(&record.intent.serial));
    let first = customer.ask(authority, "one");
    customer.assert_served(&first);
    assert_eq!(first.issued().der(), record.der.as_deref().unwrap());
    let second = customer.ask(authority, "two");
    assert_eq!(second.data().cert_status, first.data().cert_status);
    let octets = customer.inquiry("three").octets(authority);
    assert_eq!(post_whole(authority, &octets).1, None, "there is nothing more to wait for");
}

/// §4.8: seven days after the final answer, which is the first that carries the certificate.
#[test]
fn who_asks_late_is_served_and_then_for_seven_days_more() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap();
    let days_pass = |days: u32| {
        house.clock.advance(u64::from(days) * DAY);
        authority.publish_due();
        authority.store().forget_answers(authority.now().minus_secs(7 * DAY)).unwrap();
    };
    days_pass(20);
    customer.assert_served(&customer.ask(authority, "first"));
    days_pass(6);
    customer.assert_served(&customer.ask(authority, "second"));
    days_pass(8);
    let heard = customer.ask(authority, "third");
    assert_eq!(heard.status(), CertStatusCode::UnableToEncryptCertRes);
}

#[test]
fn secrets_that_nobody_asks_for_are_forgotten_in_the_end() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap();
    let end = authority.now().plus_days(90);
    authority.store().forget_answers(end).unwrap();
    assert!(customer.registration(authority).sealed.is_some());
    authority.store().forget_answers(end.plus_secs(1)).unwrap();
    assert_eq!(customer.registration(authority).sealed, None);
}

#[test]
fn an_approval_may_come_with_words_too() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    let decision = ByHandDecision { message: Some("Welcome."), ..yes("grace") };
    authority.decide_registration(customer.lid_ca(), decision).unwrap();
    let heard = customer.ask(authority, "one");
    customer.assert_served(&heard);
    assert_eq!(heard.data().cert_status.ee_message.as_ref().unwrap().as_str(), "Welcome.");
}

#[test]
fn what_people_reject_is_refused_by_the_issuer_in_their_words() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    let words = no("grace", Some("Please call your bank."));
    let decided = authority.decide_registration(customer.lid_ca(), words).unwrap();
    assert_eq!(decided.state, RegistrationState::Refused);
    let expected = Decided { by: "grace".to_owned(), approved: false, at: authority.now() };
    assert_eq!(decided.decision, Some(expected));
    for label in ["one", "two"] {
        let heard = customer.ask(authority, label);
        assert_eq!(heard.status(), CertStatusCode::RejectedByIssuer);
        let message = heard.data().cert_status.ee_message.as_ref().unwrap();
        assert_eq!(message.as_str(), "Please call your bank.");
    }
    let silent = Customer::new(authority, CAREFUL, "bob");
    authority.decide_registration(silent.lid_ca(), no("grace", None)).unwrap();
    let heard = silent.ask(authority, "three");
    let message = heard.data().cert_status.ee_message.as_ref().unwrap();
    assert_eq!(message.as_str(), "the card issuer refused");
}

#[test]
fn pend_restart_approve_restart_collect() {
    let house = house();
    let customer = Customer::new(&house.authority, CAREFUL, "ada");
    let second = house.reopened(|_| ());
    assert_eq!(customer.ask(&second, "one").status(), CertStatusCode::RequestPended);
    second.decide_registration(customer.lid_ca(), yes("grace")).unwrap();
    let third = house.reopened(|_| ());
    customer.assert_served(&customer.ask(&third, "two"));
}

#[test]
fn another_account_key_opens_nothing_and_loses_nothing() {
    let house = house();
    let customer = Customer::new(&house.authority, CAREFUL, "ada");
    let wrong = house.reopened(|parts| parts.pan_key = zeroize::Zeroizing::new([8; 32]));
    let error = wrong.decide_registration(customer.lid_ca(), yes("grace")).unwrap_err();
    assert!(matches!(error, DeskError::Failed { .. }), "{error}");
    house.authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap();
    customer.assert_served(&customer.ask(&house.authority, "one"));
}

#[test]
fn a_decision_is_final_and_says_whose_it_was() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::new(authority, CAREFUL, "ada");
    authority.decide_registration(customer.lid_ca(), no("grace", None)).unwrap();
    for again in [yes("alan"), no("alan", None)] {
        let error = authority.decide_registration(customer.lid_ca(), again).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("rejected by grace at 2026-11-18"), "{said}");
        assert!(said.contains(&hex(customer.lid_ca())), "{said}");
    }
    assert_eq!(customer.ask(authority, "one").status(), CertStatusCode::RejectedByIssuer);
    assert!(certified(authority, CertificateState::Intent).is_empty());
}

#[test]
fn there_is_nothing_to_decide_where_nothing_waits() {
    let house = house();
    let authority = &house.authority;
    let error = authority.decide_registration(&[7; 20], yes("grace")).unwrap_err();
    assert!(matches!(error, DeskError::Unknown(_)), "{error}");
    let run = form_run(authority, "early");
    let error = authority.decide_registration(run.lid_ca.as_bytes(), yes("grace")).unwrap_err();
    assert!(
        matches!(error, DeskError::NotOpen { state: RegistrationState::FormSent, .. }),
        "{error}"
    );
    let customer = Customer::new(authority, CAREFUL, "ada");
    let long = "x".repeat(129);
    let error = authority.decide_registration(customer.lid_ca(), no("grace", Some(&long)));
    assert!(matches!(error, Err(DeskError::Message(129))), "{error:?}");
    assert_eq!(customer.registration(authority).state, RegistrationState::Pended);
}

#[test]
fn a_rule_that_decides_at_once_is_recorded_as_who_did() {
    let house = house();
    let authority = &house.authority;
    let automatic = Customer::new(authority, crate::messages::PAN, "automatic");
    let refused = Customer::new(authority, "4000001234567899", "refused");
    for (customer, by, approved) in [
        (&automatic, "policy of Example Issuer", true),
        (&refused, "policy of Example Closed Bank", false),
    ] {
        let expected = Decided { by: by.to_owned(), approved, at: authority.now() };
        assert_eq!(customer.registration(authority).decision, Some(expected));
        assert_eq!(customer.retry_after, None);
    }
}

#[test]
fn a_card_that_ended_meanwhile_is_refused_and_the_operator_is_told() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::with(authority, CAREFUL, "ada", |draft| draft.set_expiry((2026, 12)));
    assert_eq!(customer.heard(authority).status(), CertStatusCode::RequestPended);
    let last_second = UnixTime::parse_rfc3339("2026-12-31T23:59:59Z").unwrap();
    house.clock.advance(last_second.as_secs() - authority.now().as_secs());
    let error = authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap_err();
    assert!(matches!(error, DeskError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("2026-12-31T23:59:59Z"), "{error}");
    let registration = customer.registration(authority);
    assert_eq!(registration.state, RegistrationState::Refused);
    assert_eq!(registration.refusal.as_deref(), Some("card-expired"));
    assert_eq!(customer.ask(authority, "one").status(), CertStatusCode::RejectedByCa);
    assert!(certified(authority, CertificateState::Intent).is_empty());
}

#[test]
fn a_ca_key_at_its_end_keeps_the_registration_waiting() {
    let house = house();
    let authority = &house.authority;
    let customer = Customer::with(authority, CAREFUL, "ada", |draft| draft.set_expiry((2060, 12)));
    house.clock.advance(20 * 365 * 24 * 3600);
    let error = authority.decide_registration(customer.lid_ca(), yes("grace")).unwrap_err();
    let DeskError::Failed { error: cause, .. } = &error else { panic!("{error}") };
    assert!(matches!(cause, ca_core::authority::Error::Prepare(_)), "{cause}");
    let registration = customer.registration(authority);
    assert_eq!(registration.state, RegistrationState::Pended);
    assert!(registration.open.is_some());
}

const DAY: u64 = 86_400;
