//! When lists are made: long before the one before ends, and soon after a revocation whose own
//! process died before it published.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::super::{Authority, Error};
use super::partition::Wanted;
use super::{Lister, is_older_than_key, is_overdue};
use crate::UnixTime;
use crate::issue::{entries_in, has_more};
use crate::profile::Role;
use crate::store::{CaId, ListId, PublishedList, SerialNumber, Shard, Status, StoreError};

/// How far the lists of each CA have followed the feed of changes, as this process knows it.
#[derive(Debug, Default)]
pub(in crate::authority) struct Watch(Mutex<BTreeMap<CaId, Followed>>);

#[derive(Clone, Copy, Debug)]
struct Followed {
    /// The lists say everything up to this position of the feed, if that is known.
    position: Option<u64>,
    /// Since when a revocation is seen that the CRL does not list.
    behind_since: Option<UnixTime>,
}

impl Watch {
    /// The lists of a CA say everything up to this position.
    pub(super) fn listed(&self, ca: &CaId, position: u64) {
        self.set(ca, Followed { position: Some(position), behind_since: None });
    }

    fn get(&self, ca: &CaId) -> Followed {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(ca).copied().unwrap_or(Followed { position: None, behind_since: None })
    }

    fn set(&self, ca: &CaId, followed: Followed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(ca.clone(), followed);
    }
}

/// What became of a list that was to be made.
type Outcome = (ListId, Result<PublishedList, Error>);

impl Authority {
    /// Publishes each list that is due and whose key is here; one outcome for each.
    ///
    /// A list whose key lies elsewhere (the root's) is reported only when it is due. A BCI is due,
    /// too, when it does not list the CRLs in force; a CRL, when a minute has passed since a
    /// revocation it does not list: whoever recorded that died before it could publish.
    pub fn publish_due(&self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let hierarchy = self.hierarchy();
        let now = self.parts.clock.now();
        for ca in hierarchy.cas().iter().filter(|ca| ca.issues_crls()) {
            let id = &ca.record.id;
            match Lister::of(&hierarchy, id) {
                Ok(by) => self.publish_due_of(&by, now, &mut outcomes),
                Err(error) => outcomes.push((ListId::Crl(id.clone()), Err(error))),
            }
        }
        for ca in hierarchy.cas().iter().filter(|ca| ca.record.roles.contains(&Role::Bca)) {
            let Some(brand) = ca.record.brand.clone() else { continue };
            let list = ListId::Bci(brand.clone());
            let due = self.is_due(&list, now) || self.has_old_signer(&list, ca);
            if due || self.is_outdated(&brand) {
                outcomes.push((list, self.publish_bci(&brand)));
            }
        }
        outcomes
    }

    /// True if the CRL of a CA was published before its certificate in force began: whoever put
    /// that in force died before the CRL was made.
    #[must_use]
    pub fn is_crl_behind(&self, ca: &CaId) -> bool {
        let hierarchy = self.hierarchy();
        let list = ListId::Crl(ca.clone());
        hierarchy.ca(ca).is_some_and(|ca| self.has_old_signer(&list, ca))
    }

    fn publish_due_of(&self, by: &Lister<'_>, now: UnixTime, outcomes: &mut Vec<Outcome>) {
        let list = ListId::Crl(by.id().clone());
        let due = self.is_due(&list, now) || self.has_old_signer(&list, by.ca);
        if due || self.has_left_out(by, now) {
            let made = self.publish_crls(by.id(), &Wanted::Changed);
            let failed = made.is_err();
            outcomes.push((list, made));
            if failed {
                // The others need the same key, and fail for the same reason.
                return;
            }
        }
        match self.shards_due(by, now) {
            Ok(shards) => self.publish_each(by, shards, outcomes),
            Err(error) => outcomes.push((ListId::Crl(by.id().clone()), Err(error))),
        }
        self.publish_delta_if_due(by, now, outcomes);
    }

    fn publish_each(&self, by: &Lister<'_>, shards: BTreeSet<Shard>, outcomes: &mut Vec<Outcome>) {
        let Some(first) = shards.first().copied() else { return };
        match self.publish_shards(by, &Wanted::These(shards)) {
            Ok(made) => {
                outcomes.extend(made.into_iter().map(|made| (made.list.clone(), Ok(made))));
            }
            Err(error) => {
                outcomes.push((ListId::Shard { ca: by.id().clone(), shard: first }, Err(error)));
            }
        }
    }

