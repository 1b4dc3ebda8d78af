//! Signing a list of any size: hashed part by part, never put together.

use der::Encode;

use super::crl::ListError;
use super::signed::{BIT_STRING, SEQUENCE, push_header};
use crate::signer::{
    HashAlgorithm, KeyError, KeyId, SignatureAlgorithm, Signer, verify, verify_digest,
};
use crate::wire::Cert;
use crate::{Octets, Part, Suite};

/// A CRL or BCI without a signature; only [`prepare_crl`](super::prepare_crl) and
/// [`prepare_bci`](super::prepare_bci) make one.
#[derive(Debug)]
#[must_use = "a prepared list is not published until it is signed and recorded"]
pub struct PreparedList {
    number: u64,
    tbs: Octets,
    algorithm: SignatureAlgorithm,
    key: KeyId,
    /// DER SubjectPublicKeyInfo of `key`.
    spki: Vec<u8>,
}

impl PreparedList {
    pub(super) fn new(
        issuer: &Cert,
        algorithm: SignatureAlgorithm,
        number: u64,
        tbs: Octets,
    ) -> Result<Self, ListError> {
        let key = KeyId::of_spki(issuer.spki_der()).ok_or(ListError::Signer)?;
        Ok(Self { number, tbs, algorithm, key, spki: issuer.spki_der().to_vec() })
    }

    /// cRLNumber or sequenceNum.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// DER of the unsigned list.
    #[must_use]
    pub const fn tbs(&self) -> &Octets {
        &self.tbs
    }

    /// Thumbprint the signed list will have (spec `set-certificates.md` §5.2).
    #[must_use]
    pub fn thumbprint(&self, suite: Suite) -> Vec<u8> {
        match suite {
            Suite::Modern => digest(HashAlgorithm::Sha256, &self.tbs),
            Suite::Set1997 => digest(HashAlgorithm::Sha1, &self.tbs),
        }
    }

    /// Signs with the key of the issuer's certificate; the result is the DER list, which shares the
    /// parts of the unsigned one. The signature is verified before it is handed out (see
    /// `issue/signed.rs`).
    ///
    /// # Errors
    /// [`KeyError`] if `key` is another one, or signing fails or makes a wrong signature.
    pub fn sign(self, key: &KeyId, signer: &dyn Signer) -> Result<Octets, KeyError> {
        if *key != self.key {
            return Err(KeyError::Unsuitable(*key, "signing for another key's list"));
        }
        let signature = self.signature(signer)?;
        let algorithm = self.algorithm.identifier().and_then(|id| id.to_der());
        let mut signed = algorithm.map_err(|_| KeyError::Operation)?;
        push_header(&mut signed, BIT_STRING, signature.len().saturating_add(1));
        signed.push(0);
        signed.extend_from_slice(&signature);
        Ok(framed(&self.tbs, &signed))
    }

    fn signature(&self, signer: &dyn Signer) -> Result<Vec<u8>, KeyError> {
        let (suite, algorithm) = (self.algorithm.suite(), self.algorithm);
        let (signature, verified) = match algorithm.hash() {
            Some(hash) => {
                let digest = digest(hash, &self.tbs);
                let signature = signer.sign_digest(&self.key, algorithm, &digest)?;
                let verified = verify_digest(suite, &self.spki, algorithm, &digest, &signature);
                (signature, verified)
            }
            None => {
                let whole = self.tbs.whole();
                let signature = signer.sign(&self.key, algorithm, &whole)?;
                let verified = verify(suite, &self.spki, algorithm, &whole, &signature);
                (signature, verified)
            }
        };
        verified.map(|()| signature).map_err(|_| KeyError::Operation)
    }
}

/// SEQUENCE { tbs, what comes behind it }: the header goes into the first part and the rest into
/// the last, both small, so that a list is a head, its entries as they were kept, and a tail.
fn framed(tbs: &Octets, behind: &[u8]) -> Octets {
    let (first, others) = tbs
        .parts()
        .split_first()
        .map_or((&[][..], &[][..]), |(first, others)| (first.octets(), others));
    let (last, entries) =
        others.split_last().map_or((&[][..], &[][..]), |(last, entries)| (last.octets(), entries));
    let mut head = Vec::new();
    push_header(&mut head, SEQUENCE, tbs.len().saturating_add(behind.len()));
    head.extend_from_slice(first);
    let tail = Part::from([last, behind].concat());
    [Part::from(head)].into_iter().chain(entries.iter().cloned()).chain([tail]).collect()
}

fn digest(hash: HashAlgorithm, octets: &Octets) -> Vec<u8> {
    hash.digest(octets.parts().iter().map(Part::octets))
}
