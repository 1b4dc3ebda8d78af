//! Requests that wait: inquiries, and what is kept in the meantime (spec `set-messages.md` §4.7
//! step 9 and "Polling", §4.8).

use ca_core::Suite;
use ca_core::authority::{ByHandDecision, SetReply};
use ca_core::ee::{EeError, Holder, Outcome, Pending, Requesting, RestoreError, Saved};
use ca_core::envelope::{CERT_REQ_ENC, SignedMessage, open_enc};
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::{
    CertReq, CertReqData, CertRes, CertResData, CertStatus, CertStatusCode, Challenge, ErrorCode,
    ErrorMessage, LocalId, MeAqCInitResTbs, Message, MessageWrapper, RequestType, Rrpid, Thumbs,
    decode, oids,
};

use crate::house::{House, house, in_both_houses};
use crate::middle::*;
use crate::shop::*;

const AS_MCA: (&str, KeyUse) = ("sample-mca", KeyUse::MessageSignature);
/// A card of "Example Careful Bank", where people decide.
const CAREFUL_PAN: &str = "4200001234567897";

fn careful() -> Shop {
    Shop { bin: CAREFUL_BIN, ..Shop::new(Role::Merchant, "careful") }
}

fn pending(outcome: Outcome) -> Pending {
    match outcome {
        Outcome::Pending(pending) => *pending,
        other => panic!("{other:?}"),
    }
}

/// A merchant whose request people will decide.
fn pended(house: &House) -> Pending {
    let (waiting, _, answer) = careful().to_answer(house, RequestType::MerInitialBoth);
    pending(waiting.accept(&answer, now(house)).unwrap())
}

/// A cardholder whose request people will decide.
fn pended_card(house: &House) -> Pending {
    let pan = ca_core::wire::Pan::new(CAREFUL_PAN).unwrap();
    let (request, waiting) =
        initiated(house, "careful").ask_form(&pan, now(house), &random("c2")).unwrap();
    let offer = form(waiting.accept(&post(house, &request), now(house)));
    let (at, random) = (now(house), random("c3"));
    let key = key_in(house.suite(), "careful");
    let (request, waiting) = applied(&offer, &good_answers(), CAREFUL_PAN, &key, at, &random);
    pending(waiting.accept(&post(house, &request), now(house)).unwrap())
}

/// CertInqReq made, posted and answered.
fn inquired(house: &House, pending: &Pending, label: &str) -> (Requesting, Vec<u8>) {
    let (request, waiting) = pending.inquire(now(house), &random(label)).unwrap();
    let answer = post(house, &request);
    (waiting, answer)
}

fn decide(house: &House, pending: &Pending, approve: bool) {
    let decision = ByHandDecision { approve, by: "Ann", message: None };
    house.authority.decide_registration(pending.lid_ca().as_bytes(), decision).unwrap();
}

#[test]
fn a_merchant_asks_until_people_have_decided() {
    in_both_houses(|house| {
        let waiting = pended(&house);
        assert_eq!(waiting.status(), CertStatusCode::RequestPended);
        let message = "Your acquirer looks at your request. Please ask again later.";
        assert_eq!(waiting.message(), Some(message));
        let (inquiry, answer) = inquired(&house, &waiting, "one");
        let still = pending(inquiry.accept(&answer, now(&house)).unwrap());
        assert_eq!(still.lid_ca(), waiting.lid_ca());
        decide(&house, &still, true);
        let (inquiry, answer) = inquired(&house, &still, "two");
        let done = certified(inquiry.accept(&answer, now(&house)).unwrap());
        assert_eq!(done.issued.len(), 2);
        // Asking again brings the same certificates.
        let (inquiry, answer) = inquired(&house, &still, "three");
        let again = certified(inquiry.accept(&answer, now(&house)).unwrap());
        assert_eq!(again.signature().unwrap().certificate, done.signature().unwrap().certificate);
    });
}

