//! Round trips and bounds of the distribution point extensions.

use super::distribution::*;
use super::{ExtensionValue, ReasonSet};

/// `C=DE`.
const NAME: [u8; 15] =
    [0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x13, 0x02, b'D', b'E'];

fn points() -> Vec<DistributionPoint> {
    let uri = LocationName::Other(vec![0x86, 0x01, b'a']);
    let full = PointName::Full(vec![uri, LocationName::Directory(NAME.to_vec())]);
    let relative = PointName::Relative(NAME[2..].to_vec());
    vec![
        DistributionPoint { name: Some(full), reasons: None, crl_issuer: Vec::new() },
        DistributionPoint {
            name: Some(relative),
            reasons: Some(ReasonSet::from_bits(0b110)),
            crl_issuer: vec![NAME.to_vec()],
        },
        DistributionPoint { name: None, reasons: None, crl_issuer: vec![NAME.to_vec()] },
    ]
}

/// Reads what it wrote, and nothing shorter or longer.
fn check_round_trip<T: ExtensionValue + Eq + core::fmt::Debug>(value: &T) {
    let octets = value.to_value().unwrap();
    assert_eq!(T::from_value(&octets).unwrap(), *value);
    for length in 0..octets.len() {
        assert!(T::from_value(&octets[..length]).is_err(), "{length} octets");
    }
    assert!(T::from_value(&[octets.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn what_is_written_is_read_and_nothing_else() {
    check_round_trip(&DistributionPoints(points()));
    check_round_trip(&FreshestCrl(points()));
    check_round_trip(&IssuingDistributionPoint {
        name: points()[0].name.clone(),
        holders: Holders::Users,
        reasons: Some(ReasonSet::from_bits(0x1f8)),
        indirect: true,
    });
}

/// Written by OpenSSL: fullName URI:http://crl.example/1, onlyuser.
#[test]
fn scope_of_an_openssl_crl_is_read() {
    let octets = [
        &[0x30, 0x1d, 0xa0, 0x18, 0xa0, 0x16, 0x86, 0x14][..],
        b"http://crl.example/1",
        &[0x81, 0x01, 0xff],
    ]
    .concat();
    let scope = IssuingDistributionPoint::from_value(&octets).unwrap();
    assert_eq!((scope.holders, scope.indirect, scope.reasons), (Holders::Users, false, None));
}

#[test]
fn two_kinds_of_only_are_refused() {
    let both = [0x30, 0x06, 0x81, 0x01, 0xff, 0x82, 0x01, 0xff];
    assert!(IssuingDistributionPoint::from_value(&both).is_err());
}

/// RFC 5280 §4.2.1.13.
#[test]
fn point_of_reasons_alone_is_refused() {
    let octets = [0x30, 0x06, 0x30, 0x04, 0x81, 0x02, 0x06, 0x40];
    assert!(DistributionPoints::from_value(&octets).is_err());
    assert!(DistributionPoints(Vec::new()).to_value().is_err());
}

#[test]
fn more_points_than_any_certificate_has_are_refused() {
    let many = vec![points()[0].clone(); MAX_NAMES + 1];
    let octets = DistributionPoints(many[1..].to_vec()).to_value().unwrap();
    assert!(DistributionPoints::from_value(&octets).is_ok());
    let octets = DistributionPoints(many).to_value().unwrap();
    assert!(DistributionPoints::from_value(&octets).is_err());
}
