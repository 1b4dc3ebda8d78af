//! ErrorCodes that a CA raises (spec `set-messages.md` §4.1, §4.11), each by a message that is good
//! but for one thing.

use std::time::Duration;

use ca_core::ee::EeError;
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::{
    CertReq, Challenge, Date, ErrorCode, LocalId, Message, MessageOctets, MessageWrapper, Rrpid,
};
use ca_server::SystemRandom;
use e2e::forge::{self, FormDraft, Heard, Signature, contact, wrapped};
use e2e::wallet::{error_code, now, wallet};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{ObjectIdentifier, OctetString};
use x509_cert::ext::Extension;

use super::{Site, set};

/// The Error about a good first message whose wrapper was changed, and who signed it.
fn about(change: impl FnOnce(&mut MessageWrapper)) -> (ErrorCode, Signature) {
    let message = contact();
    let mut wrapper = wrapped(&Message::CardCInitReq(message.clone()), message.rrpid);
    change(&mut wrapper);
    Site::shared().error(&wrapper)
}

/// The Error about a good CertReq that was changed before it was signed, and who signed it.
fn about_request(change: impl FnOnce(&mut forge::Draft)) -> (ErrorCode, Signature) {
    let site = Site::shared();
    site.error(&site.draft().with(change).wrapped(&site.cca))
}

#[test]
fn the_first_message_of_these_tests_is_good() {
    let site = Site::shared();
    let message = contact();
    let wrapper = wrapped(&Message::CardCInitReq(message.clone()), message.rrpid);
    let Heard::Other(message) = site.cca.heard(&site.post(&wrapper).body) else {
        panic!("refused");
    };
    assert!(matches!(*message, Message::CardCInitRes(_)), "{message:?}");
}

/// decisions.md 11; nobody can be told to sign.
#[test]
fn an_unknown_brand_is_an_unspecified_failure() {
    let site = Site::shared();
    let wallet = wallet(&site.hierarchy.root_certificate(), "Another");
    let (request, waiting) = wallet.initiate(now(), &SystemRandom).unwrap();
    let error = waiting.accept(&set(&site.service, &request).body, now()).unwrap_err();
    let expected = EeError::Peer { code: ErrorCode::UnspecifiedFailure, authentic: false };
    assert_eq!(error, expected);
}

#[test]
fn a_message_that_only_a_ca_sends_is_not_supported() {
    // CertInqRes, [31]: need not even decode.
    let error = about(|wrapper| wrapper.message = octets(&[0xbf, 0x1f, 0x02, 0x05, 0x00]));
    assert_eq!(error, (ErrorCode::MessageNotSupported, Signature::None));
}

#[test]
fn a_brand_with_a_control_code_is_a_decoding_failure() {
    let error = about(|wrapper| {
        let mut der = wrapper.message.as_der().to_vec();
        let at = der.windows(6).position(|window| window == b"Sample").unwrap();
        der[at] = 0x80;
        wrapper.message = octets(&der);
    });
    assert_eq!(error, (ErrorCode::DecodingFailure, Signature::None));
}

#[test]
fn a_header_without_rrpid_is_bad() {
    let error = about(|wrapper| wrapper.header.rrpid = None);
    assert_eq!(error, (ErrorCode::BadMessageHeader, Signature::Cca));
}

/// decisions.md 15: the content type in clear says what is in the envelope.
#[test]
fn the_envelope_of_another_message_is_a_mismatch() {
    let site = Site::shared();
    let form = FormDraft::new();
    let message = Message::CertReq(CertReq::EncX(form.sealed(&site.cca)));
    let error = site.error(&wrapped(&message, form.data.rrpid));
    assert_eq!(error, (ErrorCode::WrapperMsgMismatch, Signature::Cca));
}

#[test]
fn version_zero_is_too_old() {
    let error = about(|wrapper| wrapper.header.version = 0);
    assert_eq!(error, (ErrorCode::VersionTooOld, Signature::Cca));
}

#[test]
fn version_two_is_too_new() {
    let error = about(|wrapper| wrapper.header.version = 2);
    assert_eq!(error, (ErrorCode::VersionTooNew, Signature::Cca));
}

#[test]
fn an_unknown_critical_extension_is_not_recognized() {
    let error = about(|wrapper| {
        wrapper.extensions = Some(vec![Extension {
            extn_id: ObjectIdentifier::new_unwrap("1.2.3.4"),
            critical: true,
            extn_value: OctetString::new(*b"?").unwrap(),
        }]);
    });
    assert_eq!(error, (ErrorCode::UnrecognizedExtension, Signature::Cca));
}

/// `set-messages.md` §1.4: a message has at most 128 KiB, a body 256.
#[test]
fn a_message_of_one_octet_too_many_is_too_big() {
    let site = Site::shared();
    let answer = set(&site.service, &vec![0x30; MAX_MESSAGE + 1]);
    assert_eq!(error_code(&answer.body), ErrorCode::MessageTooBig);
}

/// `set-messages.md` §6 no. 20: one day back.
#[test]
fn a_message_of_the_day_before_yesterday_is_too_old() {
    let date = Date::from(now().minus_secs(2 * DAY));
    let error = about(|wrapper| wrapper.header.date = date);
    assert_eq!(error, (ErrorCode::MessageTooOld, Signature::Cca));
}

/// `set-messages.md` §6 no. 20: ten minutes ahead.
#[test]
fn a_message_of_tomorrow_is_too_new() {
    let date = Date::from(now().plus_secs(DAY));
    let error = about(|wrapper| wrapper.header.date = date);
    assert_eq!(error, (ErrorCode::MessageTooNew, Signature::Cca));
}

#[test]
fn another_message_under_an_answered_rrpid_is_an_unknown_rrpid() {
    let site = Site::shared();
    let first = contact();
    site.post(&wrapped(&Message::CardCInitReq(first.clone()), first.rrpid));
    let mut second = contact();
    second.rrpid = first.rrpid;
    let error = site.error(&wrapped(&Message::CardCInitReq(second), first.rrpid));
    assert_eq!(error, (ErrorCode::UnknownRrpid, Signature::Cca));
}

#[test]
fn another_rrpid_inside_the_envelope_is_an_unknown_rrpid() {
    let error = about_request(|draft| draft.data.rrpid = Rrpid::random(&SystemRandom).unwrap());
    assert_eq!(error, (ErrorCode::UnknownRrpid, Signature::Cca));
}

#[test]
fn a_label_that_names_no_registration_is_an_unknown_lid() {
    let error = about_request(|draft| draft.data.lid_ee = LocalId::random(&SystemRandom).unwrap());
    assert_eq!(error, (ErrorCode::UnknownLid, Signature::Cca));
}

#[test]
fn a_challenge_that_the_ca_did_not_send_is_a_mismatch() {
    let error = about_request(|draft| {
        draft.data.chall_ca = Some(Challenge::random(&SystemRandom).unwrap());
    });
    assert_eq!(error, (ErrorCode::ChallengeMismatch, Signature::Cca));
}

fn octets(der: &[u8]) -> MessageOctets {
    MessageOctets::from_der(der).unwrap()
}

/// Seconds.
const DAY: u64 = Duration::from_hours(24).as_secs();
