//! Parts of one request do not go with parts of another (spec `set-messages.md` §5, CR-11, CR-12;
//! decisions.md 16, 20).

use ca_core::profile::KeyUse;
use ca_core::store::RegistrationState;
use ca_core::wire::pkcs7::EnvelopedData;
use ca_core::wire::{
    AcctData, AcctInfo, BackKey, CertReq, CertReqData, CertStatusCode, EnvelopedDataOctets,
    ErrorCode, ErrorMsg, Message, MessageWrapper, Nonce, RequestType, Rrpid, VisibleString,
};
use der::Encode;

use crate::entities::{Asking, Tied};
use crate::envelope::Envelope;
use crate::house::{House, in_both_houses};
use crate::messages::{
    Draft, FormDraft, FormRun, Heard, ca_certificate, form_run, message_of, post, wrapped,
};
use crate::opened::envelope_in;

/// What is answered to an EncX of these three parts for the CCA.
fn heard(house: &House, rrpid: Rrpid, [t, signature, p]: [&[u8]; 3]) -> Heard {
    let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::Encryption);
    let envelope = Envelope::encx(house.suite(), &cca, t, signature, p);
    let octets = EnvelopedDataOctets::new(envelope.octets()).unwrap();
    let message = Message::CertReq(CertReq::EncX(octets));
    let octets = wrapped(&message, rrpid, house.authority.now());
    Heard::of(&house.authority, &post(&house.authority, &octets))
}

/// Refused for its signature, and the registration is as open as it was.
fn assert_invalid(house: &House, run: &FormRun, heard: &Heard, what: &str) {
    assert_eq!(heard.status(), CertStatusCode::SigValidationFail, "{what}");
    let store = house.authority.store();
    let registration = store.registration(run.lid_ca.as_bytes()).unwrap().unwrap();
    assert_ne!(registration.state, RegistrationState::Complete, "{what}");
    assert!(registration.issued.is_empty(), "{what}");
}

/// CR-11, §5: one signature over public key, back key, PAN and CardSecret.
#[test]
fn cr_11_no_part_of_a_request_goes_with_the_signature_of_another() {
    in_both_houses(|house| {
        let authority = &house.authority;
        let run = form_run(authority, "splice");
        // The other one has its own CardSecret and exNonce, and the same card.
        let one = Draft::new(&run, "one", authority.now());
        let other = Draft::new(&run, "other", authority.now());
        let ([t, signature, _], [.., other_p]) = (one.parts(), other.parts());
        let spliced = heard(&house, one.data.rrpid, [&t, &signature, &other_p]);
        assert_invalid(&house, &run, &spliced, "the account and CardSecret of another");
        let altered = |what: &str, change: &dyn Fn(&mut CertReqData)| {
            let draft = Draft::new(&run, what, authority.now());
            let ([_, signature, p], mut data) = (draft.parts(), draft.data.clone());
            change(&mut data);
            let t = data.to_der().unwrap();
            assert_invalid(&house, &run, &heard(&house, data.rrpid, [&t, &signature, &p]), what);
        };
        altered("the key of another", &|data| {
            data.public_key_s_or_e = other.data.public_key_s_or_e.clone();
        });
        altered("the challenge of another", &|data| data.chall_ee3 = other.data.chall_ee3);
        altered("another form", &|data| data.reg_form = None);
        // The parts together are good.
        let [other_t, other_signature, _] = other.parts();
        let whole = [&other_t[..], &other_signature, &other_p];
        let whole = heard(&house, other.data.rrpid, whole);
        assert_eq!(whole.status(), CertStatusCode::RequestComplete);
    });
}

/// CR-11, §5: whoever puts his own back key into a request reads no answer with a certificate.
#[test]
fn cr_11_the_back_key_of_another_request_does_not_pass() {
    in_both_houses(|house| {
        let authority = &house.authority;
        let run = form_run(authority, "splice");
        // The honest one has another back key than the one that `Heard` opens with.
        let honest = Draft::new(&run, "honest", authority.now()).with(|draft| {
            let back_key = draft.data.ca_back_key_data.as_mut().unwrap();
            let length = back_key.back_key.as_bytes().len();
            back_key.back_key = BackKey::new(&vec![0x3c; length]).unwrap();
        });
        let [_, signature, p] = honest.parts();
        let mut data = honest.data.clone();
        data.ca_back_key_data = Some(crate::messages::back_key(house.suite()));
        let t = data.to_der().unwrap();
        let spliced = heard(&house, honest.data.rrpid, [&t, &signature, &p]);
        assert_invalid(&house, &run, &spliced, "back key");
        assert!(spliced.data().cert_status.nonce_cca.is_none());
    });
}

