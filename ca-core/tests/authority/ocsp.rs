//! OCSP answers (RFC 6960, RFC 5019; spec `set-certificates.md` §10.5).

use std::sync::Arc;

use ca_core::authority::Authority;
use ca_core::issue::verify_ocsp;
use ca_core::profile::KeyUse;
use ca_core::store::{RevocationReason, SerialNumber};
use ca_core::wire::ocsp::{
    BasicOcspResponse, CertId, CertIdHash, CertStatus, OcspRequest, OcspResponse, ResponseStatus,
};
use ca_core::wire::{Cert, RevokedInfo};

use crate::house::faults::{Act, Fault, FaultyStore, Journal, Meanwhile};
use crate::house::{BEGIN, House, house, house_with};
use crate::messages::{Heard, ca_certificate, ca_id, registered};

/// The answer to a request about `ids`, verified under the CA whose certificates are asked for.
fn answer(authority: &Authority, ids: &[CertId], nonce: Option<&[u8]>) -> BasicOcspResponse {
    let request = OcspRequest { cert_ids: ids.to_vec(), nonce: nonce.map(<[u8]>::to_vec) };
    let reply = authority.ocsp(&request.to_der().unwrap());
    let response = OcspResponse::from_der(&reply.octets).unwrap();
    assert_eq!(response.status, ResponseStatus::Successful);
    let basic = response.basic.unwrap();
    let hierarchy = authority.hierarchy();
    // The first issuer that is ours answers.
    let issuer_of = |id: &CertId| {
        let mut signers =
            hierarchy.cas().iter().filter_map(|ca| ca.held(KeyUse::CertificateSigning));
        signers.find(|held| id.is_issued_by(held.certificate))
    };
    let issuer = ids.iter().find_map(issuer_of);
    verify_ocsp(&basic, issuer.unwrap().certificate, authority.now()).unwrap();
    basic
}

/// What is said of each of `ids`.
pub(crate) fn ask(authority: &Authority, ids: &[CertId]) -> Vec<CertStatus> {
    let basic = answer(authority, ids, None);
    ids.iter().map(|id| basic.status_of(id).unwrap().status).collect()
}

pub(crate) fn id_of(house: &House, hash: CertIdHash, ca: &str, serial: &[u8]) -> CertId {
    let issuer = ca_certificate(&house.authority, ca, KeyUse::CertificateSigning);
    CertId::of(hash, &issuer, serial).unwrap()
}

/// A house with one cardholder.
pub(crate) fn with_cardholder() -> (House, Cert) {
    let house = house();
    let (_, answer) = registered(&house, "ocsp");
    let certificate = Heard::of(&house.authority, &answer).issued().clone();
    (house, certificate)
}

pub(crate) fn revoke(house: &House, certificate: &Cert, reason: RevocationReason) {
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    house.authority.revoke(&ca_id("sample-cca"), &serial, reason).unwrap();
}

fn error(house: &House, octets: &[u8]) -> ResponseStatus {
    let reply = house.authority.ocsp(octets);
    assert_eq!(reply.validity, None);
    OcspResponse::from_der(&reply.octets).unwrap().status
}

#[test]
fn an_issued_certificate_is_good_by_either_digest() {
    let (house, certificate) = with_cardholder();
    for hash in [CertIdHash::Sha1, CertIdHash::Sha256] {
        let id = id_of(&house, hash, "sample-cca", certificate.serial());
        assert_eq!(ask(&house.authority, &[id]), [CertStatus::Good], "{hash:?}");
    }
}

#[test]
fn a_ca_certificate_is_good_by_the_responder_of_its_superior() {
    let house = house();
    for (ca, superior) in [("sample-cca", "sample-bca"), ("sample-bca", "root"), ("root", "root")] {
        let certificate = ca_certificate(&house.authority, ca, KeyUse::CertificateSigning);
        let id = id_of(&house, CertIdHash::Sha1, superior, certificate.serial());
        assert_eq!(ask(&house.authority, &[id]), [CertStatus::Good], "{ca}");
    }
}

