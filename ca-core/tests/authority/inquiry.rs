//! CertInqReq: who may ask, and what the answer is (spec `set-messages.md` §2.12, §4.7).

use ca_core::Suite;
use ca_core::authority::Authority;
use ca_core::envelope::{Attachments, SignedMessage, SignerIdentity, sign};
use ca_core::profile::KeyUse;
use ca_core::signer::{PrivateKey, SoftwareKeys};
use ca_core::store::{Registration, RevocationReason, SerialNumber};
use ca_core::wire::{
    Cert, CertInqReqTbs, CertStatusCode, Challenge, ErrorCode, LocalId, Message, Rrpid,
    SignedDataOctets, oids,
};
use const_oid::ObjectIdentifier;
use der::Encode;

use crate::house::{House, house};
use crate::messages::{
    Draft, FormRun, Heard, ca_certificate, ca_id, form_run, key, message_of, post, random, wrapped,
};

/// A CertInqReq before it is signed.
pub(crate) struct Inquiry {
    pub(crate) tbs: CertInqReqTbs,
    content_type: ObjectIdentifier,
    attached: bool,
    /// Who signs, and in whose name.
    pub(crate) signers: Vec<(PrivateKey, Option<Cert>)>,
}

impl Inquiry {
    /// A good one about `run`, signed by the key named `key_label` that its CertReq brought.
    pub(crate) fn new(run: &FormRun, key_label: &str, label: &str) -> Self {
        let mut inquiry = Self::about(&run.lid_ee, &run.lid_ca, label);
        inquiry.signers.push((key(key_label), None));
        inquiry
    }

    /// One that nobody has signed yet.
    pub(crate) fn about(lid_ee: &LocalId, lid_ca: &LocalId, label: &str) -> Self {
        let random = random(&format!("{label} inquiry"));
        let tbs = CertInqReqTbs {
            rrpid: Rrpid::random(&random).unwrap(),
            lid_ee: lid_ee.clone(),
            chall_ee3: Challenge::random(&random).unwrap(),
            lid_ca: lid_ca.clone(),
        };
        let content_type = oids::CT_CERT_INQ_REQ_TBS;
        Self { tbs, content_type, attached: true, signers: Vec::new() }
    }

    /// Signed by this key alone, which has no certificate.
    pub(crate) fn signed_by(&mut self, key: &PrivateKey) {
        self.signers = vec![(PrivateKey::from_pkcs8(key.pkcs8_der()).unwrap(), None)];
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn signed(&self) -> SignedDataOctets {
        let copy = |key: &PrivateKey| PrivateKey::from_pkcs8(key.pkcs8_der()).unwrap();
        let keys: SoftwareKeys = self.signers.iter().map(|(key, _)| copy(key)).collect();
        let identity = |(key, certificate)| SignerIdentity {
            certificate: Option::as_ref(certificate),
            key: PrivateKey::id(key),
            algorithm: key.algorithm().default_signature(Suite::Modern),
        };
        let signers: Vec<_> =
            self.signers.iter().map(|(key, name)| identity((key, name))).collect();
        let content = self.tbs.to_der().unwrap();
        let signed = sign(
            Suite::Modern,
            self.content_type,
            &content,
            self.attached,
            &signers,
            Attachments::default(),
            &keys,
        );
        SignedDataOctets::new(signed.unwrap()).unwrap()
    }

    pub(crate) fn octets(&self, authority: &Authority) -> Vec<u8> {
        wrapped(&Message::CertInqReq(self.signed()), self.tbs.rrpid, authority.now())
    }

    /// Posts it and reads the answer.
    pub(crate) fn ask(&self, authority: &Authority) -> Heard {
        let answer = post(authority, &self.octets(authority));
        let heard = Heard::of(authority, &answer);
        if let Heard::Result { data, .. } = &heard {
            assert!(matches!(message_of(&answer), Message::CertInqRes(_)));
            // §4.7: the answer belongs to the inquiry, not to the request.
            assert_eq!((data.rrpid, data.chall_ee3), (self.tbs.rrpid, self.tbs.chall_ee3));
            assert_eq!(data.lid_ee, self.tbs.lid_ee);
            assert_eq!(data.lid_ca.as_ref(), Some(&self.tbs.lid_ca));
            // decisions.md 6.
            assert_eq!(data.thumbs, None);
        }
        heard
    }
}

/// A cardholder who has got a certificate, and the answer that brought it.
struct Served {
    house: House,
    run: FormRun,
    first: Heard,
}

impl Served {
    fn new() -> Self {
        let house = house();
        let run = form_run(&house.authority, "served");
        let draft = Draft::new(&run, "served", house.authority.now());
        let first = post(&house.authority, &draft.octets(&house.authority));
        let first = Heard::of(&house.authority, &first);
        assert_eq!(first.status(), CertStatusCode::RequestComplete);
        Self { house, run, first }
    }

