//! What travels with a signed answer (decisions.md 8): everything the other side needs to verify it
//! and lacks.

use super::{Authority, Ca, Error, Hierarchy, Stage};
use crate::envelope::Attachments;
use crate::profile::KeyUse;
use crate::store::ListId;
use crate::wire::bci::BrandCrlIdentifier;
use crate::wire::extensions::AuthorityKeyIdentifier;
use crate::wire::{BrandCrlIdentifierOctets, Cert, Thumbs};

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
    ///
    /// A chain is the one that really signed, older generations included. After a root rollover
    /// the roots go along, so that whoever trusts an old one learns the new one (spec
    /// `set-certificates.md` §4.1).
    pub(super) fn bundle(
        &self,
        ca: &Ca,
        thumbs: Option<&Thumbs>,
        issued: &[&[u8]],
    ) -> Result<Bundle, Error> {
        self.parts.within(Stage::Gather, || {
            match self.bundle_of(&self.hierarchy(), ca, thumbs, issued)? {
                (bundle, true) => Ok(bundle),
                // Another process has rolled a key over and published under it since we last
                // looked.
                (_, false) => {
                    self.reload()?;
                    Ok(self.bundle_of(&self.hierarchy(), ca, thumbs, issued)?.0)
                }
            }
        })
    }

    /// The bundle as `hierarchy` has it, and whether it knows the signer of every list.
    fn bundle_of(
        &self,
        hierarchy: &Hierarchy,
        ca: &Ca,
        thumbs: Option<&Thumbs>,
        issued: &[&[u8]],
    ) -> Result<(Bundle, bool), Error> {
        let brand = ca.record.brand.as_deref().unwrap_or_default();
        let mut bundle = Bundle::default();
        let mut chains = Chains { hierarchy, found: Vec::new(), whole: true };
        for der in issued {
            let own = Cert::from_der(der)
                .map_err(|fault| Error::Hierarchy(format!("certificate just issued: {fault}")))?;
            chains.add_issuers(&own);
            bundle.attachments.certificates.push(der.to_vec());
        }
        let own = [KeyUse::MessageSignature, KeyUse::Encryption];
        let held = own.iter().filter_map(|key_use| ca.held(*key_use));
        let signing = hierarchy.brand_and_root(brand);
        let signing = signing.filter_map(|ca| ca.held(KeyUse::CertificateSigning));
        held.chain(signing).for_each(|held| chains.add(held.certificate));
        // Before the CRLs: of two that are published meanwhile, these are then at least what it
        // lists.
        bundle.bci = self.bci_unless_held(brand, thumbs, &mut chains)?;
        for ca in hierarchy.brand_and_root(brand) {
            let list = self.published(&ListId::Crl(ca.record.id.clone()))?;
            if let Some(published) = list {
                let said = published.said(self.suite()).map_err(|fault| {
                    Error::Hierarchy(format!("published CRL of {}: {fault}", ca.record.id))
                })?;
                chains.add_named(said.authority.as_ref());
                if !thumbs.is_some_and(|thumbs| thumbs.lists_crl(&said.thumbprint)) {
                    bundle.attachments.crls.push(published.list().der.to_vec());
                }
            }
        }
        hierarchy.roots().for_each(|root| chains.add(root));
        let lacking = chains.found.iter().filter(|found| !self.has_certificate(thumbs, found));
        bundle.attachments.certificates.extend(lacking.map(|found| found.der().to_vec()));
        let whole = chains.whole;
        Ok((bundle, whole))
    }

    fn has_certificate(&self, thumbs: Option<&Thumbs>, certificate: &Cert) -> bool {
        thumbs.is_some_and(|t| t.lists_certificate(&certificate.thumbprint(self.suite())))
    }

    fn bci_unless_held(
        &self,
        brand: &str,
        thumbs: Option<&Thumbs>,
        chains: &mut Chains<'_>,
    ) -> Result<Option<BrandCrlIdentifierOctets>, Error> {
        let Some(published) = self.published(&ListId::Bci(brand.to_owned()))? else {
            return Ok(None);
        };
        let damaged = |fault| Error::Hierarchy(format!("published BCI of {brand}: {fault}"));
        let der = &published.list().der;
        let bci = BrandCrlIdentifier::from_der(&der.whole()).map_err(damaged)?;
        chains.add_named(bci.unsigned().authority_key_identifier().ok().flatten().as_ref());
        let thumb = bci.thumbprint(self.suite());
        if thumbs.is_some_and(|thumbs| thumbs.lists_brand_crl_id(&thumb)) {
            return Ok(None);
        }
        BrandCrlIdentifierOctets::new(der.to_vec()).map(Some).map_err(damaged)
    }
}

/// CA certificates, each once and followed by those above it.
struct Chains<'a> {
    hierarchy: &'a Hierarchy,
    found: Vec<&'a Cert>,
    /// False if a list was signed under a certificate that the hierarchy does not have.
    whole: bool,
}

impl<'a> Chains<'a> {
    fn add(&mut self, certificate: &'a Cert) {
        if !self.found.contains(&certificate) {
            self.found.push(certificate);
            self.add_issuers(certificate);
        }
    }

    /// What stands above a certificate: one issuer each, so that it ends at a root.
    fn add_issuers(&mut self, certificate: &Cert) {
        if let Some(issuer) = self.hierarchy.issuer_of(certificate) {
            self.add(issuer);
        }
    }

    /// The certificate whose key signed a list.
    fn add_named(&mut self, named: Option<&AuthorityKeyIdentifier>) {
        match named.and_then(|named| self.hierarchy.named_by(named)) {
            Some(signer) => self.add(signer),
            None => self.whole = false,
        }
    }
}
