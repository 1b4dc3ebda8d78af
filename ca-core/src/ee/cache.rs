//! What a wallet has seen: certificates, CRLs and the BCI, by thumbprint (spec `set-messages.md`
//! §4.2).

use crate::Suite;
use crate::wire::{BrandCrlIdentifier, Cert, Crl, Digest, Thumbs, ValueError};

/// Objects of answers that were accepted. Nothing is believed of them: each use validates anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    pub(super) certificates: Vec<Cert>,
    pub(super) crls: Vec<Crl>,
    pub(super) bci: Option<BrandCrlIdentifier>,
}

impl Cache {
    /// Adds what is new; of several CRLs of one issuer the one with the highest number stays.
    pub(super) fn absorb(&mut self, certificates: Vec<Cert>, crls: Vec<Crl>) {
        for certificate in certificates {
            if !self.certificates.contains(&certificate) {
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

/// A list of digests; none is written as an absent list.
fn digests(thumbs: impl Iterator<Item = Vec<u8>>) -> Result<Option<Vec<Digest>>, ValueError> {
    let list = thumbs.map(|thumb| Digest::new(&thumb)).collect::<Result<Vec<_>, _>>()?;
    Ok(if list.is_empty() { None } else { Some(list) })
}
