//! The reference of [`Store`]: ordered maps behind one lock. Forgets everything when dropped.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use super::{
    CaCertificate, CaId, CaRecord, CertificateQuery, CertificateRecord, Conflict, Intent,
    IssuedCertificate, ListId, Page, PublishedList, Registration, Revocation, RevokedEntry,
    SerialNumber, Store, StoreError, StoredAnswer,
};
use crate::UnixTime;

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
    fn record_ca(&self, ca: &CaRecord) -> Result<(), StoreError> {
        self.state()?.record_ca(ca)
    }

    fn record_ca_certificate(
        &self,
        ca: &CaId,
        certificate: &CaCertificate,
    ) -> Result<(), StoreError> {
        let mut state = self.state()?;
        let record = state.cas.iter_mut().find(|record| record.id == *ca);
        let own = &mut record.ok_or_else(|| StoreError::Absent(format!("CA {ca}")))?.certificates;
        match own.iter_mut().find(|held| held.key_use == certificate.key_use) {
            Some(held) => *held = certificate.clone(),
            None => own.push(certificate.clone()),
        }
        Ok(())
    }

    fn cas(&self) -> Result<Vec<CaRecord>, StoreError> {
        Ok(self.state()?.cas.clone())
    }

    fn record_intent(&self, intent: &Intent) -> Result<(), StoreError> {
        self.state()?.insert(intent)
    }

    fn record_issued(
        &self,
        issued: &IssuedCertificate,
        answer: Option<(&Registration, &StoredAnswer)>,
    ) -> Result<(), StoreError> {
        let mut state = self.state()?;
        let Intent { issuer, serial, .. } = &issued.intent;
        if state.certificate_mut(issuer, serial)?.der.is_some() {
            let (issuer, serial) = (issuer.clone(), serial.clone());
            return Err(Conflict::Issued { issuer, serial }.into());
        }
        if let Some((registration, answer)) = answer {
            state.record_registration(registration, answer)?;
        }
        state.certificate_mut(issuer, serial)?.der = Some(issued.der.clone());
        Ok(())
    }

    fn record_registration(
        &self,
        registration: &Registration,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        self.state()?.record_registration(registration, answer)
    }

    fn registration(&self, lid_ca: &[u8]) -> Result<Option<Registration>, StoreError> {
        Ok(self.state()?.registrations.get(lid_ca).cloned())
    }

    fn answer(&self, rrpid: &[u8; 20]) -> Result<Option<StoredAnswer>, StoreError> {
        Ok(self.state()?.answers.get(rrpid).cloned())
    }

    fn forget_answers(&self, before: UnixTime) -> Result<u64, StoreError> {
        let mut state = self.state()?;
        let count = state.answers.len();
        state.answers.retain(|_, answer| answer.recorded_at >= before);
        Ok(count.saturating_sub(state.answers.len()) as u64)
    }

    fn revoke(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
    ) -> Result<(), StoreError> {
        let mut state = self.state()?;
        let record = state.certificate_mut(issuer, serial)?;
        if record.revocation.is_some() {
            let (issuer, serial) = (issuer.clone(), serial.clone());
            return Err(Conflict::Revoked { issuer, serial }.into());
        }
        record.revocation = Some(*revocation);
        Ok(())
    }

    fn certificate(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        let state = self.state()?;
        let position = state.positions.get(&(issuer.clone(), serial.clone()));
        Ok(position.and_then(|position| state.certificates.get(position)).cloned())
    }

    fn certificates(
        &self,
        query: &CertificateQuery,
    ) -> Result<Page<CertificateRecord>, StoreError> {
        let state = self.state()?;
        let size = query.page_size();
        let admitted = state.certificates.values().filter(|record| query.admits(record));
        Ok(Page::cut(admitted.take(size.saturating_add(1)).cloned().collect(), size))
    }

    fn revoked(&self, issuer: &CaId, at: UnixTime) -> Result<Vec<RevokedEntry>, StoreError> {
        let state = self.state()?;
        let of_issuer = state.positions.iter().filter(|((of, _), _)| of == issuer);
        Ok(of_issuer
            .filter_map(|((_, serial), position)| {
                let record = state.certificates.get(position)?;
                let revocation = record.revocation?;
                let listed = record.intent.not_after >= at;
                listed.then(|| RevokedEntry { serial: serial.clone(), revocation })
            })
            .collect())
    }

    fn next_number(&self, list: &ListId) -> Result<u64, StoreError> {
        let mut state = self.state()?;
        let reserved = state.numbers.get(list).copied().unwrap_or(0);
        let published = state.lists.get(list).map_or(0, |published| published.number);
        let number = reserved.max(published).saturating_add(1);
        state.numbers.insert(list.clone(), number);
        Ok(number)
    }

    fn record_list(&self, list: &PublishedList) -> Result<(), StoreError> {
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
        Ok(())
    }

    fn list(&self, list: &ListId) -> Result<Option<PublishedList>, StoreError> {
        Ok(self.state()?.lists.get(list).cloned())
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    cas: Vec<CaRecord>,
    /// By position.
    certificates: BTreeMap<u64, CertificateRecord>,
    positions: BTreeMap<(CaId, SerialNumber), u64>,
    /// Positions of what holds the key.
    public_keys: BTreeMap<[u8; 32], Vec<u64>>,
    registrations: BTreeMap<Vec<u8>, Registration>,
    answers: BTreeMap<[u8; 20], StoredAnswer>,
    /// Reserved last.
    numbers: BTreeMap<ListId, u64>,
    lists: BTreeMap<ListId, PublishedList>,
}

impl State {
    fn record_ca(&mut self, ca: &CaRecord) -> Result<(), StoreError> {
        if self.cas.iter().any(|other| other.id == ca.id) {
            return Err(Conflict::Ca(ca.id.clone()).into());
        }
        if let Some(superior) = &ca.superior
            && !self.cas.iter().any(|other| other.id == *superior)
        {
            return Err(StoreError::Absent(format!("CA {superior}, superior of {}", ca.id)));
        }
        self.cas.push(ca.clone());
        Ok(())
    }

    fn insert(&mut self, intent: &Intent) -> Result<(), StoreError> {
        let Intent { issuer, serial, .. } = intent.clone();
        if self.positions.contains_key(&(issuer.clone(), serial.clone())) {
            return Err(Conflict::Serial { issuer, serial }.into());
        }
        let holders = self.public_keys.entry(intent.public_key).or_default();
        let mut records = holders.iter().filter_map(|position| self.certificates.get(position));
        if !records.all(|record| record.yields_key_to(intent)) {
            return Err(Conflict::PublicKey(intent.public_key).into());
        }
        let position = self.certificates.last_key_value().map_or(1, |(last, _)| last + 1);
        holders.push(position);
        let intent = intent.clone();
        let record = CertificateRecord { position, intent, der: None, revocation: None };
        self.positions.insert((issuer, serial), position);
        self.certificates.insert(position, record);
        Ok(())
    }

    fn certificate_mut(
        &mut self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<&mut CertificateRecord, StoreError> {
        self.positions
            .get(&(issuer.clone(), serial.clone()))
            .and_then(|position| self.certificates.get_mut(position))
            .ok_or_else(|| StoreError::Absent(format!("certificate {serial} of {issuer}")))
    }

    fn record_registration(
        &mut self,
        registration: &Registration,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        if self.answers.contains_key(&answer.rrpid) {
            return Err(Conflict::Answer(answer.rrpid).into());
        }
        self.answers.insert(answer.rrpid, answer.clone());
        self.registrations.insert(registration.lid_ca.clone(), registration.clone());
        Ok(())
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
