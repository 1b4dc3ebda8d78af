//! What RFC 5280 demands of conforming CAs: asked for by a setting, one change at a time.

use ca_core::path::{Conformance, Rules};
use ca_core::wire::oids;

use crate::rfc5280::plain_tree;
use crate::support::*;

/// The reasons after one change to one certificate of a plain path: with the profile, and without.
fn both(which: &str, change: impl Fn(&mut Spec)) -> [Vec<&'static str>; 2] {
    let tree = plain_tree(|label, spec| {
        if label != "leaf" {
            spec.put_raw("2.5.29.14", false, &tlv(0x04, label.as_bytes()));
        }
        if label == which {
            change(spec);
        }
    });
    [Conformance::Profile, Conformance::Path].map(|conformance| {
        let mut settings = settings(Rules::Rfc5280);
        settings.conformance = conformance;
        codes(&tree.verdict_with(&settings))
    })
}

macro_rules! profile {
    ($($(#[$doc:meta])* $name:ident: $code:literal = $which:literal, $change:expr;)*) => {
        $($(#[$doc])* #[test] fn $name() {
            assert_eq!(both($which, $change), [vec![$code], vec![]]);
        })*
    };
}

#[test]
fn tree_of_a_conforming_ca_is_valid() {
    assert_eq!(both("leaf", |_| {}), [[""; 0]; 2]);
}

profile! {
    serial_number_is_zero: "serial-number" = "leaf", |spec| spec.serial = 0;

    authority_key_identifier_is_missing: "missing-extension" = "leaf", |spec| {
        spec.remove(oids::AUTHORITY_KEY_IDENTIFIER);
    };

    basic_constraints_of_a_ca_are_not_critical: "wrong-criticality" = "cca", |spec| {
        spec.put(Ext { critical: false, ..constraints(spec) });
    };

    end_entity_may_sign_certificates: "key-usage-combination" = "leaf", |spec| {
        spec.usage(CERT_SIGN);
    };

    end_entity_bounds_the_path: "forbidden-extension" = "leaf", |spec| {
        spec.put_raw("2.5.29.19", false, &[0x30, 0x03, 0x02, 0x01, 0x00]);
    };

    subject_is_empty_and_has_no_other_name: "empty-name" = "leaf", |spec| {
        spec.subject = tlv(0x30, &[]);
        spec.remove(oids::SUBJECT_ALT_NAME);
    };

    subject_is_empty_and_its_other_name_not_critical: "wrong-criticality" = "leaf", |spec| {
        spec.subject = tlv(0x30, &[]);
        spec.put_raw("2.5.29.17", false, &tlv(0x30, &tlv(0x82, b"a.example")));
    };

    date_before_2050_is_generalized_time: "time-encoding" = "leaf", |spec| {
        spec.generalized_times = true;
    };

    unique_identifier_is_written: "unique-identifier" = "leaf", |spec| spec.unique_id = true;

    root_has_an_unknown_critical_extension: "unhandled-critical-extension" = "root", |spec| {
        spec.put_raw("1.2.3.4", true, &[0x05, 0x00]);
    };
}

/// The certificate below cannot name its key, either.
#[test]
fn subject_key_identifier_of_a_ca_is_missing() {
    let [found, without] = both("root", |spec| spec.remove(oids::SUBJECT_KEY_IDENTIFIER));
    assert_eq!((found, without), (vec!["missing-extension"; 2], vec![]));
}

#[test]
fn subject_is_empty_and_its_other_name_critical() {
    let empty = |spec: &mut Spec| {
        spec.subject = tlv(0x30, &[]);
        spec.put_raw("2.5.29.17", true, &tlv(0x30, &tlv(0x82, b"a.example")));
    };
    assert_eq!(both("leaf", empty), [[""; 0]; 2]);
}

/// RFC 5280 §4.1.2.2: a user is prepared for it, and a root's number refers to nothing.
#[test]
fn serial_number_of_a_root_may_be_zero() {
    assert_eq!(both("root", |spec| spec.serial = 0), [[""; 0]; 2]);
}

fn constraints(spec: &Spec) -> Ext {
    let mut extensions = spec.extensions.iter();
    extensions.find(|extension| extension.oid == oids::BASIC_CONSTRAINTS).unwrap().clone()
}
