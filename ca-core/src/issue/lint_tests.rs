//! Each rule of the lint, broken alone.

use const_oid::ObjectIdentifier;
use der::asn1::{Any, GeneralizedTime, Int, OctetString};
use der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::time::Time;

use super::fixture::*;
use super::lint::{Ordered, lint};
use super::tbs::TbsCertificate;
use crate::profile::{CertificateProfile, ExtensionKind, ExtensionRule, Presence, Role};
use crate::signer::{KeyAlgorithm, SignatureAlgorithm};
use crate::wire::extensions::*;
use crate::wire::oids;
use crate::wire::{Cert, SetString};
use crate::{Suite, UnixTime};

/// The rule that refuses `certificate` after `change`; `None` if none does.
fn refused(
    certificate: &Cert,
    ordered: &Ordered<'_>,
    change: impl FnOnce(&mut TbsCertificate),
) -> Option<&'static str> {
    let mut tbs = TbsCertificate::from_der(certificate.tbs_der()).unwrap();
    change(&mut tbs);
    lint(&tbs.to_der().unwrap(), ordered).err().map(|error| error.rule)
}

fn cca_refused(change: impl FnOnce(&mut TbsCertificate)) -> Option<&'static str> {
    let house = house();
    let profile = ca_profile(Role::Cca, Role::Bca, 0);
    refused(&house.cca, &ordered(&profile, &house.cca, Some(&house.bca), &[Role::Cca]), change)
}

fn root_refused(change: impl FnOnce(&mut TbsCertificate)) -> Option<&'static str> {
    let house = house();
    let profile = ca_profile(Role::Rca, Role::Rca, 3);
    refused(&house.root, &ordered(&profile, &house.root, None, &[Role::Rca]), change)
}

fn ordered<'a>(
    profile: &'a CertificateProfile,
    certificate: &'a Cert,
    issuer: Option<&'a Cert>,
    roles: &'a [Role],
) -> Ordered<'a> {
    Ordered { profile, suite: Suite::Modern, roles, issuer, spki_der: certificate.spki_der() }
}

fn find(tbs: &mut TbsCertificate, oid: ObjectIdentifier) -> &mut Extension {
    tbs.extensions.iter_mut().find(|extension| extension.extn_id == oid).unwrap()
}

fn set<T: ExtensionValue>(tbs: &mut TbsCertificate, value: &T) {
    find(tbs, T::OID).extn_value = OctetString::new(value.to_value().unwrap()).unwrap();
}

fn general(time: UnixTime) -> Time {
    Time::GeneralTime(GeneralizedTime::from_date_time(
        der::DateTime::from_unix_duration(core::time::Duration::from_secs(time.as_secs())).unwrap(),
    ))
}

#[test]
fn what_prepare_makes_passes() {
    assert_eq!(cca_refused(|_| ()), None);
    assert_eq!(root_refused(|_| ()), None);
}

#[test]
fn octets_that_are_no_certificate_are_refused() {
    let house = house();
    let profile = ca_profile(Role::Cca, Role::Bca, 0);
    let ordered = ordered(&profile, &house.cca, Some(&house.bca), &[Role::Cca]);
    let truncated = &house.cca.tbs_der()[..200];
    assert_eq!(lint(truncated, &ordered).unwrap_err().rule, "der");
}

#[test]
fn version() {
    assert_eq!(cca_refused(|tbs| tbs.version = 1), Some("version"));
}

#[test]
fn serial_number_of_another_length_sign_or_first_octet() {
    let with = |octets: &[u8]| {
        let serial = Int::new(octets).unwrap();
        cca_refused(|tbs| tbs.serial_number = serial)
    };
    assert_eq!(with(&[1; 15]), Some("serial-number"));
    assert_eq!(with(&[1; 17]), Some("serial-number"));
    assert_eq!(with(&[0x80; 16]), Some("serial-number"));
}

#[test]
fn signature_algorithm_of_the_other_suite() {
    let sha1 = SignatureAlgorithm::RsaSha1.identifier().unwrap();
    assert_eq!(cca_refused(|tbs| tbs.signature = sha1), Some("signature-algorithm"));
}

