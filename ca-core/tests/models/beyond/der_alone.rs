//! DER and nothing else, defaults left out, reserved request types (spec `set-messages.md` §5;
//! decisions.md 11).

use ca_core::envelope::Attachments;
use ca_core::profile::KeyUse;
use ca_core::wire::{
    CertReq, EnvelopedDataOctets, ErrorCode, Message, MessageWrapper, RegFormOrReferral,
    RegFormResTbs, RequestType, SignedDataOctets, oids,
};
use const_oid::ObjectIdentifier;
use der::asn1::OctetString;
use der::{Decode, Encode};
use x509_cert::ext::Extension;

use super::{assert_refused, code, on_record};
use crate::entities::contact_req;
use crate::envelope::Envelope;
use crate::house::in_both_houses;
use crate::messages::{Draft, FormDraft, form_run, message_of, wrapped};
use crate::middle::*;

/// The elements of a DER value, in each of which one length is written with an octet too many.
fn longer_lengths(der: &[u8]) -> Vec<Vec<u8>> {
    let (tag_len, head_len, value_len) = measured(der);
    let (tag, value) = (&der[..tag_len], &der[head_len..head_len + value_len]);
    let length = if value_len < 0x80 {
        vec![0x81, value_len as u8]
    } else {
        let digits: Vec<u8> =
            value_len.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
        [&[0x81 + digits.len() as u8, 0], &digits[..]].concat()
    };
    let mut changed = vec![[tag, &length, value].concat()];
    if der[0] & 0x20 != 0 {
        let mut at = 0;
        while at < value.len() {
            let (_, head, inner) = measured(&value[at..]);
            let end = at + head + inner;
            for other in longer_lengths(&value[at..end]) {
                let value = [&value[..at], &other, &value[end..]].concat();
                changed.push([tag, &minimal(value.len()), &value].concat());
            }
            at = end;
        }
    }
    changed
}

/// Octets of the tag, of the whole header, and of the value.
fn measured(der: &[u8]) -> (usize, usize, usize) {
    let tag_len = if der[0] & 0x1f == 0x1f {
        2 + der[1..].iter().take_while(|octet| **octet & 0x80 != 0).count()
    } else {
        1
    };
    let first = usize::from(der[tag_len]);
    if first < 0x80 {
        return (tag_len, tag_len + 1, first);
    }
    let digits = &der[tag_len + 1..tag_len + 1 + (first - 0x80)];
    let value_len = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
    (tag_len, tag_len + 1 + digits.len(), value_len)
}

fn minimal(length: usize) -> Vec<u8> {
    if length < 0x80 {
        return vec![length as u8];
    }
    let digits: Vec<u8> =
        length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    [&[0x80 + digits.len() as u8], &digits[..]].concat()
}

/// §5: BER that is not DER, wherever it stands in what travels.
#[test]
fn beyond_a_length_that_is_not_the_shortest_is_refused_wherever_it_stands() {
    in_both_houses(|house| {
        assert_refused(&house, "longer", ErrorCode::DecodingFailure, &longer_lengths);
        let (waiting, answer) = to_first_answer(&house, "jane");
        let all = longer_lengths(&answer);
        assert!(all.len() > 50);
        for changed in all {
            assert!(waiting.clone().accept(&changed, now(&house)).is_err());
        }
    });
}

/// §5: the same inside of an envelope, where it is one more of the uniform faults.
#[test]
fn beyond_ber_inside_an_envelope_is_refused() {
    in_both_houses(|house| {
        let cca = ca_certificate(&house, CCA, KeyUse::Encryption);
        let form = FormDraft::new("inside");
        let (t, p) = (form.data.to_der().unwrap(), form.account());
        let good = Envelope::exh(house.suite(), &cca, &t, &p);
        let in_body = longer_lengths(&good.body).into_iter().map(|body| {
            good.clone().with(|envelope| {
                envelope.body_digest = house.suite().digest(&body);
                envelope.body = body;
            })
        });
        let in_p =
            longer_lengths(&p).into_iter().map(|p| Envelope::exh(house.suite(), &cca, &t, &p));
        let before = on_record(&house);
        for envelope in in_body.chain(in_p) {
            let octets = EnvelopedDataOctets::new(envelope.octets()).unwrap();
            let octets = wrapped(&Message::RegFormReq(octets), form.data.rrpid, now(&house));
            assert_eq!(code(&house, &octets), Some(ErrorCode::DecodingFailure));
        }
        assert_eq!(on_record(&house), before);
    });
}

/// §5: revision and critical have a DEFAULT, and are not written out with its value.
#[test]
fn beyond_a_default_written_out_in_a_request_is_refused() {
    in_both_houses(|house| {
        let revision = |octets: &[u8]| {
            // SEQUENCE, header, version 1; then revision 0.
            let (_, outer, _) = measured(octets);
            let (_, head, header_len) = measured(&octets[outer..]);
            let header = &octets[outer + head..outer + head + header_len];
            assert_eq!(header[..3], [0x02, 0x01, 0x01]);
            let header = [&header[..3], &[0x02, 0x01, 0x00], &header[3..]].concat();
            let rest = &octets[outer + head + header_len..];
            let wrapper = [&tlv(0x30, &header)[..], rest].concat();
            vec![tlv(0x30, &wrapper)]
        };
        assert_refused(&house, "revision", ErrorCode::DecodingFailure, &revision);
        let critical = |octets: &[u8]| {
            let mut wrapper = MessageWrapper::from_der(octets).unwrap();
            wrapper.extensions = Some(vec![Extension {
                extn_id: ObjectIdentifier::new_unwrap("1.2.3.4"),
                critical: false,
                extn_value: OctetString::new(*b"\x05\x00").unwrap(),
            }]);
            let good = wrapper.to_der().unwrap();
            let extension = b"\x30\x09\x06\x03\x2a\x03\x04\x04\x02\x05\x00";
            let written = b"\x30\x0c\x06\x03\x2a\x03\x04\x01\x01\x00\x04\x02\x05\x00";
            vec![exchanged(&good, extension, written)]
        };
        assert_refused(&house, "critical", ErrorCode::DecodingFailure, &critical);
    });
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    [&[tag], &minimal(value.len())[..], value].concat()
}