#[test]
fn a_cardholder_collects_his_certificate_under_the_first_back_key() {
    in_both_houses(|house| {
        let waiting = pended_card(&house);
        decide(&house, &waiting, true);
        let (inquiry, answer) = inquired(&house, &waiting, "one");
        let wrapper = MessageWrapper::from_der(&answer).unwrap();
        let message = Message::from_wrapper(&wrapper).unwrap();
        assert!(matches!(message, Message::CertInqRes(CertRes::Encrypted(_))));
        let done = certified(inquiry.accept(&answer, now(&house)).unwrap());
        assert_eq!(issued(&done).spki_der(), key_in(house.suite(), "careful").spki_der());
        assert!(done.pan_secret.is_some());
    });
}

#[test]
fn a_request_that_people_refuse_is_refused_at_the_inquiry() {
    in_both_houses(|house| {
        let merchant = pended(&house);
        decide(&house, &merchant, false);
        let (inquiry, answer) = inquired(&house, &merchant, "one");
        let outcome = refused(inquiry.accept(&answer, now(&house)).unwrap());
        assert_eq!(outcome.status, CertStatusCode::RejectedByAquirer);
        let card = pended_card(&house);
        decide(&house, &card, false);
        let (inquiry, answer) = inquired(&house, &card, "two");
        let outcome = refused(inquiry.accept(&answer, now(&house)).unwrap());
        assert_eq!(outcome.status, CertStatusCode::RejectedByIssuer);
    });
}

/// §4.7: signed exactly as the CertReq was, under a new pair of identifiers.
#[test]
fn an_inquiry_is_signed_as_its_request_and_otherwise_new() {
    in_both_houses(|house| {
        let waiting = pended(&house);
        let signed = |request: &[u8]| {
            let wrapper = MessageWrapper::from_der(request).unwrap();
            let Message::CertInqReq(octets) = Message::from_wrapper(&wrapper).unwrap() else {
                panic!("no CertInqReq")
            };
            SignedMessage::decode(octets.as_der()).unwrap()
        };
        let (one, _) = waiting.inquire(now(&house), &random("one")).unwrap();
        let (two, _) = waiting.inquire(now(&house), &random("two")).unwrap();
        assert_ne!(signed(&one).unverified_content(), signed(&two).unverified_content());
        let spki = careful().new_key(house.suite()).spki_der().to_vec();
        let message = signed(&one);
        assert_eq!(message.signers().count(), 1);
        message.verify(house.suite(), oids::CT_CERT_INQ_REQ_TBS, None, 0, &spki).unwrap();
    });
}

// --- kept as octets ------------------------------------------------------------------------

fn restored(octets: &[u8]) -> Saved {
    Saved::restore(octets).unwrap()
}

#[test]
fn a_request_whose_answer_was_lost_goes_on_from_its_octets() {
    in_both_houses(|house| {
        let (waiting, request, answer) =
            Shop::new(Role::Merchant, "shop").to_answer(&house, RequestType::MerInitialBoth);
        let Saved::Requesting(again) = restored(&waiting.save().unwrap()) else { panic!() };
        drop(waiting);
        assert_eq!(again.message(), request);
        assert_eq!(post(&house, again.message()), answer);
        assert_eq!(certified(again.accept(&answer, now(&house)).unwrap()).issued.len(), 2);
    });
}

#[test]
fn a_cardholder_s_request_goes_on_with_its_card_and_secrets() {
    in_both_houses(|house| {
        let (waiting, _, answer) = to_last_answer(&house, "jane");
        let Saved::Requesting(again) = restored(&waiting.save().unwrap()) else { panic!() };
        let done = certified(again.accept(&answer, now(&house)).unwrap());
        assert_eq!(
            done.pan_secret,
            certified(waiting.accept(&answer, now(&house)).unwrap()).pan_secret
        );
    });
}

#[test]
fn a_renewal_goes_on_with_the_certificate_that_signed_it() {
    in_both_houses(|house| {
        let mut shop = careful();
        let waiting = pended(&house);
        decide(&house, &waiting, true);
        let (inquiry, answer) = inquired(&house, &waiting, "one");
        shop.keep(&certified(inquiry.accept(&answer, now(&house)).unwrap()));
        let (waiting, _, answer) = shop.to_answer(&house, RequestType::MerRenewalSig);
        let waiting = pending(waiting.accept(&answer, now(&house)).unwrap());
        let Saved::Pending(again) = restored(&waiting.save().unwrap()) else { panic!() };
        assert_eq!(again.request_type(), RequestType::MerRenewalSig);
        decide(&house, &again, true);
        // Two signatures, as the request had: the CA would not answer one.
        let (inquiry, answer) = inquired(&house, &again, "two");
        certified(inquiry.accept(&answer, now(&house)).unwrap());
    });
}

