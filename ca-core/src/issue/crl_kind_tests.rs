//! Deltas, shards and complete CRLs with deltas, read by x509-cert's own decoder.

use der::{Decode, Encode};
use x509_cert::crl::CertificateList;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::dp::{DistributionPoint, IssuingDistributionPoint};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{BaseCrlNumber, CrlDistributionPoints};

use super::fixture::*;
use super::{
    CertificateOrder, CrlKind, CrlLocation, CrlOrder, EncodedEntries, ListError, Locations,
    PrepareError, prepare, prepare_crl,
};
use crate::Suite;
use crate::profile::{ExtensionKind, ExtensionRule, Presence, Role};
use crate::signer::{KeyId, SignatureAlgorithm};
use crate::store::{SerialNumber, Shard};
use crate::wire::{Cert, Crl, oids};

fn order<'a>(issuer: &'a Cert, kind: CrlKind<'a>) -> CrlOrder<'a> {
    CrlOrder {
        issuer,
        suite: Suite::Modern,
        algorithm: SignatureAlgorithm::EcdsaSha256,
        kind,
        number: 300,
        this_update: begin(),
        next_update: begin().plus_days(1),
        entries: EncodedEntries::default(),
    }
}

/// The extensions after cRLNumber and authorityKeyIdentifier.
fn more_extensions(kind: CrlKind<'_>) -> Vec<Extension> {
    let house = house();
    let key = KeyId::of_spki(house.cca.spki_der()).unwrap();
    let octets = prepare_crl(&order(&house.cca, kind)).unwrap().sign(&key, &house.keys).unwrap();
    let octets = octets.to_vec();
    // What we write our own validation knows.
    assert_eq!(Crl::from_der(&octets).unwrap().unknown_critical(), None);
    let list = CertificateList::<x509_cert::certificate::Raw>::from_der(&octets).unwrap();
    assert_eq!(list.to_der().unwrap(), octets);
    list.tbs_cert_list.crl_extensions.unwrap().split_off(2)
}

fn uris(name: &DistributionPointName) -> Vec<String> {
    let DistributionPointName::FullName(names) = name else { panic!("{name:?}") };
    let uri = |name: &GeneralName| match name {
        GeneralName::UniformResourceIdentifier(uri) => uri.to_string(),
        other => panic!("{other:?}"),
    };
    names.iter().map(uri).collect()
}

fn uri_of_point(point: &DistributionPoint) -> Vec<String> {
    assert!(point.reasons.is_none() && point.crl_issuer.is_none());
    uris(point.distribution_point.as_ref().unwrap())
}

#[test]
fn complete_crl_says_where_its_deltas_are_if_it_has_any() {
    assert_eq!(more_extensions(CrlKind::COMPLETE), []);
    let url = "http://ca.example/crl/x/delta.crl";
    let [freshest] = &more_extensions(CrlKind::Complete { delta_url: Some(url) })[..] else {
        panic!("one extension")
    };
    assert_eq!((freshest.extn_id, freshest.critical), (oids::FRESHEST_CRL, false));
    let points = CrlDistributionPoints::from_der(freshest.extn_value.as_bytes()).unwrap().0;
    assert_eq!(points.iter().map(uri_of_point).collect::<Vec<_>>(), [[url]]);
}

/// RFC 5280 §5.2.4: critical; §5.2.6: no freshestCRL in a delta.
#[test]
fn delta_names_its_base_critically_and_nothing_else() {
    let [indicator] = &more_extensions(CrlKind::Delta { base: 299 })[..] else {
        panic!("one extension")
    };
    assert_eq!((indicator.extn_id, indicator.critical), (oids::DELTA_CRL_INDICATOR, true));
    let base = BaseCrlNumber::from_der(indicator.extn_value.as_bytes()).unwrap();
    assert_eq!(base.0.as_bytes(), [1, 43]);
}

