//! Whole registrations of a cardholder, wallet against authority (spec `set-messages.md` §4, §5).

use ca_core::Suite;
use ca_core::ee::{Certified, FormAnswer, Outcome};
use ca_core::envelope::SignedMessage;
use ca_core::issue::SubjectName;
use ca_core::profile::KeyUse;
use ca_core::signer::{KeyAlgorithm, PrivateKey};
use ca_core::wire::{
    Cert, CertStatusCode, Message, MessageWrapper, Pan, ReferralData, RegFormOrReferral,
    RegFormResTbs, SetString,
};

use crate::house::{House, house, house_in, in_both_houses, in_both_suites};
use crate::middle::*;

fn certified(outcome: Outcome) -> Certified {
    match outcome {
        Outcome::Certified(done) => *done,
        other => panic!("{other:?}"),
    }
}

fn register(house: &House, label: &str) -> Certified {
    let (waiting, _, answer) = to_last_answer(house, label);
    certified(waiting.accept(&answer, now(house)).unwrap())
}

/// §4.9: base64(HMAC(PANSecret, DER of {PAN, expiry})), computed here byte by byte.
#[test]
fn pan_secret_makes_the_common_name_from_the_card() {
    use base64ct::{Base64, Encoding};
    use hmac::{Hmac, KeyInit, Mac};
    fn name<M: Mac + KeyInit>(secret: &[u8]) -> String {
        let mut mac = <M as KeyInit>::new_from_slice(secret).unwrap();
        mac.update(b"\x30\x1a\x12\x104111111111111111\x12\x06202712");
        Base64::encode_string(&mac.finalize().into_bytes())
    }
    in_both_houses(|house| {
        let done = register(&house, "jane");
        let secret = done.pan_secret.as_ref().unwrap();
        let expected = match house.suite() {
            Suite::Modern => name::<Hmac<sha2::Sha256>>(secret),
            Suite::Set1997 => name::<Hmac<sha1::Sha1>>(secret),
        };
        let subject = SubjectName::from_der(issued(&done).subject_der()).unwrap();
        assert_eq!(subject.common_name, Some(expected));
    });
}

#[test]
fn a_geopolitical_ca_in_between_is_one_more_certificate_of_the_chain() {
    in_both_suites(|suite| {
        let house = house_in(suite, &["Sample"], Some("DE"));
        assert_eq!(register(&house, "jane").chain.len(), 3);
    });
}

#[test]
fn ed25519_and_rsa_keys_are_certified_too() {
    let house = house();
    for (label, kind) in [("ed", KeyAlgorithm::Ed25519), ("rsa", KeyAlgorithm::Rsa(3072))] {
        let key = PrivateKey::generate(kind, &random(label)).unwrap();
        let offer = offered(&house, label);
        let random = random(&format!("{label} request"));
        let (request, waiting) = applied(&offer, &good_answers(), PAN, &key, now(&house), &random);
        let answer = post(&house, &request);
        let done = certified(waiting.accept(&answer, now(&house)).unwrap());
        assert_eq!(issued(&done).spki_der(), key.spki_der());
    }
}

#[test]
fn form_and_policy_come_in_the_language_asked_for() {
    in_both_houses(|house| {
        let wallet = wallet_with(house.suite(), vec![root(&house)], "Sample", "de-AT");
        let (request, waiting) = wallet.initiate(now(&house), &random("de")).unwrap();
        let initiated = waiting.accept(&post(&house, &request), now(&house)).unwrap();
        let pan = Pan::new(PAN).unwrap();
        let (request, waiting) = initiated.ask_form(&pan, now(&house), &random("de 2")).unwrap();
        let offer = form(waiting.accept(&post(&house, &request), now(&house)));
        assert!(offer.policy().starts_with("Musterbedingungen."));
        assert_eq!(offer.fields()[0].field_name[0].as_str(), "Vollständiger Name");
        assert!(offer.fields()[0].field_required);
    });
}

/// §4.6 step 9, §4.8.
#[test]
fn a_repeated_request_gets_the_same_answer_and_one_certificate() {
    in_both_houses(|house| {
        let (waiting, request, answer) = to_last_answer(&house, "jane");
        house.clock.advance(30);
        assert_eq!(post(&house, &request), answer);
        certified(waiting.accept(&answer, now(&house)).unwrap());
    });
}