    fn inquiry(&self, label: &str) -> Inquiry {
        Inquiry::new(&self.run, "served", label)
    }

    fn registration(&self) -> Registration {
        let store = self.house.authority.store();
        store.registration(self.run.lid_ca.as_bytes()).unwrap().unwrap()
    }

    /// The answer gives what the first one gave.
    fn assert_given_again(&self, heard: &Heard) {
        assert_eq!(heard.status(), CertStatusCode::RequestComplete);
        assert!(matches!(heard, Heard::Result { encrypted: true, .. }));
        assert_eq!(heard.issued(), self.first.issued());
        let (again, first) = (heard.data(), self.first.data());
        assert!(first.cert_status.nonce_cca.is_some());
        assert_eq!(again.cert_status, first.cert_status);
        assert_eq!(again.cert_thumbs, first.cert_thumbs);
    }
}

#[test]
fn certificate_and_nonce_are_given_again_as_often_as_asked() {
    let served = Served::new();
    for label in ["one", "two", "three"] {
        served.assert_given_again(&served.inquiry(label).ask(&served.house.authority));
    }
    let restarted = served.house.reopened(|_| ());
    served.assert_given_again(&served.inquiry("four").ask(&restarted));
}

#[test]
fn a_revoked_certificate_is_given_again_too() {
    // decisions.md 22: what has become of it is for its status to say.
    let served = Served::new();
    let serial = SerialNumber::from_octets(served.first.issued().serial()).unwrap();
    let authority = &served.house.authority;
    authority.revoke(&ca_id("sample-cca"), &serial, RevocationReason::KeyCompromise).unwrap();
    served.assert_given_again(&served.inquiry("one").ask(authority));
}

#[test]
fn without_the_back_key_a_cardholder_gets_nothing() {
    let served = Served::new();
    let authority = &served.house.authority;
    served.house.clock.advance(7 * 24 * 3600);
    authority.store().forget_answers(authority.now()).unwrap();
    assert_eq!(served.registration().sealed, None);
    let heard = served.inquiry("late").ask(authority);
    assert_eq!(heard.status(), CertStatusCode::UnableToEncryptCertRes);
    let Heard::Result { data, encrypted, .. } = &heard else { panic!("{heard:?}") };
    assert!(!encrypted);
    assert_eq!((&data.cert_status.nonce_cca, &data.cert_thumbs), (&None, &None));
}

#[test]
fn secrets_are_kept_for_as_long_after_the_last_answer_that_used_them() {
    let served = Served::new();
    let authority = &served.house.authority;
    let begin = authority.now();
    served.house.clock.advance(6 * 24 * 3600);
    served.assert_given_again(&served.inquiry("one").ask(authority));
    // §4.8: seven days after the final answer, not after the decision.
    authority.store().forget_answers(begin.plus_secs(1)).unwrap();
    served.assert_given_again(&served.inquiry("two").ask(authority));
}

#[test]
fn only_the_keys_that_signed_the_request_may_ask() {
    let served = Served::new();
    let certificate = served.first.issued();
    let own = || key("served");
    let strangers = [
        ("another key", vec![(key("stranger"), None)]),
        ("in the name of the certificate", vec![(own(), Some(certificate.clone()))]),
        ("twice", vec![(own(), None), (own(), None)]),
        ("and another", vec![(own(), None), (key("stranger"), Some(certificate.clone()))]),
    ];
    for (label, signers) in strangers {
        let before = served.registration();
        let inquiry = served.inquiry(label).with(|inquiry| inquiry.signers = signers);
        let heard = inquiry.ask(&served.house.authority);
        assert_eq!(heard.status(), CertStatusCode::SigValidationFail, "{label}");
        let status = &heard.data().cert_status;
        assert_eq!((&status.nonce_cca, &heard.data().cert_thumbs), (&None, &None), "{label}");
        let revision = served.registration().revision;
        assert_eq!(served.registration(), Registration { revision, ..before }, "{label}");
    }
}

#[test]
fn the_key_of_one_registration_does_not_ask_in_another() {
    let served = Served::new();
    let authority = &served.house.authority;
    let other = form_run(authority, "other");
    post(authority, &Draft::new(&other, "other", authority.now()).octets(authority));
    let heard = Inquiry::new(&served.run, "other", "across").ask(authority);
    assert_eq!(heard.status(), CertStatusCode::SigValidationFail);
    // The labels of one registration do not open the other, either.
    let crossed = served.inquiry("labels").with(|inquiry| inquiry.tbs.lid_ca = other.lid_ca);
    assert_eq!(crossed.ask(authority).error().error_code, ErrorCode::UnknownLid);
}

#[test]
fn there_is_nothing_to_ask_about_before_a_request() {
    let house = house();
    let run = form_run(&house.authority, "early");
    let heard = Inquiry::new(&run, "early", "early").ask(&house.authority);
    assert_eq!(heard.error().error_code, ErrorCode::UnknownLid);
    // The CA is known by the registration, so it signs.
    assert!(matches!(heard, Heard::Error { signed: true, .. }));
}

#[test]
fn an_unknown_label_is_an_error() {
    let served = Served::new();
    let strange = LocalId::new(&[7; 20]).unwrap();
    let ours = served.inquiry("ca").with(|inquiry| inquiry.tbs.lid_ca = strange.clone());
    let heard = ours.ask(&served.house.authority);
    assert_eq!(heard.error().error_code, ErrorCode::UnknownLid);
    assert!(matches!(heard, Heard::Error { signed: false, .. }), "no CA can be told");
    let theirs = served.inquiry("ee").with(|inquiry| inquiry.tbs.lid_ee = strange);
    let heard = theirs.ask(&served.house.authority);
    assert_eq!(heard.error().error_code, ErrorCode::UnknownLid);
}

#[test]
fn what_is_no_inquiry_is_an_error() {
    let served = Served::new();
    let authority = &served.house.authority;
    let code = |inquiry: &Inquiry, rrpid| {
        let octets = wrapped(&Message::CertInqReq(inquiry.signed()), rrpid, authority.now());
        Heard::of(authority, &post(authority, &octets)).error().error_code
    };
    let good = served.inquiry("rrpid");
    assert_eq!(code(&good, Rrpid::new([1; 20])), ErrorCode::UnknownRrpid);
    let other_type = served.inquiry("type").with(|i| i.content_type = oids::CT_ERROR_TBS);
    assert_eq!(code(&other_type, other_type.tbs.rrpid), ErrorCode::WrapperMsgMismatch);
    let detached = served.inquiry("detached").with(|i| i.attached = false);
    assert_eq!(code(&detached, detached.tbs.rrpid), ErrorCode::DecodingFailure);
    // None of them used an rrpid up.
    served.assert_given_again(&good.ask(authority));
}

#[test]
fn the_same_inquiry_again_gets_the_same_octets_and_another_one_under_its_rrpid_none() {
    let served = Served::new();
    let authority = &served.house.authority;
    let request = served.inquiry("same").octets(authority);
    let answer = post(authority, &request);
    served.house.clock.advance(2 * 24 * 3600);
    assert_eq!(post(&served.house.reopened(|_| ()), &request), answer);
    let rrpid = served.inquiry("same").tbs.rrpid;
    let other = served.inquiry("other").with(|inquiry| inquiry.tbs.rrpid = rrpid);
    assert_eq!(other.ask(authority).error().error_code, ErrorCode::UnknownRrpid);
}

#[test]
fn a_refusal_is_said_again() {
    let house = house();
    let run = form_run(&house.authority, "bad");
    let bad = Draft::new(&run, "bad", house.authority.now()).with(|d| d.data.reg_form = None);
    post(&house.authority, &bad.octets(&house.authority));
    for label in ["one", "two"] {
        let heard = Inquiry::new(&run, "bad", label).ask(&house.authority);
        assert_eq!(heard.status(), CertStatusCode::RegFormAnswerMalformed);
        assert!(heard.data().cert_status.ee_message.is_some());
    }
    // And the registration can still be completed.
    let good = Draft::new(&run, "good", house.authority.now());
    let answer = post(&house.authority, &good.octets(&house.authority));
    assert_eq!(Heard::of(&house.authority, &answer).status(), CertStatusCode::RequestComplete);
    // Now another key has signed the request.
    let heard = Inquiry::new(&run, "bad", "three").ask(&house.authority);
    assert_eq!(heard.status(), CertStatusCode::SigValidationFail);
    let heard = Inquiry::new(&run, "good", "four").ask(&house.authority);
    assert_eq!(heard.status(), CertStatusCode::RequestComplete);
}

#[test]
fn a_request_after_the_end_changes_nothing_that_is_asked_for() {
    let served = Served::new();
    let authority = &served.house.authority;
    let second = Draft::new(&served.run, "second", authority.now());
    let answer = post(authority, &second.octets(authority));
    assert_eq!(Heard::of(authority, &answer).status(), CertStatusCode::RejectedByCa);
    served.assert_given_again(&served.inquiry("after").ask(authority));
    let heard = Inquiry::new(&served.run, "second", "second").ask(authority);
    assert_eq!(heard.status(), CertStatusCode::SigValidationFail);
}

#[test]
fn the_answer_travels_with_the_whole_chain() {
    // decisions.md 6: an inquiry names nothing that its sender holds.
    let served = Served::new();
    let heard = served.inquiry("chain").ask(&served.house.authority);
    let Heard::Result { certificates, .. } = &heard else { panic!("{heard:?}") };
    for (ca, key_use) in [
        ("sample-cca", KeyUse::MessageSignature),
        ("sample-cca", KeyUse::CertificateSigning),
        ("sample-bca", KeyUse::CertificateSigning),
        ("root", KeyUse::CertificateSigning),
    ] {
        let expected = ca_certificate(&served.house.authority, ca, key_use);
        assert!(certificates.contains(&expected), "{key_use} of {ca}");
    }
    assert!(heard.data().brand_crl_identifier.is_some());
}

#[test]
fn an_inquiry_with_an_octet_changed_is_answered_and_gives_nothing_that_was_not_asked_for() {
    let served = Served::new();
    let authority = &served.house.authority;
    let before = served.registration();
    let length = served.inquiry("length").signed().as_der().len();
    for at in 0..length {
        let inquiry = served.inquiry(&format!("octet {at}"));
        let mut octets = inquiry.signed().as_der().to_vec();
        // Signatures differ in length.
        let Some(octet) = octets.get_mut(at) else { continue };
        *octet ^= 0x01;
        let Ok(changed) = SignedDataOctets::new(octets) else { continue };
        let message =
            wrapped(&Message::CertInqReq(changed.clone()), inquiry.tbs.rrpid, authority.now());
        let heard = Heard::of(authority, &post(authority, &message));
        if let Heard::Result { data, .. } = &heard
            && data.cert_status.cert_status_code != CertStatusCode::SigValidationFail
        {
            let signed = SignedMessage::decode(changed.as_der()).unwrap();
            assert_eq!(signed.unverified_content().unwrap(), inquiry.tbs.to_der().unwrap(), "{at}");
        }
    }
    let after = served.registration();
    let (revision, updated_at) = (after.revision, after.updated_at);
    assert_eq!(after, Registration { revision, updated_at, ..before });
}
