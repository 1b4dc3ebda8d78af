//! Every fault of an envelope is one and the same Error (spec `set-crypto.md` §5.4, decisions.md
//! 16): whoever sends forged envelopes learns nothing from the answers.

use ca_core::Suite;
use ca_core::profile::KeyUse;
use ca_core::wire::pkcs7::{DigestedData, IssuerAndSerial};
use ca_core::wire::{
    CertReq, EnvelopedDataOctets, ErrorCode, ErrorMsg, ErrorTbs, Message, Nonce, RequestType,
    Rrpid, oids,
};
use der::Encode;
use der::asn1::Null;
use spki::AlgorithmIdentifierOwned;

use crate::entities::{Asking, Tied};
use crate::envelope::Envelope;
use crate::house::timing::{assert_alike, taken};
use crate::house::{House, in_both_houses};
use crate::messages::{
    Draft, FormDraft, Heard, ca_certificate, form_run, message_of, post, wrapped,
};

/// Name, the one suite where it can happen, if not both, and how to get it.
type Change = (&'static str, Option<Suite>, fn(&House, &mut Envelope));

const MODERN: Option<Suite> = Some(Suite::Modern);
const OLD: Option<Suite> = Some(Suite::Set1997);

/// What can be wrong in any envelope.
const FAULTS: &[Change] = &[
    (NOBODY, None, |_, e| e.named = IssuerAndSerial::null().unwrap()),
    (ANOTHER_KEY, None, |house, envelope| {
        envelope.recipient = ca_certificate(&house.authority, "sample-mca", KeyUse::Encryption);
    }),
    (OTHER_TRANSPORT, None, |_, envelope| {
        let null = Some(der::asn1::Any::from(Null));
        envelope.transport =
            AlgorithmIdentifierOwned { oid: oids::RSA_ENCRYPTION, parameters: null };
    }),
    ("label of another message", MODERN, |_, envelope| envelope.label.push('0')),
    ("BT", OLD, |_, envelope| envelope.block_type = 0x02),
    ("V", OLD, |_, envelope| envelope.verification[6] = 1),
    ("block contents of another message", None, |_, envelope| envelope.code ^= 0x50),
    ("octets behind X", None, |_, envelope| envelope.behind = vec![1]),
    // The fill of the block would end it again.
    ("X cut short", MODERN, |_, e| e.extra.truncate(e.extra.len().saturating_sub(1))),
    ("X beyond the block", OLD, |_, envelope| envelope.extra = vec![0x30, 0x7f]),
    ("X missing", None, |_, envelope| envelope.extra.clear()),
    ("tag", MODERN, |_, e| e.spoil = Some(|content| *content.last_mut().unwrap() ^= 1)),
    ("padding", OLD, |_, e| e.spoil = Some(|content| *content.last_mut().unwrap() ^= 1)),
    ("half a block", OLD, |_, e| e.spoil = Some(|content| content.truncate(content.len() - 3))),
    ("ciphertext", None, |_, e| e.spoil = Some(|content| content[0] ^= 1)),
    ("plaintext that is no SEQUENCE", None, |house, envelope| {
        envelope.body = b"\x04\x02no".to_vec();
        if !envelope.body_digest.is_empty() {
            envelope.body_digest = house.suite().digest(&envelope.body);
        }
    }),
];
const NOBODY: &str = "recipient that is nobody";
const OTHER_TRANSPORT: &str = "key transport of another kind";
const ANOTHER_KEY: &str = "key of another recipient";

/// The good envelope, spoilt in each way that there is in the suite.
fn spoilt(house: &House, good: &Envelope) -> Vec<(&'static str, Envelope)> {
    let suite = Some(house.suite());
    let here = FAULTS.iter().filter(|(_, only, _)| only.is_none() || *only == suite);
    here.map(|(what, _, change)| (*what, good.clone().with(|e| change(house, e)))).collect()
}

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
    in_both_houses(|house| {
        let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::Encryption);
        let form = FormDraft::new("uniform");
        let (t, p) = (form.data.to_der().unwrap(), form.account());
        let good = Envelope::exh(house.suite(), &cca, &t, &p);
        let bad_link = DigestedData::of(house.suite(), oids::CT_PAN_ONLY, b"\x05\x00")
            .unwrap()
            .to_der()
            .unwrap();
        let other_type = DigestedData::of(house.suite(), oids::CT_CERT_REQ_DATA, &p).unwrap();
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
            ("DD over something else", Envelope::exh_of(house.suite(), &cca, &t, &bad_link, &p)),
            (
                "DD of another type",
                Envelope::exh_of(house.suite(), &cca, &t, &other_type.to_der().unwrap(), &p),
            ),
            ("t that is no RegFormReqData", Envelope::exh(house.suite(), &cca, b"\x30\x00", &p)),
            ("p that is no PANOnly", Envelope::exh(house.suite(), &cca, &t, b"\x30\x00")),
        ];
        for (what, envelope) in spoilt(&house, &good).into_iter().chain(special) {
            let message = form_message(&envelope);
            let expected = uniform(&house, &message, form.data.rrpid);
            assert_eq!(error(&house, what, &message, form.data.rrpid), expected, "{what}");
        }
        // None of them used anything up, and the envelope they were made from is good.
        let octets = wrapped(&form_message(&good), form.data.rrpid, house.authority.now());
        assert!(matches!(message_of(&post(&house.authority, &octets)), Message::RegFormRes(_)));
    });
}

