//! Shards of the CRL of a CA (RFC 5280 §5.2.5): a certificate names the one it is on for life.

use std::collections::{BTreeMap, BTreeSet};

use super::super::list_urls::url_of_shard;
use super::super::{Authority, Error};
use super::{Issue, Lister};
use crate::issue::{CrlKind, EncodedEntries, Run, entries_in, partition};
use crate::store::{CaId, ListId, PublishedList, SerialNumber, Shard};
use crate::wire::Crl;
use crate::wire::extensions::{LocationName, PointName};
use crate::{Octets, Part};

/// Which shards are to be made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// Every one.
    All,
    /// Those that do not say what is revoked now.
    Changed,
    /// These.
    These(BTreeSet<Shard>),
}

impl Authority {
    /// Signs and publishes shards of a CA; returns those it made.
    pub(super) fn publish_shards(
        &self,
        by: &Lister<'_>,
        wanted: &Wanted,
    ) -> Result<Vec<PublishedList>, Error> {
        let mut made = Vec::new();
        let divisions = match wanted {
            Wanted::All | Wanted::Changed => {
                let division = self.parts.policies.lists().division(by.role);
                self.heads()?.divisions(by.id(), division)
            }
            Wanted::These(shards) => shards.iter().map(|shard| shard.of).collect(),
        };
        for of in divisions {
            let indices = match wanted {
                Wanted::All => (0..of).collect(),
                Wanted::Changed => self.changed_shards(by.id(), of, self.touched(by.id(), of)?)?,
                Wanted::These(shards) => {
                    shards.iter().filter(|s| s.of == of).map(|s| s.index).collect()
                }
            };
            made.extend(self.publish_these(by, of, indices)?);
        }
        Ok(made)
    }

    /// The shards that certificates fall into which have changed since we last published; all of
    /// them if that is not known.
    fn touched(&self, ca: &CaId, of: u16) -> Result<BTreeSet<u16>, Error> {
        let index = |serial: &SerialNumber| Shard::holding(serial, of).index;
        let changed = self.changed_since_listed(ca)?;
        Ok(changed.map_or_else(|| (0..of).collect(), |changed| changed.iter().map(index).collect()))
    }

    /// Of these shards those whose list does not say what is revoked now.
    fn changed_shards(
        &self,
        ca: &CaId,
        of: u16,
        among: BTreeSet<u16>,
    ) -> Result<BTreeSet<u16>, Error> {
        let runs = self.shard_entries(ca, of, &among)?;
        let mut changed = BTreeSet::new();
        for (index, run) in runs {
            let shard = ListId::Shard { ca: ca.clone(), shard: Shard { of, index } };
            let said = self.published(&shard)?.map(|said| entries_in(&said.list().der));
            let said: Option<Octets> = said.transpose()?.map(|parts| parts.into_iter().collect());
            if said != Some(Octets::from(run.octets)) {
                changed.insert(index);
            }
        }
        Ok(changed)
    }

    fn publish_these(
        &self,
        by: &Lister<'_>,
        of: u16,
        indices: BTreeSet<u16>,
    ) -> Result<Vec<PublishedList>, Error> {
        let list = |index| ListId::Shard { ca: by.id().clone(), shard: Shard { of, index } };
        // As for complete CRLs: each number before anything is read.
        let mut numbers = BTreeMap::new();
        for index in &indices {
            numbers.insert(*index, self.parts.store.next_number(&list(*index))?);
        }
        let mut made = Vec::new();
        for (index, run) in self.shard_entries(by.id(), of, &indices)? {
            let Some(number) = numbers.get(&index) else { continue };
            made.push(self.publish_shard(by, Shard { of, index }, *number, run)?);
        }
        Ok(made)
    }

    /// What is revoked of each of these shards, by one walk over all.
    fn shard_entries(
        &self,
        ca: &CaId,
        of: u16,
        indices: &BTreeSet<u16>,
    ) -> Result<BTreeMap<u16, Run>, Error> {
        if indices.is_empty() {
            return Ok(BTreeMap::new());
        }
        // From the oldest of them on: an entry may stand there longer than it must.
        let mut before = self.parts.clock.now();
        for index in indices {
            let shard = ListId::Shard { ca: ca.clone(), shard: Shard { of, index: *index } };
            if let Some(last) = self.head(&shard)? {
                before = before.min(last.this_update);
            }
        }
        Ok(partition(&self.entries(ca, before)?.parts, of, indices.iter().copied())?)
    }

    fn publish_shard(
        &self,
        by: &Lister<'_>,
        shard: Shard,
        number: u64,
        run: Run,
    ) -> Result<PublishedList, Error> {
        let list = ListId::Shard { ca: by.id().clone(), shard };
        let before = self.held_list(&list)?;
        let mut urls = vec![url_of_shard(&self.parts, by.id(), shard)];
        if let Some(before) = &before {
            add_urls(&mut urls, before)?;
        }
        let rule = self.parts.policies.lists().crl(by.role);
        let last = before.map(|before| before.this_update);
        let (this_update, next_update) = self.period(last, rule.lifetime_secs);
        let issue = Issue { number, this_update, next_update };
        let kind = CrlKind::Shard { urls: &urls };
        self.publish(self.sign_list(by, list, kind, issue, run.into())?)
    }
}

/// The URLs that the list had so far: certificates issued when the service was elsewhere name them,
/// and RFC 5280 §6.3.3 (b) compares names.
fn add_urls(urls: &mut Vec<String>, before: &PublishedList) -> Result<(), Error> {
    let damaged = |fault| Error::Hierarchy(format!("published {}: {fault}", before.list));
    let crl = Crl::from_der(&before.der.whole()).map_err(damaged)?;
    let names = crl.scope().and_then(|scope| scope.name.as_ref()).map(PointName::full);
    for url in names.unwrap_or_default().iter().filter_map(LocationName::as_uri) {
        if urls.len() < MAX_URLS && !urls.contains(&url) {
            urls.push(url);
        }
    }
    Ok(())
}

impl From<Run> for EncodedEntries {
    fn from(run: Run) -> Self {
        let (count, len) = (run.count, run.octets.len());
        Self { parts: vec![Part::from(run.octets)], count, len }
    }
}

/// Places a service has been at that are remembered: readers, ours too, bound the names.
const MAX_URLS: usize = 8;
