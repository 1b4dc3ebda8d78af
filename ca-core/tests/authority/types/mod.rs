//! Every request type: what a good one is given, and which rule a bad one breaks (spec
//! `set-messages.md` §3.3, §4.6).

mod rules;

use ca_core::store::{CertificateQuery, RegistrationState};
use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::extensions::{CertificateType, ExtensionValue, KeyUsage};
use ca_core::wire::{CertReqData, CertStatusCode, RequestType, Rrpid, decode};
use der::Encode;

use self::rules::*;
use crate::entities::*;
use crate::house::{House, house};
use crate::messages::{Heard, post};

/// What the type needs to build on, in a house of its own.
fn prepared(request_type: RequestType) -> (House, Option<Held>) {
    let house = house();
    let held =
        builds_on(request_type).then(|| Held::by_registering(&house, request_type.role(), "held"));
    (house, held)
}

fn met(house: &House, answer: &[u8], tied: &Tied) -> Met {
    let store = house.authority.store();
    let registration = store.registration(tied.lid_ca.as_bytes()).unwrap().unwrap();
    match Heard::of(&house.authority, answer) {
        Heard::Error { tbs, .. } => {
            assert_eq!(registration.refusal, None);
            Error(tbs.error_code)
        }
        heard => {
            let status = heard.data().cert_status.cert_status_code;
            assert_eq!(registration.status, Some(status.number()));
            let known = ca_core::decide::Refusal::CODES;
            let code = registration.refusal;
            code.map_or(Complete, |code| Refused(known.iter().find(|k| **k == code).unwrap()))
        }
    }
}

#[test]
fn every_rule_refuses_every_type_that_breaks_it() {
    for request_type in RequestType::ALL.iter().copied() {
        let (house, held) = prepared(request_type);
        for rule in RULES.iter().filter(|rule| (rule.applies)(request_type)) {
            let what = format!("{}: {}", request_type.name(), rule.name);
            let tied = Tied::to_form(&house, request_type, &what);
            let asking = Asking::new(&house, &tied, &what, held.as_ref())
                .with(|asking| (rule.change)(&house, asking));
            let answer = post(&house.authority, &asking.octets());
            assert_eq!(met(&house, &answer, &tied), rule.met, "{what}");
        }
    }
}

/// §4.6 step 7: the type of the form run binds, also within a class.
#[test]
fn a_request_of_another_type_than_its_form_run_is_refused() {
    for request_type in RequestType::ALL.iter().copied() {
        let role = request_type.role();
        let same_class = RequestType::ALL.iter().copied().filter(|other| other.role() == role);
        let (house, held) = prepared(request_type);
        for other in same_class.filter(|other| *other != request_type) {
            let what = format!("{} after {}", request_type.name(), other.name());
            let mut tied = Tied::to_form(&house, other, &what);
            tied.request_type = request_type;
            let asking = Asking::new(&house, &tied, &what, held.as_ref());
            let answer = post(&house.authority, &asking.octets());
            assert_eq!(met(&house, &answer, &tied), Refused("request-type-changed"), "{what}");
        }
    }
}