/// CR-11 as it holds for merchants, §5: the signature covers the account, too.
#[test]
fn cr_11_the_account_of_one_merchant_does_not_pass_with_the_request_of_another() {
    in_both_houses(|house| {
        let mca = ca_certificate(&house.authority, "sample-mca", KeyUse::Encryption);
        let asking = |label: &str| {
            let tied = Tied::to_form(&house, RequestType::MerInitialSig, label);
            Asking::new(&house, &tied, label, None).with(|asking| {
                asking.account = Some(AcctInfo::AcctData(AcctData {
                    acct_identification: VisibleString::new(label).unwrap(),
                    ex_nonce: Nonce::new([1; 20]),
                }));
            })
        };
        let (one, other) = (asking("one"), asking("other"));
        let ([t, signature, _], [.., account]) = (one.parts(), other.parts());
        let spliced = Envelope::encx(house.suite(), &mca, &t, &signature, &account)
            .with(|envelope| envelope.code = 0x50);
        let octets = EnvelopedDataOctets::new(spliced.octets()).unwrap();
        let message = Message::CertReq(CertReq::EncX(octets));
        let octets = wrapped(&message, one.rrpid, house.authority.now());
        let heard = Heard::of(&house.authority, &post(&house.authority, &octets));
        assert_eq!(heard.status(), CertStatusCode::SigValidationFail);
        // Nothing moved: the merchant's own request is still good.
        let heard = Heard::of(&house.authority, &post(&house.authority, &other.octets()));
        assert_eq!(heard.status(), CertStatusCode::RequestComplete);
    });
}

/// A RegFormReq made of parts: the uniform Error, and no registration.
fn assert_uniform(house: &House, form: &FormDraft, envelope: Vec<u8>, what: &str) {
    let message = Message::RegFormReq(EnvelopedDataOctets::new(envelope).unwrap());
    let octets = wrapped(&message, form.data.rrpid, house.authority.now());
    let header = MessageWrapper::from_der(&octets).unwrap().header;
    let heard = Heard::of(&house.authority, &post(&house.authority, &octets));
    assert_eq!(heard.error().error_code, ErrorCode::DecodingFailure, "{what}");
    assert_eq!(heard.error().error_msg, ErrorMsg::MessageHeader(header), "{what}");
    let query = ca_core::store::RegistrationQuery::default();
    assert!(house.authority.store().registrations(&query).unwrap().items.is_empty(), "{what}");
}

/// CR-12, §5: EXH binds body and key block both ways, by HD and DD.
#[test]
fn cr_12_pan_only_does_not_go_with_another_form_request() {
    in_both_houses(|house| {
        let authority = &house.authority;
        let cca = ca_certificate(authority, "sample-cca", KeyUse::Encryption);
        let (one, other) = (FormDraft::new("one"), FormDraft::new("other"));
        let sealed = |form: &FormDraft| envelope_in(&form.octets(authority)).unwrap();
        // What a man in the middle can do: exchange ciphertexts.
        let [ours, theirs] = [sealed(&one), sealed(&other)];
        let mixed =
            EnvelopedData { recipient_infos: theirs.recipient_infos.clone(), ..ours.clone() };
        assert_uniform(&house, &one, mixed.to_der().unwrap(), "key block of another");
        assert_uniform(&house, &other, mixed.to_der().unwrap(), "body of another");
        // What someone can do who has the content key: exchange p, or t, inside.
        let (t, p) = (one.data.to_der().unwrap(), one.account());
        let (other_t, other_p) = (other.data.to_der().unwrap(), other.account());
        let good = Envelope::exh(house.suite(), &cca, &t, &p);
        let spliced = good.clone().with(|envelope| envelope.extra = other_p.clone());
        assert_uniform(&house, &one, spliced.octets(), "PANOnly of another");
        let theirs = Envelope::exh(house.suite(), &cca, &other_t, &other_p);
        let spliced = good.clone().with(|envelope| envelope.body = theirs.body.clone());
        assert_uniform(&house, &other, spliced.octets(), "RegFormReqData of another");
        let spliced = spliced.with(|envelope| envelope.body_digest = theirs.body_digest.clone());
        assert_uniform(&house, &other, spliced.octets(), "RegFormReqData of another with its HD");
        // The parts together are good.
        let answer = post(authority, &one.octets(authority));
        assert!(matches!(message_of(&answer), Message::RegFormRes(_)));
    });
}
