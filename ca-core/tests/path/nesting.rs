//! certificateType nesting: the full table of spec `set-certificates.md` §5.1.

use ca_core::path::may_issue;
use ca_core::profile::Role;
use ca_core::wire::extensions::{CertificateType, ExtensionValue};

use crate::support::*;

/// Rows issue columns; both in the order of the bits of certificateType (§3.8).
#[rustfmt::skip]
const TABLE: [(&str, &str); 10] = [
    //        c m p c m p g b r a
    ("card", "- - - - - - - - - -"),
    ("mer",  "- - - - - - - - - -"),
    ("pgwy", "- - - - - - - - - -"),
    ("cca",  "x - - - - - - - - -"),
    ("mca",  "- x - - - - - - - -"),
    ("pca",  "- - x - - - - - - -"),
    ("gca",  "- - - x x x - - - -"),
    ("bca",  "- - - x x x x - - -"),
    ("rca",  "- - - - - - - x x -"),
    ("acq",  "- - - - - - - - - -"),
];

/// DER of each single type (§3.8). acq(9) is reserved: it does not decode, so it never passes.
const TYPES: [&[u8]; 10] = [
    &[0x03, 0x02, 0x07, 0x80],
    &[0x03, 0x02, 0x06, 0x40],
    &[0x03, 0x02, 0x05, 0x20],
    &[0x03, 0x02, 0x04, 0x10],
    &[0x03, 0x02, 0x03, 0x08],
    &[0x03, 0x02, 0x02, 0x04],
    &[0x03, 0x02, 0x01, 0x02],
    &[0x03, 0x02, 0x00, 0x01],
    &[0x03, 0x03, 0x07, 0x00, 0x80],
    &[0x03, 0x03, 0x06, 0x00, 0x40],
];

#[test]
fn only_the_pairs_of_the_table_nest() {
    for ((issuer_name, row), issuer) in TABLE.iter().zip(TYPES) {
        for (cell, subject) in row.split(' ').zip(TYPES) {
            let types = (CertificateType::from_value(issuer), CertificateType::from_value(subject));
            let nests = matches!(types, (Ok(issuer), Ok(subject)) if may_issue(issuer, subject));
            assert_eq!(nests, cell == "x", "{issuer_name} issues {subject:02x?}");
        }
    }
}

#[test]
fn combined_ca_issues_what_any_of_its_roles_may() {
    let of = |roles: &[Role]| CertificateType::of(roles).unwrap();
    let combined = of(&[Role::Cca, Role::Pca]);
    assert!(may_issue(combined, of(&[Role::Cardholder])));
    assert!(may_issue(combined, of(&[Role::Gateway])));
    assert!(!may_issue(combined, of(&[Role::Merchant])));
    assert!(may_issue(of(&[Role::Gca]), combined));
}

/// A new root is not signed by the old one (§4.1): the table's rca → rca is the root itself.
#[test]
fn root_below_a_root_is_wrongly_nested() {
    let tree = Tree::with(|label, spec| {
        if label == "bca" {
            spec.put(ext(true, &CertificateType::of(&[Role::Rca]).unwrap()));
            spec.put_raw("2.23.42.7.0", true, &HASHED_ROOT);
        }
    });
    // The CCA below is then issued by a root as well.
    assert_eq!(codes(&tree.verdict()), ["type-nesting", "type-nesting"]);
}

#[test]
fn anchor_that_is_no_root_does_not_end_a_set_path() {
    let tree = Tree::good();
    let verdict = judge(&tree.leaf, &[tree.cca], core::slice::from_ref(&tree.bca), &settings(SET));
    assert!(codes(&verdict).contains(&"type-nesting"), "{:?}", verdict.reasons);
}

const SET: ca_core::path::Rules = ca_core::path::Rules::Set;
