//! Signed lists: which a CA has, how they are numbered and published.
//!
//! ```text
//!            ┌▶ partition: the shards ───────────┐
//! schedule ──┤                                   ├─▶ complete ─▶ bci: of each brand
//!            └▶ delta: since the base of deltas ─┘
//! ```
//!
//! All say the same: each is made of the entries at one moment. The complete CRL comes last,
//! because SET messages and the BCI name it and nobody looks for what it does not list.

mod bci;
mod complete;
mod delta;
mod heads;
mod partition;
mod schedule;

pub(super) use heads::{Heads, delta_rule};
pub(super) use schedule::Watch;

use super::list_urls::role_of_lists;
use super::{Authority, Ca, Error, Held, Hierarchy};
use crate::UnixTime;
use crate::issue::{CrlKind, CrlOrder, EncodedEntries, ListError, prepare_crl};
use crate::profile::{KeyUse, ListRule, Role};
use crate::store::{CaId, Conflict, ListHead, ListId, PublishedList, StoreError};

/// A CA that signs lists.
#[derive(Clone, Copy, Debug)]
struct Lister<'h> {
    ca: &'h Ca,
    held: Held<'h>,
    role: Role,
}

impl<'h> Lister<'h> {
    fn of(hierarchy: &'h Hierarchy, id: &CaId) -> Result<Self, Error> {
        let ca =
            hierarchy.ca(id).ok_or_else(|| Error::Hierarchy(format!("there is no CA {id}")))?;
        if !ca.issues_crls() {
            return Err(Error::Hierarchy(format!("{id} issues no CRL: its key has no cRLSign")));
        }
        let held = ca.need(KeyUse::CertificateSigning)?;
        Ok(Self { ca, held, role: role_of_lists(&ca.record) })
    }

    const fn id(&self) -> &'h CaId {
        &self.ca.record.id
    }
}

/// The time a list speaks for, and its number.
#[derive(Clone, Copy, Debug)]
struct Issue {
    number: u64,
    this_update: UnixTime,
    next_update: UnixTime,
}

impl Authority {
    /// Signs a CRL.
    fn sign_list(
        &self,
        by: &Lister<'_>,
        list: ListId,
        kind: CrlKind<'_>,
        issue: Issue,
        entries: EncodedEntries,
    ) -> Result<PublishedList, Error> {
        let Issue { number, this_update, next_update } = issue;
        let order = CrlOrder {
            suite: self.suite(),
            issuer: by.held.certificate,
            algorithm: by.held.algorithm,
            kind,
            number,
            this_update,
            next_update,
            entries,
        };
        let der = prepare_crl(&order)?.sign(&by.held.key, self.parts.signer.as_ref())?;
        Ok(PublishedList { list, number, der, this_update, next_update })
    }

    /// What is revoked, with what was not listed yet after it had expired: RFC 5280 §3.3 has each
    /// entry on one list from beyond the end of its certificate. `before` is thisUpdate of the list
    /// before.
    fn entries(&self, ca: &CaId, before: UnixTime) -> Result<EncodedEntries, Error> {
        self.follow()?;
        let encoded = self.statuses.current()?.encoded(ca, before, self.suite());
        Ok(encoded.map_err(ListError::Encode)?)
    }

    /// Publishes a list, unless a later one was published while this one was made: that has seen
    /// what this one has, and is the answer.
    fn publish(&self, list: PublishedList) -> Result<PublishedList, Error> {
        match self.parts.store.record_list(&list, &self.parts.acting()) {
            Ok(()) => Ok(self.lists.keep(list).list().clone()),
            Err(StoreError::Conflict(Conflict::ListNumber { published, offered, .. }))
                if published > offered =>
            {
                let later = self.held_list(&list.list)?;
                later.ok_or_else(|| Error::Hierarchy(format!("{} is gone", list.list)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// thisUpdate and nextUpdate of the next issue: thisUpdate never goes back, even if the clock
    /// does. `last` is thisUpdate of the list before.
    fn period(&self, last: Option<UnixTime>, lifetime_secs: u64) -> (UnixTime, UnixTime) {
        let now = self.parts.clock.now();
        let this_update = last.map_or(now, |last| last.max(now));
        (this_update, this_update.plus_secs(lifetime_secs))
    }

    /// How a list lives, and when the next one is made; `None` of what is no list of its own, and
    /// of a delta that there is not to be.
    pub(super) fn rule_of(&self, list: &ListId) -> Result<Option<ListRule>, Error> {
        let rules = self.parts.policies.lists();
        let hierarchy = self.hierarchy();
        let by = |ca: &CaId| Lister::of(&hierarchy, ca);
        Ok(match list {
            ListId::Bci(_) => Some(rules.bci),
            ListId::Crl(ca) | ListId::Shard { ca, .. } => Some(rules.crl(by(ca)?.role)),
            ListId::Delta(ca) => self.delta_rule(&by(ca)?)?.map(ListRule::from),
            ListId::DeltaBase(_) => None,
        })
    }

    /// True if the next list is to be made now.
    fn is_due(&self, list: &ListId, now: UnixTime) -> bool {
        let due = || -> Result<bool, Error> {
            let Some(rule) = self.rule_of(list)? else { return Ok(false) };
            Ok(is_overdue(self.head(list)?.as_ref(), rule, now))
        };
        // The attempt to publish will say what is wrong.
        due().unwrap_or(true)
    }

    /// True if the list was published before the certificate in force began: the key may be another
    /// one since, and nobody should need the old one for longer than the old certificates.
    fn has_old_signer(&self, list: &ListId, ca: &Ca) -> bool {
        self.head(list).ok().flatten().is_some_and(|published| is_older_than_key(&published, ca))
    }

    fn head(&self, list: &ListId) -> Result<Option<ListHead>, Error> {
        Ok(self.parts.store.list_head(list)?)
    }

    pub(super) fn heads(&self) -> Result<Heads, Error> {
        Ok(Heads::read(self.parts.store.as_ref())?)
    }
}

fn is_overdue(last: Option<&ListHead>, rule: ListRule, now: UnixTime) -> bool {
    last.is_none_or(|last| last.next_update.minus_secs(rule.renew_before_secs) <= now)
}

fn is_older_than_key(published: &ListHead, ca: &Ca) -> bool {
    let held = ca.held(KeyUse::CertificateSigning);
    held.is_some_and(|held| published.this_update < held.certificate.not_before())
}
