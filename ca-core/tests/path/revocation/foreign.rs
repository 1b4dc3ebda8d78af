//! CRLs and OCSP answers that OpenSSL wrote (`foreign/make.sh`).

use ca_core::wire::ocsp::OcspResponse;

use super::*;

const ROOT: &[u8] = include_bytes!("../foreign/root.cer");
const GOOD: &[u8] = include_bytes!("../foreign/good.cer");
const REVOKED: &[u8] = include_bytes!("../foreign/revoked.cer");
const COMPLETE: &[u8] = include_bytes!("../foreign/complete.crl");
const DELTA: &[u8] = include_bytes!("../foreign/delta.crl");
const GOOD_ANSWER: &[u8] = include_bytes!("../foreign/good.ocsp");
const REVOKED_ANSWER: &[u8] = include_bytes!("../foreign/revoked.ocsp");

fn reasons(leaf: &[u8], crls: &[&[u8]], answers: &[&[u8]]) -> Vec<&'static str> {
    let scene = Scene {
        root: Cert::from_der(ROOT).unwrap(),
        leaf: Cert::from_der(leaf).unwrap(),
        others: Vec::new(),
        crls: crls.iter().map(|der| Crl::from_der(der).unwrap()).collect(),
        ocsp: answers
            .iter()
            .map(|der| OcspResponse::from_der(der).unwrap().basic.unwrap())
            .collect(),
        register: Vec::new(),
    };
    let at = time("2026-12-01T00:00:00Z");
    codes(&scene.verdict_with(&Settings { at, ..required() }))
}

#[test]
fn openssl_crl_with_an_issuing_distribution_point_counts() {
    assert_eq!(reasons(GOOD, &[COMPLETE], &[]), VALID);
    assert_eq!(reasons(REVOKED, &[COMPLETE], &[]), VALID);
}

#[test]
fn openssl_delta_crl_revokes() {
    assert_eq!(reasons(GOOD, &[COMPLETE, DELTA], &[]), VALID);
    assert_eq!(reasons(REVOKED, &[COMPLETE, DELTA], &[]), ["revoked"]);
    assert_eq!(reasons(GOOD, &[DELTA], &[]), ["no-revocation-status"]);
}

#[test]
fn openssl_ocsp_answers_of_a_delegated_responder_count() {
    assert_eq!(reasons(GOOD, &[], &[GOOD_ANSWER]), VALID);
    assert_eq!(reasons(REVOKED, &[], &[REVOKED_ANSWER]), ["revoked"]);
    assert_eq!(reasons(GOOD, &[], &[REVOKED_ANSWER]), ["no-revocation-status"]);
}

/// A CRL that has not heard of it yet does not outweigh the answer.
#[test]
fn revoked_by_one_source_is_revoked() {
    assert_eq!(reasons(REVOKED, &[COMPLETE], &[REVOKED_ANSWER]), ["revoked"]);
    assert_eq!(reasons(GOOD, &[COMPLETE, DELTA], &[GOOD_ANSWER]), VALID);
}
