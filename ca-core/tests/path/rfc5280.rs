//! The rules of RFC 5280 on paths that are not SET, and where the two tables differ.

use ca_core::path::{Purpose, Rules};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom};
use ca_core::wire::extensions::BasicConstraints;
use ca_core::wire::oids;

use crate::support::*;

/// An RFC 5280 path: the SET tree without what only SET has.
pub(crate) fn plain_tree(change: impl Fn(&str, &mut Spec)) -> Tree {
    Tree::with(|label, spec| {
        for oid in [oids::CERTIFICATE_TYPE, oids::HASHED_ROOT_KEY, oids::PRIVATE_KEY_USAGE_PERIOD] {
            spec.remove(oid);
        }
        change(label, spec);
    })
}

#[test]
fn plain_path_is_valid_under_rfc_5280_and_not_under_set() {
    let tree = plain_tree(|_, _| {});
    assert!(tree.verdict_with(&settings(Rules::Rfc5280)).valid);
    assert!(tree.verdict().has(ca_core::path::ReasonCode::MissingCertificateType));
}

#[test]
fn set_certificates_are_not_valid_under_rfc_5280() {
    let verdict = Tree::good().verdict_with(&settings(Rules::Rfc5280));
    assert_eq!(codes(&verdict), ["unhandled-critical-extension"; 3]);
}

#[test]
fn wrong_authority_key_identifier_is_only_a_hint_under_rfc_5280() {
    let other = Tree::good().bca;
    let tree = plain_tree(|label, spec| {
        if label == "leaf" {
            spec.put(under(spec.clone(), &other).extensions.pop().unwrap());
        }
    });
    assert!(tree.verdict_with(&settings(Rules::Rfc5280)).valid);
}

/// The reasons after one change to one certificate of a plain path.
fn plain(which: &str, change: impl Fn(&mut Spec)) -> Vec<&'static str> {
    let tree = plain_tree(|label, spec| {
        if label == which {
            change(spec);
        }
    });
    codes(&tree.verdict_with(&settings(Rules::Rfc5280)))
}

#[test]
fn extensions_in_a_v2_certificate_are_refused() {
    assert_eq!(plain("leaf", |spec| spec.version = 2), ["wrong-version"]);
}

#[test]
fn repeated_extension_is_refused() {
    let repeat = |spec: &mut Spec| spec.extensions.push(spec.extensions[0].clone());
    assert_eq!(plain("leaf", repeat), ["duplicate-extension"]);
}

#[test]
fn extension_that_does_not_decode_is_refused() {
    let odd = |spec: &mut Spec| spec.put_raw("2.5.29.19", true, &[0x02, 0x01, 0x00]);
    assert_eq!(plain("leaf", odd), ["malformed-extension"]);
}

#[test]
fn algorithm_inside_must_be_the_one_outside() {
    let other = |spec: &mut Spec| spec.inner_algorithm = SHA1_WITH_RSA.to_vec();
    assert_eq!(plain("cca", other), ["algorithm-mismatch"]);
}

#[test]
fn sha1_is_refused_in_modern_settings() {
    let sha1 = |spec: &mut Spec| {
        spec.inner_algorithm = SHA1_WITH_RSA.to_vec();
        spec.outer_algorithm = SHA1_WITH_RSA.to_vec();
    };
    assert_eq!(plain("leaf", sha1), ["algorithm-not-allowed", "unsupported-algorithm"]);
}

#[test]
fn short_rsa_key_is_refused() {
    let random = SeededRandom::new(b"path", "rsa");
    let short = PrivateKey::generate(KeyAlgorithm::Rsa(2048), &random).unwrap();
    let tree = plain_tree(|label, spec| {
        if label == "leaf" {
            spec.spki = short.spki_der().to_vec();
        }
    });
    let mut settings = settings(Rules::Rfc5280);
    assert!(tree.verdict_with(&settings).valid);
    settings.minimum_rsa_bits = 3072;
    assert_eq!(codes(&tree.verdict_with(&settings)), ["key-too-short"]);
}

#[test]
fn spoiled_signature_is_refused() {
    assert_eq!(plain("cca", |spec| spec.spoil_signature = true), ["bad-signature"]);
}

#[test]
fn expired_issuer_is_refused() {
    let ended = |spec: &mut Spec| spec.not_after = time("2026-06-15T11:59:59Z");
    assert_eq!(plain("bca", ended), ["expired"]);
}

#[test]
fn name_of_the_issuer_must_chain() {
    assert_eq!(plain("leaf", |spec| spec.issuer = name("Brand", "CCX")), ["name-chaining"]);
}

#[test]
fn issuer_must_be_a_ca() {
    assert_eq!(plain("cca", |spec| spec.remove(oids::BASIC_CONSTRAINTS)), ["not-a-ca"]);
}

#[test]
fn path_length_constraint_is_kept() {
    let none = BasicConstraints { ca: true, path_len: Some(0) };
    assert_eq!(plain("bca", |spec| spec.put(ext(true, &none))), ["path-too-long"]);
}

#[test]
fn issuer_with_key_usage_needs_key_cert_sign() {
    assert_eq!(plain("cca", |spec| spec.usage(CRL_SIGN)), ["issuer-key-usage"]);
    assert_eq!(plain("cca", |spec| spec.remove(oids::KEY_USAGE)), [""; 0]);
}

#[test]
fn key_usage_must_allow_the_purpose() {
    let mut settings = settings(Rules::Rfc5280);
    settings.purpose = Some(Purpose::CrlSigning);
    let tree = plain_tree(|_, _| {});
    assert_eq!(codes(&tree.verdict_with(&settings)), ["purpose-not-allowed"]);
}