#[test]
fn issuer_name_that_is_not_the_issuers_subject() {
    let other = Any::from_der(&name("Brand", "Other CA").to_der().unwrap()).unwrap();
    assert_eq!(cca_refused(|tbs| tbs.issuer = other.clone()), Some("issuer-name"));
    assert_eq!(root_refused(|tbs| tbs.issuer = other), Some("issuer-name"));
}

#[test]
fn generalized_time_before_2050() {
    let first = general(begin());
    assert_eq!(cca_refused(|tbs| tbs.validity.not_before = first), Some("validity-encoding"));
}

#[test]
fn validity_beyond_profile_issuer_or_key_period() {
    let rule = Some("validity-length");
    let end = |text: &str| time(text).to_x509().unwrap();
    // The profile allows 1095 days.
    let beyond_profile = end("2029-01-01T00:00:00Z");
    assert_eq!(root_refused(|tbs| tbs.validity.not_after = beyond_profile), rule);
    let before = end("2025-12-31T23:59:59Z");
    assert_eq!(cca_refused(|tbs| tbs.validity.not_after = before), rule);
    // The issuer's key may sign until 2027-01-01, its certificate ends on 2028-12-31.
    let late = end("2027-01-02T00:00:00Z");
    assert_eq!(cca_refused(|tbs| tbs.validity.not_before = late), rule);
    let beyond_issuer = end("2028-12-31T00:00:01Z");
    let later = |tbs: &mut TbsCertificate| {
        tbs.validity.not_before = end("2026-06-01T00:00:00Z");
        tbs.validity.not_after = beyond_issuer;
    };
    assert_eq!(cca_refused(later), rule);
}

#[test]
fn subject_name_of_another_shape() {
    let empty = Any::from_der(&[0x30, 0]).unwrap();
    assert_eq!(cca_refused(|tbs| tbs.subject = empty), Some("subject-name"));
}

#[test]
fn brand_other_than_the_issuers() {
    let other = Any::from_der(&name("Other", "Brand CCA").to_der().unwrap()).unwrap();
    assert_eq!(cca_refused(|tbs| tbs.subject = other), Some("brand"));
}

#[test]
fn public_key_not_ordered_or_not_in_the_profile() {
    let other = Any::from_der(key("other").spki_der()).unwrap();
    let change = |tbs: &mut TbsCertificate| tbs.subject_public_key_info = other;
    assert_eq!(cca_refused(change), Some("public-key"));
    let house = house();
    let mut profile = ca_profile(Role::Cca, Role::Bca, 0);
    profile.key_algorithms = vec![KeyAlgorithm::Rsa(3072)];
    let ordered = ordered(&profile, &house.cca, Some(&house.bca), &[Role::Cca]);
    assert_eq!(refused(&house.cca, &ordered, |_| ()), Some("public-key"));
}

#[test]
fn extension_missing_doubled_or_outside_the_profile() {
    let rule = Some("extension-matrix");
    let count = ca_profile(Role::Cca, Role::Bca, 0).extensions.len();
    for position in 0..count {
        let missing = |tbs: &mut TbsCertificate| {
            tbs.extensions.remove(position);
        };
        assert_eq!(cca_refused(missing), rule, "without extension {position}");
    }
    let doubled = |tbs: &mut TbsCertificate| tbs.extensions.push(tbs.extensions[0].clone());
    assert_eq!(cca_refused(doubled), rule);
    let surplus = |tbs: &mut TbsCertificate| {
        tbs.extensions[0].extn_id = oids::MERCHANT_DATA;
    };
    assert_eq!(cca_refused(surplus), rule);
}

#[test]
fn criticality_of_each_extension() {
    let count = ca_profile(Role::Cca, Role::Bca, 0).extensions.len();
    for position in 0..count {
        let flip = |tbs: &mut TbsCertificate| tbs.extensions[position].critical ^= true;
        assert_eq!(cca_refused(flip), Some("criticality"), "extension {position}");
    }
}

