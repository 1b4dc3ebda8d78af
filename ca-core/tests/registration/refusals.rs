//! What a wallet refuses, at which message, and what it tells the CA (spec `set-messages.md` §4.3,
//! §4.4, §4.7, §5).

use ca_core::Suite;
use ca_core::ee::{BciFault, EeError};
use ca_core::envelope::SignatureFault;
use ca_core::issue::{BciOrder, prepare_bci};
use ca_core::path::ReasonCode;
use ca_core::profile::KeyUse;
use ca_core::signer::{KeyId, SignatureAlgorithm};
use ca_core::wire::{
    BrandCrlIdentifier, BrandCrlIdentifierOctets, CardCInitResTbs, CertResData, CertThumb, Date,
    ErrorCode, LocalId, Message, MessageWrapper, Pan, RegFormResTbs, RequestType,
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
        let other = BrandCrlIdentifierOctets::new(other.to_vec()).unwrap();
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
fn an_encryption_certificate_that_nobody_has_is_missing() {
    let error = first(AS_CCA, |_, parts| {
        parts.content.cae_thumb = CertThumb::new(Suite::Modern, &[3; 32]).unwrap();
    });
    assert_eq!(error, EeError::MissingCertificate("the CA's encryption certificate"));
}
