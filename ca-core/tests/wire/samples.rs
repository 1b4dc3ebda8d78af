//! The values that vectors share, as octets and as types.

use ca_core::Suite;
use ca_core::wire::*;

use crate::support::{tlv, unhex};

pub(crate) fn rrpid_tlv() -> Vec<u8> {
    tlv(&[0x04], &[&[0x11; 20]])
}

pub(crate) fn lid_ee_tlv() -> Vec<u8> {
    unhex("0402 0102")
}

pub(crate) fn chall_tlv() -> Vec<u8> {
    tlv(&[0x04], &[&[0x22; 20]])
}

/// SEQUENCE { SHA-256, [0] { SEQUENCE { digest AA… } } }
pub(crate) fn thumbs_tlv() -> Vec<u8> {
    let digests = tlv(&[0x30], &[&tlv(&[0x04], &[&[0xAA; 32]])]);
    tlv(&[0x30], &[&unhex(SHA_256), &tlv(&[0xA0], &[&digests])])
}

pub(crate) fn cert_thumb_tlv() -> Vec<u8> {
    tlv(&[0x30], &[&unhex(SHA_256), &tlv(&[0x04], &[&[0xBB; 32]])])
}

pub(crate) const SHA_256: &str = "300b 0609 608648016503040201";
/// Any SEQUENCE stands for a BrandCRLIdentifier or a PKCS#7 object here.
pub(crate) const RAW: &str = "3003 020105";
pub(crate) const RAW_LENGTH: u8 = 5;

pub(crate) fn rrpid() -> Rrpid {
    Rrpid::new([0x11; 20])
}

pub(crate) fn lid_ee() -> LocalId {
    LocalId::new(&[1, 2]).unwrap()
}

pub(crate) fn lid_ca() -> LocalId {
    LocalId::new(&[0xCA]).unwrap()
}

pub(crate) fn chall() -> Challenge {
    Challenge::new([0x22; 20])
}

pub(crate) fn thumbs() -> Thumbs {
    let digest = Digest::new(&[0xAA; 32]).unwrap();
    Thumbs { cert_thumbs: Some(vec![digest]), ..Thumbs::empty(Suite::Modern) }
}

pub(crate) fn cert_thumb() -> CertThumb {
    CertThumb::new(Suite::Modern, &[0xBB; 32]).unwrap()
}

pub(crate) fn bci() -> BrandCrlIdentifierOctets {
    BrandCrlIdentifierOctets::new(unhex(RAW)).unwrap()
}

pub(crate) fn text<const MAX: usize>(text: &str) -> SetString<MAX> {
    SetString::new(text).unwrap()
}

pub(crate) fn label(label: &str) -> FieldName {
    NonEmpty::new(vec![text(label)]).unwrap()
}

pub(crate) fn url(url: &str) -> Url {
    Url::new(url).unwrap()
}

pub(crate) fn nonce() -> Nonce {
    Nonce::new([0xC0; 20])
}

pub(crate) fn spki() -> Vec<u8> {
    // RFC 8410 §10.1: the Ed25519 public key of the example.
    unhex(
        "302a 3005 0603 2b6570 0321 00
         19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
    )
}
