//! OCSP answers, made and checked.

use super::fixture::*;
use super::{OcspError, OcspOrder, prepare_ocsp, verify_ocsp};
use crate::UnixTime;
use crate::signer::{KeyError, KeyId, SignatureAlgorithm, VerifyError};
use crate::wire::Cert;
use crate::wire::RevokedInfo;
use crate::wire::ocsp::*;

fn now() -> UnixTime {
    begin().plus_days(10)
}

fn single(issuer: &Cert, serial: &[u8], status: CertStatus) -> SingleResponse {
    SingleResponse {
        cert_id: CertId::of(CertIdHash::Sha256, issuer, serial).unwrap(),
        status,
        this_update: now(),
        next_update: Some(now().plus_secs(3600)),
    }
}

fn ocsp_order<'a>(responder: &'a Cert, responses: &'a [SingleResponse]) -> OcspOrder<'a> {
    OcspOrder {
        responder,
        algorithm: SignatureAlgorithm::EcdsaSha256,
        produced_at: now(),
        responses,
        nonce: Some(b"0123456789abcdef"),
    }
}

fn answered(house: &House, responses: &[SingleResponse]) -> Vec<u8> {
    let key = KeyId::of_spki(house.responder.spki_der()).unwrap();
    let prepared = prepare_ocsp(&ocsp_order(&house.responder, responses)).unwrap();
    prepared.sign(&key, &house.keys).unwrap()
}

fn basic(octets: &[u8]) -> BasicOcspResponse {
    OcspResponse::from_der(octets).unwrap().basic.unwrap()
}

#[test]
fn answer_says_what_was_ordered_and_verifies() {
    let house = house();
    let revoked = CertStatus::Revoked(RevokedInfo { at: begin(), reason: Some(1) });
    let unspecified = CertStatus::Revoked(RevokedInfo { at: begin(), reason: None });
    let responses = [
        single(&house.cca, &[1], CertStatus::Good),
        single(&house.cca, &[2], revoked),
        single(&house.cca, &[3], CertStatus::Unknown),
        single(&house.cca, &[4], unspecified),
    ];
    let answer = basic(&answered(&house, &responses));
    assert_eq!(answer.responses, responses);
    assert_eq!(answer.produced_at, now());
    assert_eq!(answer.nonce.as_deref(), Some(&b"0123456789abcdef"[..]));
    assert_eq!(answer.certificates, std::slice::from_ref(&house.responder));
    assert!(matches!(answer.responder, ResponderId::ByKey(_)));
    assert_eq!(answer.status_of(&responses[1].cert_id).unwrap().status, revoked);
    verify_ocsp(&answer, &house.cca, now()).unwrap();
}

#[test]
fn answer_is_not_believed_from_another_ca() {
    let house = house();
    let answer = basic(&answered(&house, &[single(&house.cca, &[1], CertStatus::Good)]));
    assert_eq!(verify_ocsp(&answer, &house.bca, now()), Err(OcspError::Issuer));
}

#[test]
fn answer_is_not_believed_when_the_responder_has_expired() {
    let house = house();
    let answer = basic(&answered(&house, &[single(&house.cca, &[1], CertStatus::Good)]));
    let late = begin().plus_days(91);
    assert_eq!(verify_ocsp(&answer, &house.cca, late), Err(OcspError::Life(late)));
}

#[test]
fn answer_is_not_believed_without_its_responders_certificate() {
    let house = house();
    let mut answer = basic(&answered(&house, &[single(&house.cca, &[1], CertStatus::Good)]));
    answer.certificates.clear();
    assert_eq!(verify_ocsp(&answer, &house.cca, now()), Err(OcspError::ResponderAbsent));
}

#[test]
fn answer_is_not_believed_after_one_bit_changed() {
    let house = house();
    let mut answer = basic(&answered(&house, &[single(&house.cca, &[1], CertStatus::Good)]));
    *answer.tbs_der.last_mut().unwrap() ^= 1;
    let expected = Err(OcspError::Signature(VerifyError::Signature));
    assert_eq!(verify_ocsp(&answer, &house.cca, now()), expected);
}

#[test]
fn certificate_of_the_ca_that_is_not_for_ocsp_does_not_answer() {
    // The CCA's own certificate, issued by the BCA, answers for the BCA's certificates.
    let house = house();
    let responses = [single(&house.bca, &[1], CertStatus::Good)];
    let refused = prepare_ocsp(&ocsp_order(&house.cca, &responses)).unwrap_err();
    assert_eq!(refused, OcspError::Delegation);
    let mut answer = basic(&answered(&house, &responses));
    answer.responder = ResponderId::by_key(&house.cca).unwrap();
    answer.certificates = vec![house.cca.clone()];
    assert_eq!(verify_ocsp(&answer, &house.bca, now()), Err(OcspError::Delegation));
}

