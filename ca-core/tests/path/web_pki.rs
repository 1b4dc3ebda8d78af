//! What the CA/Browser Forum demands of web servers: asked for by a setting, one change at a time.

use ca_core::path::{Conformance, ReasonCode, RevocationMode, Rules, Settings};
use ca_core::wire::oids;

use crate::rfc5280::plain_tree;
use crate::support::*;

/// The reasons after one change to one certificate of a server's path. The path has the keys of the
/// tests, Ed25519, which no web browser takes: that reason, the same everywhere, is left out.
fn reasons(which: &str, change: impl Fn(&mut Spec)) -> Vec<&'static str> {
    let mut found = all_reasons(which, change);
    found.retain(|code| *code != "key-not-allowed");
    found
}

fn all_reasons(which: &str, change: impl Fn(&mut Spec)) -> Vec<&'static str> {
    codes(&server_tree(which, change).verdict_with(&web_settings()))
}

fn web_settings() -> Settings {
    Settings { conformance: Conformance::WebPki, ..settings(Rules::Rfc5280) }
}

fn server_tree(which: &str, change: impl Fn(&mut Spec)) -> Tree {
    plain_tree(|label, spec| {
        if label == "leaf" {
            spec.put_raw("2.5.29.17", false, &tlv(0x30, &tlv(0x82, b"a.example")));
            spec.put_raw("2.5.29.37", false, &tlv(0x30, &SERVER_AUTH));
        } else {
            spec.put_raw("2.5.29.14", false, &tlv(0x04, label.as_bytes()));
        }
        key_identifier_alone(label, spec);
        if label == which {
            change(spec);
        }
    })
}

/// authorityKeyIdentifier as the web writes it: `[0]` and nothing else.
fn key_identifier_alone(label: &str, spec: &mut Spec) {
    let above: &[u8] = match label {
        "bca" => b"root",
        "cca" => b"bca",
        "leaf" => b"cca",
        _ => return,
    };
    spec.put_raw("2.5.29.35", false, &tlv(0x30, &tlv(0x80, above)));
}

macro_rules! web {
    ($($name:ident: $code:literal = $which:literal, $change:expr;)*) => {
        $(#[test] fn $name() {
            assert_eq!(reasons($which, $change), [$code]);
        })*
    };
}

#[test]
fn server_of_a_conforming_ca_has_only_the_wrong_kind_of_key() {
    assert_eq!(all_reasons("leaf", |_| {}), ["key-not-allowed"; 4]);
}

web! {
    common_name_is_not_among_the_names: "common-name" = "leaf", |spec| {
        spec.subject = common_name("b.example");
    };

    server_is_a_ca: "forbidden-extension" = "leaf", |spec| {
        spec.put_raw("2.5.29.14", false, &tlv(0x04, b"leaf"));
        spec.put_raw("2.5.29.19", true, &[0x30, 0x03, 0x01, 0x01, 0xff]);
    };

    purposes_are_missing: "missing-extension" = "leaf", |spec| spec.remove(oids::EXT_KEY_USAGE);

    purposes_are_critical: "wrong-criticality" = "leaf", |spec| {
        spec.put_raw("2.5.29.37", true, &tlv(0x30, &SERVER_AUTH));
    };

    any_purpose_is_among_them: "extended-key-usage" = "leaf", |spec| {
        spec.put_raw("2.5.29.37", false, &tlv(0x30, &[SERVER_AUTH.as_slice(), &ANY].concat()));
    };

    names_are_missing: "missing-extension" = "leaf", |spec| spec.remove(oids::SUBJECT_ALT_NAME);

    names_are_critical_beside_a_subject: "wrong-criticality" = "leaf", |spec| {
        spec.put_raw("2.5.29.17", true, &tlv(0x30, &tlv(0x82, b"a.example")));
    };

    root_has_purposes: "forbidden-extension" = "root", |spec| {
        spec.put_raw("2.5.29.37", false, &tlv(0x30, &SERVER_AUTH));
    };

    root_names_another_key: "authority-key-mismatch" = "root", |spec| {
        spec.put_raw("2.5.29.35", false, &tlv(0x30, &tlv(0x80, b"other")));
    };

    information_access_does_not_decode: "malformed-extension" = "leaf", |spec| {
        spec.put_raw("1.3.6.1.5.5.7.1.1", false, &[0x04, 0x00]);
    };
}

#[test]
fn common_name_is_one_of_the_names() {
    let change = |spec: &mut Spec| spec.subject = common_name("a.example");
    assert_eq!(reasons("leaf", change), [""; 0]);
}

#[test]
fn indirect_crl_does_not_count() {
    let tree = server_tree("leaf", |_| {});
    let indirect = Ext {
        oid: oids::ISSUING_DISTRIBUTION_POINT,
        critical: true,
        value: vec![0x30, 0x03, 0x84, 0x01, 0xff],
    };
    let crls = tree.crls().map(|mut crl| {
        crl.extensions.push(indirect.clone());
        crl.sign()
    });
    let [profile, web] = [Conformance::Profile, Conformance::WebPki].map(|conformance| {
        let revocation = RevocationMode::Require;
        tree.verdict_by(&crls, &Settings { conformance, revocation, ..web_settings() })
    });
    assert!(profile.valid, "{:#?}", profile.reasons);
    assert!(web.has(ReasonCode::NoRevocationStatus));
}

fn common_name(text: &str) -> Vec<u8> {
    let pair = [&[0x06, 0x03, 0x55, 0x04, 0x03], tlv(0x0c, text.as_bytes()).as_slice()].concat();
    tlv(0x30, &tlv(0x31, &tlv(0x30, &pair)))
}

/// id-kp-serverAuth and anyExtendedKeyUsage (RFC 5280 §4.2.1.12).
const SERVER_AUTH: [u8; 10] = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const ANY: [u8; 6] = [0x06, 0x04, 0x55, 0x1d, 0x25, 0x00];