/// DER with one element, whichever it is, exchanged for another; all lengths around it follow.
fn exchanged(der: &[u8], element: &[u8], other: &[u8]) -> Vec<u8> {
    if der == element {
        return other.to_vec();
    }
    let (tag_len, head_len, _) = measured(der);
    if der[0] & 0x20 == 0 {
        return der.to_vec();
    }
    let (mut value, mut at) = (Vec::new(), head_len);
    while at < der.len() {
        let (_, head, inner) = measured(&der[at..]);
        value.extend(exchanged(&der[at..at + head + inner], element, other));
        at += head + inner;
    }
    [&der[..tag_len], &minimal(value.len()), &value].concat()
}

/// §5: fieldRequired FALSE and fieldLen 128, written out in a form that the CA signed.
#[test]
fn beyond_a_default_written_out_in_an_answer_is_refused() {
    in_both_houses(|house| {
        let (waiting, answer) = to_second_answer(&house, "jane");
        let wrapper = MessageWrapper::from_der(&answer).unwrap();
        let Message::RegFormRes(octets) = message_of(&answer) else { panic!() };
        let signed = ca_core::envelope::SignedMessage::decode(octets.as_der()).unwrap();
        let content = signed.unverified_content().unwrap();
        let tbs = RegFormResTbs::from_der(content).unwrap();
        let RegFormOrReferral::Form(form_data) = &tbs.form_or_referral else { panic!() };
        let fields = form_data.reg_template.as_ref().unwrap().reg_field_seq.as_ref().unwrap();
        let optional = fields.iter().find(|field| !field.field_required).unwrap();
        let field = optional.to_der().unwrap();
        let (_, head, _) = measured(&field);
        let again = |content: &[u8]| {
            let attachments = Attachments {
                certificates: signed.certificates().map(<[u8]>::to_vec).collect(),
                crls: signed.crls().map(<[u8]>::to_vec).collect(),
            };
            let (ca, key_use) = AS_CCA;
            let content_type = oids::CT_REG_FORM_RES_TBS;
            let signed = signed_by(&house, ca, key_use, content_type, content, attachments);
            let octets = SignedDataOctets::new(signed).unwrap();
            rewrapped(&wrapper, &Message::RegFormRes(octets))
        };
        let written = tlv(0x30, &[&field[head..], &[0x82, 0x01, 0x00]].concat());
        let changed = again(&exchanged(content, &field, &written));
        let error = waiting.clone().accept(&changed, now(&house)).unwrap_err();
        assert_eq!(error.error_code(), Some(ErrorCode::DecodingFailure), "{error}");
        form(waiting.accept(&again(content), now(&house)));
    });
}

/// §5, decisions.md 11: 2, 3, 11 and 12 are reserved, and 0 and 19 are nothing.
#[test]
fn beyond_a_reserved_request_type_is_refused() {
    in_both_houses(|house| {
        let authority = &house.authority;
        let before = on_record(&house);
        for reserved in [0, 2, 3, 11, 12, 19] {
            // In clear: ENUMERATED merInitialSig.
            let contact = contact_req(RequestType::MerInitialSig, "reserved");
            let octets =
                wrapped(&Message::MeAqCInitReq(contact.clone()), contact.rrpid, now(&house));
            let changed = exchanged(&octets, &[0x0a, 1, 4], &[0x0a, 1, reserved]);
            assert_ne!(changed, octets);
            assert_eq!(code(&house, &changed), Some(ErrorCode::DecodingFailure), "{reserved}");
            // In an EXH.
            let cca = ca_certificate(&house, CCA, KeyUse::Encryption);
            let form = FormDraft::new("reserved");
            let t = form.data.to_der().unwrap();
            let changed = exchanged(&t, &[0x0a, 1, 1], &[0x0a, 1, reserved]);
            assert_ne!(changed, t);
            let envelope = Envelope::exh(house.suite(), &cca, &changed, &form.account());
            let octets = EnvelopedDataOctets::new(envelope.octets()).unwrap();
            let octets = wrapped(&Message::RegFormReq(octets), form.data.rrpid, authority.now());
            assert_eq!(code(&house, &octets), Some(ErrorCode::DecodingFailure), "{reserved}");
        }
        assert_eq!(on_record(&house), before);
        // In an EncX, whose form run was good.
        let run = form_run(authority, "reserved run");
        let draft = Draft::new(&run, "reserved", authority.now());
        let [t, signature, p] = draft.parts();
        let cca = ca_certificate(&house, CCA, KeyUse::Encryption);
        let changed = exchanged(&t, &[0x0a, 1, 1], &[0x0a, 1, 2]);
        let envelope = Envelope::encx(house.suite(), &cca, &changed, &signature, &p);
        let octets = EnvelopedDataOctets::new(envelope.octets()).unwrap();
        let message = Message::CertReq(CertReq::EncX(octets));
        let octets = wrapped(&message, draft.data.rrpid, authority.now());
        assert_eq!(code(&house, &octets), Some(ErrorCode::DecodingFailure));
    });
}