#[test]
fn key_usage() {
    let other = KeyUsage(crate::profile::KeyUsageBits::CRL_SIGN);
    assert_eq!(cca_refused(|tbs| set(tbs, &other)), Some("key-usage"));
}

#[test]
fn basic_constraints() {
    let other = BasicConstraints { ca: true, path_len: Some(1) };
    assert_eq!(cca_refused(|tbs| set(tbs, &other)), Some("basic-constraints"));
    let other = BasicConstraints { ca: false, path_len: None };
    assert_eq!(cca_refused(|tbs| set(tbs, &other)), Some("basic-constraints"));
}

#[test]
fn path_length_that_does_not_fit_below_the_issuer() {
    let house = house();
    // A profile that would allow it: the issuer has 2 left.
    let profile = ca_profile(Role::Cca, Role::Bca, 2);
    let wide = BasicConstraints { ca: true, path_len: Some(2) };
    let ordered = ordered(&profile, &house.cca, Some(&house.bca), &[Role::Cca]);
    assert_eq!(refused(&house.cca, &ordered, |tbs| set(tbs, &wide)), Some("path-length"));
}

#[test]
fn certificate_type() {
    let other = CertificateType::of(&[Role::Mca]).unwrap();
    assert_eq!(cca_refused(|tbs| set(tbs, &other)), Some("certificate-type"));
}

#[test]
fn private_key_usage_period() {
    let rule = Some("private-key-usage-period");
    let half = PrivateKeyUsagePeriod { not_before: Some(begin()), not_after: None };
    assert_eq!(cca_refused(|tbs| set(tbs, &half)), rule);
    let until = Some(begin().plus_days(366));
    let long = PrivateKeyUsagePeriod { not_before: Some(begin()), not_after: until };
    assert_eq!(cca_refused(|tbs| set(tbs, &long)), rule);
}

#[test]
fn authority_key_identifier_of_another_certificate_or_without_the_key() {
    let rule = Some("authority-key-identifier");
    let house = house();
    let own = AuthorityKeyIdentifier::naming(&house.cca, Suite::Modern);
    assert_eq!(cca_refused(|tbs| set(tbs, &own)), rule);
    let keyless = AuthorityKeyIdentifier::naming(&house.bca, Suite::Set1997);
    assert_eq!(cca_refused(|tbs| set(tbs, &keyless)), rule);
}

#[test]
fn subject_key_identifier_of_another_key() {
    let other = SubjectKeyIdentifier(vec![1; 20]);
    assert_eq!(cca_refused(|tbs| set(tbs, &other)), Some("subject-key-identifier"));
}

#[test]
fn certificate_policies_without_the_root_policy() {
    let mut other = SetPolicy::root();
    other.policies[0].policy_identifier = oids::AD_OCSP;
    assert_eq!(cca_refused(|tbs| set(tbs, &other)), Some("certificate-policies"));
}

#[test]
fn policy_qualifier_that_is_not_the_issuers() {
    let rule = Some("certificate-policies");
    let terse = |text: &str| SetQualifier {
        terse_statement: Some(SetString::new(text).unwrap()),
        ..SetQualifier::default()
    };
    // The issuer's certificate says nothing of the root's.
    let root = SetPolicyQualifier { root_qualifier: terse("x"), additional_policies: None };
    let other = SetPolicy::qualified(&root).unwrap();
    assert_eq!(cca_refused(|tbs| set(tbs, &other)), rule);
    let by = |roles: &[Role]| AdditionalPolicy {
        policy_oid: None,
        policy_qualifier: Some(terse("x")),
        policy_added_by: CertificateType::of(roles).unwrap(),
    };
    let with = |added: Vec<AdditionalPolicy>| {
        let qualifier =
            SetPolicyQualifier { additional_policies: Some(added), ..Default::default() };
        SetPolicy::qualified(&qualifier).unwrap()
    };
    let own = with(vec![by(&[Role::Bca])]);
    assert_eq!(cca_refused(|tbs| set(tbs, &own)), None);
    let anothers = with(vec![by(&[Role::Gca])]);
    assert_eq!(cca_refused(|tbs| set(tbs, &anothers)), rule);
    let two = with(vec![by(&[Role::Bca]), by(&[Role::Bca])]);
    assert_eq!(cca_refused(|tbs| set(tbs, &two)), rule);
    assert_eq!(root_refused(|tbs| set(tbs, &own)), rule);
}

