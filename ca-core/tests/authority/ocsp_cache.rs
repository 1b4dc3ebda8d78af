//! OCSP answers that are given again, and when they are not.

use std::sync::Arc;

use ca_core::authority::{Authority, OcspReply, OcspTally};
use ca_core::profile::KeyUse;
use ca_core::store::{RevocationReason, SerialNumber};
use ca_core::wire::ocsp::{
    BasicOcspResponse, CertId, CertIdHash, CertStatus, OcspRequest, OcspResponse,
};
use ca_core::wire::{Cert, RevokedInfo};

use crate::house::{BEGIN, House, house};
use crate::messages::{ca_certificate, ca_id};
use crate::ocsp::{elsewhere, id_of, revoke, with_cardholder};

fn request(cert_ids: &[CertId], nonce: Option<Vec<u8>>) -> Vec<u8> {
    OcspRequest { cert_ids: cert_ids.to_vec(), nonce }.to_der().unwrap()
}

fn about(house: &House, certificate: &Cert) -> Vec<u8> {
    request(&[id_of(house, CertIdHash::Sha1, "sample-cca", certificate.serial())], None)
}

fn read(reply: &OcspReply) -> BasicOcspResponse {
    OcspResponse::from_der(&reply.octets).unwrap().basic.unwrap()
}

fn said(authority: &Authority, request: &[u8]) -> CertStatus {
    read(&authority.ocsp(request)).responses[0].status
}

fn tally(authority: &Authority) -> (u64, u64) {
    let OcspTally { cached, signed, .. } = authority.ocsp_counts().read();
    (cached, signed)
}

#[test]
fn one_signature_serves_until_half_of_its_life_is_over() {
    let (house, certificate) = with_cardholder();
    let request = about(&house, &certificate);
    let first = house.authority.ocsp(&request);
    house.clock.advance(12 * 3600 - 1);
    assert!(Arc::ptr_eq(&first, &house.authority.ocsp(&request)));
    assert_eq!(tally(&house.authority), (1, 1));
    house.clock.advance(1);
    let second = house.authority.ocsp(&request);
    assert_eq!(read(&second).produced_at, BEGIN.plus_secs(12 * 3600));
    assert_eq!(tally(&house.authority), (1, 2));
}

#[test]
fn answer_of_the_future_is_not_given_when_the_clock_goes_back() {
    let (house, certificate) = with_cardholder();
    let request = about(&house, &certificate);
    house.clock.advance(60);
    let _ = house.authority.ocsp(&request);
    house.clock.turn_back(30);
    let again = read(&house.authority.ocsp(&request));
    assert_eq!(again.produced_at, BEGIN.plus_secs(30));
}

#[test]
fn nothing_revoked_is_good_because_an_answer_is_at_hand() {
    let (house, certificate) = with_cardholder();
    let request = about(&house, &certificate);
    let other = elsewhere(&house, usize::MAX);
    for authority in [&house.authority, &other] {
        for _ in 0..3 {
            assert_eq!(said(authority, &request), CertStatus::Good);
        }
    }
    revoke(&house, &certificate, RevocationReason::KeyCompromise);
    let revoked = CertStatus::Revoked(RevokedInfo { at: BEGIN, reason: Some(1) });
    assert_eq!(said(&house.authority, &request), revoked);
    other.follow().unwrap();
    assert_eq!(said(&other, &request), revoked);
    assert_eq!(said(&other, &request), revoked, "from the cache, too");
    assert_eq!(tally(&other), (3, 2));
}

#[test]
fn hold_and_release_are_said_though_answers_to_both_are_at_hand() {
    let (house, certificate) = with_cardholder();
    let request = about(&house, &certificate);
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    for _ in 0..2 {
        assert_eq!(said(&house.authority, &request), CertStatus::Good);
        revoke(&house, &certificate, RevocationReason::CertificateHold);
        assert!(matches!(said(&house.authority, &request), CertStatus::Revoked(_)));
        house.authority.release(&ca_id("sample-cca"), &serial).unwrap();
    }
    assert_eq!(tally(&house.authority), (0, 4));
}

