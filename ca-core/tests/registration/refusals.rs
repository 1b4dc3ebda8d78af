//! What a wallet refuses, at which message, and what it tells the CA (spec `set-messages.md` §4.3,
//! §4.4, §4.7, §5).

use ca_core::Suite;
use ca_core::ee::{BciFault, EeError};
use ca_core::envelope::{Attachments, SignatureFault};
use ca_core::issue::{BciOrder, prepare_bci};
use ca_core::path::ReasonCode;
use ca_core::profile::KeyUse;
use ca_core::signer::{KeyId, SignatureAlgorithm};
use ca_core::wire::{
    BrandCrlIdentifier, BrandCrlIdentifierOctets, CardCInitResTbs, CertResData, CertThumb,
    Challenge, Date, Digest, ErrorCode, LocalId, Message, MessageWrapper, Pan, RegFormResTbs,
    RequestType, Rrpid, Thumbs,
};

use crate::house::{House, house, house_with};
use crate::middle::*;

/// The fault of a changed CardCInitRes.
fn first(
    signer: (&str, KeyUse),
    change: impl FnOnce(&House, &mut Parts<CardCInitResTbs>),
) -> EeError {
    let house = house();
    let (waiting, answer) = to_first_answer(&house, "jane");
    let answer = resigned(&house, &answer, signer, |parts| change(&house, parts));
    waiting.accept(&answer, now(&house)).unwrap_err()
}

/// The fault of a changed RegFormRes.
fn second(change: impl FnOnce(&House, &mut Parts<RegFormResTbs>)) -> EeError {
    let house = house();
    let (waiting, answer) = to_second_answer(&house, "jane");
    let answer = resigned(&house, &answer, AS_CCA, |parts| change(&house, parts));
    waiting.accept(&answer, now(&house)).unwrap_err()
}

/// The fault of a changed CertRes.
fn last(change: impl FnOnce(&House, &mut Parts<CertResData>)) -> EeError {
    let house = house();
    let (waiting, request, answer) = to_last_answer(&house, "jane");
    let answer = resealed(&house, &request, &answer, false, |parts| change(&house, parts));
    waiting.accept(&answer, now(&house)).unwrap_err()
}

fn has(error: &EeError, code: ReasonCode) -> bool {
    matches!(error, EeError::Certificate { verdict, .. } if verdict.has(code))
}

fn other_challenge() -> Challenge {
    Challenge::new([9; 20])
}

fn other_label() -> LocalId {
    LocalId::new(b"another").unwrap()
}

// --- the CA's signature and certificates -----------------------------------------------------

#[test]
fn an_unchanged_answer_signed_again_is_accepted() {
    let house = house();
    let (waiting, answer) = to_first_answer(&house, "jane");
    let answer = resigned::<CardCInitResTbs>(&house, &answer, AS_CCA, |_| ());
    waiting.accept(&answer, now(&house)).unwrap();
    let (waiting, request, answer) = to_last_answer(&house, "joe");
    let answer = resealed(&house, &request, &answer, false, |_| ());
    waiting.accept(&answer, now(&house)).unwrap();
}

#[test]
fn content_altered_after_signing_is_a_signature_failure() {
    let house = house();
    let (waiting, mut answer) = to_first_answer(&house, "jane");
    // chall-EE stands in the answer as it stood in the request, and the signature covers it.
    let (request, _) = wallet(&house).initiate(now(&house), &random("jane")).unwrap();
    let wrapper = MessageWrapper::from_der(&request).unwrap();
    let Message::CardCInitReq(message) = Message::from_wrapper(&wrapper).unwrap() else { panic!() };
    let challenge = message.chall_ee.as_bytes();
    let at = answer.windows(20).position(|window| window == challenge).unwrap();
    answer[at] ^= 1;
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Signature(SignatureFault::Attributes));
    assert_eq!(error.error_code(), Some(ErrorCode::SignatureFailure));
}

/// CR-3.
#[test]
fn a_root_that_is_not_trusted_ends_the_run_before_the_account_number_leaves() {
    let house = house();
    let stranger = ca_certificate(&house, "sample-mca", KeyUse::CertificateSigning);
    let wallet = wallet_with(Suite::Modern, vec![stranger], "Sample", "en");
    let (request, waiting) = wallet.initiate(now(&house), &random("jane")).unwrap();
    let error = waiting.accept(&post(&house, &request), now(&house)).unwrap_err();
    assert!(has(&error, ReasonCode::UntrustedRoot), "{error}");
    assert_eq!(error.error_code(), Some(ErrorCode::InvalidCertificate));
}

