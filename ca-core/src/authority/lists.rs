//! CRLs and brand CRL identifiers: signed, numbered, published.

use super::{Authority, Ca, Error, Held};
use crate::UnixTime;
use crate::issue::{BciOrder, CrlOrder, prepare_bci, prepare_crl};
use crate::profile::{KeyUse, ListRule, Role};
use crate::signer::KeyError;
use crate::store::{CaId, Conflict, ListId, PublishedList, StoreError};
use crate::wire::bci::{BrandCrlIdentifier, CrlIdentifier};

impl Authority {
    /// Signs and publishes the CRL of a CA, whether it is due or not, and notifies the brand CA if
    /// it is kept here, too. The BCIs that list the CRL follow with [`Authority::publish_bci`].
    ///
    /// # Errors
    /// [`Error::Key`] if the CA's key is not here (the root's is off line); [`Error::Exchange`] if
    /// the brand CA would not take the CRL, which is published even so.
    pub fn publish_crl(&self, ca: &CaId) -> Result<PublishedList, Error> {
        let hierarchy = self.hierarchy();
        let issuer =
            hierarchy.ca(ca).ok_or_else(|| Error::Hierarchy(format!("there is no CA {ca}")))?;
        if !issuer.issues_crls() {
            return Err(Error::Hierarchy(format!("{ca} issues no CRL: its key has no cRLSign")));
        }
        let held = issuer.need(KeyUse::CertificateSigning)?;
        let role = issuer.record.roles.first().copied().unwrap_or(Role::Rca);
        let rule = self.parts.policies.lists().crl(role);
        let list = ListId::Crl(ca.clone());
        // The number comes before anything is read: of two that publish at once, the one with the
        // higher number, which stands, has seen at least what the other has.
        let number = self.parts.store.next_number(&list)?;
        let before = self.parts.store.list(&list)?;
        let (this_update, next_update) = self.period(before.as_ref(), rule);
        let entries = self.parts.store.revoked(ca, this_update)?;
        let order = CrlOrder {
            suite: self.suite(),
            issuer: held.certificate,
            algorithm: held.algorithm,
            number,
            this_update,
            next_update,
            entries: &entries,
        };
        let der = prepare_crl(&order)?.sign(&held.key, self.parts.signer.as_ref())?;
        let made = PublishedList { list, number, der, this_update, next_update };
        let published = self.publish(made)?;
        // Of a later one that overtook this one, whoever made it tells the brand CA.
        if published.number == number {
            self.exchange_crl(issuer, &published, before.as_ref())?;
        }
        Ok(published)
    }

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
        let before = self.parts.store.list(&list)?;
        let rule = self.parts.policies.lists().bci;
        let (not_before, not_after) = self.period(before.as_ref(), rule);
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

    /// Publishes the CRL of a CA and the BCI of each brand whose tree it is in; what a revocation
    /// asks for. `None` of a CA without CRLs: in `set-1997` a cardholder or merchant is cancelled
    /// where payments are decided, not on a list (spec `set-certificates.md` §6.1).
    ///
    /// # Errors
    /// As [`Authority::publish_crl`]; a BCI whose key is not here is left to who has it.
    pub fn publish_after_revocation(&self, ca: &CaId) -> Result<Option<PublishedList>, Error> {
        if self.hierarchy().ca(ca).is_some_and(|ca| !ca.issues_crls()) {
            return Ok(None);
        }
        // A list with an alarm is published: the others follow, the first alarm last.
        let mut alarm = None;
        let crl = match self.publish_crl(ca) {
            Err(found @ Error::Exchange { .. }) => {
                alarm = Some(found);
                self.parts.store.list(&ListId::Crl(ca.clone()))?
            }
            outcome => Some(outcome?),
        };
        for brand in self.brands_listing(ca) {
            match self.publish_bci(&brand) {
                Ok(_) | Err(Error::Key(KeyError::Absent(_))) => {}
                Err(found @ Error::Exchange { .. }) => alarm = alarm.or(Some(found)),
                Err(error) => return Err(error),
            }
        }
        match alarm {
            Some(alarm) => Err(alarm),
            None => Ok(crl),
        }
    }