#[test]
fn a_hold_is_revoked_until_it_is_released_and_good_after() {
    let (house, certificate) = with_cardholder();
    let id = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    revoke(&house, &certificate, RevocationReason::CertificateHold);
    let held = CertStatus::Revoked(RevokedInfo { at: BEGIN, reason: Some(6) });
    assert_eq!(ask(&house.authority, std::slice::from_ref(&id)), [held]);
    house.clock.advance(60);
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    house.authority.release(&ca_id("sample-cca"), &serial).unwrap();
    assert_eq!(ask(&house.authority, std::slice::from_ref(&id)), [CertStatus::Good]);
    // On hold again, and then for good: revoked since the second hold.
    revoke(&house, &certificate, RevocationReason::CertificateHold);
    house.clock.advance(60);
    revoke(&house, &certificate, RevocationReason::KeyCompromise);
    let gone = CertStatus::Revoked(RevokedInfo { at: BEGIN.plus_secs(60), reason: Some(1) });
    assert_eq!(ask(&house.authority, &[id]), [gone]);
}

#[test]
fn a_revocation_is_said_at_once_with_time_and_reason() {
    let (house, certificate) = with_cardholder();
    house.clock.advance(3600);
    revoke(&house, &certificate, RevocationReason::KeyCompromise);
    house.clock.advance(3600);
    let id = id_of(&house, CertIdHash::Sha256, "sample-cca", certificate.serial());
    let revoked = RevokedInfo { at: BEGIN.plus_secs(3600), reason: Some(1) };
    assert_eq!(ask(&house.authority, &[id]), [CertStatus::Revoked(revoked)]);
}

#[test]
fn no_reason_is_said_for_unspecified() {
    // RFC 5280 §5.3.1.
    let (house, certificate) = with_cardholder();
    revoke(&house, &certificate, RevocationReason::Unspecified);
    let id = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    let revoked = RevokedInfo { at: BEGIN, reason: None };
    assert_eq!(ask(&house.authority, &[id]), [CertStatus::Revoked(revoked)]);
}

#[test]
fn a_serial_that_was_not_issued_is_unknown_and_so_is_another_issuers() {
    let (house, certificate) = with_cardholder();
    let strange = id_of(&house, CertIdHash::Sha1, "sample-cca", &[0x7f; 16]);
    let odd = id_of(&house, CertIdHash::Sha1, "sample-cca", &[0xff; 2]);
    let elsewhere = id_of(&house, CertIdHash::Sha1, "sample-mca", certificate.serial());
    for id in [strange, odd, elsewhere] {
        assert_eq!(ask(&house.authority, &[id]), [CertStatus::Unknown]);
    }
}

#[test]
fn of_two_issuers_the_first_answers_and_knows_nothing_of_the_other() {
    let (house, certificate) = with_cardholder();
    let ours = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::CertificateSigning);
    let of_cca = id_of(&house, CertIdHash::Sha1, "sample-bca", cca.serial());
    let good = CertStatus::Good;
    let expected = [good, CertStatus::Unknown];
    assert_eq!(ask(&house.authority, &[ours.clone(), of_cca.clone()]), expected);
    assert_eq!(ask(&house.authority, &[ours.clone(), ours]), [good, good]);
    assert_eq!(ask(&house.authority, &[of_cca]), [good]);
}

#[test]
fn a_foreign_issuer_is_not_answered_for() {
    // RFC 5019 §2.2.3: unauthorized. Another hierarchy: its CCA has another name.
    let house = house();
    let other = house_with(&["Other"], None);
    let foreign = id_of(&other, CertIdHash::Sha1, "other-cca", &[1]);
    let request = OcspRequest { cert_ids: vec![foreign.clone()], nonce: None };
    let status = error(&house, &request.to_der().unwrap());
    assert_eq!(status, ResponseStatus::Unauthorized);
    // Beside one of ours it is unknown.
    let ours = id_of(&house, CertIdHash::Sha1, "sample-cca", &[1]);
    let statuses = ask(&house.authority, &[foreign, ours]);
    assert_eq!(statuses, [CertStatus::Unknown, CertStatus::Unknown]);
}

