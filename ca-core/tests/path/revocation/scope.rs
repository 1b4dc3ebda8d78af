//! RFC 5280 §6.3.3 (b): which CRL covers which certificate.

use ca_core::wire::extensions::Holders;

use super::*;

fn only(holders: Holders) -> IssuingDistributionPoint {
    IssuingDistributionPoint { holders, ..IssuingDistributionPoint::default() }
}

#[test]
fn crl_of_the_certificates_point_counts() {
    let scene =
        Scene::with(&[point("http://a/1")]).and(&[List::number(1).scope(&at("http://a/1"))]);
    assert_eq!(scene.codes(), VALID);
}

#[test]
fn crl_of_another_point_does_not_count() {
    let scene =
        Scene::with(&[point("http://a/1")]).and(&[List::number(1).scope(&at("http://a/2"))]);
    let expected = "no usable CRL of its issuer: CRL number 1 is of another distribution point";
    assert_eq!(scene.message(), expected);
}

/// §5.2.5: the identical encoding.
#[test]
fn uri_of_a_point_is_compared_as_written() {
    let scene =
        Scene::with(&[point("http://a/1")]).and(&[List::number(1).scope(&at("http://A/1"))]);
    assert_eq!(scene.codes(), ["no-revocation-status"]);
}

#[test]
fn crl_without_a_point_counts_under_every_point() {
    let scene = Scene::with(&[point("http://a/1")]).and(&[List::number(1)]);
    assert_eq!(scene.codes(), VALID);
}

#[test]
fn partial_crl_does_not_count_for_a_certificate_without_points() {
    let scene = Scene::with(&[]).and(&[List::number(1).scope(&at("http://a/1"))]);
    assert_eq!(scene.codes(), ["no-revocation-status"]);
}

/// `C=DE, O=Org, OU=Root, OU=Part`, once in full and once relative to the CRL issuer.
#[test]
fn name_relative_to_the_crl_issuer_is_that_name_in_full() {
    let rdn = {
        let pair = [oids::ORGANIZATIONAL_UNIT_NAME.to_der().unwrap(), tlv(0x13, b"Part")].concat();
        tlv(0x31, &tlv(0x30, &pair))
    };
    let full = tlv(0x30, &[&name("Org", "Root")[2..], &rdn].concat());
    let full = Some(PointName::Full(vec![LocationName::Directory(full)]));
    let relative = Some(PointName::Relative(rdn));
    for (own, listed) in [(&full, &relative), (&relative, &full), (&relative, &relative)] {
        let own = DistributionPoint { name: own.clone(), reasons: None, crl_issuer: Vec::new() };
        let scope = IssuingDistributionPoint { name: listed.clone(), ..Default::default() };
        let scene = Scene::with(&[own]).and(&[List::number(1).scope(&scope)]);
        assert_eq!(scene.codes(), VALID);
    }
}

#[test]
fn crl_for_cas_or_attribute_certificates_does_not_cover_an_end_entity() {
    for (holders, covered) in [
        (Holders::All, true),
        (Holders::Users, true),
        (Holders::Cas, false),
        (Holders::AttributeCertificates, false),
    ] {
        let scene = Scene::with(&[]).and(&[List::number(1).scope(&only(holders))]);
        assert_eq!(scene.verdict().valid, covered, "{holders:?}");
    }
}

#[test]
fn crl_for_end_entities_does_not_cover_a_ca() {
    for (holders, covered) in [(Holders::Cas, true), (Holders::Users, false)] {
        let mut scene = Scene::with(&[]).and(&[List::number(1).scope(&only(holders))]);
        let mut ca = certificate("Sub", "sub", CERT_SIGN);
        ca.serial = 4;
        scene.leaf = ca.sign(&key("root"));
        assert_eq!(scene.verdict().valid, covered, "{holders:?}");
    }
}

#[test]
fn critical_distribution_points_are_applied_where_status_is_looked_at() {
    let mut scene = Scene::with(&[]).and(&[List::number(1).scope(&at("http://a/1"))]);
    let mut leaf = certificate("Leaf", "leaf", SIGN);
    leaf.serial = 4;
    leaf.put(ext(true, &DistributionPoints(vec![point("http://a/1")])));
    scene.leaf = leaf.sign(&key("root"));
    assert_eq!(scene.codes(), VALID);
    let verdict = scene.verdict_with(&settings(Rules::Rfc5280));
    assert_eq!(codes(&verdict), ["unhandled-critical-extension"]);
}

/// RFC 5280 §7.1: names match without regard to case.
#[test]
fn crl_issuer_is_found_by_its_name_in_another_case() {
    let mut list = List::number(1).revoking(4, 1);
    list.issuer = name("ORG", "root");
    assert_eq!(Scene::with(&[]).and(&[list]).codes(), ["revoked"]);
}
