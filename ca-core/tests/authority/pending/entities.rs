//! Merchants and gateways that wait: several keys, several signers, answers in clear.

use ca_core::decide::Refusal;
use ca_core::profile::{Policies, shipped_files};
use ca_core::store::{RevocationReason, SerialNumber};
use ca_core::wire::{Cert, RequestType};

use super::*;
use crate::entities::{Asking, Copied as _, Held, Tied, contact_req, encryption_key, id_data};
use crate::messages::{ca_id, keys};

/// BIN of the acquirer that decides by hand on merchants and has no gateways.
const CAREFUL_ACQUIRER: &str = "495000";

fn tied_to_careful(house: &House, request_type: RequestType, label: &str) -> Tied {
    let mut contact = contact_req(request_type, label);
    contact.id_data = id_data(request_type.role(), CAREFUL_ACQUIRER, "4711");
    Tied::by(house, &contact)
}

/// The acquirer that decided by itself leaves it to people from now on.
fn now_by_hand(house: &mut House) {
    let by_hand = |text: &str| {
        text.replace("merchant = \"automatic\"", "merchant = \"by-hand\"")
            .replace("gateway = \"automatic\"", "gateway = \"by-hand\"")
    };
    let files: Vec<(String, String)> =
        shipped_files().iter().map(|(path, text)| ((*path).to_owned(), by_hand(text))).collect();
    let policies = Policies::from_files(Suite::Modern, &files).unwrap();
    house.authority = house.reopened(|parts| parts.policies = policies.into());
}

/// An inquiry signed as the request was.
fn inquiry(asking: &Asking, tied: &Tied, label: &str) -> Inquiry {
    let mut inquiry = Inquiry::about(&tied.lid_ee, &tied.lid_ca, label);
    let signers = asking.signers.iter();
    inquiry.signers = signers.map(|s| (s.key.copy(), s.certificate.clone())).collect();
    inquiry
}

fn posted(house: &House, asking: &Asking) -> Heard {
    let heard = Heard::of(&house.authority, &post(&house.authority, &asking.octets()));
    assert!(matches!(heard, Heard::Result { encrypted: false, .. }), "MR-4: {heard:?}");
    heard
}

fn keys_of(certificates: &[Cert]) -> Vec<Vec<u8>> {
    certificates.iter().map(|certificate| certificate.spki_der().to_vec()).collect()
}

#[test]
fn a_merchant_that_waits_collects_both_certificates() {
    let house = house();
    let authority = &house.authority;
    let tied = tied_to_careful(&house, RequestType::MerInitialBoth, "shop");
    let asking = Asking::new(&house, &tied, "shop", None);
    let heard = posted(&house, &asking);
    assert_eq!(heard.status(), CertStatusCode::RequestPended);
    let message = heard.data().cert_status.ee_message.as_ref().unwrap();
    assert_eq!(message.as_str(), "Your acquirer looks at your request. Please ask again later.");
    let decided = authority.decide_registration(tied.lid_ca.as_bytes(), yes("grace")).unwrap();
    assert_eq!(decided.issued.len(), 2);
    for label in ["one", "two"] {
        let heard = inquiry(&asking, &tied, label).ask(authority);
        assert_eq!(heard.status(), CertStatusCode::RequestComplete);
        assert!(matches!(heard, Heard::Result { encrypted: false, .. }));
        assert_eq!(heard.data().cert_status.nonce_cca, None);
        let encryption = encryption_key(house.suite(), 0);
        let expected = [asking.new_key.spki_der().to_vec(), encryption.spki_der().to_vec()];
        assert_eq!(keys_of(&heard.issued_all()), expected);
    }
}

#[test]
fn a_merchant_needs_no_back_key_to_ask_late() {
    let house = house();
    let authority = &house.authority;
    let tied = tied_to_careful(&house, RequestType::MerInitialSig, "shop");
    let asking = Asking::new(&house, &tied, "shop", None);
    posted(&house, &asking);
    authority.decide_registration(tied.lid_ca.as_bytes(), yes("grace")).unwrap();
    house.clock.advance(30 * 24 * 3600);
    authority.store().forget_answers(authority.now()).unwrap();
    let heard = inquiry(&asking, &tied, "late").ask(authority);
    assert_eq!(heard.status(), CertStatusCode::RequestComplete);
}

#[test]
fn an_acquirer_refuses_by_its_own_status() {
    let house = house();
    let authority = &house.authority;
    let shop = tied_to_careful(&house, RequestType::MerInitialSig, "shop");
    let asking = Asking::new(&house, &shop, "shop", None);
    posted(&house, &asking);
    authority.decide_registration(shop.lid_ca.as_bytes(), no("grace", None)).unwrap();
    let heard = inquiry(&asking, &shop, "one").ask(authority);
    assert_eq!(heard.status(), CertStatusCode::RejectedByAquirer);
    // At once, where the rule says so.
    let gateway = tied_to_careful(&house, RequestType::PgwyInitialSig, "gateway");
    let asking = Asking::new(&house, &gateway, "gateway", None);
    assert_eq!(posted(&house, &asking).status(), CertStatusCode::RejectedByAquirer);
    let heard = inquiry(&asking, &gateway, "two").ask(authority);
    assert_eq!(heard.status(), CertStatusCode::RejectedByAquirer);
}

