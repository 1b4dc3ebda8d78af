//! What an end entity has seen: CA certificates, CRLs and the BCI, by thumbprint (spec
//! `set-messages.md` §4.2).

use crate::wire::extensions::{CertificateType, ExtensionValue};
use crate::wire::{BrandCrlIdentifier, Cert, Crl, CrlNumber, Digest, Thumbs, ValueError};
use crate::{Suite, UnixTime};

/// Objects of answers that were accepted. Nothing is believed of them: each use validates anew.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    pub(super) certificates: Vec<Cert>,
    pub(super) crls: Vec<Crl>,
    pub(super) bci: Option<BrandCrlIdentifier>,
}

impl Cache {
    /// A cache of these objects, as they were kept.
    #[must_use]
    pub fn new(certificates: Vec<Cert>, crls: Vec<Crl>, bci: Option<BrandCrlIdentifier>) -> Self {
        let mut cache = Self { bci, ..Self::default() };
        cache.absorb(certificates, crls);
        cache
    }

    /// Certificates of CAs, the trusted roots not among them.
    #[must_use]
    pub fn certificates(&self) -> &[Cert] {
        &self.certificates
    }

    /// CRLs, one of each issuer.
    #[must_use]
    pub fn crls(&self) -> &[Crl] {
        &self.crls
    }

    /// The brand CRL identifier.
    #[must_use]
    pub const fn bci(&self) -> Option<&BrandCrlIdentifier> {
        self.bci.as_ref()
    }

    /// Adds what is new; of several CRLs of one issuer the one with the highest number stays. The
    /// certificates of end entities are none of a cache's business.
    pub(super) fn absorb(&mut self, certificates: Vec<Cert>, crls: Vec<Crl>) {
        for certificate in certificates {
            if is_ca(&certificate) && !self.certificates.contains(&certificate) {
                self.certificates.push(certificate);
            }
        }
        for crl in crls {
            let issuer = crl.issuer_der();
            let newest = self
                .crls
                .iter()
                .all(|known| known.issuer_der() != issuer || known.number() < crl.number());
            if newest {
                self.crls.retain(|known| known.issuer_der() != issuer);
                self.crls.push(crl);
            }
        }
    }

    /// Drops what has ended, and CRLs that the BCI has left behind: to name them in Thumbs would
    /// keep the CA from sending their successors.
    pub(super) fn evict(&mut self, now: UnixTime) {
        self.certificates.retain(|certificate| now <= certificate.not_after());
        self.bci = self.bci.take().filter(|bci| now <= bci.unsigned().not_after);
        let bci = self.bci.as_ref();
        self.crls.retain(|crl| {
            let listed = bci.and_then(|bci| bci.unsigned().crl_number(crl.issuer_der()));
            crl.next_update().is_some_and(|end| now <= end)
                && listed.is_none_or(|number| Some(CrlNumber::from(number)) <= crl.number())
        });
    }

    /// Thumbs of everything here and of the trusted roots.
    pub(super) fn thumbs(&self, suite: Suite, anchors: &[Cert]) -> Result<Thumbs, ValueError> {
        let certificates = anchors.iter().chain(&self.certificates);
        let crls = self.crls.iter().map(|crl| crl.thumbprint(suite));
        let bci = self.bci.iter().map(|bci| bci.thumbprint(suite));
        Ok(Thumbs {
            cert_thumbs: digests(certificates.map(|certificate| certificate.thumbprint(suite)))?,
            crl_thumbs: digests(crls)?,
            brand_crl_id_thumbs: digests(bci)?,
            ..Thumbs::empty(suite)
        })
    }
}

/// True for a certificate of CAs only. Without a readable certificateType it counts as an end
/// entity's: among the certificates issued it must then be one that was asked for, and fails later.
pub(super) fn is_ca(certificate: &Cert) -> bool {
    let types = CertificateType::find(certificate).ok().flatten();
    types.is_some_and(|types| types.roles().iter().all(|role| role.is_ca()))
}

/// A list of digests; none is written as an absent list.
fn digests(thumbs: impl Iterator<Item = Vec<u8>>) -> Result<Option<Vec<Digest>>, ValueError> {
    let list = thumbs.map(|thumb| Digest::new(&thumb)).collect::<Result<Vec<_>, _>>()?;
    Ok(if list.is_empty() { None } else { Some(list) })
}