/// §4.2: what the wallet names in Thumbs is not sent again, and the wallet finds it in its cache.
#[test]
fn the_second_answer_carries_nothing_the_first_one_brought() {
    in_both_houses(|house| {
        let (waiting, answer) = to_second_answer(&house, "jane");
        let wrapper = MessageWrapper::from_der(&answer).unwrap();
        let Message::RegFormRes(octets) = Message::from_wrapper(&wrapper).unwrap() else {
            panic!()
        };
        let signed = SignedMessage::decode(octets.as_der()).unwrap();
        assert_eq!((signed.certificates().count(), signed.crls().count()), (0, 0));
        form(waiting.accept(&answer, now(&house)));
    });
}

#[test]
fn a_referral_names_reason_and_places() {
    in_both_houses(|house| {
        let (waiting, answer) = to_second_answer(&house, "jane");
        let answer = resigned::<RegFormResTbs>(&house, &answer, AS_CCA, |parts| {
            parts.content.form_or_referral = RegFormOrReferral::Referral(ReferralData {
                reason: Some(SetString::new("Not here.").unwrap()),
                referral_url_seq: None,
            });
        });
        let FormAnswer::Referral(referral) = waiting.accept(&answer, now(&house)).unwrap() else {
            panic!("a form")
        };
        assert_eq!(referral.reason(), Some("Not here."));
        assert_eq!(referral.urls().count(), 0);
    });
}

#[test]
fn a_refusal_of_the_bank_is_an_outcome_with_its_status() {
    in_both_houses(|house| {
        // A number of "Example Closed Bank", with a right check digit.
        let pan = "4000000000000002";
        let (request, waiting) = initiated(&house, "c")
            .ask_form(&Pan::new(pan).unwrap(), now(&house), &random("c2"))
            .unwrap();
        let offer = form(waiting.accept(&post(&house, &request), now(&house)));
        let (request, waiting) = applied(
            &offer,
            &good_answers(),
            pan,
            &key_in(house.suite(), "c"),
            now(&house),
            &random("c3"),
        );
        let outcome = waiting.accept(&post(&house, &request), now(&house)).unwrap();
        assert_eq!(refused(outcome).status, CertStatusCode::RejectedByIssuer);
    });
}

/// §4.7 step 10: a new CertReq with the same labels, from the same form.
#[test]
fn answers_that_were_refused_may_be_corrected() {
    in_both_houses(|house| {
        let (waiting, answer) = to_second_answer(&house, "jane");
        // The wallet is told that nothing is required, the CA thinks otherwise.
        let answer = resigned::<RegFormResTbs>(&house, &answer, AS_CCA, |parts| {
            let RegFormOrReferral::Form(form) = &mut parts.content.form_or_referral else {
                panic!()
            };
            let template = form.reg_template.as_mut().unwrap();
            let mut fields = template.reg_field_seq.take().unwrap().into_vec();
            fields.iter_mut().for_each(|field| field.field_required = false);
            template.reg_field_seq = Some(ca_core::wire::NonEmpty::new(fields).unwrap());
        });
        let offer = form(waiting.accept(&answer, now(&house)));
        let only_town = answers(&[("Town", "Springfield")]);
        let (request, waiting) = applied(
            &offer,
            &only_town,
            PAN,
            &key_in(house.suite(), "jane"),
            now(&house),
            &random("1"),
        );
        let refused = refused(waiting.accept(&post(&house, &request), now(&house)).unwrap());
        assert_eq!(refused.status, CertStatusCode::RegFormAnswerMalformed);
        assert_eq!(refused.failed_items[0].item_number.value(), 1);
        let (request, waiting) = applied(
            &offer,
            &good_answers(),
            PAN,
            &key_in(house.suite(), "jane"),
            now(&house),
            &random("2"),
        );
        certified(waiting.accept(&post(&house, &request), now(&house)).unwrap());
    });
}

#[test]
fn the_recipient_is_known_before_the_account_number_is_asked_for() {
    in_both_houses(|house| {
        let expected: Cert = ca_certificate(&house, CCA, KeyUse::Encryption);
        assert_eq!(*initiated(&house, "jane").recipient(), expected);
    });
}

/// A clock of the wallet five minutes behind the CA's does not spoil the certificate it gets.
#[test]
fn a_certificate_that_begins_in_a_few_minutes_is_installed() {
    in_both_houses(|house| {
        let then = now(&house);
        house.clock.advance(300);
        let (waiting, _, answer) = to_last_answer(&house, "jane");
        certified(waiting.accept(&answer, then).unwrap());
    });
}