#[test]
fn a_nonce_comes_back_and_such_an_answer_is_not_to_be_cached() {
    let (house, certificate) = with_cardholder();
    let id = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    let basic = answer(&house.authority, core::slice::from_ref(&id), Some(&[7; 32]));
    assert_eq!(basic.nonce.as_deref(), Some(&[7; 32][..]));
    assert_eq!(answer(&house.authority, core::slice::from_ref(&id), None).nonce, None);
    let ask = |nonce| {
        let request = OcspRequest { cert_ids: vec![id.clone()], nonce };
        house.authority.ocsp(&request.to_der().unwrap()).validity
    };
    assert_eq!(ask(Some(vec![7; 32])), None);
    // policies/lists.toml: an answer lives for 24 hours.
    assert_eq!(ask(None), Some((BEGIN, BEGIN.plus_secs(24 * 3600))));
}

#[test]
fn a_nonce_of_1_to_128_octets_comes_back_and_any_other_is_malformed() {
    // RFC 9654 §2.1.
    let (house, certificate) = with_cardholder();
    let id = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    for length in [1, 16, 32, 128] {
        let basic = answer(&house.authority, std::slice::from_ref(&id), Some(&vec![9; length]));
        assert_eq!(basic.nonce, Some(vec![9; length]));
    }
    for length in [0, 129, 200, 4096] {
        let request = OcspRequest { cert_ids: vec![id.clone()], nonce: Some(vec![9; length]) };
        let status = error(&house, &request.to_der().unwrap());
        assert_eq!(status, ResponseStatus::MalformedRequest, "{length}");
    }
}

#[test]
fn an_unknown_digest_names_nobody_and_does_not_spoil_the_rest() {
    let (house, certificate) = with_cardholder();
    let id = |hash| id_of(&house, hash, "sample-cca", certificate.serial());
    let asked = |cert_ids| OcspRequest { cert_ids, nonce: None }.to_der().unwrap();
    let alone = strange_digest(&asked(vec![id(CertIdHash::Sha1)]));
    assert_eq!(error(&house, &alone), ResponseStatus::Unauthorized);
    let mixed = [CertIdHash::Sha1, CertIdHash::Sha256, CertIdHash::Sha256].map(id).to_vec();
    let reply = house.authority.ocsp(&strange_digest(&asked(mixed)));
    let basic = OcspResponse::from_der(&reply.octets).unwrap().basic.unwrap();
    let said: Vec<_> = basic.responses.iter().map(|one| one.status).collect();
    assert_eq!(said, [CertStatus::Unknown, CertStatus::Good, CertStatus::Good]);
}

/// The first SHA-1 of a request becomes 1.3.14.3.2.27, which is nobody's digest here.
fn strange_digest(request: &[u8]) -> Vec<u8> {
    const SHA_1: [u8; 7] = [0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a];
    let at = request.windows(SHA_1.len()).position(|window| window == SHA_1).unwrap();
    let mut strange = request.to_vec();
    strange[at + SHA_1.len() - 1] = 0x1b;
    strange
}

#[test]
fn an_answer_with_something_unknown_is_not_to_be_cached() {
    // It may be issued any moment.
    let (house, certificate) = with_cardholder();
    let good = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    let strange = id_of(&house, CertIdHash::Sha1, "sample-cca", &[0x7f; 16]);
    for cert_ids in [vec![strange.clone()], vec![good, strange]] {
        let request = OcspRequest { cert_ids, nonce: None };
        assert_eq!(house.authority.ocsp(&request.to_der().unwrap()).validity, None);
    }
}

#[test]
fn the_times_of_an_answer_are_those_of_the_clock() {
    let (house, certificate) = with_cardholder();
    house.clock.advance(1234);
    let id = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    let basic = answer(&house.authority, &[id], None);
    let now = BEGIN.plus_secs(1234);
    assert_eq!(basic.produced_at, now);
    assert_eq!(basic.responses[0].this_update, now);
    assert_eq!(basic.responses[0].next_update, Some(now.plus_secs(24 * 3600)));
}

#[test]
fn no_answer_outlives_its_responder() {
    let house = house();
    let responder = ca_certificate(&house.authority, "sample-bca", KeyUse::OcspSigning);
    let cca = ca_certificate(&house.authority, "sample-cca", KeyUse::CertificateSigning);
    let until = responder.not_after();
    house.clock.advance(until.as_secs() - BEGIN.as_secs() - 3600);
    let id = id_of(&house, CertIdHash::Sha1, "sample-bca", cca.serial());
    let request = OcspRequest { cert_ids: vec![id], nonce: None }.to_der().unwrap();
    let validity = house.authority.ocsp(&request).validity.unwrap();
    assert_eq!(validity, (until.minus_secs(3600), until));
    house.clock.advance(3601);
    assert_eq!(error(&house, &request), ResponseStatus::InternalError);
}

