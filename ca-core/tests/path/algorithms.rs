//! What foreign chains are signed with, and which of it the settings accept.

use ca_core::path::{ReasonCode, Request, RevocationMode, Rules, Settings, Verdict, validate};
use ca_core::profile::Role;
use ca_core::wire::Cert;
use ca_core::{Suite, unhex};

use crate::support::*;

/// A value of `tests/vectors/foreign.txt`.
fn foreign(name: &str) -> Vec<u8> {
    let mut lines = include_str!("../vectors/foreign.txt").lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    unhex(line.unwrap()).unwrap()
}

fn cert(name: &str) -> Cert {
    Cert::from_der(&foreign(name)).unwrap()
}

fn settings_2020() -> Settings {
    let mut settings = Settings::new(Rules::Rfc5280, Suite::Modern, time("2020-01-01T00:00:00Z"));
    settings.revocation = RevocationMode::Off;
    settings
}

/// Settings that accept DSA over SHA-1.
fn dsa() -> Settings {
    Settings { sha_1: true, dsa: true, ..settings_2020() }
}

fn judge_with(certificate: &Cert, untrusted: &[Cert], settings: &Settings) -> Verdict {
    judge(certificate, untrusted, &[cert("inherited-anchor")], settings)
}

/// NIST PKITS 4.1.5: the CA in the middle has a DSA key without parameters.
#[test]
fn dsa_key_has_the_parameters_of_the_ca_above() {
    let between = [cert("inherited-ca"), cert("inherited-below")];
    let verdict = judge_with(&cert("inherited-leaf"), &between, &dsa());
    assert!(verdict.valid, "{:#?}", verdict.reasons);
}

#[test]
fn dsa_and_sha_1_are_accepted_only_by_setting() {
    let (ca, other) = (cert("inherited-ca"), cert("inherited-below"));
    let without_dsa = Settings { sha_1: true, ..settings_2020() };
    // The CA's own certificate is signed with RSA: only its key is of the wrong kind.
    assert_eq!(codes(&judge_with(&ca, &[], &without_dsa)), ["algorithm-not-allowed"]);
    assert!(judge_with(&ca, &[], &dsa()).valid);
    let without_sha_1 = Settings { dsa: true, ..settings_2020() };
    let verdict = judge_with(&other, &[ca], &without_sha_1);
    assert!(verdict.has(ReasonCode::AlgorithmNotAllowed), "{:#?}", verdict.reasons);
}

/// A certificate in the CA's name whose key has parameters of somebody's own making, under which
/// the CA's signature verifies as well: it is not believed, at worst it is in the way.
#[test]
fn parameters_are_those_of_the_ca_on_the_path() {
    let (ca, below) = (cert("inherited-ca"), cert("inherited-below"));
    let mut spec = set_spec(&[Role::Cca], "Brand", "CA", &key("impostor"), CERT_SIGN);
    spec.subject = ca.subject_der().to_vec();
    spec.issuer = ca.issuer_der().to_vec();
    spec.spki = foreign("impostor");
    let identifier = ca.extension(ca_core::wire::oids::SUBJECT_KEY_IDENTIFIER).unwrap();
    spec.put_raw("2.5.29.14", false, identifier.extn_value.as_bytes());
    let impostor = spec.sign(&key("impostor"));
    // With the impostor first its parameters are the ones chosen, and the path is not.
    let verdict = judge_with(&below, &[impostor.clone(), ca.clone()], &dsa());
    assert_eq!(codes(&verdict), ["unsupported-algorithm"]);
    assert!(verdict.reasons[0].message.contains("not the ones for it"), "{:?}", verdict.reasons);
    assert!(judge_with(&below, &[ca, impostor], &dsa()).valid);
}

#[test]
fn dsa_key_without_parameters_anywhere_verifies_nothing() {
    let below = cert("inherited-below");
    let settings = dsa();
    let verdict = validate(&Request {
        certificate: &cert("inherited-leaf"),
        untrusted: &[],
        anchors: core::slice::from_ref(&below),
        crls: &[],
        bcis: &[],
        ocsp: &[],
        register: &[],
        settings: &settings,
    });
    assert!(!verdict.valid && verdict.has(ReasonCode::UnsupportedAlgorithm));
}

/// Keys of every kind that foreign chains have are known, whatever the settings of SET know.
#[test]
fn keys_of_foreign_chains_are_of_a_known_kind() {
    for (key, accepted) in [("P-521", true), ("pss-2048", true), ("dsa-2048-256", false)] {
        for rules in [Rules::Rfc5280, Rules::Set] {
            let tree = Tree::with(|label, spec| {
                for extension in ["2.23.42.7.0", "2.23.42.7.1"] {
                    spec.remove(const_oid::ObjectIdentifier::new_unwrap(extension));
                }
                if label == "leaf" {
                    spec.spki = foreign(key);
                }
            });
            let verdict = tree.verdict_with(&settings(rules));
            let known = !verdict.has(ReasonCode::UnsupportedAlgorithm);
            assert_eq!(known, rules == Rules::Rfc5280, "{key} {rules}");
            assert_eq!(verdict.valid, accepted && known, "{key} {rules}");
        }
    }
}

#[test]
fn rsa_key_below_the_minimum_is_a_matter_of_the_setting() {
    let tree = Tree::with(|label, spec| {
        for extension in ["2.23.42.7.0", "2.23.42.7.1"] {
            spec.remove(const_oid::ObjectIdentifier::new_unwrap(extension));
        }
        if label == "leaf" {
            spec.spki = foreign("rsa-1024");
        }
    });
    let mut settings = settings(Rules::Rfc5280);
    let verdict = tree.verdict_with(&settings);
    assert_eq!(codes(&verdict), ["key-too-short"]);
    assert!(verdict.reasons[0].message.contains("1024 bits, at least 2048"));
    settings.minimum_rsa_bits = 1024;
    assert!(tree.verdict_with(&settings).valid);
}
