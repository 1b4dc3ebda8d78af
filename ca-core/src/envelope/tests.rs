//! Spec vectors of the parts that only envelopes use (spec `set-crypto.md` §9.9).
//!
//! HD there covers the T of §9.2, whose DD is SHA-1, so the vectors are met part by part; whole
//! envelopes of the suite are met in `tests/envelope`.

use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, RsaPrivateKey};
use sha2::{Digest as _, Sha256};

use super::transport::{self, Recipient};
use super::{Block, ContentCipher, block, bulk};
use crate::signer::{PrivateKey, RandomError, SecureRandom, SoftwareKeys};
use crate::wire::{Cert, oids};
use crate::{Suite, hex};

const MODERN: &str = include_str!("../../tests/vectors/modern.txt");
/// T of spec `set-crypto.md` §9.2.
const T: &str = concat!(
    "304930190201010414000102030405060708090a0b0c0d0e0f10111213",
    "302c020100300906052b0e03021a050030060604672a00020414421bcd47ea04d97f0379d9c9befecd8d014f9c8e",
);
/// PANOnly of spec `set-crypto.md` §9.2.
const PAN_ONLY: &str = concat!(
    "30281210",
    "34313131313131313131313131313131",
    "0414c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3",
);

/// Gives ascending octets from a first one on.
struct Ascending(u8);

impl SecureRandom for Ascending {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        octets.iter_mut().zip(self.0..).for_each(|(octet, value)| *octet = value);
        Ok(())
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    crate::unhex(digits).unwrap()
}

fn vector(name: &str) -> &'static str {
    let line = MODERN.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    line.unwrap_or_else(|| panic!("no vector {name}"))
}

/// The key of §9.9 from n and p, q = n / p as in §9.1.
fn key() -> RsaPrivateKey {
    let number = |name| BoxedUint::from_be_slice(&unhex(vector(name)), 3072).unwrap();
    let (n, p) = (number("n"), number("p"));
    let (q, rest) = n.div_rem(&p.clone().to_nz().unwrap());
    assert!(bool::from(rest.is_zero()));
    let p = BoxedUint::from_be_slice(&unhex(vector("p")), 1536).unwrap();
    let q = BoxedUint::from_be_slice(&q.to_be_bytes()[192..], 1536).unwrap();
    RsaPrivateKey::from_p_q(p, q, BoxedUint::from(65537_u64)).unwrap()
}

/// The key as a recipient: its certificate is the one that foreign envelopes are made for.
fn recipient(key: &RsaPrivateKey) -> (Cert, Recipient) {
    let file = include_str!("../../tests/vectors/envelope.txt");
    let line = file.lines().find_map(|line| line.strip_prefix("certificate = ")).unwrap();
    let spki = key.to_public_key().to_public_key_der().unwrap();
    (Cert::from_der(&unhex(line)).unwrap(), Recipient::of_spki(spki.as_bytes()).unwrap())
}

fn ascending(first: u8, count: usize) -> Vec<u8> {
    (first..).take(count).collect()
}

#[test]
fn hd_is_the_digest_of_the_whole_body() {
    assert_eq!(hex(&Suite::Modern.digest(&unhex(T))), vector("HD"));
}

#[test]
fn key_block_is_m() {
    let parts = [&ascending(0x40, 32)[..], &unhex(vector("HD")), &unhex(PAN_ONLY)];
    let (_, recipient) = recipient(&key());
    let random = Ascending(0);
    let message = block::encode(Suite::Modern, &recipient, Block::PanOnly, parts, &random);
    assert_eq!(hex(&message.unwrap()), vector("M"));
}

#[test]
fn wrapping_m_gives_em_and_c() {
    let key = key();
    let (_, recipient) = recipient(&key);
    let (_, wrapped) = transport::wrap(
        Suite::Modern,
        &recipient,
        oids::CT_REG_FORM_REQ_TBE,
        &unhex(vector("M")),
        &Ascending(0x60),
    )
    .unwrap();
    assert_eq!(hex(&wrapped), vector("C"));
    assert_eq!(hex(&Sha256::digest(&wrapped)), vector("SHA-256(C)"));
    let c = BoxedUint::from_be_slice(&wrapped, key.n_bits_precision()).unwrap();
    let em = rsa::hazmat::rsa_decrypt(None::<&mut crate::signer::RandomAdapter<'_>>, &key, &c);
    assert_eq!(hex(&Sha256::digest(&em.unwrap().to_be_bytes()[..])), vector("SHA-256(EM)"));
}

#[test]
fn unwrapping_c_gives_m() {
    let key = key();
    let (certificate, _) = recipient(&key);
    let key = PrivateKey::from_pkcs8(key.to_pkcs8_der().unwrap().as_bytes()).unwrap();
    let keys: SoftwareKeys = [key].into_iter().collect();
    let c = unhex(vector("C"));
    let open = |content_type| {
        transport::unwrap(Suite::Modern, &certificate, content_type, &c, &keys).unwrap()
    };
    let message = open(oids::CT_REG_FORM_REQ_TBE);
    assert!(bool::from(message.opened));
    assert_eq!(hex(&message.octets), vector("M"));
    // Another content type is another label.
    assert!(!bool::from(open(oids::CT_CERT_REQ_TBE).opened));
}

#[test]
fn gcm_of_t_is_that_of_the_spec() {
    let key = ascending(0x40, 32);
    let (content_type, cipher) = (oids::CT_REG_FORM_REQ_TBE, ContentCipher::Aes256Gcm);
    let info = bulk::encrypt(cipher, &key, content_type, &unhex(T), &Ascending(0x90)).unwrap();
    assert_eq!(hex(info.encrypted_content.as_bytes()), vector("GCM"));
    assert_eq!(hex(&bulk::decrypt(cipher, &key, &info).unwrap()), T);
}