#[test]
fn every_fault_of_a_certificate_request_looks_the_same() {
    in_both_houses(|house| {
        let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::Encryption);
        let run = form_run(&house.authority, "uniform");
        let draft = Draft::new(&run, "uniform", house.authority.now());
        let [t, signature, p] = draft.parts();
        let good = Envelope::encx(house.suite(), &cca, &t, &signature, &p);
        let special = [
            (
                "t that is no CertReqData",
                Envelope::encx(house.suite(), &cca, b"\x30\x00", &signature, &p),
            ),
            (
                "signature that is no SignedData",
                Envelope::encx(house.suite(), &cca, &t, b"\x30\x00", &p),
            ),
        ];
        for (what, envelope) in spoilt(&house, &good).into_iter().chain(special) {
            let message = cert_message(&envelope);
            let expected = uniform(&house, &message, draft.data.rrpid);
            assert_eq!(error(&house, what, &message, draft.data.rrpid), expected, "{what}");
        }
        let octets = wrapped(&cert_message(&good), draft.data.rrpid, house.authority.now());
        assert!(matches!(message_of(&post(&house.authority, &octets)), Message::CertRes(_)));
    });
}

#[test]
fn every_fault_of_a_merchants_request_looks_the_same() {
    in_both_houses(|house| {
        let mca = ca_certificate(&house.authority, "sample-mca", KeyUse::Encryption);
        let tied = Tied::to_form(&house, RequestType::MerInitialSig, "uniform");
        let asking = Asking::new(&house, &tied, "uniform", None);
        let good = Envelope::enc(house.suite(), &mca, &asking.signed_data());
        let enc = |envelope: &Envelope| {
            Message::CertReq(CertReq::Enc(EnvelopedDataOctets::new(envelope.octets()).unwrap()))
        };
        let empty = asking.signed_data_of(b"\x30\x00");
        let special = [
            (
                "SignedData without its end",
                good.clone().with(|e| e.body.truncate(e.body.len() - 1)),
            ),
            ("t that is no CertReqData", Envelope::enc(house.suite(), &mca, &empty)),
            ("detached", Envelope::enc(house.suite(), &mca, &asking.detached())),
        ];
        // There is no X, and the key that is taken for another is this one's own.
        let common = spoilt(&house, &good);
        let common = common.into_iter().filter(|(w, _)| !w.starts_with("X ") && *w != ANOTHER_KEY);
        for (what, envelope) in common.chain(special) {
            let message = enc(&envelope);
            let expected = uniform(&house, &message, asking.rrpid);
            assert_eq!(error(&house, what, &message, asking.rrpid), expected, "{what}");
        }
        let octets = wrapped(&enc(&good), asking.rrpid, house.authority.now());
        let heard = Heard::of(&house.authority, &post(&house.authority, &octets));
        assert_eq!(heard.status(), ca_core::wire::CertStatusCode::RequestComplete);
    });
}

/// What stands in clear is no secret of whoever sent it; whatever comes after takes its time.
#[test]
fn no_fault_behind_the_clear_part_is_told_by_its_time() {
    in_both_houses(|house| {
        let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::Encryption);
        let form = FormDraft::new("time");
        let (t, p) = (form.data.to_der().unwrap(), form.account());
        let good = Envelope::exh(house.suite(), &cca, &t, &p);
        let in_clear = [NOBODY, OTHER_TRANSPORT];
        let faults: Vec<(&str, Vec<u8>)> = spoilt(&house, &good)
            .into_iter()
            .filter(|(what, _)| !in_clear.contains(what))
            .map(|(what, envelope)| {
                let message = form_message(&envelope);
                (what, wrapped(&message, form.data.rrpid, house.authority.now()))
            })
            .collect();
        let time = |octets: &[u8]| {
            let (time, answer) = taken(|| post(&house.authority, octets));
            let heard = Heard::of(&house.authority, &answer);
            assert_eq!(heard.error().error_code, ErrorCode::DecodingFailure);
            time
        };
        assert_alike(&time, &faults);
    });
}
