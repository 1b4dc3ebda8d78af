//! The frame of certificates, and the pieces of that of CRLs and BCIs:
//! SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }.

use der::Encode;

use crate::signer::{KeyError, KeyId, SignatureAlgorithm, Signer, verify};

/// Octets to be signed, and the only key that may sign them.
#[derive(Clone, Debug)]
pub(super) struct Unsigned {
    pub(super) tbs: Vec<u8>,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) key: KeyId,
    /// DER SubjectPublicKeyInfo of `key`.
    pub(super) spki: Vec<u8>,
}

impl Unsigned {
    /// Signs, verifies, and frames.
    ///
    /// The signature is verified before it leaves: a fault in one RSA-CRT computation gives away
    /// the private key to whoever sees the result (Boneh, DeMillo, Lipton 1997), and a certificate
    /// that nobody can verify would be recorded as issued.
    pub(super) fn sign(self, key: &KeyId, signer: &dyn Signer) -> Result<Vec<u8>, KeyError> {
        if *key != self.key {
            return Err(KeyError::Unsuitable(*key, "signing for another key's certificate"));
        }
        let signature = signer.sign(key, self.algorithm, &self.tbs)?;
        verify(self.algorithm.suite(), &self.spki, self.algorithm, &self.tbs, &signature)
            .map_err(|_| KeyError::Operation)?;
        let algorithm = self.algorithm.identifier().and_then(|id| id.to_der());
        let algorithm = algorithm.map_err(|_| KeyError::Operation)?;
        let mut octets = self.tbs;
        octets.reserve_exact(algorithm.len().saturating_add(signature.len()).saturating_add(16));
        octets.extend_from_slice(&algorithm);
        push_header(&mut octets, BIT_STRING, signature.len().saturating_add(1));
        octets.push(0);
        octets.extend_from_slice(&signature);
        let mut outer = Vec::new();
        push_header(&mut outer, SEQUENCE, octets.len());
        octets.splice(0..0, outer);
        Ok(octets)
    }
}

/// Appends a tag octet and a DER length.
pub(super) fn push_header(octets: &mut Vec<u8>, tag: u8, length: usize) {
    octets.push(tag);
    let big_endian = length.to_be_bytes();
    let significant = big_endian.iter().skip_while(|octet| **octet == 0);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => octets.push(short),
        _ => {
            let count = u8::try_from(significant.clone().count()).unwrap_or(u8::MAX);
            octets.push(0x80 | count);
            octets.extend(significant);
        }
    }
}

/// Octets of a tag and a DER length for `length` octets of content.
pub(super) const fn header_len(length: usize) -> usize {
    if length < 0x80 { 2 } else { 2 + (usize::BITS - length.leading_zeros()).div_ceil(8) as usize }
}

/// SEQUENCE, constructed.
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const BIT_STRING: u8 = 0x03;
