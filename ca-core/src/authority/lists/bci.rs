//! Brand CRL identifiers (spec `set-certificates.md` §6.3).

use super::super::{Authority, Error, Held};
use crate::issue::{BciOrder, prepare_bci};
use crate::profile::{KeyUse, Role};
use crate::store::{CaId, ListId, PublishedList};
use crate::wire::bci::{BrandCrlIdentifier, CrlIdentifier};

impl Authority {
    /// Signs and publishes the BCI of a brand, whether it is due or not (spec
    /// `set-certificates.md` §6.3), and distributes it to the CAs that are kept here, too.
    ///
    /// # Errors
    /// As [`Authority::publish_crl`].
    pub fn publish_bci(&self, brand: &str) -> Result<PublishedList, Error> {
        let hierarchy = self.hierarchy();
        let signer = hierarchy
            .serving(brand, Role::Bca)
            .ok_or_else(|| Error::Hierarchy(format!("there is no brand {brand}")))?;
        let held: Held<'_> = signer.need(KeyUse::CertificateSigning)?;
        let list = ListId::Bci(brand.to_owned());
        // First of all, as in `publish_crl`.
        let number = self.parts.store.next_number(&list)?;
        let before = self.held_list(&list)?;
        let rule = self.parts.policies.lists().bci;
        let (not_before, not_after) =
            self.period(before.as_ref().map(|before| before.this_update), rule.lifetime_secs);
        let crls = self.current_crls(brand)?;
        let order = BciOrder {
            suite: self.suite(),
            issuer: held.certificate,
            algorithm: held.algorithm,
            sequence_num: number,
            brand,
            not_before,
            not_after,
            crls: &crls,
        };
        let der = prepare_bci(&order)?.sign(&held.key, self.parts.signer.as_ref())?;
        let (this_update, next_update) = (not_before, not_after);
        let made = PublishedList { list, number, der, this_update, next_update };
        let published = self.publish(made)?;
        if published.number == number {
            self.exchange_bci(brand, &published, before.as_ref())?;
        }
        Ok(published)
    }

    /// The CRLs in force of a brand's CAs and the root, as its BCI lists them.
    fn current_crls(&self, brand: &str) -> Result<Vec<CrlIdentifier>, Error> {
        let mut crls = Vec::new();
        for ca in self.hierarchy().brand_and_root(brand) {
            if let Some(crl) = self.head(&ListId::Crl(ca.record.id.clone()))? {
                let issuer = ca.need(KeyUse::CertificateSigning)?.certificate;
                let issuer_der = issuer.subject_der().to_vec();
                crls.push(CrlIdentifier { issuer_der, number: crl.number });
            }
        }
        Ok(crls)
    }

    /// True if the BCI of a brand lists other CRLs than those in force: one of them was published
    /// where the brand's key was not, or we died in between.
    pub(super) fn is_outdated(&self, brand: &str) -> bool {
        let listed = || -> Result<bool, Error> {
            let Some(published) = self.published(&ListId::Bci(brand.to_owned()))? else {
                return Ok(true);
            };
            let damaged = |fault| Error::Hierarchy(format!("published BCI of {brand}: {fault}"));
            let bci =
                BrandCrlIdentifier::from_der(&published.list().der.whole()).map_err(damaged)?;
            Ok(bci.unsigned().crls != self.current_crls(brand)?)
        };
        // The attempt to publish will say what is wrong.
        listed().unwrap_or(true)
    }

    /// Brands whose BCI lists the CRL of this CA: its own, or all for the root.
    pub(super) fn brands_listing(&self, ca: &CaId) -> Vec<String> {
        let hierarchy = self.hierarchy();
        let brand = hierarchy.ca(ca).and_then(|ca| ca.record.brand.clone());
        match brand {
            Some(brand) => vec![brand],
            None => hierarchy
                .cas()
                .iter()
                .filter(|ca| ca.record.roles.contains(&Role::Bca))
                .filter_map(|ca| ca.record.brand.clone())
                .collect(),
        }
    }
}