#[test]
fn what_waits_is_the_same_after_it_was_kept() {
    let house = house();
    for waiting in [pended(&house), pended_card(&house)] {
        let octets = waiting.save().unwrap();
        let Saved::Pending(again) = restored(&octets) else { panic!() };
        assert_eq!(again.status(), waiting.status());
        assert_eq!(again.message(), waiting.message());
        assert_eq!(again.lid_ca(), waiting.lid_ca());
        assert_eq!(again.save().unwrap(), octets);
    }
}

#[test]
fn octets_of_another_version_and_damaged_ones_are_told_apart() {
    let house = house();
    let octets = pended(&house).save().unwrap();
    // SEQUENCE, length in three octets, INTEGER of one octet.
    let mut newer = octets.to_vec();
    assert_eq!(newer[..2], [0x30, 0x82]);
    newer[6] = 2;
    assert!(matches!(Saved::restore(&newer), Err(RestoreError::Version(2))));
    let cut = &octets[..octets.len() - 1];
    assert!(matches!(Saved::restore(cut), Err(RestoreError::Damaged(_))));
    assert!(matches!(Saved::restore(b""), Err(RestoreError::Damaged(_))));
}

// --- answers that are not believed ---------------------------------------------------------

/// The fault of a changed CertInqRes, and that the run survives it.
fn fault(change: impl FnOnce(&mut Parts<CertResData>)) -> EeError {
    let house = house();
    let waiting = pended(&house);
    let (inquiry, answer) = inquired(&house, &waiting, "one");
    let changed = resigned(&house, &answer, AS_MCA, change);
    let error = inquiry.accept(&changed, now(&house)).unwrap_err();
    pending(inquiry.accept(&answer, now(&house)).unwrap());
    error
}

#[test]
fn each_echo_of_an_inquiry_must_come_back() {
    let error = fault(|parts| parts.content.rrpid = Rrpid::new([1; 20]));
    assert_eq!(error, EeError::Rrpid);
    let error = fault(|parts| parts.content.chall_ee3 = Challenge::new([9; 20]));
    assert_eq!(error, EeError::Challenge("chall-EE3"));
    let label = || LocalId::new(b"another").unwrap();
    let error = fault(|parts| parts.content.lid_ee = label());
    assert_eq!(error, EeError::Challenge("lid-EE"));
    let error = fault(|parts| parts.content.lid_ca = Some(label()));
    assert_eq!(error, EeError::Challenge("lid-CA"));
}

/// Decisions 6: absent in the request, absent in the answer.
#[test]
fn thumbs_in_the_answer_to_an_inquiry_are_a_mismatch() {
    let error = fault(|parts| parts.content.thumbs = Some(Thumbs::empty(Suite::Modern)));
    assert_eq!((error.error_code(), error), (Some(ErrorCode::ThumbsMismatch), EeError::Thumbs));
}

/// CR-10: the answer to the request is not the answer to the inquiry.
#[test]
fn an_inquiry_is_answered_by_cert_inq_res_alone() {
    let house = house();
    let (waiting, _, first) = careful().to_answer(&house, RequestType::MerInitialBoth);
    let pended = pending(waiting.accept(&first, now(&house)).unwrap());
    let (inquiry, answer) = inquired(&house, &pended, "one");
    assert_eq!(inquiry.accept(&first, now(&house)).unwrap_err(), EeError::Rrpid);
    let wrapper = MessageWrapper::from_der(&answer).unwrap();
    let Message::CertInqRes(response) = Message::from_wrapper(&wrapper).unwrap() else { panic!() };
    let disguised = rewrapped(&wrapper, &Message::CertRes(response));
    let error = inquiry.accept(&disguised, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Unexpected { expected: "CertInqRes", found: 29 });
}