/// A merchant or gateway with both certificates, and his renewal that waits.
fn renewing(request_type: RequestType) -> (House, Held, Tied, Asking) {
    let mut house = house();
    let held = Held::by_registering(&house, request_type.role(), "first");
    now_by_hand(&mut house);
    let tied = Tied::to_form(&house, request_type, "renewal");
    let asking = Asking::new(&house, &tied, "renewal", Some(&held));
    assert_eq!(posted(&house, &asking).status(), CertStatusCode::RequestPended);
    (house, held, tied, asking)
}

#[test]
fn every_request_that_builds_on_a_certificate_is_inquired_as_it_was_signed() {
    for request_type in [
        RequestType::MerRenewalBoth,
        RequestType::PgwyRenewalSig,
        RequestType::MerRenewalEnc,
        RequestType::PgwyInitialEnc,
    ] {
        let (house, _, tied, asking) = renewing(request_type);
        let authority = &house.authority;
        let good = |label: &str| inquiry(&asking, &tied, label);
        assert_eq!(good("one").ask(authority).status(), CertStatusCode::RequestPended);
        // In the other order too: SignerInfos are a SET.
        let mut other_order = good("order");
        other_order.signers.reverse();
        assert_eq!(other_order.ask(authority).status(), CertStatusCode::RequestPended);
        for left_out in 0..asking.signers.len() {
            let mut forged = good(&format!("without {left_out}"));
            forged.signers[left_out].0 = key("forger");
            let status = forged.ask(authority).status();
            assert_eq!(status, CertStatusCode::SigValidationFail, "{request_type} {left_out}");
            if asking.signers.len() == 2 {
                let mut alone = good(&format!("alone {left_out}"));
                alone.signers.remove(left_out);
                assert_eq!(alone.ask(authority).status(), CertStatusCode::SigValidationFail);
            }
        }
        authority.decide_registration(tied.lid_ca.as_bytes(), yes("grace")).unwrap();
        let heard = good("two").ask(authority);
        assert_eq!(heard.status(), CertStatusCode::RequestComplete, "{request_type}");
    }
}

#[test]
fn a_renewal_whose_certificate_was_revoked_meanwhile_is_refused() {
    let (house, held, tied, asking) = renewing(RequestType::MerRenewalSig);
    let authority = &house.authority;
    let serial = SerialNumber::from_octets(held.signature.serial()).unwrap();
    let reason = RevocationReason::KeyCompromise;
    authority.revoke(&ca_id("sample-mca"), &serial, reason).unwrap();
    let error = authority.decide_registration(tied.lid_ca.as_bytes(), yes("grace")).unwrap_err();
    let DeskError::Refused { refusal, .. } = &error else { panic!("{error}") };
    assert_eq!(*refusal, Refusal::CertificateRevoked);
    let heard = inquiry(&asking, &tied, "one").ask(authority);
    assert_eq!(heard.status(), CertStatusCode::RejectedByCa);
}

#[test]
fn of_two_renewals_that_wait_one_is_granted() {
    let (house, held, first, _) = renewing(RequestType::MerRenewalSig);
    let authority = &house.authority;
    let second = Tied::to_form(&house, RequestType::MerRenewalSig, "again");
    let asking = Asking::new(&house, &second, "again", Some(&held));
    assert_eq!(posted(&house, &asking).status(), CertStatusCode::RequestPended);
    authority.decide_registration(first.lid_ca.as_bytes(), yes("grace")).unwrap();
    let error = authority.decide_registration(second.lid_ca.as_bytes(), yes("grace")).unwrap_err();
    let DeskError::Refused { refusal, .. } = &error else { panic!("{error}") };
    assert_eq!(*refusal, Refusal::CertificateRenewed);
    let heard = inquiry(&asking, &second, "one").ask(authority);
    assert_eq!(heard.status(), CertStatusCode::RejectedByCa);
}

#[test]
fn either_key_of_an_open_request_is_held() {
    // MR-2, decisions.md 21.
    let house = house();
    let tied = tied_to_careful(&house, RequestType::MerInitialBoth, "shop");
    posted(&house, &Asking::new(&house, &tied, "shop", None));
    let takes_signature = Tied::to_form(&house, RequestType::MerInitialSig, "one");
    let asking = Asking::new(&house, &takes_signature, "shop", None);
    let other_rrpid = ca_core::wire::Rrpid::new([1; 20]);
    let asking = asking.with(|asking| {
        asking.data.rrpid = other_rrpid;
        asking.rrpid = other_rrpid;
    });
    assert_eq!(posted(&house, &asking).status(), CertStatusCode::RejectedByCa);
    let takes_encryption = Tied::to_form(&house, RequestType::MerInitialBoth, "two");
    let asking = Asking::new(&house, &takes_encryption, "two", None);
    assert_eq!(posted(&house, &asking).status(), CertStatusCode::RejectedByCa);
    let mine = asking.with(|asking| {
        let keys = keys(Some(&asking.new_key), Some(&encryption_key(house.suite(), 1)));
        asking.data.public_key_s_or_e = keys;
        asking.rrpid = ca_core::wire::Rrpid::new([2; 20]);
        asking.data.rrpid = asking.rrpid;
    });
    assert_eq!(posted(&house, &mine).status(), CertStatusCode::RequestComplete);
}