#[test]
fn another_key_does_not_answer() {
    let house = house();
    let prepared = prepare_ocsp(&ocsp_order(&house.responder, &[])).unwrap();
    let cca = KeyId::of_spki(house.cca.spki_der()).unwrap();
    let refused = prepared.sign(&cca, &house.keys).unwrap_err();
    assert!(matches!(refused, KeyError::Unsuitable(id, _) if id == cca));
}

#[test]
fn error_responses_are_the_five_octets_of_rfc_6960() {
    for (status, octets) in [
        (ResponseStatus::MalformedRequest, [0x30, 3, 0x0a, 1, 1]),
        (ResponseStatus::InternalError, [0x30, 3, 0x0a, 1, 2]),
        (ResponseStatus::TryLater, [0x30, 3, 0x0a, 1, 3]),
        (ResponseStatus::Unauthorized, [0x30, 3, 0x0a, 1, 6]),
    ] {
        assert_eq!(OcspResponse::error(status), octets);
        let read = OcspResponse::from_der(&octets).unwrap();
        assert_eq!(read, OcspResponse { status, basic: None });
    }
    // Successful without an answer.
    assert!(OcspResponse::from_der(&[0x30, 3, 0x0a, 1, 0]).is_err());
}

#[test]
fn shortened_or_lengthened_answer_does_not_decode() {
    let house = house();
    let octets = answered(&house, &[single(&house.cca, &[1], CertStatus::Good)]);
    for length in 0..octets.len() {
        assert!(OcspResponse::from_der(&octets[..length]).is_err(), "{length} octets");
    }
    assert!(OcspResponse::from_der(&[octets.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn cert_id_matches_its_issuer_only() {
    let house = house();
    for hash in [CertIdHash::Sha1, CertIdHash::Sha256] {
        let id = CertId::of(hash, &house.cca, &[1, 2, 3]).unwrap();
        assert!(id.is_issued_by(&house.cca));
        assert!(!id.is_issued_by(&house.bca));
        assert_eq!((id.hash(), id.serial()), (Some(hash), &[1, 2, 3][..]));
    }
}

#[test]
fn request_round_trips_and_holds_its_bounds() {
    let house = house();
    let id = CertId::of(CertIdHash::Sha256, &house.cca, &[1]).unwrap();
    let request = OcspRequest { cert_ids: vec![id.clone(); 64], nonce: Some(vec![7; 128]) };
    let octets = request.to_der().unwrap();
    assert_eq!(OcspRequest::from_der(&octets).unwrap(), request);
    for broken in [
        OcspRequest { cert_ids: vec![id.clone(); 65], nonce: None },
        OcspRequest { cert_ids: Vec::new(), nonce: None },
        OcspRequest { cert_ids: vec![id.clone()], nonce: Some(vec![7; 129]) },
        OcspRequest { cert_ids: vec![id.clone()], nonce: Some(Vec::new()) },
    ] {
        assert!(OcspRequest::from_der(&broken.to_der().unwrap()).is_err());
    }
    let octets = OcspRequest { cert_ids: vec![id], nonce: None }.to_der().unwrap();
    for length in 0..octets.len() {
        assert!(OcspRequest::from_der(&octets[..length]).is_err(), "{length} octets");
    }
}

#[test]
fn foreign_encoder_and_ours_agree_on_a_sha_1_request() {
    let house = house();
    let id = CertId::of(CertIdHash::Sha1, &house.cca, &[0x12, 0x34]).unwrap();
    let (name, key) = id.issuer_hashes();
    let foreign_oid = ocsp::common::asn1::Oid::new_from_dot("1.3.14.3.2.26").unwrap();
    let foreign_id = ocsp::common::asn1::CertId::new(foreign_oid, name, key, &[0x12, 0x34]);
    let octets = OcspRequest { cert_ids: vec![id.clone()], nonce: None }.to_der().unwrap();
    let parsed = ocsp::request::OcspRequest::parse(&octets).unwrap();
    assert_eq!(parsed.extract_cert_sn(), [&vec![0x12, 0x34]]);
    assert_eq!(parsed.extract_certid()[0].issuer_name_hash, name);
    assert_eq!(parsed.extract_certid()[0].issuer_key_hash, key);
    let one = ocsp::request::OneReq { certid: foreign_id, one_req_ext: None };
    let list = ocsp::request::OneReq::list_to_der(&[one]).unwrap();
    // OCSPRequest { TBSRequest { requestList } }: two headers of two octets around it.
    assert_eq!(octets[4..], list);
}
