//! The BCI inside validation: when it counts, and what it makes of the CRLs.

use ca_core::path::{RevocationMode, Rules, Settings, Verdict};
use ca_core::wire::Crl;

use crate::support::*;

fn required() -> Settings {
    let mut settings = settings(Rules::Set);
    settings.revocation = RevocationMode::Require;
    settings.bci = RevocationMode::Require;
    settings
}

/// The verdict on the good cardholder with good CRLs, after one change to the BCI.
fn with_bci(change: impl Fn(&mut BciSpec)) -> Verdict {
    let tree = Tree::good();
    let mut bci = BciSpec::of(&tree);
    change(&mut bci);
    tree.verdict_under(&crls(&tree), &[bci.sign()], &required())
}

fn crls(tree: &Tree) -> Vec<Crl> {
    tree.crls().iter().map(CrlSpec::sign).collect()
}

/// The message of the one reason there must be: no usable BCI.
fn no_bci(verdict: &Verdict) -> &str {
    assert_eq!(codes(verdict), ["no-bci"], "{:?}", verdict.reasons);
    &verdict.reasons[0].message
}

#[test]
fn path_with_a_current_bci_is_valid() {
    assert_eq!(codes(&with_bci(|_| {})), [""; 0]);
}

#[test]
fn missing_bci_is_refused_only_where_it_is_required() {
    let tree = Tree::good();
    assert_eq!(no_bci(&tree.verdict_by(&crls(&tree), &required())), "no BCI is at hand");
    let mut settings = required();
    settings.bci = RevocationMode::IfAvailable;
    assert!(tree.verdict_by(&crls(&tree), &settings).valid);
}

#[test]
fn bci_is_usable_through_its_last_second() {
    assert!(with_bci(|bci| bci.not_after = "20260615120000Z").valid);
    let verdict = with_bci(|bci| bci.not_after = "20260615115959Z");
    assert!(no_bci(&verdict).ends_with("judged at 2026-06-15T12:00:00Z"));
}

#[test]
fn bci_is_not_usable_before_it_begins() {
    let verdict = with_bci(|bci| bci.not_before = "20260615120001Z");
    assert!(no_bci(&verdict).contains("begins at 2026-06-15T12:00:01Z"));
}

#[test]
fn bci_of_another_brand_does_not_count() {
    let verdict = with_bci(|bci| bci.brand = "Other".to_owned());
    assert!(no_bci(&verdict).ends_with("is of brand \"Other\", not \"Brand\""));
}

#[test]
fn bci_signed_by_another_key_does_not_count() {
    let verdict = with_bci(|bci| bci.signer = "cca".to_owned());
    assert!(no_bci(&verdict).ends_with("has a bad signature"));
}

#[test]
fn bci_of_a_ca_that_is_no_bca_does_not_count() {
    let tree = Tree::good();
    let verdict = with_bci(|bci| {
        bci.extensions = CrlSpec::of(&tree.cca, "cca").extensions[1..].to_vec();
        bci.signer = "cca".to_owned();
    });
    assert!(no_bci(&verdict).ends_with("does not name the BCA certificate of the path"));
}

/// Decisions 33.
#[test]
fn bci_with_an_unknown_critical_extension_does_not_count() {
    let verdict = with_bci(|bci| {
        let oid = ca_core::wire::oids::FRESHEST_CRL;
        bci.extensions.push(Ext { oid, critical: true, value: vec![0x30, 0x00] });
    });
    assert!(no_bci(&verdict).ends_with("has the critical extension 2.5.29.46"));
}

#[test]
fn crl_older_than_the_bci_lists_does_not_count() {
    let verdict = with_bci(|bci| bci.crls[0].1 = 6);
    assert_eq!(codes(&verdict), ["no-revocation-status"]);
    assert_eq!(
        verdict.reasons[0].message,
        "no usable CRL of its issuer: CRL number 5 is older than number 6, which the BCI lists"
    );
}

#[test]
fn crl_newer_than_the_bci_lists_counts() {
    assert!(with_bci(|bci| bci.crls[0].1 = 4).valid);
}

/// Decisions 8: a missing CRL of an issuer that is not on the path is no fault.
#[test]
fn listed_issuer_off_the_path_needs_no_crl() {
    assert!(with_bci(|bci| bci.crls.push((name("Brand", "PCA"), 9))).valid);
}

#[test]
fn highest_sequence_number_decides() {
    let tree = Tree::good();
    let older = BciSpec::of(&tree);
    let mut newer = older.clone();
    newer.sequence = 8;
    newer.crls[0].1 = 6;
    let bcis = [older.sign(), newer.sign()];
    let verdict = tree.verdict_under(&crls(&tree), &bcis, &required());
    assert_eq!(codes(&verdict), ["no-revocation-status"]);
}

#[test]
fn bci_in_hand_counts_where_it_is_optional() {
    let tree = Tree::good();
    let mut bci = BciSpec::of(&tree);
    bci.crls[0].1 = 6;
    let mut settings = required();
    settings.bci = RevocationMode::IfAvailable;
    let verdict = tree.verdict_under(&crls(&tree), &[bci.sign()], &settings);
    assert_eq!(codes(&verdict), ["no-revocation-status"]);
}