/// §3.1, §3.3, §4.7 step 5; MR-3.
#[test]
fn every_type_is_given_exactly_its_certificates() {
    for request_type in RequestType::ALL.iter().copied() {
        let name = request_type.name();
        let (house, held) = prepared(request_type);
        let tied = Tied::to_form(&house, request_type, name);
        let asking = Asking::new(&house, &tied, name, held.as_ref());
        let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
        assert_eq!(heard.status(), CertStatusCode::RequestComplete, "{name}");
        let Heard::Result { encrypted, .. } = &heard else { panic!() };
        assert_eq!(*encrypted, cardholder(request_type), "{name}");
        assert_eq!(heard.data().cert_status.nonce_cca.is_some(), cardholder(request_type));

        let issued = heard.issued_all();
        let asked = &asking.data.public_key_s_or_e;
        let spki = [asked.signature(), asked.encryption()];
        let expected: Vec<Vec<u8>> =
            spki.into_iter().flatten().map(|key| key.to_der().unwrap()).collect();
        let found: Vec<&[u8]> = issued.iter().map(|certificate| certificate.spki_der()).collect();
        assert_eq!(found, expected, "{name}");
        for certificate in &issued {
            let roles = CertificateType::find(certificate).unwrap().unwrap().roles();
            assert_eq!(roles, [request_type.role()], "{name}");
            let signs = Some(certificate.spki_der()) == expected.first().map(Vec::as_slice)
                && request_type.wants_signature();
            let usage = KeyUsage::find(certificate).unwrap().unwrap().0;
            assert_eq!(usage.contains(ca_core::profile::KeyUsageBits::DIGITAL_SIGNATURE), signs);
        }
        let store = house.authority.store();
        let registration = store.registration(tied.lid_ca.as_bytes()).unwrap().unwrap();
        assert_eq!(registration.state, RegistrationState::Complete, "{name}");
        let serials: Vec<&[u8]> = registration.issued.iter().map(|s| s.as_octets()).collect();
        assert_eq!(serials, issued.iter().map(|c| c.serial()).collect::<Vec<_>>(), "{name}");
        assert_renewals(&house, request_type, held.as_ref());
    }
}

/// What was renewed is on record with what renews it.
fn assert_renewals(house: &House, request_type: RequestType, held: Option<&Held>) {
    let query = CertificateQuery { limit: 1000, ..CertificateQuery::default() };
    let all = house.authority.store().certificates(&query).unwrap().items;
    let renewed: Vec<Vec<u8>> = all
        .iter()
        .filter_map(|record| Some(record.intent.renews.as_ref()?.as_octets().to_vec()))
        .collect();
    let mut expected = Vec::new();
    if let Some(held) = held.filter(|_| request_type.is_renewal()) {
        if request_type.wants_signature() {
            expected.push(held.signature.serial().to_vec());
        }
        if request_type.wants_encryption() {
            expected.push(held.encryption.as_ref().unwrap().serial().to_vec());
        }
    }
    assert_eq!(renewed, expected, "{}", request_type.name());
}

/// §4.8: asked again with a new rrpid, and CR-9, MR-2: in a new run.
#[test]
fn no_key_is_certified_twice_whatever_the_type() {
    for request_type in RequestType::ALL.iter().copied() {
        let name = request_type.name();
        let (house, held) = prepared(request_type);
        let tied = Tied::to_form(&house, request_type, name);
        let first = Asking::new(&house, &tied, name, held.as_ref());
        let heard = Heard::of(&house.authority, &post(&house.authority, &first.octets()));
        assert_eq!(heard.status(), CertStatusCode::RequestComplete, "{name}");
        let again = Asking::new(&house, &tied, name, held.as_ref()).with(|asking| {
            asking.rrpid = Rrpid::new([9; 20]);
            asking.data.rrpid = asking.rrpid;
        });
        let heard = Heard::of(&house.authority, &post(&house.authority, &again.octets()));
        assert_eq!(heard.status(), CertStatusCode::RejectedByCa, "{name}: again");
        let tied = Tied::to_form(&house, request_type, "another run");
        let other = Asking::new(&house, &tied, name, held.as_ref()).with(|asking| {
            asking.rrpid = Rrpid::new([8; 20]);
            asking.data.rrpid = asking.rrpid;
        });
        let answer = post(&house.authority, &other.octets());
        let expected = if renews_encryption(request_type) || request_type.is_renewal() {
            // Both would do; the store looks for the key first.
            ["key-certified", "certificate-renewed"]
        } else {
            ["key-certified"; 2]
        };
        let Refused(code) = met(&house, &answer, &tied) else { panic!("{name}") };
        assert!(expected.contains(&code), "{name}: {code}");
    }
}

#[test]
fn a_request_survives_the_wire_with_all_its_fields() {
    let (house, held) = prepared(RequestType::MerRenewalBoth);
    let tied = Tied::to_form(&house, RequestType::MerRenewalBoth, "wire");
    let data = Asking::new(&house, &tied, "wire", held.as_ref()).data;
    let octets = data.to_der().unwrap();
    assert_eq!(decode::<CertReqData>(&octets, MAX_MESSAGE).unwrap(), data);
}