#[test]
fn what_is_no_request_is_malformed() {
    let (house, certificate) = with_cardholder();
    let id = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    let good = OcspRequest { cert_ids: vec![id.clone()], nonce: Some(vec![1; 16]) };
    let good = good.to_der().unwrap();
    let trailing = [&good[..], &[0]].concat();
    let nobody = OcspRequest { cert_ids: Vec::new(), nonce: None }.to_der().unwrap();
    let many = OcspRequest { cert_ids: vec![id; 65], nonce: None }.to_der().unwrap();
    let long = OcspRequest { cert_ids: Vec::new(), nonce: Some(vec![1; 70_000]) }.to_der().unwrap();
    for octets in [&[][..], &[0x30], &[0x30, 0x00], &trailing, &nobody, &many, &long] {
        assert_eq!(error(&house, octets), ResponseStatus::MalformedRequest);
    }
    for length in 0..good.len() {
        assert_eq!(error(&house, &good[..length]), ResponseStatus::MalformedRequest, "{length}");
    }
}

/// Another process over the records of the house; the n-th look at the feed fails.
pub(crate) fn elsewhere(house: &House, fails: usize) -> Authority {
    let journal = Journal::new(Some(Fault::Fails(Act::Follow, fails)));
    house.reopened(|parts| {
        let (inner, meanwhile) = (Arc::clone(&parts.store), Meanwhile::default());
        parts.store = Arc::new(FaultyStore { inner, journal, meanwhile });
    })
}

#[test]
fn a_revocation_by_another_process_is_said_after_following() {
    let (house, certificate) = with_cardholder();
    let other = elsewhere(&house, usize::MAX);
    let id = [id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial())];
    assert_eq!(ask(&other, &id), [CertStatus::Good]);
    revoke(&house, &certificate, RevocationReason::Superseded);
    assert_eq!(other.follow().unwrap(), 1);
    let revoked = RevokedInfo { at: BEGIN, reason: Some(4) };
    assert_eq!(ask(&other, &id), [CertStatus::Revoked(revoked)]);
    assert_eq!(other.follow().unwrap(), 0);
}

#[test]
fn a_certificate_is_good_as_soon_as_it_is_issued_and_no_sooner() {
    let house = house();
    house.authority.follow().unwrap();
    let (_, answer) = registered(&house, "ocsp");
    let certificate = Heard::of(&house.authority, &answer).issued().clone();
    let id = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    assert_eq!(ask(&house.authority, &[id]), [CertStatus::Good]);
    assert_eq!(house.authority.statuses().check(10, &mut || true).unwrap(), Some(vec![]));
}

#[test]
fn without_the_status_of_all_it_is_try_later() {
    let (house, certificate) = with_cardholder();
    let other = elsewhere(&house, 1);
    let id = id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial());
    let request = OcspRequest { cert_ids: vec![id.clone()], nonce: None }.to_der().unwrap();
    let reply = OcspResponse::from_der(&other.ocsp(&request).octets).unwrap();
    assert_eq!(reply.status, ResponseStatus::TryLater);
    assert_eq!(ask(&other, &[id]), [CertStatus::Good]);
}

#[test]
fn nothing_is_said_by_an_index_that_missed_a_revocation() {
    let (house, certificate) = with_cardholder();
    // The load is the first look at the feed, the revocation is followed by the second.
    let other = elsewhere(&house, 2);
    let id = [id_of(&house, CertIdHash::Sha1, "sample-cca", certificate.serial())];
    assert_eq!(ask(&other, &id), [CertStatus::Good]);
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    other.revoke(&ca_id("sample-cca"), &serial, RevocationReason::Superseded).unwrap();
    let revoked = RevokedInfo { at: BEGIN, reason: Some(4) };
    assert_eq!(ask(&other, &id), [CertStatus::Revoked(revoked)]);
}
