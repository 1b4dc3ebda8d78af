//! A small DER writer, and certificates made with it.

use ca_core::profile::KeyUsageBits;
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom};
use ca_core::wire::extensions::{ExtensionValue, KeyUsage};
use ca_core::wire::{Cert, oids};
use ca_core::{Suite, UnixTime};
use const_oid::ObjectIdentifier;
use der::Encode;

pub(crate) fn time(text: &str) -> UnixTime {
    UnixTime::parse_rfc3339(text).unwrap()
}

/// Every certificate of the tree is good at this time.
pub(crate) fn noon() -> UnixTime {
    time("2026-06-15T12:00:00Z")
}

pub(crate) fn key(label: &str) -> PrivateKey {
    PrivateKey::generate(KeyAlgorithm::Ed25519, &SeededRandom::new(b"path", label)).unwrap()
}

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=127 => out.push(short as u8),
        long @ 128..=255 => out.extend([0x81, long as u8]),
        long @ 256..=0xffff => {
            out.push(0x82);
            out.extend((long as u16).to_be_bytes());
        }
        long => {
            out.push(0x83);
            out.extend(&(long as u32).to_be_bytes()[1..]);
        }
    }
    out.extend(content);
    out
}

/// INTEGER; a sign octet where the top bit is set.
pub(crate) fn integer(value: u8) -> Vec<u8> {
    if value < 0x80 { tlv(0x02, &[value]) } else { tlv(0x02, &[0, value]) }
}

/// `C=DE, O=brand, OU=unit` in PrintableString.
pub(crate) fn name(brand: &str, unit: &str) -> Vec<u8> {
    let rdn = |oid: ObjectIdentifier, text: &str| {
        let pair = [oid.to_der().unwrap(), tlv(0x13, text.as_bytes())].concat();
        tlv(0x31, &tlv(0x30, &pair))
    };
    let rdns = [
        rdn(oids::COUNTRY_NAME, "DE"),
        rdn(oids::ORGANIZATION_NAME, brand),
        rdn(oids::ORGANIZATIONAL_UNIT_NAME, unit),
    ];
    tlv(0x30, &rdns.concat())
}

/// One extension to be written.
#[derive(Clone, Debug)]
pub(crate) struct Ext {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) critical: bool,
    pub(crate) value: Vec<u8>,
}

pub(crate) fn ext<T: ExtensionValue>(critical: bool, value: &T) -> Ext {
    Ext { oid: T::OID, critical, value: value.to_value().unwrap() }
}

/// Everything that stands in a certificate.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) version: u8,
    pub(crate) serial: u8,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
    pub(crate) extensions: Vec<Ext>,
    pub(crate) unique_id: bool,
    /// Times as GeneralizedTime, whatever the year.
    pub(crate) generalized_times: bool,
    pub(crate) inner_algorithm: Vec<u8>,
    pub(crate) outer_algorithm: Vec<u8>,
    pub(crate) spki: Vec<u8>,
    pub(crate) spoil_signature: bool,
}

impl Spec {
    pub(crate) fn remove(&mut self, oid: ObjectIdentifier) {
        self.extensions.retain(|e| e.oid != oid);
    }

    /// Adds the extension, or puts it in the place of the one with its OID.
    pub(crate) fn put(&mut self, new: Ext) {
        self.remove(new.oid);
        self.extensions.push(new);
    }

    pub(crate) fn put_raw(&mut self, oid: &str, critical: bool, value: &[u8]) {
        let oid = ObjectIdentifier::new_unwrap(oid);
        self.put(Ext { oid, critical, value: value.to_vec() });
    }

    pub(crate) fn usage(&mut self, bits: u16) {
        self.put(ext(true, &KeyUsage(KeyUsageBits(bits))));
    }

    pub(crate) fn sign(&self, issuer: &PrivateKey) -> Cert {
        let serial = integer(self.serial);
        let validity = [self.not_before, self.not_after]
            .map(|t| match self.generalized_times {
                true => t.to_generalized().unwrap().to_der().unwrap(),
                false => t.to_x509().unwrap().to_der().unwrap(),
            })
            .concat();
        let mut tbs = Vec::new();
        if self.version > 1 {
            tbs.extend(tlv(0xa0, &tlv(0x02, &[self.version - 1])));
        }
        tbs.extend(serial);
        tbs.extend(&self.inner_algorithm);
        tbs.extend(&self.issuer);
        tbs.extend(tlv(0x30, &validity));
        tbs.extend(&self.subject);
        tbs.extend(&self.spki);
        if self.unique_id {
            tbs.extend(tlv(0x81, &[0, 0xaa]));
        }
        if !self.extensions.is_empty() {
            let all: Vec<u8> = self.extensions.iter().flat_map(write_extension).collect();
            tbs.extend(tlv(0xa3, &tlv(0x30, &all)));
        }
        let tbs = tlv(0x30, &tbs);
        let mut signature =
            issuer.sign(issuer.algorithm().default_signature(Suite::Modern), &tbs).unwrap();
        if self.spoil_signature {
            signature[0] ^= 1;
        }
        let bits = tlv(0x03, &[&[0], signature.as_slice()].concat());
        let certificate = tlv(0x30, &[tbs, self.outer_algorithm.clone(), bits].concat());
        Cert::from_der(&certificate).unwrap()
    }
}

pub(crate) fn write_extension(extension: &Ext) -> Vec<u8> {
    let mut content = extension.oid.to_der().unwrap();
    if extension.critical {
        content.extend([0x01, 0x01, 0xff]);
    }
    content.extend(tlv(0x04, &extension.value));
    tlv(0x30, &content)
}

/// AlgorithmIdentifier of Ed25519 (RFC 8410 §3).
pub(crate) const ED25519: [u8; 7] = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
/// AlgorithmIdentifier of sha1WithRSAEncryption.
pub(crate) const SHA1_WITH_RSA: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00];

pub(crate) const SIGN: u16 = 1;
pub(crate) const ENCRYPT: u16 = 0b1100;
pub(crate) const CERT_SIGN: u16 = 1 << 5;
pub(crate) const CRL_SIGN: u16 = 1 << 6;
