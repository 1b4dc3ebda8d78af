//! Every fault of an envelope is one and the same Error (spec `set-crypto.md` §5.4, decisions.md
//! 16): whoever sends forged envelopes learns nothing from the answers.

use ca_core::Suite;
use ca_core::profile::KeyUse;
use ca_core::wire::pkcs7::{DigestedData, IssuerAndSerial};
use ca_core::wire::{
    AcctData, AcctInfo, CertReq, EnvelopedDataOctets, ErrorCode, ErrorMsg, ErrorTbs, Message,
    Nonce, RequestType, Rrpid, VisibleString, oids,
};
use der::Encode;
use der::asn1::Null;
use spki::AlgorithmIdentifierOwned;

use crate::entities::{Asking, Tied};
use crate::envelope::Envelope;
use crate::house::{House, house};
use crate::messages::{
    Draft, FormDraft, Heard, ca_certificate, form_run, message_of, post, wrapped,
};

type Change = (&'static str, fn(&House, &mut Envelope));

/// What can be wrong in any envelope.
const FAULTS: &[Change] = &[
    ("recipient that is nobody", |_, envelope| envelope.named = IssuerAndSerial::null().unwrap()),
    ("key of another recipient", |house, envelope| {
        envelope.recipient = ca_certificate(&house.authority, "sample-mca", KeyUse::Encryption);
    }),
    ("key transport of another kind", |_, envelope| {
        let null = Some(der::asn1::Any::from(Null));
        envelope.transport =
            AlgorithmIdentifierOwned { oid: oids::RSA_ENCRYPTION, parameters: null };
    }),
    ("label of another message", |_, envelope| envelope.label.push('0')),
    ("block contents of another message", |_, envelope| envelope.code ^= 0x50),
    ("octets behind X", |_, envelope| envelope.behind = vec![0]),
    ("X cut short", |_, envelope| envelope.extra.truncate(envelope.extra.len() - 1)),
    ("X missing", |_, envelope| envelope.extra.clear()),
    ("tag", |_, envelope| envelope.flip = Some(0)),
    ("ciphertext", |_, envelope| envelope.flip = Some(40)),
    ("plaintext that is no SEQUENCE", |_, envelope| {
        envelope.body = b"\x04\x02no".to_vec();
        if !envelope.body_digest.is_empty() {
            envelope.body_digest = Suite::Modern.digest(&envelope.body);
        }
    }),
];

/// The Error about an envelope, without its nonce and the rrpid that it repeats.
fn error(house: &House, what: &str, message: &Message, rrpid: Rrpid) -> ErrorTbs {
    let octets = wrapped(message, rrpid, house.authority.now());
    let answer = post(&house.authority, &octets);
    let Heard::Error { tbs, .. } = Heard::of(&house.authority, &answer) else {
        panic!("{what}: accepted");
    };
    ErrorTbs { error_nonce: Nonce::new([0; 20]), ..*tbs }
}

/// The uniform Error, word for word.
fn uniform(house: &House, message: &Message, rrpid: Rrpid) -> ErrorTbs {
    let wrapper = crate::messages::wrapper(message, rrpid, house.authority.now());
    ErrorTbs {
        error_code: ErrorCode::DecodingFailure,
        error_nonce: Nonce::new([0; 20]),
        error_oid: None,
        error_thumb: None,
        error_msg: ErrorMsg::MessageHeader(wrapper.header),
    }
}

fn form_message(envelope: &Envelope) -> Message {
    Message::RegFormReq(EnvelopedDataOctets::new(envelope.octets()).unwrap())
}

fn cert_message(envelope: &Envelope) -> Message {
    Message::CertReq(CertReq::EncX(EnvelopedDataOctets::new(envelope.octets()).unwrap()))
}

#[test]
fn every_fault_of_a_form_request_looks_the_same() {
    let house = house();
    let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::Encryption);
    let form = FormDraft::new("uniform");
    let (t, p) = (form.data.to_der().unwrap(), form.account());
    let good = Envelope::exh(&cca, &t, &p);
    let bad_link =
        DigestedData::of(Suite::Modern, oids::CT_PAN_ONLY, b"\x05\x00").unwrap().to_der().unwrap();
    let other_type = DigestedData::of(Suite::Modern, oids::CT_CERT_REQ_DATA, &p).unwrap();
    let special = [
        (
            "recipient that is no CCA",
            good.clone().with(|envelope| {
                let mca = ca_certificate(&house.authority, "sample-mca", KeyUse::Encryption);
                envelope.named = IssuerAndSerial::of(&mca).unwrap();
                envelope.recipient = mca;
            }),
        ),
        ("HD", good.clone().with(|envelope| envelope.body_digest[0] ^= 1)),
        ("DD over something else", Envelope::exh_of(&cca, &t, &bad_link, &p)),
        ("DD of another type", Envelope::exh_of(&cca, &t, &other_type.to_der().unwrap(), &p)),
        ("t that is no RegFormReqData", Envelope::exh(&cca, b"\x30\x00", &p)),
        ("p that is no PANOnly", Envelope::exh(&cca, &t, b"\x30\x00")),
    ];
    let common = FAULTS
        .iter()
        .map(|(what, change)| (*what, good.clone().with(|envelope| change(&house, envelope))));
    for (what, envelope) in common.chain(special) {
        let message = form_message(&envelope);
        let expected = uniform(&house, &message, form.data.rrpid);
        assert_eq!(error(&house, what, &message, form.data.rrpid), expected, "{what}");
    }
    // None of them used anything up, and the envelope they were made from is good.
    let octets = wrapped(&form_message(&good), form.data.rrpid, house.authority.now());
    assert!(matches!(message_of(&post(&house.authority, &octets)), Message::RegFormRes(_)));
}

