//! What a decoder must refuse, keep and hide.

use ca_core::wire::bounds::MAX_MESSAGE;
use ca_core::wire::*;
use der::Decode;
use der::Encode;

use crate::samples::*;
use crate::support::{tlv, unhex};

#[test]
fn field_len_written_out_as_its_default_is_refused() {
    let octets = unhex("300b 3005 1a03 4f7264 02020080");
    let error = decode::<RegField>(&octets, MAX_MESSAGE).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::NotCanonical);
}

#[test]
fn field_required_written_out_as_false_is_refused() {
    let octets = unhex("300a 3005 1a03 4f7264 820100");
    let error = decode::<RegField>(&octets, MAX_MESSAGE).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::NotCanonical);
}

#[test]
fn reserved_request_type_is_refused() {
    let good = tlv(
        &[0x30],
        &[&rrpid_tlv(), &lid_ee_tlv(), &chall_tlv(), &unhex("0a01 0a"), b"\x1A\x05en-US"],
    );
    let position = good.windows(3).position(|w| w == [0x0A, 0x01, 0x0A]).unwrap();
    for reserved in [0, 2, 3, 11, 12, 19] {
        let mut octets = good.clone();
        octets[position + 2] = reserved;
        assert!(decode::<RegFormReqData>(&octets, MAX_MESSAGE).is_err(), "{reserved}");
    }
}

#[test]
fn a_request_without_a_key_is_refused() {
    assert!(PublicKeySorE::from_der(&unhex("3000")).is_err());
    assert_eq!(PublicKeySorE::new(None, None), None);
}

#[test]
fn keys_in_the_wrong_order_are_refused() {
    let octets = tlv(&[0x30], &[&tlv(&[0xA1], &[&spki()]), &tlv(&[0xA0], &[&spki()])]);
    assert!(PublicKeySorE::from_der(&octets).is_err());
}

#[test]
fn octets_as_an_answer_are_read_and_kept() {
    let octets = unhex("300c 3005 1a03 4f7264 0403 000102");
    let item = decode::<RegFormItem>(&octets, MAX_MESSAGE).unwrap();
    assert!(matches!(&item.field_value, FieldValue::Octets(o) if o.as_bytes() == [0, 1, 2]));
    assert_eq!(item.field_value.as_str(), None);
    assert_eq!(item.to_der().unwrap(), octets);
}

#[test]
fn what_is_secret_is_not_in_debug_output() {
    let request = PanData0 {
        pan: Pan::new("4111111111111111").unwrap(),
        card_expiry: CardExpiry::new(1999, 12).unwrap(),
        card_secret: Secret::new(&[0xA0; 32]).unwrap(),
        ex_nonce: nonce(),
    };
    let shown = format!("{request:?} {:?}", FieldValue::text("Ann").unwrap());
    for secret in ["411111", "1999", "160", "a0a0", "Ann"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn codes_are_numbered_from_one_without_a_gap() {
    let numbers: Vec<u8> = CertStatusCode::ALL.iter().map(|code| code.number()).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<u8>>());
    let numbers: Vec<u8> = ErrorCode::ALL.iter().map(|code| code.number()).collect();
    assert_eq!(numbers, (1..=22).collect::<Vec<u8>>());
}

#[test]
fn numbers_that_are_no_code_are_refused() {
    for number in [0, 13, 22] {
        assert!(CertStatusCode::from_der(&[0x0A, 0x01, number]).is_err(), "{number}");
    }
    for number in [0, 23] {
        assert!(ErrorCode::from_der(&[0x0A, 0x01, number]).is_err(), "{number}");
    }
}

#[test]
fn ranges_of_numbers_end_where_the_tables_say() {
    assert!(FailedItem::from_der(&unhex("3006 020132 1a0172")).is_ok(), "itemNumber 50");
    assert!(FailedItem::from_der(&unhex("3006 020133 1a0172")).is_err(), "itemNumber 51");
    assert!(CaMsg::from_der(&unhex("3004 820203e7")).is_ok(), "currency 999");
    assert!(CaMsg::from_der(&unhex("3004 820203e8")).is_err(), "currency 1000");
    assert!(CaMsg::from_der(&unhex("3003 820100")).is_err(), "currency 0");
}
