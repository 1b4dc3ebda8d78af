//! What a merchant or gateway refuses in Me-AqCInitRes, and what it tells the CA (spec
//! `set-messages.md` §4.5, §4.11).

use ca_core::Suite;
use ca_core::ee::{EeError, FormAnswer};
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::{
    CertThumb, Challenge, Digest, ErrorCode, LocalId, MeAqCInitResTbs, Message, MessageWrapper,
    ReferralData, RegFormOrReferral, RequestType, Rrpid, SetString, Url,
};

use crate::house::{House, house};
use crate::middle::*;
use crate::shop::*;

const AS_MCA: (&str, KeyUse) = ("sample-mca", KeyUse::MessageSignature);

/// The fault of a changed Me-AqCInitRes.
fn fault(
    signer: (&str, KeyUse),
    change: impl FnOnce(&House, &mut Parts<MeAqCInitResTbs>),
) -> EeError {
    let house = house();
    let (waiting, answer) =
        Shop::new(Role::Merchant, "shop").contacted(&house, RequestType::MerInitialBoth);
    let answer = resigned(&house, &answer, signer, |parts| change(&house, parts));
    waiting.accept(&answer, now(&house)).unwrap_err()
}

#[test]
fn an_unchanged_answer_signed_again_is_accepted() {
    let house = house();
    let (waiting, answer) =
        Shop::new(Role::Merchant, "shop").contacted(&house, RequestType::MerInitialBoth);
    let answer = resigned::<MeAqCInitResTbs>(&house, &answer, AS_MCA, |_| ());
    form(waiting.accept(&answer, now(&house)));
}

#[test]
fn each_echo_must_come_back() {
    let tbs = |change: fn(&mut MeAqCInitResTbs)| {
        let error = fault(AS_MCA, |_, parts| change(&mut parts.content));
        (error.error_code(), error)
    };
    let mismatch = Some(ErrorCode::ChallengeMismatch);
    let expected = |what| (mismatch, EeError::Challenge(what));
    assert_eq!(
        tbs(|tbs| tbs.rrpid = Rrpid::new([1; 20])),
        (Some(ErrorCode::UnknownRrpid), EeError::Rrpid)
    );
    assert_eq!(tbs(|tbs| tbs.lid_ee = LocalId::new(b"x").unwrap()), expected("lid-EE"));
    assert_eq!(tbs(|tbs| tbs.chall_ee = Challenge::new([9; 20])), expected("chall-EE"));
    let other = |tbs: &mut MeAqCInitResTbs| tbs.request_type = RequestType::MerInitialSig;
    assert_eq!(tbs(other), expected("requestType"));
    let extended = |tbs: &mut MeAqCInitResTbs| {
        let list = tbs.thumbs.as_mut().unwrap().cert_thumbs.as_mut().unwrap();
        list.push(Digest::new(&[7; 32]).unwrap());
    };
    assert_eq!(tbs(extended), (Some(ErrorCode::ThumbsMismatch), EeError::Thumbs));
    let missing = (Some(ErrorCode::ThumbsMismatch), EeError::Thumbs);
    assert_eq!(tbs(|tbs| tbs.thumbs = None), missing);
}

/// §6 row 7: no earlier message of this flow names a key.
#[test]
fn an_answer_that_names_no_key_to_encrypt_to_is_refused() {
    let error = fault(AS_MCA, |_, parts| parts.content.cae_thumb = None);
    assert_eq!(error, EeError::MissingCertificate("the CA's encryption certificate"));
    assert_eq!(error.error_code(), Some(ErrorCode::MissingCertificate));
    let error = fault(AS_MCA, |_, parts| {
        parts.content.cae_thumb = Some(CertThumb::new(Suite::Modern, &[3; 32]).unwrap());
    });
    assert_eq!(error.error_code(), Some(ErrorCode::MissingCertificate));
}

#[test]
fn an_altered_answer_is_a_signature_failure() {
    let house = house();
    let (waiting, answer) =
        Shop::new(Role::Gateway, "gateway").contacted(&house, RequestType::PgwyInitialSig);
    let at = answer.windows(4).position(|window| window == b"Pers").unwrap();
    let mut altered = answer;
    altered[at] ^= 1;
    let error = waiting.accept(&altered, now(&house)).unwrap_err();
    assert_eq!(error.error_code(), Some(ErrorCode::SignatureFailure));
}

#[test]
fn another_message_in_its_place_is_not_supported() {
    let house = house();
    let (waiting, answer) =
        Shop::new(Role::Merchant, "shop").contacted(&house, RequestType::MerInitialSig);
    let wrapper = MessageWrapper::from_der(&answer).unwrap();
    let Message::MeAqCInitRes(octets) = Message::from_wrapper(&wrapper).unwrap() else { panic!() };
    let disguised = rewrapped(&wrapper, &Message::RegFormRes(octets));
    let error = waiting.accept(&disguised, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Unexpected { expected: "Me-AqCInitRes", found: 27 });
    assert_eq!(error.error_code(), Some(ErrorCode::MessageNotSupported));
}

#[test]
fn a_bin_that_nobody_serves_is_referred_elsewhere() {
    let house = house();
    let shop = Shop { bin: "600000", ..Shop::new(Role::Merchant, "shop") };
    let (waiting, answer) = shop.contacted(&house, RequestType::MerInitialSig);
    let FormAnswer::Referral(referral) = waiting.accept(&answer, now(&house)).unwrap() else {
        panic!("a form")
    };
    assert!(referral.reason().is_some());
    assert_eq!(referral.urls().collect::<Vec<_>>(), ["https://register.example.com/"]);
}

/// A referral has nothing to encrypt: it needs no key.
#[test]
fn a_referral_without_a_key_is_a_referral() {
    let house = house();
    let (waiting, answer) =
        Shop::new(Role::Merchant, "shop").contacted(&house, RequestType::MerInitialSig);
    let answer = resigned::<MeAqCInitResTbs>(&house, &answer, AS_MCA, |parts| {
        let url = Url::new("https://elsewhere.example/").unwrap();
        parts.content.cae_thumb = None;
        parts.content.reg_form_or_referral = RegFormOrReferral::Referral(ReferralData {
            reason: Some(SetString::new("Not here.").unwrap()),
            referral_url_seq: Some(ca_core::wire::NonEmpty::new(vec![url]).unwrap()),
        });
    });
    let answer = waiting.accept(&answer, now(&house)).unwrap();
    assert!(matches!(answer, FormAnswer::Referral(_)));
}
