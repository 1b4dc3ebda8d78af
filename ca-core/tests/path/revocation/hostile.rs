//! Lists made to cost time.

use super::*;

#[test]
fn a_thousand_crls_with_bad_signatures_end_within_the_budget() {
    let mut forged = List::number(1);
    forged.signer = "leaf".to_owned();
    let octets = forged.der();
    let mut scene = Scene::with(&[]);
    scene.crls = (0..1_000_u16)
        .map(|n| {
            // Another signature each time, so that none is known from before.
            let mut octets = octets.clone();
            let end = octets.len();
            octets[end - 40..end - 38].copy_from_slice(&n.to_be_bytes());
            Crl::from_der(&octets).unwrap()
        })
        .collect();
    let verdict = scene.verdict();
    assert_eq!(codes(&verdict), ["no-revocation-status", "budget-exhausted"]);
    assert!(verdict.reasons[0].message.len() < 1_000);
}

#[test]
fn a_hundred_thousand_issuers_in_one_crl_are_read_and_looked_up() {
    let scope = IssuingDistributionPoint { indirect: true, ..Default::default() };
    let mut list = List::number(1).scope(&scope);
    for n in 0..100_000_u32 {
        list = list.revoking_of(&name("Org", &n.to_string()), (n % 8) as u8 + 10);
    }
    let crl = list.sign();
    assert_eq!(crl.len(), 100_000);
    assert_eq!(crl.entries_of(&[17]).count(), 12_500);
    let mut scene = Scene::with(&[]);
    scene.crls.push(crl);
    assert_eq!(scene.codes(), VALID);
}

/// Every entry may be the certificate's: each name is compared, and each comparison is counted.
#[test]
fn names_of_an_indirect_crl_are_compared_within_the_budget() {
    let scope = IssuingDistributionPoint { indirect: true, ..Default::default() };
    let mut list = List::number(1).scope(&scope);
    for n in 0..30_000_u32 {
        list = list.revoking_of(&name("Org", &n.to_string()), 4);
    }
    let verdict = Scene::with(&[]).and(&[list]).verdict();
    assert!(verdict.has(ca_core::path::ReasonCode::BudgetExhausted) && !verdict.valid);
}

/// Each CRL issuer's status is left to the next one's list.
#[test]
fn a_chain_of_crl_issuers_ends() {
    let scope = IssuingDistributionPoint { indirect: true, ..Default::default() };
    let left_to = |n: u32| DistributionPoint {
        name: None,
        reasons: None,
        crl_issuer: vec![name("Org", &format!("Lists {n}"))],
    };
    let mut scene = Scene::with(&[left_to(0)]);
    for n in 0..40 {
        let (unit, label) = (format!("Lists {n}"), format!("lists {n}"));
        let mut spec = certificate(&unit, &label, CRL_SIGN);
        spec.serial = 20;
        spec.put(ext(false, &DistributionPoints(vec![left_to(n + 1)])));
        scene.others.push(spec.sign(&key("root")));
        scene.crls.push(List::number(1).scope(&scope).by(&unit, &label).sign());
    }
    assert_eq!(scene.codes(), ["no-revocation-status"]);
}

/// Whoever can hand in many lists must not be able to keep the one that revokes from being read.
#[test]
fn budget_that_ends_before_a_delta_was_checked_leaves_no_status() {
    let lists = [List::number(1), List::number(2).delta_of(1).revoking(4, 1)];
    let scene = Scene::with(&[]).and(&lists);
    for (checks, expected) in [
        (1, &["no-revocation-status", "budget-exhausted"][..]),
        (2, &["no-revocation-status", "budget-exhausted"]),
        (3, &["revoked"]),
    ] {
        let mut settings = required();
        settings.budget.signature_checks = checks;
        assert_eq!(codes(&scene.verdict_with(&settings)), expected, "{checks}");
    }
}
