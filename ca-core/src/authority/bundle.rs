//! What travels with a signed answer (decisions.md 8): everything the other side needs to verify it
//! and lacks.

use super::{Authority, Ca, Error};
use crate::envelope::Attachments;
use crate::profile::KeyUse;
use crate::store::ListId;
use crate::wire::bci::BrandCrlIdentifier;
use crate::wire::{BrandCrlIdentifierOctets, Cert, Crl, Thumbs};

/// Certificates and CRLs for the SignedData, and the BCI for the signed content.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    pub(super) attachments: Attachments,
    pub(super) bci: Option<BrandCrlIdentifierOctets>,
}

impl Authority {
    /// Chain of the signer, its key-exchange certificate, the brand's other CAs (they issue the
    /// CRLs), the CRLs and the BCI, without what `thumbs` says the receiver holds. `issued` stand
    /// first and are never left out.
    pub(super) fn bundle(
        &self,
        ca: &Ca,
        thumbs: Option<&Thumbs>,
        issued: &[&[u8]],
    ) -> Result<Bundle, Error> {
        let hierarchy = self.hierarchy();
        let brand = ca.record.brand.as_deref().unwrap_or_default();
        let mut bundle = Bundle::default();
        let certificates = &mut bundle.attachments.certificates;
        certificates.extend(issued.iter().map(|der| der.to_vec()));
        let own = [KeyUse::MessageSignature, KeyUse::Encryption];
        let held = own.iter().filter_map(|key_use| ca.held(*key_use));
        let signing = hierarchy.brand_and_root(brand);
        let signing = signing.filter_map(|ca| ca.held(KeyUse::CertificateSigning));
        for held in held.chain(signing) {
            if !self.has_certificate(thumbs, held.certificate) {
                certificates.push(held.certificate.der().to_vec());
            }
        }
        for ca in hierarchy.brand_and_root(brand) {
            let list = self.parts.store.list(&ListId::Crl(ca.record.id.clone()))?;
            if let Some(published) = list {
                let crl = Crl::from_der(&published.der).map_err(|fault| {
                    Error::Hierarchy(format!("published CRL of {}: {fault}", ca.record.id))
                })?;
                let thumb = crl.thumbprint(self.suite());
                if !thumbs.is_some_and(|thumbs| thumbs.lists_crl(&thumb)) {
                    bundle.attachments.crls.push(published.der);
                }
            }
        }
        bundle.bci = self.bci_unless_held(brand, thumbs)?;
        Ok(bundle)
    }

    fn has_certificate(&self, thumbs: Option<&Thumbs>, certificate: &Cert) -> bool {
        thumbs.is_some_and(|t| t.lists_certificate(&certificate.thumbprint(self.suite())))
    }

    fn bci_unless_held(
        &self,
        brand: &str,
        thumbs: Option<&Thumbs>,
    ) -> Result<Option<BrandCrlIdentifierOctets>, Error> {
        let Some(published) = self.parts.store.list(&ListId::Bci(brand.to_owned()))? else {
            return Ok(None);
        };
        let damaged = |fault| Error::Hierarchy(format!("published BCI of {brand}: {fault}"));
        let bci = BrandCrlIdentifier::from_der(&published.der).map_err(damaged)?;
        let thumb = bci.thumbprint(self.suite());
        if thumbs.is_some_and(|thumbs| thumbs.lists_brand_crl_id(&thumb)) {
            return Ok(None);
        }
        BrandCrlIdentifierOctets::new(published.der).map(Some).map_err(damaged)
    }
}