    /// By one look at all heads: there may be thousands.
    fn shards_due(&self, by: &Lister<'_>, now: UnixTime) -> Result<BTreeSet<Shard>, Error> {
        let (heads, rules) = (self.heads()?, self.parts.policies.lists());
        let rule = rules.crl(by.role);
        let due = |shard: &Shard| {
            let last = heads.of(&ListId::Shard { ca: by.id().clone(), shard: *shard });
            is_overdue(last, rule, now) || last.is_some_and(|l| is_older_than_key(l, by.ca))
        };
        Ok(heads.shards(by.id(), rules.division(by.role)).filter(due).collect())
    }

    fn publish_delta_if_due(&self, by: &Lister<'_>, now: UnixTime, outcomes: &mut Vec<Outcome>) {
        let (list, complete) = (ListId::Delta(by.id().clone()), ListId::Crl(by.id().clone()));
        if !(self.is_due(&list, now) || self.has_old_signer(&list, by.ca)) {
            return;
        }
        let wanted = || -> Result<_, Error> {
            let Some(rule) = self.delta_rule(by)? else { return Ok(None) };
            Ok(Some((rule, self.has_base(by.id())?)))
        };
        match wanted() {
            Ok(Some((rule, true))) => outcomes.push((list, self.publish_delta_alone(by, rule))),
            // The policy is new: the complete CRL must say where its deltas are.
            Ok(Some((_, false))) => {
                outcomes.push((complete, self.publish_crls(by.id(), &Wanted::Changed)));
            }
            Ok(None) => {}
            Err(error) => outcomes.push((list, Err(error))),
        }
    }

    /// True if the CRL of a CA leaves out a revocation that was seen a minute ago, and the policy
    /// wants it there at once.
    fn has_left_out(&self, by: &Lister<'_>, now: UnixTime) -> bool {
        if !self.parts.policies.lists().at_once(by.role) {
            return false;
        }
        let followed = self.watch.get(by.id());
        let left_out = || -> Result<Option<u64>, Error> {
            let seen = self.parts.store.last_change()?;
            let looked = self.is_revoked_since_listed(by.id())? && self.lacks_entries(by.id())?;
            Ok((!looked).then_some(seen))
        };
        match left_out() {
            Ok(Some(seen)) => {
                self.watch.listed(by.id(), seen);
                false
            }
            Ok(None) => {
                let since = followed.behind_since.unwrap_or(now);
                self.watch.set(by.id(), Followed { behind_since: Some(since), ..followed });
                now >= since.plus_secs(GRACE_SECS)
            }
            // The attempt to publish what is due will say what is wrong with the store.
            Err(_) => false,
        }
    }

    /// True if an entry is not on the CRL published last.
    fn lacks_entries(&self, ca: &CaId) -> Result<bool, Error> {
        let Some(published) = self.published(&ListId::Crl(ca.clone()))? else {
            return Ok(true);
        };
        let entries = self.entries(ca, published.list().this_update)?;
        // Of a CA that another service keeps we know the list alone.
        if entries.count == 0 {
            return Ok(false);
        }
        Ok(has_more(&entries_in(&published.list().der)?, &entries.parts)?)
    }

    /// True if the feed has a revocation that our lists may not say.
    fn is_revoked_since_listed(&self, ca: &CaId) -> Result<bool, Error> {
        let revoked = |status: &Status| matches!(status, Status::Revoked { .. });
        let changed = self.changes_since_listed(ca)?;
        Ok(changed.is_none_or(|changed| changed.iter().any(|(_, status)| revoked(status))))
    }

    /// Serial numbers of which something has changed since our lists were made; `None` if that is
    /// not known.
    pub(super) fn changed_since_listed(
        &self,
        ca: &CaId,
    ) -> Result<Option<Vec<SerialNumber>>, Error> {
        let changed = self.changes_since_listed(ca)?;
        Ok(changed.map(|changed| changed.into_iter().map(|(serial, _)| serial).collect()))
    }

    fn changes_since_listed(
        &self,
        ca: &CaId,
    ) -> Result<Option<Vec<(SerialNumber, Status)>>, Error> {
        let Some(mut position) = self.watch.get(ca).position else { return Ok(None) };
        // A look at everything costs less than so many changes.
        if self.parts.store.last_change()?.saturating_sub(position) > MAX_CHANGES {
            return Ok(None);
        }
        let mut found = Vec::new();
        loop {
            let page = match self.parts.store.changes(position, PAGE) {
                Err(StoreError::Trimmed { .. }) => return Ok(None),
                page => page?,
            };
            for change in page.items {
                position = change.position;
                if change.standing.issuer == *ca {
                    found.push((change.standing.serial, change.standing.status));
                }
            }
            if page.next.is_none() {
                return Ok(Some(found));
            }
        }
    }
}

/// How long whoever recorded a revocation has for publishing it himself.
const GRACE_SECS: u64 = 60;
/// Changes that are read one by one.
const MAX_CHANGES: u64 = 100_000;
/// Changes in memory at a time.
const PAGE: usize = 4_096;
