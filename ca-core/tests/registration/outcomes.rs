//! How a registration ends for the user (spec `set-messages.md` §4.7, §4.11).

use ca_core::ee::{AnswerFault, Application, Blame, Outcome};
use ca_core::wire::{CertRes, CertStatus, CertStatusCode, Message, MessageWrapper};

use crate::house::house;
use crate::middle::*;

#[test]
fn answers_are_checked_against_the_form_before_anything_is_sent() {
    let offer = offered(&house(), "jane");
    let fault = |list: &[(&str, &str)]| offer.check_answers(&answers(list)).unwrap_err();
    let name = ("Full name", "Jane Doe");
    assert_eq!(fault(&[name]), AnswerFault::Missing("Town".to_owned()));
    assert_eq!(fault(&[name, ("Town", "")]), AnswerFault::Missing("Town".to_owned()));
    assert_eq!(
        fault(&[name, ("Town", "X"), ("Shoe size", "9")]),
        AnswerFault::Unknown("Shoe size".to_owned())
    );
    // Two labels of one field.
    assert_eq!(
        fault(&[name, ("Name on the card", "J DOE"), ("Town", "X")]),
        AnswerFault::Twice("Full name".to_owned())
    );
    let long = "x".repeat(51);
    assert_eq!(
        fault(&[name, ("Town", &long)]),
        AnswerFault::TooLong { label: "Town".to_owned(), found: 51, limit: 50 }
    );
    assert_eq!(offer.check_answers(&good_answers()), Ok(()));
}

#[test]
fn a_wrong_answer_is_the_users_fault_and_not_told_to_the_ca() {
    let house = house();
    let offer = offered(&house, "jane");
    let error = offer
        .request(&Application::card(&[], &card(PAN), &key("jane")), now(&house), &random("3"))
        .map(drop)
        .unwrap_err();
    assert_eq!((error.blame(), error.error_code()), (Blame::User, None));
}

#[test]
fn an_encrypted_refusal_and_a_plain_one_are_both_read() {
    let house = house();
    for plain in [false, true] {
        let label = if plain { "plain" } else { "sealed" };
        let (waiting, request, answer) = to_last_answer(&house, label);
        let answer = resealed(&house, &request, &answer, plain, |parts| {
            let code = CertStatusCode::RejectedByCa;
            parts.content.cert_status = CertStatus::new(code);
            parts.content.cert_thumbs = None;
        });
        let wrapper = MessageWrapper::from_der(&answer).unwrap();
        let message = Message::from_wrapper(&wrapper).unwrap();
        assert_eq!(matches!(message, Message::CertRes(CertRes::Signed(_))), plain);
        let outcome = waiting.accept(&answer, now(&house)).unwrap();
        assert_eq!(refused(outcome).status, CertStatusCode::RejectedByCa);
    }
}

#[test]
fn a_request_that_waits_is_an_outcome_of_its_own() {
    let house = house();
    let (waiting, request, answer) = to_last_answer(&house, "jane");
    let answer = resealed(&house, &request, &answer, false, |parts| {
        let code = CertStatusCode::RequestPended;
        parts.content.cert_status = CertStatus::new(code);
        parts.content.cert_thumbs = None;
    });
    let outcome = waiting.accept(&answer, now(&house)).unwrap();
    assert!(matches!(outcome, Outcome::Pending(_)), "{outcome:?}");
}
