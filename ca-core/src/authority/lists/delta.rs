//! Delta CRLs (RFC 5280 §5.2.4): what has changed since a complete CRL, the base.

use super::super::{Authority, Error};
use super::{Issue, Lister, delta_rule};
use crate::Part;
use crate::issue::{CrlKind, EncodedEntries, delta, entries_in};
use crate::profile::DeltaRule;
use crate::store::{CaId, ListId, PublishedList};
use crate::wire::Crl;

impl Authority {
    /// How the deltas of a CA live, if it has any.
    pub(super) fn delta_rule(&self, by: &Lister<'_>) -> Result<Option<DeltaRule>, Error> {
        let last = self.head(&ListId::Delta(by.id().clone()))?;
        Ok(delta_rule(self.parts.policies.lists().division(by.role), last.as_ref()))
    }

    /// Signs and publishes the delta of a CA whose complete CRL need not be made. It has a number
    /// of the same sequence (RFC 5280 §5.2.3).
    pub(super) fn publish_delta_alone(
        &self,
        by: &Lister<'_>,
        rule: DeltaRule,
    ) -> Result<PublishedList, Error> {
        let complete = ListId::Crl(by.id().clone());
        let number = self.parts.store.next_number(&complete)?;
        let before = self.head(&complete)?.map(|complete| complete.this_update);
        let entries = self.entries(by.id(), before.unwrap_or_else(|| self.parts.clock.now()))?;
        self.publish_delta(by, rule, number, &entries, None)
    }

    /// Signs and publishes a delta that leads from the base to `entries`. `complete` was made of
    /// the same entries and is the base if there is none yet.
    pub(super) fn publish_delta(
        &self,
        by: &Lister<'_>,
        rule: DeltaRule,
        number: u64,
        entries: &EncodedEntries,
        complete: Option<&PublishedList>,
    ) -> Result<PublishedList, Error> {
        let kept = self.published(&ListId::DeltaBase(by.id().clone()))?;
        let base = kept.as_ref().map(|kept| kept.list()).or(complete);
        let base =
            base.ok_or_else(|| Error::Hierarchy(format!("base of deltas of {}", by.id())))?;
        let list = ListId::Delta(by.id().clone());
        let before = self.published(&list)?;
        let last = match &before {
            Some(before) => entries_on(before.list(), base.number)?,
            None => Vec::new(),
        };
        let run = delta(&entries_in(&base.der)?, &entries.parts, &last)?;
        let last = before.map(|before| before.list().this_update);
        let (this_update, next_update) = self.period(last, rule.lifetime_secs);
        let issue = Issue { number, this_update, next_update };
        let kind = CrlKind::Delta { base: base.number };
        self.publish(self.sign_list(by, list, kind, issue, run.into())?)
    }

    /// Makes a complete CRL the base of the deltas to come, if there is none yet, or it has served
    /// its time or was signed with another key. The delta that was made with it still leads to it
    /// from the old one.
    pub(super) fn move_base(
        &self,
        by: &Lister<'_>,
        rule: DeltaRule,
        complete: &PublishedList,
    ) -> Result<(), Error> {
        let list = ListId::DeltaBase(by.id().clone());
        let serves = self
            .head(&list)?
            .is_some_and(|base| complete.this_update < base.this_update.plus_secs(rule.base_secs));
        if serves && !self.has_old_signer(&list, by.ca) {
            return Ok(());
        }
        self.publish(PublishedList { list, ..complete.clone() }).map(drop)
    }

    /// True if deltas of a CA can be made.
    pub(super) fn has_base(&self, ca: &CaId) -> Result<bool, Error> {
        Ok(self.head(&ListId::DeltaBase(ca.clone()))?.is_some())
    }
}

/// The entries of a published delta, if it starts from this base.
fn entries_on(delta: &PublishedList, base: u64) -> Result<Vec<Part>, Error> {
    let damaged = |fault| Error::Hierarchy(format!("published {}: {fault}", delta.list));
    let crl = Crl::from_der(&delta.der.whole()).map_err(damaged)?;
    if crl.base_number() == Some(base.into()) {
        Ok(entries_in(&delta.der)?)
    } else {
        Ok(Vec::new())
    }
}
