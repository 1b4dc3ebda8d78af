//! Revocation inside validation: which CRL counts, and what it says.

use ca_core::Suite;
use ca_core::path::{RevocationMode, Rules, Settings, Verdict};
use ca_core::wire::Crl;

use crate::support::*;

fn required() -> Settings {
    let mut settings = settings(Rules::Set);
    settings.revocation = RevocationMode::Require;
    settings
}

/// The verdict on the good cardholder after one change to the CCA's CRL.
fn with_cca_crl(change: impl Fn(&mut CrlSpec)) -> Verdict {
    let tree = Tree::good();
    let [root, bca, mut cca] = tree.crls();
    change(&mut cca);
    tree.verdict_by(&signed(&[root, bca, cca]), &required())
}

fn signed(specs: &[CrlSpec]) -> Vec<Crl> {
    specs.iter().map(CrlSpec::sign).collect()
}

/// The one reason there must be, and its message.
fn only_reason(verdict: &Verdict) -> (&'static str, &str) {
    assert_eq!(verdict.reasons.len(), 1, "{:?}", verdict.reasons);
    (verdict.reasons[0].code.name(), &verdict.reasons[0].message)
}

#[test]
fn path_with_a_current_crl_of_each_issuer_is_valid() {
    assert_eq!(codes(&with_cca_crl(|_| {})), [""; 0]);
}

#[test]
fn every_certificate_below_the_root_needs_a_status() {
    let verdict = Tree::good().verdict_by(&[], &required());
    assert_eq!(codes(&verdict), ["no-revocation-status"; 3]);
    assert_eq!(
        verdict.reasons[0].message,
        "no CRL of its issuer \"C=DE, O=SET Root, OU=Root\" is at hand"
    );
}

#[test]
fn revoked_certificate_is_refused_with_date_and_reason() {
    let verdict =
        with_cca_crl(|crl| crl.revoked = vec![(4, time("2026-06-10T08:00:00Z"), Some(1))]);
    let expected = "revoked on 2026-06-10T08:00:00Z, reason keyCompromise, says CRL number 5 of \
                    2026-06-12T00:00:00Z";
    assert_eq!(only_reason(&verdict), ("revoked", expected));
    assert_eq!(verdict.reasons[0].subject, "C=DE, O=Brand, OU=Jane serial 04");
}

#[test]
fn revoked_ca_makes_the_path_invalid() {
    let tree = Tree::good();
    let [root, mut bca, cca] = tree.crls();
    bca.revoked = vec![(3, time("2026-06-10T08:00:00Z"), None)];
    let verdict = tree.verdict_by(&signed(&[root, bca, cca]), &required());
    assert_eq!(only_reason(&verdict).0, "revoked");
    assert!(only_reason(&verdict).1.contains("reason not given"));
}

#[test]
fn revoked_serial_number_with_a_sign_octet_is_found() {
    let tree = Tree::with(|label, spec| {
        if label == "leaf" {
            spec.serial = 0x9a;
        }
    });
    let [root, bca, mut cca] = tree.crls();
    cca.revoked = vec![(0x9a, time("2026-06-10T08:00:00Z"), None)];
    let verdict = tree.verdict_by(&signed(&[root, bca, cca]), &required());
    assert_eq!(codes(&verdict), ["revoked"]);
}

#[test]
fn revocation_of_another_serial_number_does_not_count() {
    let verdict = with_cca_crl(|crl| crl.revoked = vec![(5, time("2026-06-10T08:00:00Z"), None)]);
    assert!(verdict.valid);
}

#[test]
fn revocation_dated_after_the_time_of_judgement_does_not_count() {
    let verdict = with_cca_crl(|crl| crl.revoked = vec![(4, time("2026-06-15T12:00:01Z"), None)]);
    assert!(verdict.valid);
}

#[test]
fn crl_ends_at_next_update() {
    let verdict = with_cca_crl(|crl| crl.next_update = noon());
    let expected = "no usable CRL of its issuer: CRL number 5 ended at 2026-06-15T12:00:00Z, \
                    judged at 2026-06-15T12:00:00Z";
    assert_eq!(only_reason(&verdict), ("no-revocation-status", expected));
}