/// RFC 5280 §5.2.5: critical, the names of the certificates' distribution points.
#[test]
fn shard_names_its_distribution_points_critically() {
    let urls = ["http://ca.example/crl/x/16-3.crl", "http://old.example/crl/x/16-3.crl"];
    let urls = urls.map(str::to_owned);
    let [scope] = &more_extensions(CrlKind::Shard { urls: &urls })[..] else {
        panic!("one extension")
    };
    assert_eq!((scope.extn_id, scope.critical), (oids::ISSUING_DISTRIBUTION_POINT, true));
    let scope = IssuingDistributionPoint::from_der(scope.extn_value.as_bytes()).unwrap();
    assert_eq!(uris(scope.distribution_point.as_ref().unwrap()), urls);
    let only = (scope.only_contains_user_certs, scope.only_contains_ca_certs);
    assert_eq!((only, scope.indirect_crl, scope.only_some_reasons), ((false, false), false, None));
}

#[test]
fn suite_1997_has_no_such_list() {
    let house = house();
    for kind in [
        CrlKind::Complete { delta_url: Some("http://ca.example/d") },
        CrlKind::Delta { base: 1 },
        CrlKind::Shard { urls: &[] },
    ] {
        let suite = Suite::Set1997;
        let algorithm = SignatureAlgorithm::RsaSha1;
        let refused = prepare_crl(&CrlOrder { suite, algorithm, ..order(&house.cca, kind) });
        assert_eq!(refused.unwrap_err(), ListError::Partial);
    }
}

/// A cardholder's certificate from a CA with these locations; it may have freshestCRL.
fn certificate(locations: &Locations) -> Result<(SerialNumber, Cert), PrepareError> {
    let house = house();
    let mut profile = cardholder_profile();
    let (kind, presence) = (ExtensionKind::FreshestCrl, Presence::Optional);
    profile.extensions.push(ExtensionRule { kind, presence, critical: false });
    let wallet = key("wallet");
    let mut subject = name("Brand", "Example Issuer");
    subject.common_name = Some("GiXoKtV5b7Ut0vJkhdHnQbcssbk=".to_owned());
    let roles = [Role::Cardholder];
    let order: CertificateOrder<'_> = super::fixture::order(
        &profile,
        issuer(&house.cca),
        subject,
        wallet.spki_der(),
        &roles,
        locations,
    );
    let prepared = prepare(&order, &random("divided"))?;
    let serial = *prepared.serial();
    let by = KeyId::of_spki(house.cca.spki_der()).unwrap();
    Ok((serial, Cert::from_der(&prepared.sign(&by, &house.keys).unwrap()).unwrap()))
}

fn point_of(certificate: &Cert, oid: const_oid::ObjectIdentifier) -> Option<Vec<String>> {
    let extension = certificate.extension(oid)?;
    assert!(!extension.critical);
    let points = CrlDistributionPoints::from_der(extension.extn_value.as_bytes()).unwrap().0;
    Some(points.iter().flat_map(uri_of_point).collect())
}

#[test]
fn certificate_names_the_shard_its_serial_number_falls_into() {
    let prefix = "http://ca.example/crl/x".to_owned();
    let crl = CrlLocation::Shards { prefix, of: 16 };
    let (serial, certificate) = certificate(&Locations { crl, ..house().locations }).unwrap();
    let expected = format!("http://ca.example/crl/x/{}.crl", Shard::holding(&serial, 16));
    assert_eq!(point_of(&certificate, oids::CRL_DISTRIBUTION_POINTS), Some(vec![expected]));
    assert_eq!(point_of(&certificate, oids::FRESHEST_CRL), None);
}

#[test]
fn certificate_names_the_delta_where_there_is_one() {
    let url = "http://ca.example/crl/x/delta.crl".to_owned();
    let locations = Locations { delta_url: Some(url.clone()), ..house().locations };
    let (_, certificate) = certificate(&locations).unwrap();
    assert_eq!(point_of(&certificate, oids::FRESHEST_CRL), Some(vec![url]));
    let complete = point_of(&certificate, oids::CRL_DISTRIBUTION_POINTS);
    assert_eq!(complete, Some(vec!["http://ca.example/crl/x.crl".to_owned()]));
}
