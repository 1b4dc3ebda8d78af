//! The same request again, and what only looks like it (spec `set-messages.md` §4.8).

use ca_core::profile::Role;
use ca_core::store::{CertificateQuery, CertificateRecord};
use ca_core::wire::{CertStatusCode, Date, ErrorCode, Message, MessageWrapper};
use der::Encode;

use crate::entities::Held;
use crate::house::{House, house};
use crate::messages::{Draft, FormDraft, Heard, form_run, init_req, key, post, wrapped};

/// What was certified for cardholders.
fn certified(house: &House) -> Vec<CertificateRecord> {
    let role = Some(Role::Cardholder);
    let query = CertificateQuery { role, ..CertificateQuery::default() };
    house.authority.store().certificates(&query).unwrap().items
}

fn good_init(house: &House) -> Vec<u8> {
    let request = init_req("repeat", "Sample");
    let rrpid = request.rrpid;
    wrapped(&Message::CardCInitReq(request), rrpid, house.authority.now())
}

/// One request of each kind, none of them sent yet.
fn requests(house: &House) -> [Vec<u8>; 3] {
    let run = form_run(&house.authority, "run");
    let draft = Draft::new(&run, "repeat", house.authority.now());
    let form = FormDraft::new("repeat").octets(&house.authority);
    [good_init(house), form, draft.octets(&house.authority)]
}

#[test]
fn a_repeated_request_gets_the_same_octets() {
    let house = house();
    for request in requests(&house) {
        let first = post(&house.authority, &request);
        assert_eq!(post(&house.authority, &request), first);
    }
    assert_eq!(certified(&house).len(), 1);
}

#[test]
fn a_repeat_is_answered_whatever_the_date() {
    let house = house();
    for request in requests(&house) {
        let first = post(&house.authority, &request);
        // The window ends after 24 hours; the answer is kept longer.
        house.clock.advance(3 * 24 * 3600);
        assert_eq!(post(&house.authority, &request), first);
        // The same message in a wrapper of another date is the same request.
        let mut wrapper = MessageWrapper::from_der(&request).unwrap();
        wrapper.header.date = Date::from(house.authority.now().plus_days(30));
        assert_eq!(post(&house.authority, &wrapper.to_der().unwrap()), first);
        house.clock.turn_back(3 * 24 * 3600);
    }
}

#[test]
fn a_repeat_after_a_restart_gets_the_same_octets() {
    let house = house();
    for request in requests(&house) {
        let first = post(&house.authority, &request);
        assert_eq!(post(&house.reopened(|_| ()), &request), first);
    }
    assert_eq!(certified(&house).len(), 1);
}

#[test]
fn sixteen_at_once_get_one_answer_and_one_certificate() {
    let house = house();
    for request in requests(&house) {
        let answers: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let ask = || scope.spawn(|| post(&house.authority, &request));
            let threads: Vec<_> = core::iter::repeat_with(ask).take(16).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }
    assert_eq!(certified(&house).len(), 1);
}

#[test]
fn two_processes_on_one_store_give_one_answer() {
    let house = house();
    let run = form_run(&house.authority, "run");
    let request = Draft::new(&run, "both", house.authority.now()).octets(&house.authority);
    let other = house.reopened(|_| ());
    let answers: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let ask = |number: usize| {
            let authority = if number.is_multiple_of(2) { &house.authority } else { &other };
            let request = &request;
            scope.spawn(move || post(authority, request))
        };
        let threads: Vec<_> = (0..8).map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let heard = Heard::of(&house.authority, &answers[0]);
    assert_eq!(heard.status(), CertStatusCode::RequestComplete);
    let issued = certified(&house).iter().filter(|record| record.der.is_some()).count();
    assert_eq!(issued, 1);
}

