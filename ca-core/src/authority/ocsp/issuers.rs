//! Issuers by what a CertID says of them: no digest is computed to answer a request.

use std::collections::HashMap;

use crate::authority::{Ca, Hierarchy};
use crate::profile::KeyUse;
use crate::signer::KeyAlgorithm;
use crate::wire::Cert;
use crate::wire::ocsp::{CertId, CertIdHash};

/// Digests of name and key of every certificate that has signed certificates.
#[derive(Debug, Default)]
pub(in crate::authority) struct Issuers {
    by_digests: HashMap<Vec<u8>, Place>,
}

/// Where in the hierarchy.
#[derive(Debug)]
struct Place {
    ca: usize,
    /// Among the generations of the CA, oldest first.
    generations: Vec<usize>,
    /// As [`Issuing::quick`].
    quick: Option<bool>,
}

/// An issuer that a CertID names.
#[derive(Clone, Debug)]
pub(in crate::authority) struct Issuing<'a> {
    pub(super) ca: &'a Ca,
    /// Its certificates with that name and that key, oldest first; never none.
    pub(super) certificates: Vec<&'a Cert>,
    /// Whether answers for it are quickly signed; none of a CA without a responder, which answers
    /// for nothing (`set-1997`, §10.5: off by default).
    pub(super) quick: Option<bool>,
}

impl Issuers {
    /// The table of these CAs; of two with one name and one key the superior counts.
    pub(in crate::authority) fn of(cas: &[Ca]) -> Self {
        let mut by_digests: HashMap<Vec<u8>, Place> = HashMap::new();
        for (number, ca) in cas.iter().enumerate() {
            let quick = is_quick(ca);
            for (generation, own) in ca.generations(KeyUse::CertificateSigning).enumerate() {
                for hash in [CertIdHash::Sha1, CertIdHash::Sha256] {
                    // The serial number does not count here.
                    let Ok(id) = CertId::of(hash, own, &[1]) else { continue };
                    let Some(key) = key(&id) else { continue };
                    let new = || Place { ca: number, generations: Vec::new(), quick };
                    let place = by_digests.entry(key).or_insert_with(new);
                    if place.ca == number {
                        place.generations.push(generation);
                    }
                }
            }
        }
        Self { by_digests }
    }

    /// The issuer a CertID names, if it is ours.
    pub(in crate::authority) fn find<'a>(
        &self,
        hierarchy: &'a Hierarchy,
        id: &CertId,
    ) -> Option<Issuing<'a>> {
        let place = self.by_digests.get(&key(id)?)?;
        let ca = hierarchy.cas().get(place.ca)?;
        let of = |number: &usize| ca.generations(KeyUse::CertificateSigning).nth(*number);
        let certificates = place.generations.iter().filter_map(of).collect();
        Some(Issuing { ca, certificates, quick: place.quick })
    }
}

fn is_quick(ca: &Ca) -> Option<bool> {
    let mut responders = ca.generations(KeyUse::OcspSigning).peekable();
    responders.peek()?;
    // An RSA signature takes milliseconds, one on a curve some thirty microseconds.
    let quick = |kind| !matches!(kind, KeyAlgorithm::Rsa(_));
    Some(responders.all(|own| KeyAlgorithm::of_spki(own.spki_der()).is_some_and(quick)))
}

/// None for a digest that we do not know.
fn key(id: &CertId) -> Option<Vec<u8>> {
    let mark = match id.hash()? {
        CertIdHash::Sha1 => 1,
        CertIdHash::Sha256 => 2,
    };
    let (name, key) = id.issuer_hashes();
    // A name digest of another length would shift the key digest.
    let length = u8::try_from(name.len()).ok()?;
    Some([&[mark, length][..], name, key].concat())
}
