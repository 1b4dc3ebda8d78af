//! Complete CRLs, and the lists that are made with them.

use super::super::list_urls::delta_url;
use super::super::{Authority, Error};
use super::partition::Wanted;
use super::{Issue, Lister};
use crate::issue::CrlKind;
use crate::signer::KeyError;
use crate::store::{CaId, ListId, PublishedList, Revocation};

impl Authority {
    /// Signs and publishes the CRL of a CA, whether it is due or not, with its delta and all of its
    /// shards, and notifies the brand CA if it is kept here, too. The BCIs that list the CRL follow
    /// with [`Authority::publish_bci`].
    ///
    /// # Errors
    /// [`Error::Key`] if the CA's key is not here (the root's is off line); [`Error::Exchange`] if
    /// the brand CA would not take the CRL, which is published even so.
    pub fn publish_crl(&self, ca: &CaId) -> Result<PublishedList, Error> {
        self.publish_crls(ca, &Wanted::All)
    }

    /// Publishes the CRLs of a CA and the BCI of each brand whose tree it is in. `None` of a CA
    /// without CRLs: in `set-1997` a cardholder or merchant is cancelled where payments are
    /// decided, not on a list (spec `set-certificates.md` §6.1).
    ///
    /// # Errors
    /// As [`Authority::publish_crl`]; a BCI whose key is not here is left to who has it.
    pub fn publish_lists(&self, ca: &CaId) -> Result<Option<PublishedList>, Error> {
        self.publish_with_bcis(ca, &Wanted::All)
    }

    /// What a revocation asks for: the same, but that a shard is left as it is if it says so
    /// already. `None`, too, where the policies leave the lists to their time (`at_once = false`).
    ///
    /// # Errors
    /// As [`Authority::publish_lists`].
    pub fn publish_after_revocation(&self, ca: &CaId) -> Result<Option<PublishedList>, Error> {
        let hierarchy = self.hierarchy();
        let at_once = |role| self.parts.policies.lists().at_once(role);
        if Lister::of(&hierarchy, ca).is_ok_and(|lister| !at_once(lister.role)) {
            return Ok(None);
        }
        self.publish_with_bcis(ca, &Wanted::Changed)
    }

    /// The same for a revocation as it stands, unless it stood before (it is not `new`) and a CRL
    /// has been published since: whoever revoked first may have died before the list was made. True
    /// if the lists say it.
    ///
    /// # Errors
    /// As [`Authority::publish_lists`].
    pub fn publish_revocation(
        &self,
        ca: &CaId,
        standing: &Revocation,
        new: bool,
    ) -> Result<bool, Error> {
        let last = self.head(&ListId::Crl(ca.clone()))?;
        if !new && last.is_some_and(|last| last.this_update > standing.at) {
            return Ok(true);
        }
        Ok(self.publish_after_revocation(ca)?.is_some())
    }

    fn publish_with_bcis(
        &self,
        ca: &CaId,
        shards: &Wanted,
    ) -> Result<Option<PublishedList>, Error> {
        if self.hierarchy().ca(ca).is_some_and(|ca| !ca.issues_crls()) {
            return Ok(None);
        }
        // A list with an alarm is published: the others follow, the first alarm last.
        let mut alarm = None;
        let crl = match self.publish_crls(ca, shards) {
            Err(found @ Error::Exchange { .. }) => {
                alarm = Some(found);
                self.held_list(&ListId::Crl(ca.clone()))?
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

    /// The shards, the delta and the complete CRL of a CA; the last is the answer.
    pub(super) fn publish_crls(&self, ca: &CaId, shards: &Wanted) -> Result<PublishedList, Error> {
        let hierarchy = self.hierarchy();
        let by = Lister::of(&hierarchy, ca)?;
        // Before the entries are read: what is recorded later is looked at again.
        let seen = self.parts.store.last_change()?;
        self.publish_shards(&by, shards)?;
        // The number comes before anything is read: of two that publish at once, the one with the
        // higher number, which stands, has seen at least what the other has.
        let number = self.parts.store.next_number(&ListId::Crl(ca.clone()))?;
        let before = self.published(&ListId::Crl(ca.clone()))?;
        let before = before.as_ref().map(|before| before.list());
        let published = self.publish_complete(&by, number, before)?;
        self.watch.listed(ca, seen);
        // Of a later one that overtook this one, whoever made it tells the brand CA.
        if published.number == number {
            self.exchange_crl(by.ca, &published, before)?;
        }
        Ok(published)
    }

    /// The complete CRL with this number, after the delta that leads to it.
    fn publish_complete(
        &self,
        by: &Lister<'_>,
        number: u64,
        before: Option<&PublishedList>,
    ) -> Result<PublishedList, Error> {
        let rule = self.parts.policies.lists().crl(by.role);
        let last = before.map(|before| before.this_update);
        let (this_update, next_update) = self.period(last, rule.lifetime_secs);
        let entries = self.entries(by.id(), last.unwrap_or(this_update))?;
        let deltas = self.delta_rule(by)?;
        let url = deltas.map(|_| delta_url(&self.parts, by.id()));
        let kind = CrlKind::Complete { delta_url: url.as_deref() };
        let issue = Issue { number, this_update, next_update };
        let list = ListId::Crl(by.id().clone());
        let Some(rule) = deltas else {
            return self.publish(self.sign_list(by, list, kind, issue, entries)?);
        };
        let made = self.sign_list(by, list, kind, issue, entries.clone())?;
        // First the delta: who has a complete CRL and a later delta must not miss what only that
        // complete CRL had.
        self.publish_delta(by, rule, number, &entries, Some(&made))?;
        let published = self.publish(made)?;
        self.move_base(by, rule, &published)?;
        Ok(published)
    }
}
