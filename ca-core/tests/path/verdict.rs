//! The verdict as a whole: good paths, reasons together, path, trace, JSON.

use ca_core::path::{Origin, Purpose, Rules};
use ca_core::profile::Role;
use ca_core::wire::extensions::{BasicConstraints, CertificateType};
use ca_core::wire::oids;

use crate::support::*;

#[test]
fn good_cardholder_is_valid_under_set_rules() {
    let mut settings = settings(Rules::Set);
    settings.brand = Some("Brand".to_owned());
    settings.purpose = Some(Purpose::MessageSignature);
    settings.role = Some(Role::Cardholder);
    let verdict = Tree::good().verdict_with(&settings);
    assert_eq!(codes(&verdict), [] as [&str; 0]);
    assert!(verdict.valid);
    let origins: Vec<Origin> = verdict.path.iter().map(|e| e.origin).collect();
    let expected =
        [Origin::Certificate, Origin::Untrusted(0), Origin::Untrusted(1), Origin::Anchor(0)];
    assert_eq!(origins, expected);
}

/// Spec `set-certificates.md` §1.4: real hierarchies outlive their issuers at every level.
#[test]
fn child_that_outlives_its_issuer_is_valid() {
    let tree = Tree::with(|label, spec| {
        if label == "leaf" {
            spec.not_after = time("2030-01-01T00:00:00Z");
        }
    });
    assert!(tree.verdict().valid);
}

#[test]
fn message_signature_certificate_of_a_ca_is_valid_below_its_superior() {
    let tree = Tree::good();
    let both = key("cca message");
    let spec = set_spec(&[Role::Cca], "Brand", "CCA", &both, SIGN);
    let certificate = under(spec, &tree.bca).sign(&key("bca"));
    let verdict = judge(&certificate, &[tree.bca], &[tree.root], &settings(Rules::Set));
    assert!(verdict.valid, "{:?}", verdict.reasons);
}

#[test]
fn other_brand_than_expected_is_named_at_every_level() {
    let mut settings = settings(Rules::Set);
    settings.brand = Some("Other".to_owned());
    let verdict = Tree::good().verdict_with(&settings);
    assert_eq!(codes(&verdict), ["brand-mismatch"; 3]);
    assert_eq!(verdict.reasons[0].message, "brand is \"Brand\", must be \"Other\"");
}

/// The same BrandID in BMPString (spec `set-certificates.md` §2.1: code points are compared).
#[test]
fn brand_in_another_string_type_is_the_same_brand() {
    let wide: Vec<u8> = "Brand".bytes().flat_map(|octet| [0, octet]).collect();
    let tree = Tree::with(|label, spec| {
        if label == "leaf" {
            let narrow = tlv(0x13, b"Brand");
            let organization = [&[0x06, 0x03, 0x55, 0x04, 0x0a], narrow.as_slice()].concat();
            let at = spec.subject.windows(12).position(|w| w == organization).unwrap() - 4;
            let value = [vec![0x06, 0x03, 0x55, 0x04, 0x0a], tlv(0x1e, &wide)].concat();
            let rdn = tlv(0x31, &tlv(0x30, &value));
            let rest = &spec.subject[at + 16..];
            spec.subject = tlv(0x30, &[&spec.subject[2..at], &rdn, rest].concat());
        }
    });
    assert!(tree.verdict().valid, "{:?}", tree.verdict().reasons);
}

/// M, T, X and cardCertRequired TRUE of spec `set-certificates.md` §8.1.
const MERCHANT_DATA: &str = "30441a0a4d45524348414e5430311206313233343536302a30288002656ea1061a0444\
    617665a20b1a09456b65746168756e61a50d1a0b4e6577205a65616c616e640202022a";
const TUNNELING: &str = "3009300706052b0e030207";
const SET_EXTENSIONS: &str = "300c0604672a01010604672a0104";
const CARD_CERT_REQUIRED: &str = "0101ff";

fn hex(text: &str) -> Vec<u8> {
    ca_core::unhex(text).unwrap()
}

/// root → BCA → a combined CA → an end entity of `role` with these private extensions.
fn end_entity(role: Role, usage: u16, private: &[(&str, &str)]) -> Vec<&'static str> {
    let every = [Role::Cca, Role::Mca, Role::Pca];
    let tree = Tree::with(|label, spec| match label {
        "cca" => spec.put(ext(true, &CertificateType::of(&every).unwrap())),
        "leaf" => {
            spec.usage(usage);
            if usage == ENCRYPT {
                spec.remove(oids::PRIVATE_KEY_USAGE_PERIOD);
            }
            spec.put(ext(true, &CertificateType::of(&[role]).unwrap()));
            for (oid, value) in private {
                spec.put_raw(oid, false, &hex(value));
            }
        }
        _ => {}
    });
    codes(&tree.verdict())
}

const MERCHANT: (&str, &str) = ("2.23.42.7.2", MERCHANT_DATA);
const REQUIRED: (&str, &str) = ("2.23.42.7.3", CARD_CERT_REQUIRED);
const TUNNEL: (&str, &str) = ("2.23.42.7.4", TUNNELING);
const EXTRA: (&str, &str) = ("2.23.42.7.5", SET_EXTENSIONS);