#[test]
fn every_fault_of_a_certificate_request_looks_the_same() {
    let house = house();
    let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::Encryption);
    let run = form_run(&house.authority, "uniform");
    let draft = Draft::new(&run, "uniform", house.authority.now());
    let [t, signature, p] = draft.parts();
    let good = Envelope::encx(&cca, &t, &signature, &p);
    let special = [
        ("t that is no CertReqData", Envelope::encx(&cca, b"\x30\x00", &signature, &p)),
        ("signature that is no SignedData", Envelope::encx(&cca, &t, b"\x30\x00", &p)),
    ];
    let common = FAULTS
        .iter()
        .map(|(what, change)| (*what, good.clone().with(|envelope| change(&house, envelope))));
    for (what, envelope) in common.chain(special) {
        let message = cert_message(&envelope);
        let expected = uniform(&house, &message, draft.data.rrpid);
        assert_eq!(error(&house, what, &message, draft.data.rrpid), expected, "{what}");
    }
    let octets = wrapped(&cert_message(&good), draft.data.rrpid, house.authority.now());
    assert!(matches!(message_of(&post(&house.authority, &octets)), Message::CertRes(_)));
}

#[test]
fn every_fault_of_a_merchants_request_looks_the_same() {
    let house = house();
    let mca = ca_certificate(&house.authority, "sample-mca", KeyUse::Encryption);
    let tied = Tied::to_form(&house, RequestType::MerInitialSig, "uniform");
    let asking = Asking::new(&house, &tied, "uniform", None);
    let good = Envelope::enc(&mca, &asking.signed_data());
    let enc = |envelope: &Envelope| {
        Message::CertReq(CertReq::Enc(EnvelopedDataOctets::new(envelope.octets()).unwrap()))
    };
    let empty = asking.signed_data_of(b"\x30\x00");
    let special = [
        ("SignedData without its end", good.clone().with(|e| e.body.truncate(e.body.len() - 1))),
        ("t that is no CertReqData", Envelope::enc(&mca, &empty)),
        ("detached", Envelope::enc(&mca, &asking.detached())),
    ];
    let common = FAULTS
        .iter()
        // There is no X, and the key that FAULTS takes for another is this one's own.
        .filter(|(what, _)| !what.starts_with("X ") && *what != "key of another recipient")
        .map(|(what, change)| (*what, good.clone().with(|envelope| change(&house, envelope))));
    for (what, envelope) in common.chain(special) {
        let message = enc(&envelope);
        let expected = uniform(&house, &message, asking.rrpid);
        assert_eq!(error(&house, what, &message, asking.rrpid), expected, "{what}");
    }
    let octets = wrapped(&enc(&good), asking.rrpid, house.authority.now());
    let heard = Heard::of(&house.authority, &post(&house.authority, &octets));
    assert_eq!(heard.status(), ca_core::wire::CertStatusCode::RequestComplete);
}

/// CR-11 as it holds for merchants: the signature covers the account, too.
#[test]
fn the_account_of_one_merchant_does_not_pass_with_the_request_of_another() {
    let house = house();
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
    let [t, signature, _] = one.parts();
    let [.., account] = other.parts();
    let spliced = Envelope::encx(&mca, &t, &signature, &account).with(|e| e.code = 0x50);
    let octets = wrapped(&cert_message(&spliced), one.rrpid, house.authority.now());
    let heard = Heard::of(&house.authority, &post(&house.authority, &octets));
    assert_eq!(heard.status(), ca_core::wire::CertStatusCode::SigValidationFail);
    // Nothing moved: the merchant's own request is still good.
    let heard = Heard::of(&house.authority, &post(&house.authority, &other.octets()));
    assert_eq!(heard.status(), ca_core::wire::CertStatusCode::RequestComplete);
}

#[test]
fn the_key_block_of_one_request_does_not_open_with_the_body_of_another() {
    // CR-12: PANOnly of one RegFormReq in another; CR-11: the same for AcctInfo of a CertReq.
    let house = house();
    let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::Encryption);
    let (one, other) = (FormDraft::new("one"), FormDraft::new("other"));
    let t = one.data.to_der().unwrap();
    let spliced = Envelope::exh(&cca, &t, &one.account()).with(|e| e.extra = other.account());
    let message = form_message(&spliced);
    let heard = error(&house, "spliced", &message, one.data.rrpid);
    assert_eq!(heard, uniform(&house, &message, one.data.rrpid));

    let run = form_run(&house.authority, "splice");
    let draft = Draft::new(&run, "one", house.authority.now());
    let [t, signature, _] = draft.parts();
    let [.., account] = Draft::new(&run, "other", house.authority.now()).parts();
    let message = cert_message(&Envelope::encx(&cca, &t, &signature, &account));
    let octets = wrapped(&message, draft.data.rrpid, house.authority.now());
    let heard = Heard::of(&house.authority, &post(&house.authority, &octets));
    assert_eq!(heard.status(), ca_core::wire::CertStatusCode::SigValidationFail);
}
