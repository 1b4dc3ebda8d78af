//! DER by hand: elements, and certificates changed and signed again.

use ca_core::signer::{PrivateKey, SignatureAlgorithm};

/// An element of at most 65535 octets.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut octets = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    octets.extend_from_slice(content);
    octets
}

/// The elements that stand one after the other in `octets`, headers included.
pub(crate) fn elements(mut octets: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while !octets.is_empty() {
        let (one, rest) = octets.split_at(header(octets) + length(octets));
        found.push(one.to_vec());
        octets = rest;
    }
    found
}

/// The content of the first element.
pub(crate) fn content(octets: &[u8]) -> &[u8] {
    &octets[header(octets)..header(octets) + length(octets)]
}

fn header(octets: &[u8]) -> usize {
    match octets[1] {
        0..0x80 => 2,
        more => 2 + usize::from(more & 0x7f),
    }
}

fn length(octets: &[u8]) -> usize {
    match octets[1] {
        short @ 0..0x80 => short.into(),
        more => octets[2..2 + usize::from(more & 0x7f)]
            .iter()
            .fold(0, |length, octet| length << 8 | usize::from(*octet)),
    }
}

/// An unsigned certificate, field by field.
#[derive(Clone)]
pub(crate) struct Draft {
    /// version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
    pub(crate) fields: Vec<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Draft {
    pub(crate) fn of(tbs: &[u8]) -> Self {
        let mut fields = elements(content(tbs));
        let tagged = fields.pop().unwrap();
        Self { fields, extensions: elements(content(content(&tagged))) }
    }

    pub(crate) fn serial(mut self, serial: u8) -> Self {
        self.fields[1] = vec![0x02, 0x01, serial];
        self
    }

    pub(crate) fn tbs(&self) -> Vec<u8> {
        let extensions = tlv(0xa3, &tlv(0x30, &self.extensions.concat()));
        tlv(0x30, &[self.fields.concat(), extensions].concat())
    }

    /// The certificate, signed by the algorithm that its third field names.
    pub(crate) fn sign(&self, key: &PrivateKey, algorithm: SignatureAlgorithm) -> Vec<u8> {
        let tbs = self.tbs();
        let signature = key.sign(algorithm, &tbs).unwrap();
        let bits = tlv(0x03, &[&[0], signature.as_slice()].concat());
        tlv(0x30, &[tbs, self.fields[2].clone(), bits].concat())
    }
}

/// An extension from the hexadecimal digits of its OID's content and of its value.
pub(crate) fn extension(oid: &str, critical: bool, value: &str) -> Vec<u8> {
    let mut octets = tlv(0x06, &unhex(oid));
    if critical {
        octets.extend([0x01, 0x01, 0xff]);
    }
    octets.extend(tlv(0x04, &unhex(value)));
    tlv(0x30, &octets)
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    ca_core::unhex(text).unwrap()
}
