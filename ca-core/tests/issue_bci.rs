//! The BCI of spec `set-certificates.md` §8.3.

#![expect(clippy::unwrap_used, reason = "a test may panic, helpers included")]

use ca_core::wire::bci::UnsignedBci;
use ca_core::{Suite, UnixTime, hex};

fn unhex(text: &str) -> Vec<u8> {
    ca_core::unhex(text).unwrap()
}

fn root_name() -> Vec<u8> {
    unhex("3020310b30090603550406130255533111300f060355040a130853455420526f6f74")
}

#[test]
fn worked_example_decodes() {
    let bci = UnsignedBci::from_der(&unhex(BCI)).unwrap();
    assert_eq!(bci.sequence_num, 7);
    assert_eq!(bci.brand_id.to_string(), "Brand");
    assert_eq!(bci.not_before, UnixTime::parse_rfc3339("2026-01-01T00:00:00Z").unwrap());
    assert_eq!(bci.not_after, UnixTime::parse_rfc3339("2026-01-08T00:00:00Z").unwrap());
    let numbers: Vec<u64> = bci.crls.iter().map(|crl| crl.number).collect();
    assert_eq!(numbers, [3, 5, 2]);
    assert_eq!(bci.crl_number(&root_name()), Some(3));
    let named = bci.authority_key_identifier().unwrap().unwrap();
    assert_eq!(named.issuer_and_serial, Some((root_name(), vec![2])));
    assert_eq!(bci.unknown_critical(), None);
}

#[test]
fn worked_example_encodes_byte_for_byte_to_its_thumbprint() {
    let octets = UnsignedBci::from_der(&unhex(BCI)).unwrap().to_der().unwrap();
    assert_eq!(hex(&octets), BCI);
    let thumbprint = hex(&Suite::Set1997.digest(&octets));
    assert_eq!(thumbprint, "0fb00d4c0c6ed02e47b7665b7d0ff57e5a8b5a85");
}

#[test]
fn another_version_or_an_empty_list_does_not_decode() {
    let version_1 = BCI.replacen("3081fe020100", "3081fe020101", 1);
    assert!(UnsignedBci::from_der(&unhex(&version_1)).is_err());
    let empty_list = "3031020100020107\
        1a054272616e64180f32303236303130313030303030305a180f32303236303130383030303030305aa000";
    assert!(UnsignedBci::from_der(&unhex(empty_list)).is_err());
    let without_list = empty_list.replacen("3031", "302f", 1).replace("5aa000", "5a");
    assert!(UnsignedBci::from_der(&unhex(&without_list)).is_ok());
}

#[test]
fn critical_extension_that_is_unknown_is_named() {
    // The AKI becomes extension 2.5.29.99, critical: one BOOLEAN longer in three places.
    let critical = BCI
        .replace("3081fe", "30820101")
        .replace("a13430320603551d23042b", "a13730350603551d630101ff042b");
    let bci = UnsignedBci::from_der(&unhex(&critical)).unwrap();
    assert_eq!(bci.unknown_critical().unwrap().to_string(), "2.5.29.99");
}

const BCI: &str = "3081fe0201000201071a054272616e64180f32303236303130313030303030305a180f3230323630\
    3130383030303030305aa0819630253020310b30090603550406130255533111300f060355040a130853455420526f\
    6f7402010330353030310b3009060355040613025553310e300c060355040a13054272616e643111300f060355040b\
    13084272616e6420434102010530363031310b3009060355040613025553310e300c060355040a13054272616e6431\
    123010060355040b13094272616e6420504341020102a13430320603551d23042b3029a124a4223020310b30090603\
    550406130255533111300f060355040a130853455420526f6f74820102";
