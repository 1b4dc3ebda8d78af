//! Faults of the wrapper, and Errors of either side (spec `set-messages.md` §4.1).

use ca_core::authority::SetReply;
use ca_core::ee::{AskingForm, Blame, EeError};
use ca_core::envelope::{Attachments, SignedMessage};
use ca_core::profile::KeyUse;
use ca_core::wire::{
    Date, ErrorCode, ErrorMessage, ErrorMsg, ErrorTbs, Message, MessageWrapper, Nonce, Pan, Rrpid,
    SignedDataOctets, oids,
};

use crate::house::{BEGIN, House, house};
use crate::middle::*;

fn wrapper_fault(change: impl FnOnce(&mut MessageWrapper)) -> EeError {
    let house = house();
    let (waiting, answer) = to_first_answer(&house, "jane");
    waiting.accept(&with_wrapper(&answer, change), now(&house)).unwrap_err()
}

#[test]
fn each_fault_of_the_wrapper_has_its_code() {
    let begin = BEGIN;
    let code = |change: &dyn Fn(&mut MessageWrapper)| wrapper_fault(change).error_code().unwrap();
    assert_eq!(code(&|w| w.header.version = 0), ErrorCode::VersionTooOld);
    assert_eq!(code(&|w| w.header.version = 2), ErrorCode::VersionTooNew);
    assert_eq!(code(&|w| w.header.rrpid = None), ErrorCode::BadMessageHeader);
    let other = Rrpid::new([1; 20]);
    assert_eq!(code(&|w| w.header.rrpid = Some(other)), ErrorCode::UnknownRrpid);
    let day = 86_400;
    let old = Date::from(begin.minus_secs(day + 1));
    assert_eq!(code(&|w| w.header.date = old.clone()), ErrorCode::MessageTooOld);
    let new = Date::from(begin.plus_secs(601));
    assert_eq!(code(&|w| w.header.date = new.clone()), ErrorCode::MessageTooNew);
}

#[test]
fn octets_that_are_no_message_are_a_decoding_failure() {
    let house = house();
    let (waiting, _) = to_first_answer(&house, "jane");
    let code =
        |octets: &[u8]| waiting.clone().accept(octets, now(&house)).unwrap_err().error_code();
    assert_eq!(code(b"<html>"), Some(ErrorCode::DecodingFailure));
    assert_eq!(code(&vec![0x30; 200_000]), Some(ErrorCode::MessageTooBig));
}

#[test]
fn a_message_that_answers_something_else_is_not_supported() {
    let house = house();
    let (waiting, _) = to_first_answer(&house, "jane");
    let (request, _) = wallet(&house).initiate(now(&house), &random("jane")).unwrap();
    let error = waiting.accept(&request, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Unexpected { expected: "CardCInitRes", found: 22 });
}

#[test]
fn a_content_type_that_contradicts_the_message_is_a_mismatch() {
    let house = house();
    let (waiting, answer) = to_first_answer(&house, "jane");
    let wrapper = MessageWrapper::from_der(&answer).unwrap();
    let Message::CardCInitRes(octets) = Message::from_wrapper(&wrapper).unwrap() else { panic!() };
    let signed = SignedMessage::decode(octets.as_der()).unwrap();
    let attachments = Attachments {
        certificates: signed.certificates().map(<[u8]>::to_vec).collect(),
        crls: signed.crls().map(<[u8]>::to_vec).collect(),
    };
    let content = signed.unverified_content().unwrap();
    let other = oids::CT_REG_FORM_RES_TBS;
    let der = signed_by(&house, CCA, KeyUse::MessageSignature, other, content, attachments);
    let octets = SignedDataOctets::new(der).unwrap();
    let answer = rewrapped(&wrapper, &Message::CardCInitRes(octets));
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!(error.error_code(), Some(ErrorCode::WrapperMsgMismatch));
}

/// A request whose envelope is spoilt: the CA answers with the uniform Error, signed.
fn signed_error(house: &House) -> (AskingForm, Vec<u8>) {
    let pan = Pan::new(PAN).unwrap();
    let (request, waiting) =
        initiated(house, "jane").ask_form(&pan, now(house), &random("2")).unwrap();
    let mut spoilt = request;
    *spoilt.last_mut().unwrap() ^= 1;
    let answer = post(house, &spoilt);
    (waiting, answer)
}

#[test]
fn an_error_of_the_ca_is_recognised_with_its_code_and_signature() {
    let house = house();
    let (waiting, answer) = signed_error(&house);
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Peer { code: ErrorCode::DecodingFailure, authentic: true });
    assert_eq!(error.blame(), Blame::Peer);
}

#[test]
fn an_error_without_a_good_signature_is_not_authentic() {
    let house = house();
    let (waiting, mut answer) = signed_error(&house);
    *answer.last_mut().unwrap() ^= 1;
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Peer { code: ErrorCode::DecodingFailure, authentic: false });
    let wallet = wallet_with(house.suite(), vec![root(&house)], "Unknown", "en");
    let (request, waiting) = wallet.initiate(now(&house), &random("x")).unwrap();
    let error = waiting.accept(&post(&house, &request), now(&house)).unwrap_err();
    assert_eq!(error, EeError::Peer { code: ErrorCode::UnspecifiedFailure, authentic: false });
}

#[test]
fn an_error_is_never_answered() {
    let house = house();
    let (waiting, answer) = signed_error(&house);
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!(error.report(&answer, now(&house), &random("r")).unwrap(), None);
}

fn reported(house: &House, error: &EeError, answer: &[u8]) -> (Vec<u8>, ErrorTbs) {
    let report = error.report(answer, now(house), &random("r")).unwrap().unwrap();
    let wrapper = MessageWrapper::from_der(&report).unwrap();
    let Message::Error(ErrorMessage::Unsigned(tbs)) = Message::from_wrapper(&wrapper).unwrap()
    else {
        panic!("not an unsigned Error")
    };
    (report, tbs)
}

#[test]
fn the_ca_is_told_what_was_wrong_with_its_answer_and_says_nothing_to_that() {
    let house = house();
    revoke_cca(&house, KeyUse::Encryption);
    let (waiting, answer) = to_first_answer(&house, "jane");
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    let (report, tbs) = reported(&house, &error, &answer);
    let header = MessageWrapper::from_der(&answer).unwrap().header;
    assert_eq!(tbs.error_code, ErrorCode::RevokedCertificate);
    assert_eq!(tbs.error_thumb, Some(thumb_of(&house, CCA, KeyUse::Encryption).0));
    assert_eq!(tbs.error_msg, ErrorMsg::MessageHeader(header.clone()));
    assert_ne!(tbs.error_nonce, Nonce::new([0; 20]));
    assert_eq!(MessageWrapper::from_der(&report).unwrap().header.rrpid, header.rrpid);
    assert_eq!(house.authority.respond(&report).unwrap(), SetReply::Nothing);
}

#[test]
fn an_answer_that_is_no_message_goes_back_as_it_came() {
    let house = house();
    let (waiting, _) = to_first_answer(&house, "jane");
    let error = waiting.accept(b"<html>", now(&house)).unwrap_err();
    let (_, tbs) = reported(&house, &error, b"<html>");
    let ErrorMsg::BadWrapper(bad) = tbs.error_msg else { panic!() };
    assert_eq!(bad.as_bytes(), b"<html>");
}