/// Rows 14 to 18 of spec `set-certificates.md` §8.2.
#[test]
fn end_entities_with_their_private_extensions_are_valid() {
    assert_eq!(end_entity(Role::Cardholder, SIGN, &[]), [""; 0]);
    assert_eq!(end_entity(Role::Merchant, SIGN, &[MERCHANT]), [""; 0]);
    assert_eq!(end_entity(Role::Merchant, ENCRYPT, &[MERCHANT]), [""; 0]);
    assert_eq!(end_entity(Role::Gateway, SIGN, &[]), [""; 0]);
    assert_eq!(end_entity(Role::Gateway, ENCRYPT, &[REQUIRED, TUNNEL]), [""; 0]);
    assert_eq!(end_entity(Role::Gateway, ENCRYPT, &[REQUIRED, TUNNEL, EXTRA]), [""; 0]);
}

#[test]
fn private_extension_in_the_wrong_certificate_is_forbidden() {
    for private in [MERCHANT, REQUIRED, TUNNEL, EXTRA] {
        assert_eq!(end_entity(Role::Cardholder, SIGN, &[private]), ["forbidden-extension"]);
    }
}

#[test]
fn missing_private_extension_is_an_error() {
    assert_eq!(end_entity(Role::Merchant, SIGN, &[]), ["missing-extension"]);
    assert_eq!(end_entity(Role::Gateway, ENCRYPT, &[REQUIRED]), ["missing-extension"]);
    assert_eq!(end_entity(Role::Gateway, ENCRYPT, &[TUNNEL]), ["missing-extension"]);
}

#[test]
fn private_extension_that_does_not_decode_is_malformed() {
    let cut = ("2.23.42.7.2", "30020500");
    assert_eq!(end_entity(Role::Merchant, SIGN, &[cut]), ["malformed-extension"]);
}

#[test]
fn cardholder_has_no_encryption_certificate() {
    assert_eq!(end_entity(Role::Cardholder, ENCRYPT, &[]), ["key-usage-combination"]);
}

#[test]
fn certificate_without_key_usage_is_incomplete() {
    let tree = Tree::with(|label, spec| {
        if label == "leaf" {
            spec.remove(oids::KEY_USAGE);
        }
    });
    assert_eq!(codes(&tree.verdict()), ["missing-extension"]);
}

#[test]
fn all_reasons_are_reported_with_numbers_and_rule() {
    let tree = Tree::with(|label, spec| match label {
        "leaf" => spec.subject = name("Brandt", "Jane"),
        "cca" => {
            spec.not_after = time("2026-06-01T00:00:00Z");
            spec.put(ext(true, &BasicConstraints { ca: false, path_len: None }));
        }
        _ => {}
    });
    let verdict = tree.verdict();
    assert_eq!(codes(&verdict), ["expired", "not-a-ca", "brand-mismatch"]);
    assert_eq!(
        verdict.reasons[0].to_string(),
        "C=DE, O=Brand, OU=CCA serial 03: notAfter was 2026-06-01T00:00:00Z, judged at \
         2026-06-15T12:00:00Z (SET chain validation 5: validity) [expired]"
    );
}

#[test]
fn json_has_the_fields_of_the_contract() {
    let tree = Tree::with(|label, spec| {
        if label == "leaf" {
            spec.usage(SIGN | CERT_SIGN);
        }
    });
    let json = serde_json::to_value(tree.verdict()).unwrap();
    assert_eq!(json["verdict"], "invalid");
    assert_eq!(json["reasons"][0]["code"], "key-usage-combination");
    assert_eq!(json["reasons"][0]["subject"], "C=DE, O=Brand, OU=Jane serial 04");
    assert_eq!(json["path"][3]["subject"], "C=DE, O=SET Root, OU=Root");
    assert_eq!(json["trace"], serde_json::json!([]));
    for field in ["rule", "message"] {
        assert!(json["reasons"][0][field].is_string());
    }
    let valid = serde_json::to_value(Tree::good().verdict()).unwrap();
    assert_eq!((&valid["verdict"], &valid["reasons"]), (&"valid".into(), &serde_json::json!([])));
}

#[test]
fn trace_tells_each_rule_and_the_state_before_and_after() {
    let mut settings = settings(Rules::Set);
    settings.trace = true;
    let verdict = Tree::good().verdict_with(&settings);
    let built = verdict.trace.iter().filter(|step| step.candidate == 0).count();
    assert_eq!(built, 3);
    let states: Vec<_> = verdict
        .trace
        .iter()
        .filter(|step| step.before != step.after)
        .map(|step| (step.subject.as_str(), step.before.as_str(), step.after.as_str()))
        .collect();
    let expected = [
        ("C=DE, O=SET Root, OU=Root serial 01", "CAs allowed: any number", "CAs allowed: 3"),
        ("C=DE, O=Brand, OU=BCA serial 02", "CAs allowed: 3", "CAs allowed: 2"),
        ("C=DE, O=Brand, OU=CCA serial 03", "CAs allowed: 2", "CAs allowed: 0"),
    ];
    assert_eq!(states, expected);
    assert!(verdict.trace.iter().all(|step| step.code.is_none()));
}
