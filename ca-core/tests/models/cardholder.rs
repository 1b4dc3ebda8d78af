//! A whole run, and answers that belong to no other (spec `set-messages.md` §5, CR-1, CR-10).

use ca_core::ee::EeError;
use ca_core::profile::{KeyUse, Role};
use ca_core::wire::extensions::{CertificateType, ExtensionValue};
use ca_core::wire::{
    CardCInitResTbs, CertResData, ErrorCode, MeAqCInitResTbs, MessageWrapper, RegFormResTbs,
    RequestType,
};
use der::{Decode, Encode};

use crate::house::{House, in_both_houses};
use crate::middle::*;
use crate::shop::*;

/// CR-1, §5.
#[test]
fn cr_1_a_cardholder_gets_a_certificate_for_his_key() {
    in_both_houses(|house| {
        let (waiting, _, answer) = to_last_answer(&house, "jane");
        let done = certified(waiting.accept(&answer, now(&house)).unwrap());
        assert_eq!(issued(&done).spki_der(), key_in(house.suite(), "jane").spki_der());
        let types = CertificateType::find(issued(&done)).unwrap().unwrap();
        assert_eq!(types.roles(), [Role::Cardholder]);
        assert_eq!(done.root, root(&house));
        let signing = |ca| ca_certificate(&house, ca, KeyUse::CertificateSigning);
        assert_eq!(done.chain, [signing(CCA), signing("sample-bca")]);
        assert_eq!(done.pan_secret.unwrap().len(), house.suite().secret_len());
        let logo = done.ca_msg.and_then(|message| message.card_logo_url).unwrap();
        assert_eq!(logo.as_str(), "https://logo.example.com/card");
    });
}

/// The content of a signed answer.
fn content<T>(house: &House, answer: &[u8], signer: (&str, KeyUse)) -> T
where
    T: for<'a> Decode<'a, Error = der::Error> + Encode + Clone,
{
    let mut content = None;
    resigned::<T>(house, answer, signer, |parts| content = Some(parts.content.clone()));
    content.unwrap()
}

/// An old answer under the header of a new one.
fn disguised(old: &[u8], new: &[u8]) -> Vec<u8> {
    let rrpid = MessageWrapper::from_der(new).unwrap().header.rrpid;
    with_wrapper(old, |wrapper| wrapper.header.rrpid = rrpid)
}

/// CR-10, §5: an old CardCInitRes, as it came, under the new header, and with all but the challenge
/// made new by someone who has the CA's key.
#[test]
fn cr_10_an_old_card_c_init_res_answers_no_new_request() {
    in_both_houses(|house| {
        let (_, old) = to_first_answer(&house, "old");
        let (waiting, new) = to_first_answer(&house, "new");
        let fault = |answer: &[u8]| waiting.clone().accept(answer, now(&house)).unwrap_err();
        for answer in [&old, &disguised(&old, &new)] {
            let error = fault(answer);
            assert_eq!((error.error_code(), error), (Some(UNKNOWN), EeError::Rrpid));
        }
        let old: CardCInitResTbs = content(&house, &old, AS_CCA);
        let replayed =
            resigned::<CardCInitResTbs>(&house, &new, AS_CCA, |Parts { content, .. }| {
                content.chall_ee = old.chall_ee;
            });
        assert_mismatch(&fault(&replayed), "chall-EE");
        waiting.accept(&new, now(&house)).unwrap();
    });
}

/// CR-10, §5: as before, for RegFormRes.
#[test]
fn cr_10_an_old_reg_form_res_answers_no_new_request() {
    in_both_houses(|house| {
        let (_, old) = to_second_answer(&house, "old");
        let (waiting, new) = to_second_answer(&house, "new");
        let fault = |answer: &[u8]| waiting.clone().accept(answer, now(&house)).unwrap_err();
        for answer in [&old, &disguised(&old, &new)] {
            let error = fault(answer);
            assert_eq!((error.error_code(), error), (Some(UNKNOWN), EeError::Rrpid));
        }
        let old: RegFormResTbs = content(&house, &old, AS_CCA);
        let replayed =
            resigned::<RegFormResTbs>(&house, &new, AS_CCA, |Parts { content, .. }| {
                content.chall_ee2 = old.chall_ee2;
            });
        assert_mismatch(&fault(&replayed), "chall-EE2");
        form(waiting.accept(&new, now(&house)));
    });
}