#[test]
fn crl_does_not_count_before_this_update() {
    let verdict = with_cca_crl(|crl| crl.this_update = time("2026-06-15T12:00:01Z"));
    assert_eq!(only_reason(&verdict).0, "no-revocation-status");
}

#[test]
fn crl_signed_by_another_key_does_not_count() {
    let verdict = with_cca_crl(|crl| crl.signer = "bca".to_owned());
    assert!(only_reason(&verdict).1.ends_with("has a bad signature"));
}

/// Decisions 33.
#[test]
fn crl_with_an_unknown_critical_extension_does_not_count() {
    let verdict = with_cca_crl(|crl| {
        crl.extensions.push(Ext {
            oid: ca_core::wire::oids::ISSUING_DISTRIBUTION_POINT,
            critical: true,
            value: vec![0x30, 0x00],
        });
    });
    assert!(only_reason(&verdict).1.ends_with("has the critical extension 2.5.29.28"));
}

#[test]
fn crl_that_names_another_certificate_does_not_count() {
    let other = Tree::good().bca;
    let verdict = with_cca_crl(|crl| {
        crl.extensions.pop();
        crl.extensions.push(CrlSpec::of(&other, "cca").extensions.pop().unwrap());
    });
    assert!(only_reason(&verdict).1.ends_with("does not name the issuer certificate"));
}

#[test]
fn crl_of_an_issuer_without_crl_sign_does_not_count() {
    let tree = Tree::with(|label, spec| {
        if label == "cca" {
            spec.usage(CERT_SIGN);
        }
    });
    let verdict = tree.verdict_by(&signed(&tree.crls()), &required());
    assert!(only_reason(&verdict).1.ends_with("without cRLSign"));
}

/// Spec `set-certificates.md` §10.3: OpenSSL does not notice.
#[test]
fn sha1_crl_in_a_modern_path_does_not_count() {
    let verdict = with_cca_crl(|crl| crl.algorithm = SHA1_WITH_RSA.to_vec());
    assert!(only_reason(&verdict).1.ends_with("is signed with sha1WithRSAEncryption"));
}

#[test]
fn newest_crl_decides() {
    let tree = Tree::good();
    let [root, bca, cca] = tree.crls();
    let mut newer = cca.clone();
    newer.this_update = time("2026-06-14T00:00:00Z");
    newer.revoked = vec![(4, time("2026-06-13T00:00:00Z"), None)];
    let verdict = tree.verdict_by(&signed(&[root, bca, cca, newer]), &required());
    assert_eq!(only_reason(&verdict).0, "revoked");
}

#[test]
fn what_is_at_hand_counts_where_status_is_optional() {
    let tree = Tree::good();
    let [_, _, mut cca] = tree.crls();
    let mut settings = required();
    settings.revocation = RevocationMode::IfAvailable;
    assert!(tree.verdict_by(&signed(&[cca.clone()]), &settings).valid);
    cca.revoked = vec![(4, time("2026-06-10T08:00:00Z"), None)];
    assert_eq!(codes(&tree.verdict_by(&signed(&[cca]), &settings)), ["revoked"]);
}

/// Spec `set-certificates.md` §6.1: only CAs and gateways stand on a CRL of 1997.
#[test]
fn cardholder_of_1997_needs_no_status() {
    let mut settings = required();
    settings.suite = Suite::Set1997;
    let verdict = Tree::good().verdict_by(&[], &settings);
    let without: Vec<_> = verdict
        .reasons
        .iter()
        .filter(|reason| reason.code.name() == "no-revocation-status")
        .map(|reason| reason.subject.as_str())
        .collect();
    assert_eq!(without, ["C=DE, O=Brand, OU=BCA serial 02", "C=DE, O=Brand, OU=CCA serial 03"]);
}

#[test]
fn crl_signatures_count_against_the_budget() {
    let tree = Tree::good();
    let mut settings = required();
    settings.budget.signature_checks = 5;
    let verdict = tree.verdict_by(&signed(&tree.crls()), &settings);
    assert_eq!(codes(&verdict), ["no-revocation-status", "budget-exhausted"]);
}
