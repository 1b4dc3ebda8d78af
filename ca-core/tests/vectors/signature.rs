//! §9.1 the key, §9.5 the signature, and the HMAC of §9.6 that no suite uses.

use base64ct::{Base64, Encoding as _};
use ca_core::Suite;
use ca_core::signer::{KeyAlgorithm, SignatureAlgorithm, verify};
use ca_core::wire::oids;
use ca_core::wire::pkcs7::Attributes;
use der::Encode;
use hmac::{Hmac, KeyInit as _, Mac as _};

use crate::support::{key, rsa_key, spec, text};

/// §9.1: octets are SHA-256(label | counter), the two top bits and the low one set, then the next
/// prime; what was added is small.
#[test]
fn primes_are_where_the_rule_finds_them() {
    use sha2::Digest as _;
    for (name, label) in [("K1024.p", "set-crypto-1024-p"), ("K1024.q", "set-crypto-1024-q")] {
        let block = |counter: u32| {
            sha2::Sha256::new().chain_update(label).chain_update(counter.to_be_bytes()).finalize()
        };
        let mut start = [block(0), block(1)].concat();
        start[0] |= 0xc0;
        start[63] |= 0x01;
        assert_eq!(spec(name)[..61], start[..61], "{name}");
    }
    assert_eq!(key().algorithm(), KeyAlgorithm::Rsa(1024));
    assert!(rsa_key().validate().is_ok());
}

#[test]
fn attributes_and_signature_are_those_of_the_spec() {
    let attributes = Attributes::binding(oids::CT_CERT_REQ_TBS, &spec("HD")).unwrap();
    let attributes = attributes.to_der().unwrap();
    assert_eq!(attributes, spec("attributes"));
    assert_eq!(Suite::Set1997.digest(&attributes), spec("SHA-1(attributes)"));
    let (key, algorithm) = (key(), SignatureAlgorithm::RsaSha1);
    let signature = key.sign(algorithm, &attributes).unwrap();
    assert_eq!(signature, spec("signature"));
    verify(Suite::Set1997, key.spki_der(), algorithm, &attributes, &signature).unwrap();
}

/// "Function test only": the keys of `modern` have 32 octets.
#[test]
fn hmac_sha_256_under_a_short_key_is_that_of_the_spec() {
    let key: Vec<u8> = (0xa0..=0xb3).collect();
    let mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap().chain_update(spec("account"));
    let mac = mac.finalize().into_bytes();
    assert_eq!(mac.to_vec(), spec("HMAC-SHA-256 a0..b3"));
    assert_eq!(Base64::encode_string(&mac), text("HMAC-SHA-256 a0..b3 base64"));
}