/// CR-10, §5: as before, for CertRes, which besides is under the back key of its own request.
#[test]
fn cr_10_an_old_cert_res_answers_no_new_request() {
    in_both_houses(|house| {
        let (_, old_request, old) = to_last_answer(&house, "old");
        let (waiting, request, new) = to_last_answer(&house, "new");
        let fault = |answer: &[u8]| waiting.accept(answer, now(&house)).unwrap_err();
        assert_eq!(fault(&old), EeError::Rrpid);
        assert_eq!(fault(&disguised(&old, &new)), EeError::Undecryptable);
        let mut content = None;
        resealed(&house, &old_request, &old, false, |parts| content = Some(parts.content.clone()));
        let old: CertResData = content.unwrap();
        // Under the new back key, whole.
        let whole = resealed(&house, &request, &new, false, |parts| parts.content = old.clone());
        assert_eq!(fault(&whole), EeError::Rrpid);
        let replayed = resealed(&house, &request, &new, false, |parts| {
            parts.content.chall_ee3 = old.chall_ee3;
        });
        assert_mismatch(&fault(&replayed), "chall-EE3");
        certified(waiting.accept(&new, now(&house)).unwrap());
    });
}

/// CR-10 as it holds for merchants and gateways, §5: their first answer and their last.
#[test]
fn cr_10_old_answers_answer_no_new_request_of_a_merchant_or_gateway() {
    in_both_houses(|house| {
        for (role, asked) in [
            (Role::Merchant, RequestType::MerInitialSig),
            (Role::Gateway, RequestType::PgwyInitialSig),
        ] {
            let signer = (ca_of(role), KeyUse::MessageSignature);
            let shop = |next| Shop { next, ..Shop::new(role, role.name()) };
            let (_, old) = shop(0).contacted(&house, asked);
            let old_tbs: MeAqCInitResTbs = content(&house, &old, signer);
            let fault = |next, change: &dyn Fn(&[u8]) -> Vec<u8>| {
                let (waiting, new) = shop(next).contacted(&house, asked);
                waiting.accept(&change(&new), now(&house)).unwrap_err()
            };
            assert_eq!(fault(1, &|_| old.clone()), EeError::Rrpid);
            assert_eq!(fault(2, &|new| disguised(&old, new)), EeError::Rrpid);
            let error = fault(3, &|new| {
                resigned::<MeAqCInitResTbs>(&house, new, signer, |Parts { content, .. }| {
                    content.chall_ee = old_tbs.chall_ee;
                })
            });
            assert_mismatch(&error, "chall-EE");
            let (_, _, old) = shop(4).to_answer(&house, asked);
            let (waiting, _, new) = shop(5).to_answer(&house, asked);
            let fault = |answer: &[u8]| waiting.accept(answer, now(&house)).unwrap_err();
            assert_eq!(fault(&old), EeError::Rrpid);
            assert_eq!(fault(&disguised(&old, &new)), EeError::Rrpid);
            let old: CertResData = content(&house, &old, signer);
            let replayed =
                resigned::<CertResData>(&house, &new, signer, |Parts { content, .. }| {
                    content.chall_ee3 = old.chall_ee3;
                });
            assert_mismatch(&fault(&replayed), "chall-EE3");
        }
    });
}

fn assert_mismatch(error: &EeError, challenge: &'static str) {
    assert_eq!(*error, EeError::Challenge(challenge));
    assert_eq!(error.error_code(), Some(ErrorCode::ChallengeMismatch));
}

const UNKNOWN: ErrorCode = ErrorCode::UnknownRrpid;
