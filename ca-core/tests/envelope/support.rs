//! The key and the foreign structures that the envelope tests share.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ca_core::signer::{KeyId, PrivateKey, RandomError, SecureRandom, SoftwareKeys};
use ca_core::wire::{BackKey, BackKeyData, Cert, oids};
use const_oid::ObjectIdentifier;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::{BoxedUint, RsaPrivateKey};
use spki::AlgorithmIdentifierOwned;

/// Structures made by `vectors/envelope.py`.
pub(crate) fn foreign(name: &str) -> Vec<u8> {
    unhex(find(include_str!("../vectors/envelope.txt"), name))
}

/// Structures of `set-1997`, made by `vectors/envelope_1997.py`.
pub(crate) fn foreign_1997(name: &str) -> Vec<u8> {
    unhex(find(include_str!("../vectors/envelope_1997.txt"), name))
}

/// The certificate that those are made for and by (spec `set-crypto.md` §9.7).
pub(crate) fn certificate_1997() -> Cert {
    Cert::from_der(&foreign_1997("certificate")).unwrap()
}

/// K1024 of spec `set-crypto.md` §9.1 in a key store, with its identifier.
pub(crate) fn rsa_keys_1997() -> (SoftwareKeys, KeyId) {
    let file = include_str!("../vectors/set-1997.txt");
    let [p, q] = ["K1024.p", "K1024.q"]
        .map(|name| BoxedUint::from_be_slice(&unhex(find(file, name)), 512).unwrap());
    let key = RsaPrivateKey::from_p_q(p, q, BoxedUint::from(65537_u64)).unwrap();
    let key = PrivateKey::from_pkcs8(key.to_pkcs8_der().unwrap().as_bytes()).unwrap();
    let id = key.id();
    ([key].into_iter().collect(), id)
}

/// The certificate that foreign structures are made for and by.
pub(crate) fn certificate() -> Cert {
    Cert::from_der(&foreign("certificate")).unwrap()
}

/// A certificate for the same key with another serial number.
pub(crate) fn other_certificate() -> Cert {
    Cert::from_der(&foreign("other-certificate")).unwrap()
}

/// The RSA-3072 key of spec `set-crypto.md` §9.9; q = n / p.
pub(crate) fn rsa_key() -> PrivateKey {
    let modern = include_str!("../vectors/modern.txt");
    let n = BoxedUint::from_be_slice(&unhex(find(modern, "n")), 3072).unwrap();
    let p = unhex(find(modern, "p"));
    let wide = BoxedUint::from_be_slice(&p, 3072).unwrap().to_nz().unwrap();
    let q = BoxedUint::from_be_slice(&n.div_rem(&wide).0.to_be_bytes()[192..], 1536).unwrap();
    let p = BoxedUint::from_be_slice(&p, 1536).unwrap();
    let key = RsaPrivateKey::from_p_q(p, q, BoxedUint::from(65537_u64)).unwrap();
    PrivateKey::from_pkcs8(key.to_pkcs8_der().unwrap().as_bytes()).unwrap()
}

/// The same in a key store, with its identifier.
pub(crate) fn rsa_keys() -> (SoftwareKeys, KeyId) {
    let key = rsa_key();
    let id = key.id();
    ([key].into_iter().collect(), id)
}

/// A back key for this cipher.
pub(crate) fn back_key_of(cipher: ObjectIdentifier, key: &[u8]) -> BackKeyData {
    let back_alg_id = AlgorithmIdentifierOwned { oid: cipher, parameters: None };
    BackKeyData { back_alg_id, back_key: BackKey::new(key).unwrap() }
}

/// The one that the foreign EncK is encrypted under.
pub(crate) fn back_key() -> BackKeyData {
    back_key_of(oids::AES_256_GCM, &ascending(0x40, 32))
}

/// The octets `first`, `first` + 1, …
pub(crate) fn ascending(first: u8, count: usize) -> Vec<u8> {
    (first..).take(count).collect()
}

/// Gives fixed octets in order, then fails.
pub(crate) struct Script {
    octets: Mutex<std::vec::IntoIter<u8>>,
    draws: AtomicUsize,
}

impl Script {
    pub(crate) fn new(parts: &[Vec<u8>]) -> Self {
        Self { octets: Mutex::new(parts.concat().into_iter()), draws: AtomicUsize::new(0) }
    }

    /// Content key, nonce and OAEP seed of the foreign structures.
    pub(crate) fn of_vectors() -> Self {
        Self::new(&[ascending(0x40, 32), ascending(0x90, 12), ascending(0x60, 32)])
    }

    pub(crate) fn draws(&self) -> usize {
        self.draws.load(Ordering::Relaxed)
    }
}

impl SecureRandom for Script {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        self.draws.fetch_add(1, Ordering::Relaxed);
        let mut source = self.octets.lock().unwrap();
        for octet in octets {
            *octet = source.next().ok_or(RandomError)?;
        }
        Ok(())
    }
}

fn find<'a>(file: &'a str, name: &str) -> &'a str {
    let line = file.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    line.unwrap_or_else(|| panic!("no vector {name}"))
}

fn unhex(text: &str) -> Vec<u8> {
    ca_core::unhex(text).unwrap()
}