#[test]
fn an_inquiry_after_a_request_nobody_knows_ends_in_the_error_of_the_ca() {
    let (here, there) = (house(), house());
    let waiting = pended(&here);
    let (inquiry, answer) = inquired(&there, &waiting, "one");
    let error = inquiry.accept(&answer, now(&there)).unwrap_err();
    // Decisions 7: nobody can tell brand and role of what nobody knows, so nobody signs.
    assert_eq!(error, EeError::Peer { code: ErrorCode::UnknownLid, authentic: false });
}

/// Without a label of the CA nobody could ask after the request.
#[test]
fn a_request_that_waits_without_a_label_is_refused() {
    let house = house();
    let shop = careful();
    let (waiting, answer) = shop.contacted(&house, RequestType::MerInitialSig);
    let unlabelled = resigned::<MeAqCInitResTbs>(&house, &answer, AS_MCA, |parts| {
        parts.content.lid_ca = None;
    });
    let offer = form(waiting.accept(&unlabelled, now(&house)));
    let (request, waiting) = shop.request(&house, &offer, ca_core::ee::Account::None);
    let data = opened_enc(&house, &request);
    // The answer to another request, made out to this one.
    let other = Shop { label: "other", ..careful() };
    let (_, _, answer) = other.to_answer(&house, RequestType::MerInitialSig);
    let answer = resigned::<CertResData>(&house, &answer, AS_MCA, |parts| {
        parts.content = CertResData {
            rrpid: data.rrpid,
            lid_ee: data.lid_ee.clone(),
            chall_ee3: data.chall_ee3,
            lid_ca: None,
            cert_status: CertStatus::new(CertStatusCode::RequestPended),
            thumbs: data.thumbs.clone(),
            ..parts.content.clone()
        };
    });
    let answer = with_wrapper(&answer, |wrapper| wrapper.header.rrpid = Some(data.rrpid));
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!((error.error_code(), error), (Some(ErrorCode::UnknownLid), EeError::NoLabel));
}

/// CertReqData of an Enc to the MCA, as the MCA sees it.
fn opened_enc(house: &House, request: &[u8]) -> CertReqData {
    let wrapper = MessageWrapper::from_der(request).unwrap();
    let Message::CertReq(CertReq::Enc(octets)) = Message::from_wrapper(&wrapper).unwrap() else {
        panic!("no Enc")
    };
    let recipient = ca_certificate(house, "sample-mca", KeyUse::Encryption);
    let (keys, random) = (house.keys.as_ref(), random("open"));
    let octets = octets.as_der();
    let signed = open_enc(Suite::Modern, &CERT_REQ_ENC, octets, &[&recipient], keys, &random);
    decode(signed.unwrap().unverified_content().unwrap(), 1 << 20).unwrap()
}

/// §4.1: who has a certificate signs what he complains about.
#[test]
fn an_end_entity_with_a_certificate_signs_its_errors() {
    let house = house();
    let mut shop = Shop::new(Role::Merchant, "shop");
    shop.register(&house, RequestType::MerInitialSig);
    let (certificate, key) = shop.signature.as_ref().unwrap();
    let (waiting, answer) = shop.contacted(&house, RequestType::MerRenewalSig);
    let answer = resigned::<MeAqCInitResTbs>(&house, &answer, AS_MCA, |parts| {
        parts.content.chall_ee = Challenge::new([9; 20]);
    });
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    let sender = (Suite::Modern, Holder { certificate, key });
    let report = error.signed_report(&answer, sender, now(&house), &random("r")).unwrap().unwrap();
    let wrapper = MessageWrapper::from_der(&report).unwrap();
    let Message::Error(ErrorMessage::Signed(octets)) = Message::from_wrapper(&wrapper).unwrap()
    else {
        panic!("not a signed Error")
    };
    let signed = SignedMessage::decode(octets.as_der()).unwrap();
    let spki = certificate.spki_der();
    let content = signed.verify(Suite::Modern, oids::CT_ERROR_TBS, None, 0, spki).unwrap();
    let tbs: ca_core::wire::ErrorTbs = decode(content.content(), 1 << 20).unwrap();
    assert_eq!(tbs.error_code, ErrorCode::ChallengeMismatch);
    assert_eq!(house.authority.respond(&report).unwrap(), SetReply::Nothing);
}
