//! §9.3 masks and §9.4 SET OAEP.

use ca_core::Suite;
use ca_core::envelope::set_oaep::{
    CounterOctet, CounterOctetTrailing, MaskFunction, Mgf1, capacity, decode, encode,
};
use ca_core::envelope::{
    Block, CERT_REQ_ENC, CERT_REQ_ENCX, Extra, REG_FORM_REQ, seal_enc, seal_encx, seal_exh,
};
use ca_core::wire::decode as decode_der;
use ca_core::wire::pkcs7::{EnvelopedData, MAX_PKCS7};
use rsa::traits::PublicKeyParts as _;

use crate::support::{Script, certificate, foreign, key, rsa_key, spec};

/// BC and ADB without fill of the five vectors, put together from §9.2.
fn contents(vector: &str) -> (u8, Vec<u8>) {
    let parts: (u8, &[&str]) = match vector {
        "V1" => (0x00, &["DES key"]),
        "V2" => (0x01, &["DES key", "HD"]),
        "V3" => (0x41, &["DES key", "HD", "PANOnly"]),
        "V4" => (0x10, &["DES key", "PANData"]),
        "V5" => (0x10, &["DES key", "PANData packed"]),
        other => panic!("{other}"),
    };
    (parts.0, parts.1.iter().flat_map(|name| spec(name)).collect())
}

const VECTORS: [&str; 5] = ["V1", "V2", "V3", "V4", "V5"];

fn salt() -> [u8; 16] {
    spec("E-Salt").try_into().unwrap()
}

#[test]
fn masks_are_those_of_the_three_variants() {
    let variants: [(&str, &dyn MaskFunction); 3] =
        [("mask A", &CounterOctet), ("mask N", &CounterOctetTrailing), ("mask M", &Mgf1)];
    for (name, variant) in variants {
        assert_eq!(*variant.expand(&salt(), 111), spec(name), "{name}");
    }
}

#[test]
fn blocks_are_masked_to_r() {
    for vector in VECTORS {
        let (code, adb) = contents(vector);
        let block = encode(&CounterOctet, 128, code, &adb, &salt(), spec("I")[0]).unwrap();
        assert_eq!(*block, spec(&format!("{vector}.R")), "{vector}");
    }
}

#[test]
fn r_is_unmasked_to_the_block_by_its_own_variant_only() {
    for vector in VECTORS {
        let (code, mut adb) = contents(vector);
        adb.resize(capacity(128), 0);
        let block = spec(&format!("{vector}.R"));
        let decoded = decode(&CounterOctet, &block).unwrap();
        assert!(bool::from(decoded.good), "{vector}");
        assert_eq!((decoded.block_contents, decoded.adb.to_vec()), (code, adb), "{vector}");
        // BT and V lie in the first 20 octets of the mask, which A and N share.
        assert!(!bool::from(decode(&Mgf1, &block).unwrap().good), "{vector}");
    }
}

/// V4's C begins with a zero octet.
#[test]
fn r_and_c_are_each_others_rsa() {
    let (rsa_key, key) = (rsa_key(), key());
    for vector in VECTORS {
        let (r, c) = (spec(&format!("{vector}.R")), spec(&format!("{vector}.C")));
        assert_eq!(*key.decrypt_raw(&c).unwrap(), r, "{vector}");
        let m = rsa::BoxedUint::from_be_slice(&r, rsa_key.n_bits_precision()).unwrap();
        let encrypted = rsa::hazmat::rsa_encrypt(&rsa_key.to_public_key(), &m).unwrap();
        assert_eq!(encrypted.to_be_bytes().to_vec(), c, "{vector}");
    }
}

fn encrypted_key(envelope: &[u8]) -> Vec<u8> {
    let envelope: EnvelopedData = decode_der(envelope, MAX_PKCS7).unwrap();
    envelope.recipient_infos.as_slice()[0].encrypted_key.as_bytes().to_vec()
}

#[test]
fn sealing_makes_the_ciphertexts_of_the_spec() {
    let (suite, certificate) = (Suite::Set1997, certificate());
    let random = Script::of_envelope();
    let enc = seal_enc(suite, &certificate, &CERT_REQ_ENC, &foreign("s"), &random);
    assert_eq!(encrypted_key(&enc.unwrap()), spec("V1.C"));

    let p = Extra { block: Block::PanOnly, der: &spec("PANOnly") };
    let random = Script::of_envelope();
    let exh = seal_exh(suite, &certificate, &REG_FORM_REQ, &foreign("t"), p, &random);
    assert_eq!(encrypted_key(&exh.unwrap()), spec("V3.C"));
}

/// §2.1: X of 94 octets is the longest that an EncX for 1024 bits carries, 74 with HD.
#[test]
fn capacity_is_that_of_the_table() {
    for (k, adb) in [(96, 70), (128, 102), (192, 166), (256, 230), (384, 358)] {
        assert_eq!(capacity(k), adb);
    }
    let (suite, certificate) = (Suite::Set1997, certificate());
    let x = |length: u8| {
        let mut x = vec![0x04, length - 2];
        x.resize(length.into(), 7);
        x
    };
    for (length, fits) in [(94, true), (95, false)] {
        let (x, t) = (x(length), foreign("t"));
        let p = Extra { block: Block::AcctData, der: &x };
        let random = Script::of_envelope();
        let made = seal_encx(suite, &certificate, &CERT_REQ_ENCX, &t, &foreign("so"), p, &random);
        assert_eq!(made.is_ok(), fits, "EncX {length}");
    }
    for (length, fits) in [(74, true), (75, false)] {
        let (x, t) = (x(length), foreign("t"));
        let p = Extra { block: Block::PanOnly, der: &x };
        let random = Script::of_envelope();
        let made = seal_exh(suite, &certificate, &REG_FORM_REQ, &t, p, &random);
        assert_eq!(made.is_ok(), fits, "EXH {length}");
    }
}