#[test]
fn the_answer_of_another_kind_of_ca_is_refused() {
    let error = first(("sample-mca", KeyUse::MessageSignature), |house, parts| {
        let signer = ca_certificate(house, "sample-mca", KeyUse::MessageSignature);
        parts.attachments.certificates.push(signer.der().to_vec());
    });
    assert!(has(&error, ReasonCode::WrongRole), "{error}");
}

#[test]
fn a_key_that_may_not_sign_messages_does_not_sign_answers() {
    let error = first((CCA, KeyUse::CertificateSigning), |_, _| ());
    assert!(has(&error, ReasonCode::PurposeNotAllowed), "{error}");
}

#[test]
fn a_signer_whose_certificate_is_nowhere_is_missing() {
    let error = first(AS_CCA, |_, parts| parts.attachments.certificates.clear());
    assert!(matches!(error, EeError::MissingCertificate(_)), "{error}");
    assert_eq!(error.error_code(), Some(ErrorCode::MissingCertificate));
}

#[test]
fn a_brand_other_than_the_one_wanted_is_refused() {
    let house = house_with(&["Sample", "Other"], None);
    let (request, waiting) = wallet(&house).initiate(now(&house), &random("jane")).unwrap();
    let answer = resigned::<CardCInitResTbs>(
        &house,
        &post(&house, &request),
        ("other-cca", KeyUse::MessageSignature),
        |parts| {
            for (ca, key_use) in
                [("other-cca", KeyUse::MessageSignature), ("other-bca", KeyUse::CertificateSigning)]
            {
                let certificate = ca_certificate(&house, ca, key_use);
                parts.attachments.certificates.push(certificate.der().to_vec());
            }
            parts.attachments.crls.push(crl(&house, "other-bca"));
        },
    );
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert!(has(&error, ReasonCode::BrandMismatch), "{error}");
}

// --- status: CRLs and BCI --------------------------------------------------------------------

#[test]
fn a_revoked_cca_is_refused() {
    let house = house();
    revoke_cca(&house, KeyUse::MessageSignature);
    let (waiting, answer) = to_first_answer(&house, "jane");
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert!(has(&error, ReasonCode::Revoked), "{error}");
    assert_eq!(error.error_code(), Some(ErrorCode::RevokedCertificate));
}

#[test]
fn a_revoked_encryption_key_is_refused_although_the_signer_is_good() {
    let house = house();
    revoke_cca(&house, KeyUse::Encryption);
    let (waiting, answer) = to_first_answer(&house, "jane");
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    let text = "the CA's encryption certificate is not valid";
    assert!(has(&error, ReasonCode::Revoked) && error.to_string().starts_with(text), "{error}");
}

#[test]
fn a_revocation_in_the_middle_of_a_run_is_seen_at_the_next_answer() {
    let house = house();
    let initiated = initiated(&house, "jane");
    revoke_cca(&house, KeyUse::MessageSignature);
    let pan = Pan::new(PAN).unwrap();
    let (request, waiting) = initiated.ask_form(&pan, now(&house), &random("2")).unwrap();
    let error = waiting.accept(&post(&house, &request), now(&house)).unwrap_err();
    assert!(has(&error, ReasonCode::Revoked), "{error}");
}

/// Spec `set-certificates.md` §6.3 check 4: attachments are not signed, the BCI is.
#[test]
fn an_old_crl_in_the_place_of_the_new_one_is_no_status() {
    let house = house();
    let old = crl(&house, "sample-bca");
    revoke_cca(&house, KeyUse::MessageSignature);
    let (waiting, answer) = to_first_answer(&house, "jane");
    let new = crl(&house, "sample-bca");
    let answer = resigned::<CardCInitResTbs>(&house, &answer, AS_CCA, |parts| {
        parts.attachments.crls.retain(|crl| *crl != new);
        parts.attachments.crls.push(old);
    });
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert!(has(&error, ReasonCode::NoRevocationStatus), "{error}");
    assert_eq!(error.error_code(), Some(ErrorCode::MissingCertificate));
}

/// Decisions 9.
#[test]
fn an_answer_without_any_bci_is_refused() {
    let error = first(AS_CCA, |_, parts| parts.content.brand_crl_identifier = None);
    assert_eq!(error, EeError::Bci(BciFault::Missing));
    assert_eq!(error.error_code(), Some(ErrorCode::MissingCertificate));
}