#[test]
fn tunneling_by_an_algorithm_of_the_other_suite() {
    let house = house();
    let mut profile = ca_profile(Role::Cca, Role::Bca, 0);
    let kind = ExtensionKind::Tunneling;
    let rule = ExtensionRule { kind, presence: Presence::Optional, critical: false };
    profile.extensions.push(rule);
    let ordered = ordered(&profile, &house.cca, Some(&house.bca), &[Role::Cca]);
    let with = |algorithm| {
        let value = Tunneling { tunneling: true, algorithms: vec![algorithm] };
        let extn_value = OctetString::new(value.to_value().unwrap()).unwrap();
        let tunneling = Extension { extn_id: Tunneling::OID, critical: false, extn_value };
        refused(&house.cca, &ordered, |tbs| tbs.extensions.push(tunneling))
    };
    assert_eq!(with(oids::DES_CBC), Some("tunneling"));
    assert_eq!(with(oids::AES_256_GCM), None);
}

#[test]
fn hashed_root_key_of_the_other_suite_or_of_itself() {
    let rule = Some("hashed-root-key");
    let old = HashedRootKey::of_spki(Suite::Set1997, key("next root").spki_der());
    assert_eq!(root_refused(|tbs| set(tbs, &old)), rule);
    let itself = HashedRootKey::of_spki(Suite::Modern, house().root.spki_der());
    assert_eq!(root_refused(|tbs| set(tbs, &itself)), rule);
}

#[test]
fn two_crl_locations() {
    let two = CrlDistributionPoints { uris: vec!["http://a".to_owned(), "http://b".to_owned()] };
    assert_eq!(cca_refused(|tbs| set(tbs, &two)), Some("status-locations"));
}

#[test]
fn freshest_crl_of_two_deltas_of_another_issuers_or_of_none() {
    let at = |uri: &str| FreshestCrl::at(uri).unwrap().0.remove(0);
    let elsewhere = DistributionPoint {
        crl_issuer: vec![house().bca.subject_der().to_vec()],
        ..at("http://a")
    };
    let relative = DistributionPoint { name: None, ..elsewhere.clone() };
    let mut profile = ca_profile(Role::Cca, Role::Bca, 0);
    let (kind, presence) = (ExtensionKind::FreshestCrl, Presence::Optional);
    profile.extensions.push(ExtensionRule { kind, presence, critical: false });
    let house = house();
    let ordered = ordered(&profile, &house.cca, Some(&house.bca), &[Role::Cca]);
    let refused_with = |points: Vec<DistributionPoint>| {
        let value = OctetString::new(FreshestCrl(points).to_value().unwrap()).unwrap();
        let extension =
            Extension { extn_id: oids::FRESHEST_CRL, critical: false, extn_value: value };
        refused(&house.cca, &ordered, |tbs| tbs.extensions.push(extension))
    };
    assert_eq!(refused_with(vec![at("http://a")]), None);
    for points in [vec![at("http://a"), at("http://b")], vec![elsewhere], vec![relative]] {
        assert_eq!(refused_with(points), Some("status-locations"));
    }
}

#[test]
fn responder_with_more_than_ocsp_signing() {
    let house = house();
    let profile = responder_profile();
    let ordered = ordered(&profile, &house.responder, Some(&house.cca), &[Role::Ocsp]);
    let more = ExtendedKeyUsage(vec![oids::KP_OCSP_SIGNING, oids::AD_OCSP]);
    let change = |tbs: &mut TbsCertificate| set(tbs, &more);
    assert_eq!(refused(&house.responder, &ordered, change), Some("private-values"));
    assert_eq!(refused(&house.responder, &ordered, |_| ()), None);
}