#[test]
fn another_message_under_a_used_rrpid_changes_nothing() {
    let house = house();
    let run = form_run(&house.authority, "run");
    let first = Draft::new(&run, "first", house.authority.now());
    let request = first.octets(&house.authority);
    let answer = post(&house.authority, &request);
    let rrpid = first.data.rrpid;
    let other_run = form_run(&house.authority, "other run");
    let second =
        Draft::new(&other_run, "second", house.authority.now()).with(|d| d.data.rrpid = rrpid);
    let heard = post(&house.authority, &second.octets(&house.authority));
    let heard = Heard::of(&house.authority, &heard);
    assert_eq!(heard.error().error_code, ErrorCode::UnknownRrpid);
    assert_eq!(certified(&house).len(), 1);
    // The first answer stands, and the other registration is still open.
    assert_eq!(post(&house.authority, &request), answer);
    let third = Draft::new(&other_run, "third", house.authority.now());
    let heard = post(&house.authority, &third.octets(&house.authority));
    assert_eq!(Heard::of(&house.authority, &heard).status(), CertStatusCode::RequestComplete);
}

#[test]
fn a_key_that_another_ca_has_certified_is_refused() {
    let house = house();
    let authority = &house.authority;
    let gateway = Held::by_registering(&house, Role::Gateway, "gateway").key;
    let run = form_run(authority, "run");
    let draft = Draft::new(&run, "cardholder", authority.now()).with_key(gateway);
    let heard = Heard::of(authority, &post(authority, &draft.octets(authority)));
    assert_eq!(heard.status(), CertStatusCode::RejectedByCa);
}

#[test]
fn a_new_request_in_a_finished_registration_is_refused() {
    let house = house();
    let run = form_run(&house.authority, "run");
    for (label, expected) in
        [("first", CertStatusCode::RequestComplete), ("second", CertStatusCode::RejectedByCa)]
    {
        let draft = Draft::new(&run, label, house.authority.now());
        let answer = post(&house.authority, &draft.octets(&house.authority));
        assert_eq!(Heard::of(&house.authority, &answer).status(), expected, "{label}");
    }
    assert_eq!(certified(&house).len(), 1);
}

#[test]
fn of_many_requests_in_one_registration_at_once_one_is_granted() {
    let house = house();
    let run = form_run(&house.authority, "run");
    let requests: Vec<Vec<u8>> = (0..8)
        .map(|number| Draft::new(&run, &format!("key {number}"), house.authority.now()))
        .map(|draft| draft.octets(&house.authority))
        .collect();
    let authority = &house.authority;
    let answers: Vec<CertStatusCode> = std::thread::scope(|scope| {
        let ask = |request: &Vec<u8>| {
            let request = request.clone();
            scope.spawn(move || Heard::of(authority, &post(authority, &request)))
        };
        let threads: Vec<_> = requests.iter().map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().status()).collect()
    });
    let granted = answers.iter().filter(|code| **code == CertStatusCode::RequestComplete).count();
    assert_eq!(granted, 1, "{answers:?}");
    assert_eq!(certified(&house).len(), 1);
    // A refusal that came after it did not open the registration again.
    let registration = authority.store().registration(run.lid_ca.as_bytes()).unwrap().unwrap();
    assert_eq!(registration.state, ca_core::store::RegistrationState::Complete);
}

#[test]
fn a_corrected_form_is_accepted_in_the_same_registration() {
    // §4.7 step 10: a new CertReq, new rrpid, the same lid-CA and chall-CA.
    let house = house();
    let run = form_run(&house.authority, "run");
    let bad = Draft::new(&run, "bad", house.authority.now()).with(|d| d.data.reg_form = None);
    let answer = post(&house.authority, &bad.octets(&house.authority));
    let status = Heard::of(&house.authority, &answer).status();
    assert_eq!(status, CertStatusCode::RegFormAnswerMalformed);
    // The key of the refused request was never certified, so it may come again.
    let good = Draft::new(&run, "good", house.authority.now()).with_key(key("bad"));
    let answer = post(&house.authority, &good.octets(&house.authority));
    assert_eq!(Heard::of(&house.authority, &answer).status(), CertStatusCode::RequestComplete);
    let registration = house.authority.store().registration(run.lid_ca.as_bytes());
    assert_eq!(registration.unwrap().unwrap().refusal, None);
}