#[test]
fn a_bci_that_the_brand_ca_did_not_sign_is_as_good_as_none() {
    let error = first(AS_CCA, |_, parts| {
        let mut der = parts.content.brand_crl_identifier.take().unwrap().as_der().to_vec();
        *der.last_mut().unwrap() ^= 1;
        parts.content.brand_crl_identifier = Some(BrandCrlIdentifierOctets::new(der).unwrap());
    });
    assert!(has(&error, ReasonCode::NoBci), "{error}");
}

/// Spec `set-certificates.md` §6.3 check 3: were the old one to govern, there would be no current
/// BCI.
#[test]
fn a_bci_older_than_the_one_known_is_a_replay_and_ignored() {
    let house = house();
    let old = bci(&house);
    house.clock.advance(8 * 86_400);
    house.authority.publish_bci("Sample").unwrap();
    let (waiting, answer) = to_second_answer(&house, "jane");
    let answer = resigned::<RegFormResTbs>(&house, &answer, AS_CCA, |parts| {
        parts.content.brand_crl_identifier = Some(old);
    });
    form(waiting.accept(&answer, now(&house)));
}

/// §6.3 check 3.
#[test]
fn two_bcis_of_one_number_are_refused() {
    let house = house();
    let (waiting, answer) = to_second_answer(&house, "jane");
    let known = BrandCrlIdentifier::from_der(bci(&house).as_der()).unwrap();
    let unsigned = known.unsigned();
    let issuer = ca_certificate(&house, "sample-bca", KeyUse::CertificateSigning);
    let order = BciOrder {
        issuer: &issuer,
        suite: Suite::Modern,
        algorithm: SignatureAlgorithm::EcdsaSha256,
        brand: "Sample",
        sequence_num: unsigned.sequence_num,
        not_before: unsigned.not_before,
        not_after: unsigned.not_after,
        crls: &[],
    };
    let key = KeyId::of_spki(issuer.spki_der()).unwrap();
    let other = prepare_bci(&order).unwrap().sign(&key, house.keys.as_ref()).unwrap();
    let answer = resigned::<RegFormResTbs>(&house, &answer, AS_CCA, |parts| {
        let other = BrandCrlIdentifierOctets::new(other).unwrap();
        parts.content.brand_crl_identifier = Some(other);
    });
    let error = waiting.accept(&answer, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Bci(BciFault::Sequence(unsigned.sequence_num)));
}

#[test]
fn lists_that_have_ended_are_no_status() {
    let house = house();
    let (waiting, answer) = to_first_answer(&house, "jane");
    let later = now(&house).plus_days(400);
    let answer = with_wrapper(&answer, |wrapper| wrapper.header.date = Date::from(later));
    let error = waiting.accept(&answer, later).unwrap_err();
    assert!(has(&error, ReasonCode::NoBci), "{error}");
}

// --- echoes: rrpid, thumbs, challenges, labels -----------------------------------------------

/// CR-10.
#[test]
fn an_answer_of_another_run_belongs_to_another_request() {
    let house = house();
    let (waiting, _) = to_first_answer(&house, "jane");
    let (_, other) = to_first_answer(&house, "joe");
    let error = waiting.clone().accept(&other, now(&house)).unwrap_err();
    assert_eq!(error, EeError::Rrpid);
    assert_eq!(error.error_code(), Some(ErrorCode::UnknownRrpid));
    // Also when the clear header is rewritten to fit.
    let (request, _) = wallet(&house).initiate(now(&house), &random("jane")).unwrap();
    let rrpid = MessageWrapper::from_der(&request).unwrap().header.rrpid;
    let disguised = with_wrapper(&other, |wrapper| wrapper.header.rrpid = rrpid);
    assert_eq!(waiting.accept(&disguised, now(&house)).unwrap_err(), EeError::Rrpid);
}

/// §4.2: the request is not signed, so the CA's signed echo protects the list.
#[test]
fn thumbs_stripped_from_the_request_are_missed_in_the_answer() {
    let house = house();
    let (request, waiting) = wallet(&house).initiate(now(&house), &random("jane")).unwrap();
    let wrapper = MessageWrapper::from_der(&request).unwrap();
    let Message::CardCInitReq(mut message) = Message::from_wrapper(&wrapper).unwrap() else {
        panic!()
    };
    assert!(message.thumbs.take().is_some(), "the root is always named");
    let stripped = rewrapped(&wrapper, &Message::CardCInitReq(message));
    let error = waiting.accept(&post(&house, &stripped), now(&house)).unwrap_err();
    assert_eq!(error, EeError::Thumbs);
    assert_eq!(error.error_code(), Some(ErrorCode::ThumbsMismatch));
}

