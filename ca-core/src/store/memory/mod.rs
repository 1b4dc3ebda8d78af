//! The reference of [`Store`]: ordered maps behind one lock. Forgets everything when dropped.

mod log;
mod state;

use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use super::{
    CaCertificate, CaId, CaRecord, CertificateQuery, CertificateRecord, Change, Conflict, Expiry,
    ExpiryQuery, Intent, IssuedCertificate, ListHead, ListId, Page, PublishedList, Registration,
    RegistrationQuery, RegistrationRecord, Revocation, RevocationOrder, RevokedEntry, SerialNumber,
    Standing, Store, StoreError, StoredAnswer,
};
use crate::UnixTime;
use crate::audit::{Acting, AuditEntry, AuditLine, Hash, Node};
use state::State;

/// A store in memory, for tests and for hierarchies that live as long as a process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        self.state.lock().map_err(|_| StoreError::Unavailable("memory: a writer panicked".into()))
    }
}

impl Store for MemoryStore {
    fn record_ca(&self, ca: &CaRecord, acting: &Acting) -> Result<(), StoreError> {
        let mut state = self.state()?;
        state.record_ca(ca)?;
        state.log.append(&AuditEntry::of_ca(acting, ca));
        Ok(())
    }

    fn record_ca_certificate(
        &self,
        ca: &CaId,
        certificate: &CaCertificate,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let mut state = self.state()?;
        let record = state.cas.iter_mut().find(|record| record.id == *ca);
        let record = record.ok_or_else(|| StoreError::Absent(format!("CA {ca}")))?;
        record.certificates.push(certificate.clone());
        state.log.append(&AuditEntry::of_ca_certificate(acting, ca, certificate));
        Ok(())
    }

    fn cas(&self) -> Result<Vec<CaRecord>, StoreError> {
        Ok(self.state()?.cas.clone())
    }

    fn record_intents(&self, intents: &[Intent], acting: &Acting) -> Result<(), StoreError> {
        self.state()?.act(|model| model.record_intents(intents, acting)).map(drop)
    }

    fn record_issued(
        &self,
        issued: &[IssuedCertificate],
        outcome: Option<(&Registration, Option<&StoredAnswer>)>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.state()?.act(|model| model.record_issued(issued, outcome, acting)).map(drop)
    }

    fn record_registration(
        &self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let mut state = self.state()?;
        state.act(|model| model.record_registration(registration, answer, acting)).map(drop)
    }

    fn registration(&self, lid_ca: &[u8]) -> Result<Option<Registration>, StoreError> {
        Ok(self.state()?.model.registrations.get(lid_ca).map(|record| record.registration.clone()))
    }

