//! The values of the spec, and K1024.

use std::sync::Mutex;

use ca_core::signer::{PrivateKey, RandomError, SecureRandom};
use ca_core::wire::{BackKey, BackKeyData, Cert};
use const_oid::ObjectIdentifier;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::{BoxedUint, RsaPrivateKey};
use spki::AlgorithmIdentifierOwned;

/// A value of §9.1 to §9.8.
pub(crate) fn spec(name: &str) -> Vec<u8> {
    ca_core::unhex(find(include_str!("set-1997.txt"), name)).unwrap()
}

/// A value of §9.9.
pub(crate) fn modern(name: &str) -> Vec<u8> {
    ca_core::unhex(find(include_str!("modern.txt"), name)).unwrap()
}

/// A value of §9.6 that is no number.
pub(crate) fn text(name: &str) -> &'static str {
    find(include_str!("set-1997.txt"), name)
}

/// A structure made by `envelope_1997.py`.
pub(crate) fn foreign(name: &str) -> Vec<u8> {
    ca_core::unhex(find(include_str!("envelope_1997.txt"), name)).unwrap()
}

/// K1024 of §9.1, from n, e, d and the primes as they are printed.
pub(crate) fn rsa_key() -> RsaPrivateKey {
    let number = |name| BoxedUint::from_be_slice(&spec(name), 1024).unwrap();
    let primes = vec![number("K1024.p"), number("K1024.q")];
    let e = BoxedUint::from(65537_u64);
    RsaPrivateKey::from_components(number("K1024.n"), e, number("K1024.d"), primes).unwrap()
}

pub(crate) fn key() -> PrivateKey {
    PrivateKey::from_pkcs8(rsa_key().to_pkcs8_der().unwrap().as_bytes()).unwrap()
}

/// The certificate of §9.7, whose key is K1024.
pub(crate) fn certificate() -> Cert {
    Cert::from_der(&foreign("certificate")).unwrap()
}

/// A back key for this cipher.
pub(crate) fn back_key(cipher: ObjectIdentifier, key: &[u8]) -> BackKeyData {
    let back_alg_id = AlgorithmIdentifierOwned { oid: cipher, parameters: None };
    BackKeyData { back_alg_id, back_key: BackKey::new(key).unwrap() }
}

/// Gives the octets of these values in order, then fails.
pub(crate) struct Script(Mutex<std::vec::IntoIter<u8>>);

impl Script {
    pub(crate) fn new(names: &[&str]) -> Self {
        let octets: Vec<u8> = names.iter().flat_map(|name| spec(name)).collect();
        Self(Mutex::new(octets.into_iter()))
    }

    /// What an envelope draws: content key, IV, E-Salt and I of §9.2.
    pub(crate) fn of_envelope() -> Self {
        Self::new(&["DES key", "IV", "E-Salt", "I"])
    }
}

impl SecureRandom for Script {
    fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
        let mut source = self.0.lock().unwrap();
        for octet in octets {
            *octet = source.next().ok_or(RandomError)?;
        }
        Ok(())
    }
}

fn find(file: &'static str, name: &str) -> &'static str {
    let line = file.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    line.unwrap_or_else(|| panic!("no vector {name}"))
}