    /// Publishes each CRL and BCI that is due and whose key is here; one outcome for each.
    ///
    /// A list whose key lies elsewhere (the root's) is reported only when it is due. A BCI is due,
    /// too, when it does not list the CRLs in force.
    pub fn publish_due(&self) -> Vec<(ListId, Result<PublishedList, Error>)> {
        let mut outcomes = Vec::new();
        let hierarchy = self.hierarchy();
        let now = self.parts.clock.now();
        let lists = self.parts.policies.lists();
        for ca in hierarchy.cas().iter().filter(|ca| ca.issues_crls()) {
            let role = ca.record.roles.first().copied().unwrap_or(Role::Rca);
            let list = ListId::Crl(ca.record.id.clone());
            if self.is_due(&list, lists.crl(role), now) || self.has_old_signer(&list, ca) {
                outcomes.push((list, self.publish_crl(&ca.record.id)));
            }
        }
        for ca in hierarchy.cas().iter().filter(|ca| ca.record.roles.contains(&Role::Bca)) {
            let Some(brand) = ca.record.brand.clone() else { continue };
            let list = ListId::Bci(brand.clone());
            let due = self.is_due(&list, lists.bci, now) || self.has_old_signer(&list, ca);
            if due || self.is_outdated(&brand) {
                outcomes.push((list, self.publish_bci(&brand)));
            }
        }
        outcomes
    }

    /// True if the CRL of a CA was published before its certificate in force began: whoever put that
    /// in force died before the CRL was made.
    #[must_use]
    pub fn is_crl_behind(&self, ca: &CaId) -> bool {
        let hierarchy = self.hierarchy();
        let list = ListId::Crl(ca.clone());
        hierarchy.ca(ca).is_some_and(|ca| self.has_old_signer(&list, ca))
    }

    /// True if the list was published before the certificate in force began: the key may be another
    /// one since, and nobody should need the old one for longer than the old certificates.
    fn has_old_signer(&self, list: &ListId, ca: &Ca) -> bool {
        let begins = ca.held(KeyUse::CertificateSigning).map(|held| held.certificate.not_before());
        let published = self.parts.store.list(list).ok().flatten();
        published.zip(begins).is_some_and(|(published, begins)| published.this_update < begins)
    }

    /// Publishes a list, unless a later one was published while this one was made: that has seen
    /// what this one has, and is the answer.
    fn publish(&self, list: PublishedList) -> Result<PublishedList, Error> {
        match self.parts.store.record_list(&list) {
            Ok(()) => Ok(list),
            Err(StoreError::Conflict(Conflict::ListNumber { published, offered, .. }))
                if published > offered =>
            {
                let later = self.parts.store.list(&list.list)?;
                later.ok_or_else(|| Error::Hierarchy(format!("{} is gone", list.list)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The CRLs in force of a brand's CAs and the root, as its BCI lists them.
    fn current_crls(&self, brand: &str) -> Result<Vec<CrlIdentifier>, Error> {
        let mut crls = Vec::new();
        for ca in self.hierarchy().brand_and_root(brand) {
            if let Some(crl) = self.parts.store.list(&ListId::Crl(ca.record.id.clone()))? {
                let issuer = ca.need(KeyUse::CertificateSigning)?.certificate;
                let issuer_der = issuer.subject_der().to_vec();
                crls.push(CrlIdentifier { issuer_der, number: crl.number });
            }
        }
        Ok(crls)
    }

    /// True if the BCI of a brand lists other CRLs than those in force: one of them was published
    /// where the brand's key was not, or we died in between.
    fn is_outdated(&self, brand: &str) -> bool {
        let listed = || -> Result<bool, Error> {
            let Some(published) = self.parts.store.list(&ListId::Bci(brand.to_owned()))? else {
                return Ok(true);
            };
            let damaged = |fault| Error::Hierarchy(format!("published BCI of {brand}: {fault}"));
            let bci = BrandCrlIdentifier::from_der(&published.der).map_err(damaged)?;
            Ok(bci.unsigned().crls != self.current_crls(brand)?)
        };
        // The attempt to publish will say what is wrong.
        listed().unwrap_or(true)
    }

    /// Brands whose BCI lists the CRL of this CA: its own, or all for the root.
    fn brands_listing(&self, ca: &CaId) -> Vec<String> {
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

    /// thisUpdate and nextUpdate of the next issue: thisUpdate never goes back, even if the clock
    /// does.
    fn period(&self, last: Option<&PublishedList>, rule: ListRule) -> (UnixTime, UnixTime) {
        let now = self.parts.clock.now();
        let this_update = last.map_or(now, |last| last.this_update.max(now));
        (this_update, this_update.plus_secs(rule.lifetime_secs))
    }

    fn is_due(&self, list: &ListId, rule: ListRule, now: UnixTime) -> bool {
        match self.parts.store.list(list) {
            Ok(Some(last)) => last.next_update.minus_secs(rule.renew_before_secs) <= now,
            Ok(None) => true,
            // The attempt to publish will say what is wrong with the store.
            Err(_) => true,
        }
    }
}