#[test]
fn thumbs_extended_in_any_answer_are_noticed() {
    let extended = |thumbs: &mut Option<Thumbs>| {
        let list = thumbs.as_mut().unwrap().cert_thumbs.as_mut().unwrap();
        list.push(Digest::new(&[7; 32]).unwrap());
    };
    assert_eq!(first(AS_CCA, |_, parts| extended(&mut parts.content.thumbs)), EeError::Thumbs);
    assert_eq!(second(|_, parts| extended(&mut parts.content.thumbs)), EeError::Thumbs);
    assert_eq!(last(|_, parts| extended(&mut parts.content.thumbs)), EeError::Thumbs);
}

#[test]
fn the_rrpid_inside_counts_as_much_as_the_one_outside() {
    let other = Rrpid::new([1; 20]);
    assert_eq!(first(AS_CCA, |_, parts| parts.content.rrpid = other), EeError::Rrpid);
    assert_eq!(second(|_, parts| parts.content.rrpid = other), EeError::Rrpid);
    assert_eq!(last(|_, parts| parts.content.rrpid = other), EeError::Rrpid);
}

#[test]
fn each_challenge_must_come_back() {
    let errors = [
        first(AS_CCA, |_, parts| parts.content.chall_ee = other_challenge()),
        second(|_, parts| parts.content.chall_ee2 = other_challenge()),
        last(|_, parts| parts.content.chall_ee3 = other_challenge()),
    ];
    let names = ["chall-EE", "chall-EE2", "chall-EE3"];
    assert_eq!(errors.clone(), names.map(EeError::Challenge));
    assert!(errors.iter().all(|e| e.error_code() == Some(ErrorCode::ChallengeMismatch)));
}

#[test]
fn the_label_of_the_wallet_must_come_back() {
    let expected = EeError::Challenge("lid-EE");
    assert_eq!(first(AS_CCA, |_, parts| parts.content.lid_ee = other_label()), expected);
    assert_eq!(second(|_, parts| parts.content.lid_ee = other_label()), expected);
    assert_eq!(last(|_, parts| parts.content.lid_ee = other_label()), expected);
}

/// Decisions 23.
#[test]
fn the_label_of_the_ca_never_changes() {
    let expected = EeError::Challenge("lid-CA");
    assert_eq!(second(|_, parts| parts.content.lid_ca = Some(other_label())), expected);
    assert_eq!(last(|_, parts| parts.content.lid_ca = Some(other_label())), expected);
}

#[test]
fn a_form_for_another_type_of_request_is_refused() {
    let error = second(|_, parts| parts.content.request_type = RequestType::CardRenewalSig);
    assert_eq!(error, EeError::Challenge("requestType"));
}

// --- the key to encrypt to -------------------------------------------------------------------

#[test]
fn the_encryption_certificate_of_another_kind_of_ca_is_refused() {
    let swapped = |house: &House, attachments: &mut Attachments| {
        let (thumb, der) = thumb_of(house, "sample-mca", KeyUse::Encryption);
        attachments.certificates.push(der);
        thumb
    };
    let error = first(AS_CCA, |house, parts| {
        parts.content.cae_thumb = swapped(house, &mut parts.attachments);
    });
    assert!(has(&error, ReasonCode::WrongRole), "{error}");
    let error = second(|house, parts| {
        parts.content.cae_thumb = Some(swapped(house, &mut parts.attachments));
    });
    assert!(has(&error, ReasonCode::WrongRole), "{error}");
}

#[test]
fn a_signature_certificate_is_not_encrypted_to() {
    let error = first(AS_CCA, |house, parts| {
        parts.content.cae_thumb = thumb_of(house, CCA, KeyUse::MessageSignature).0;
    });
    assert!(has(&error, ReasonCode::PurposeNotAllowed), "{error}");
}

#[test]
fn an_encryption_certificate_that_nobody_has_is_missing() {
    let error = first(AS_CCA, |_, parts| {
        parts.content.cae_thumb = CertThumb::new(Suite::Modern, &[3; 32]).unwrap();
    });
    assert_eq!(error, EeError::MissingCertificate("the CA's encryption certificate"));
}