    fn registration_of(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<Registration>, StoreError> {
        let state = self.state()?;
        let mut all = state.model.registrations.values().map(|record| &record.registration);
        Ok(all.find(|one| one.has_issued(issuer, serial)).cloned())
    }

    fn registrations(
        &self,
        query: &RegistrationQuery,
    ) -> Result<Page<RegistrationRecord>, StoreError> {
        let state = self.state()?;
        let size = query.page_size();
        let mut admitted: Vec<RegistrationRecord> = state
            .model
            .registrations
            .values()
            .filter(|record| query.admits(record))
            .cloned()
            .collect();
        admitted.sort_by_key(|record| record.position);
        admitted.truncate(size.saturating_add(1));
        Ok(Page::cut(admitted, size))
    }

    fn answer(&self, rrpid: &[u8; 20]) -> Result<Option<StoredAnswer>, StoreError> {
        Ok(self.state()?.model.answers.get(rrpid).cloned())
    }

    fn forget_answers(&self, before: UnixTime) -> Result<u64, StoreError> {
        let mut state = self.state()?;
        let count = state.model.answers.len();
        state.model.answers.retain(|_, answer| answer.recorded_at >= before);
        for RegistrationRecord { registration, .. } in state.model.registrations.values_mut() {
            let idle = registration.open.is_none() && registration.updated_at < before;
            let collected = registration.collect_by.is_none_or(|by| by < before);
            if idle && collected && registration.sealed.take().is_some() {
                registration.revision = registration.revision.saturating_add(1);
            }
        }
        Ok(count.saturating_sub(state.model.answers.len()) as u64)
    }

    fn revoke(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.state()?.act(|model| model.revoke(issuer, serial, revocation, acting)).map(drop)
    }

    fn revoke_all(&self, orders: &[RevocationOrder], acting: &Acting) -> Result<usize, StoreError> {
        self.state()?.act(|model| model.revoke_all(orders, acting))
    }

    fn release(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.state()?.act(|model| model.release(issuer, serial, acting)).map(drop)
    }

    fn certificate(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        let state = self.state()?;
        let position = state.model.positions.get(&(issuer.clone(), *serial));
        Ok(position.and_then(|position| state.model.certificates.get(position)).cloned())
    }

    fn certificate_by_thumbprint(
        &self,
        thumbprint: &[u8],
    ) -> Result<Option<CertificateRecord>, StoreError> {
        let state = self.state()?;
        let position = state.model.thumbprints.get(thumbprint);
        Ok(position.and_then(|position| state.model.certificates.get(position)).cloned())
    }

    fn certificates(
        &self,
        query: &CertificateQuery,
    ) -> Result<Page<CertificateRecord>, StoreError> {
        let state = self.state()?;
        let lid_ca = query.registration.as_ref();
        let registration = lid_ca.and_then(|lid_ca| state.model.registrations.get(lid_ca));
        let registration = registration.map(|record| &record.registration);
        let from = query.after.map_or(Bound::Unbounded, Bound::Excluded);
        let candidates = state.model.certificates.range((from, Bound::Unbounded));
        Page::gather(
            query.page_size(),
            candidates.map(|(position, record)| {
                let admitted = query.admits(record, registration).then(|| record.clone());
                Ok((*position, admitted))
            }),
        )
    }

    fn expiring(&self, query: &ExpiryQuery) -> Result<Page<CertificateRecord, Expiry>, StoreError> {
        let state = self.state()?;
        let all = state.model.certificates.values();
        let mut candidates: Vec<_> = all.filter(|record| query.admits(record)).collect();
        candidates.sort_by_key(|record| Expiry::of(record));
        let found = candidates.into_iter().map(|one| Ok((Expiry::of(one), Some(one.clone()))));
        Page::gather(query.page_size(), found)
    }

    fn revoked(&self, issuer: &CaId, at: UnixTime) -> Result<Vec<RevokedEntry>, StoreError> {
        let state = self.state()?;
        let of_issuer = state.model.positions.iter().filter(|((of, _), _)| of == issuer);
        Ok(of_issuer
            .filter_map(|((_, serial), position)| {
                let record = state.model.certificates.get(position)?;
                let revocation = record.revocation?;
                let listed = record.intent.not_after >= at;
                listed.then_some(RevokedEntry { serial: *serial, revocation })
            })
            .collect())
    }

    fn changes(&self, after: u64, limit: usize) -> Result<Page<Change>, StoreError> {
        let state = self.state()?;
        let (trimmed, size) = (state.trimmed, limit.max(1));
        let first = trimmed.saturating_add(1);
        let Some(skipped) = after.checked_sub(trimmed) else {
            return Err(StoreError::Trimmed { after, first });
        };
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let entries =
            (first..).zip(&state.model.changes).skip(skipped).take(size.saturating_add(1));
        let changes = entries.filter_map(|(position, certificate)| {
            let standing = Standing::of(state.model.certificates.get(certificate)?);
            Some(Change { position, standing })
        });
        Ok(Page::cut(changes.collect(), size))
    }

    fn last_change(&self) -> Result<u64, StoreError> {
        let state = self.state()?;
        Ok(state.trimmed.saturating_add(state.model.changes.len() as u64))
    }

    fn trim_changes(&self, before: u64, limit: usize) -> Result<usize, StoreError> {
        let mut state = self.state()?;
        let asked = before.saturating_sub(state.trimmed).saturating_sub(1);
        let count = usize::try_from(asked).unwrap_or(usize::MAX).min(limit);
        let count = count.min(state.model.changes.len().saturating_sub(1));
        state.model.changes.drain(..count);
        state.trimmed = state.trimmed.saturating_add(count as u64);
        Ok(count)
    }

    fn standings(
        &self,
        after: Option<(&CaId, &SerialNumber)>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        let state = self.state()?;
        let after = after.map(|(issuer, serial)| (issuer.clone(), *serial));
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let positions =
            state.model.positions.range((from, Bound::Unbounded)).map(|(_, place)| place);
        let records = positions.filter_map(|position| state.model.certificates.get(position));
        Ok(records.take(limit.max(1)).map(Standing::of).collect())
    }

    fn next_number(&self, list: &ListId) -> Result<u64, StoreError> {
        let mut state = self.state()?;
        let reserved = state.numbers.get(list).copied().unwrap_or(0);
        let published = state.lists.get(list).map_or(0, |published| published.number);
        let number = reserved.max(published).saturating_add(1);
        state.numbers.insert(list.clone(), number);
        Ok(number)
    }

    fn record_list(&self, list: &PublishedList, acting: &Acting) -> Result<(), StoreError> {
        let mut state = self.state()?;
        if let Some(current) = state.lists.get(&list.list)
            && current.number >= list.number
        {
            return Err(Conflict::ListNumber {
                list: list.list.clone(),
                published: current.number,
                offered: list.number,
            }
            .into());
        }
        state.lists.insert(list.list.clone(), list.clone());
        state.log.append(&AuditEntry::of_list(acting, list));
        Ok(())
    }

    fn list(&self, list: &ListId) -> Result<Option<PublishedList>, StoreError> {
        Ok(self.state()?.lists.get(list).cloned())
    }

    fn list_head(&self, list: &ListId) -> Result<Option<ListHead>, StoreError> {
        Ok(self.state()?.lists.get(list).map(PublishedList::head))
    }

    fn list_heads(&self) -> Result<Vec<ListHead>, StoreError> {
        Ok(self.state()?.lists.values().map(PublishedList::head).collect())
    }

    fn note(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        let mut state = self.state()?;
        entries.iter().for_each(|entry| state.log.append(entry));
        Ok(())
    }

    fn audit_size(&self) -> Result<u64, StoreError> {
        Ok(self.state()?.log.size())
    }

    fn audit_lines(&self, from: u64, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        Ok(self.state()?.log.lines(from, limit))
    }

    fn audit_node(&self, node: Node) -> Result<Hash, StoreError> {
        self.state()?.log.node(node)
    }

    fn record_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError> {
        self.state()?.log.keep(size, note)
    }

    fn last_checkpoint(&self) -> Result<Option<String>, StoreError> {
        Ok(self.state()?.log.last_checkpoint())
    }

    fn checkpoints(&self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        Ok(self.state()?.log.checkpoints(after, limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance;

    #[test]
    fn memory_store_keeps_the_contract() {
        assert_eq!(conformance::run(&|| Box::new(MemoryStore::new())), Ok(()));
    }
}