#[test]
fn new_responder_signs_anew() {
    let (house, certificate) = with_cardholder();
    let request = about(&house, &certificate);
    // policies/lists.toml: renewed 30 days before its end, of 90.
    house.clock.advance(60 * 86_400);
    let signer = || read(&house.authority.ocsp(&request)).certificates[0].clone();
    let before = signer();
    for (ca, outcome) in house.authority.renew_responders() {
        if let Err(error) = outcome {
            panic!("{ca}: {error}");
        }
    }
    let after = ca_certificate(&house.authority, "sample-cca", KeyUse::OcspSigning);
    assert_ne!(before, after);
    assert_eq!(signer(), after);
}

#[test]
fn nonces_several_certificates_and_the_unknown_are_signed_each_time() {
    let (house, certificate) = with_cardholder();
    let id = |serial| id_of(&house, CertIdHash::Sha256, "sample-cca", serial);
    let good = id(certificate.serial());
    let requests = [
        request(std::slice::from_ref(&good), Some(vec![1; 16])),
        request(&[good.clone(), good], None),
        request(&[id(&[0x7f; 16])], None),
    ];
    for request in requests.iter().chain(&requests) {
        let _ = house.authority.ocsp(request);
    }
    assert_eq!(tally(&house.authority), (0, 6));
}

#[test]
fn certificates_of_the_cas_are_answered_for_before_anybody_asks() {
    let house = house();
    let signed = house.authority.refresh_answers().unwrap();
    assert_eq!(house.authority.refresh_answers().unwrap(), 0, "all are at hand");
    for (ca, superior) in [("sample-cca", "sample-bca"), ("sample-bca", "root")] {
        let certificate = ca_certificate(&house.authority, ca, KeyUse::CertificateSigning);
        for hash in [CertIdHash::Sha1, CertIdHash::Sha256] {
            let id = id_of(&house, hash, superior, certificate.serial());
            assert_eq!(said(&house.authority, &request(&[id], None)), CertStatus::Good);
        }
    }
    assert_eq!(tally(&house.authority), (4, 0));
    assert_eq!(house.authority.ocsp_counts().read().ahead, signed);
    // Past a third of their lives.
    house.clock.advance(8 * 3600);
    assert_eq!(house.authority.refresh_answers().unwrap(), signed);
}

#[test]
fn popular_answers_are_signed_again_in_time_and_others_are_not() {
    let (house, certificate) = with_cardholder();
    house.authority.refresh_answers().unwrap();
    let popular = about(&house, &certificate);
    let id = id_of(&house, CertIdHash::Sha256, "sample-cca", certificate.serial());
    let seldom = request(&[id], None);
    for _ in 0..20 {
        let _ = house.authority.ocsp(&popular);
    }
    let _ = house.authority.ocsp(&seldom);
    house.clock.advance(8 * 3600);
    house.authority.refresh_answers().unwrap();
    house.clock.advance(5 * 3600);
    let before = tally(&house.authority);
    assert_eq!(read(&house.authority.ocsp(&popular)).produced_at, BEGIN.plus_secs(8 * 3600));
    assert_eq!(read(&house.authority.ocsp(&seldom)).produced_at, BEGIN.plus_secs(13 * 3600));
    assert_eq!(tally(&house.authority), (before.0 + 1, before.1 + 1));
}

#[test]
fn every_kind_of_answer_is_counted() {
    let (house, certificate) = with_cardholder();
    let good = about(&house, &certificate);
    let foreign = request(
        &[id_of(&crate::house::house_with(&["Other"], None), CertIdHash::Sha1, "other-cca", &[1])],
        None,
    );
    for octets in [&good[..], &good, &foreign, b"", b"no DER"] {
        let _ = house.authority.ocsp(octets);
    }
    let _ = house.authority.ocsp_try_later();
    let expected = OcspTally {
        ahead: 0,
        cached: 1,
        failed: 0,
        malformed: 2,
        signed: 1,
        try_later: 1,
        unauthorized: 1,
    };
    assert_eq!(house.authority.ocsp_counts().read(), expected);
}
