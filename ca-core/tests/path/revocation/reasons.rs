//! RFC 5280 §6.3.3 (d), (e), (l): reasons that are covered add up.

use super::*;

const SOME: ReasonSet = ReasonSet::from_bits(0b110);

fn for_reasons(reasons: ReasonSet) -> IssuingDistributionPoint {
    IssuingDistributionPoint { reasons: Some(reasons), ..IssuingDistributionPoint::default() }
}

/// What the CRLs cover, in bits of ReasonFlags, and what comes of it.
#[test]
fn status_is_settled_when_every_reason_is_covered() {
    let table: [(&[u16], &[&str]); 8] = [
        (&[0x1fe], &VALID),
        (&[0x006, 0x1f8], &VALID),
        (&[0x006, 0x018, 0x1e0], &VALID),
        (&[0x1fc, 0x0fe, 0x006], &VALID),
        (&[0x006], &["status-incomplete"]),
        (&[0x0fe], &["status-incomplete"]),
        (&[0x006, 0x0f8], &["status-incomplete"]),
        (&[], &["no-revocation-status"]),
    ];
    for (masks, expected) in table {
        let scopes = masks.iter().map(|bits| for_reasons(ReasonSet::from_bits(*bits)));
        let lists: Vec<List> = scopes.map(|scope| List::number(1).scope(&scope)).collect();
        assert_eq!(Scene::with(&[]).and(&lists).codes(), expected, "{masks:x?}");
    }
}

#[test]
fn missing_reasons_are_named() {
    let most = ReasonSet::from_bits(0x0be);
    let scene = Scene::with(&[]).and(&[List::number(1).scope(&for_reasons(most))]);
    let expected = "no usable CRL tells whether it is revoked for certificateHold, aACompromise";
    assert_eq!(scene.message(), expected);
}

#[test]
fn partly_known_status_is_accepted_where_status_is_optional() {
    let scene = Scene::with(&[]).and(&[List::number(1).scope(&for_reasons(SOME))]);
    let optional = Settings { revocation: RevocationMode::IfAvailable, ..required() };
    assert!(scene.verdict_with(&optional).valid);
}

#[test]
fn entry_in_a_crl_of_some_reasons_revokes() {
    let some = List::number(1).scope(&for_reasons(SOME)).revoking(4, 1);
    let others = List::number(1).scope(&for_reasons(SOME.others()));
    for lists in [[some.clone(), others.clone()], [others, some]] {
        assert_eq!(Scene::with(&[]).and(&lists).codes(), ["revoked"]);
    }
}

/// §6.3.3 (d): those of the distribution point and those of the CRL.
#[test]
fn reasons_of_a_point_limit_what_its_crl_tells() {
    let named = DistributionPoint { reasons: Some(SOME), ..point("http://a/1") };
    let rest = DistributionPoint { reasons: Some(SOME.others()), ..point("http://a/2") };
    let lists =
        [List::number(1).scope(&at("http://a/1")), List::number(1).scope(&at("http://a/2"))];
    let one = Scene::with(core::slice::from_ref(&named)).and(&lists[..1]);
    assert_eq!(one.codes(), ["status-incomplete"]);
    assert_eq!(Scene::with(&[named, rest]).and(&lists).codes(), VALID);
}
