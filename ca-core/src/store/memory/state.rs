//! What is behind the lock, and the acts of more than a line.

use std::collections::BTreeMap;

use super::super::{
    CaId, CaRecord, CertificateRecord, Conflict, Intent, IssuedCertificate, ListId, PublishedList,
    Registration, RegistrationRecord, Revocation, SerialNumber, StoreError, StoredAnswer,
};
use super::log::Log;

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) cas: Vec<CaRecord>,
    /// By position.
    pub(super) certificates: BTreeMap<u64, CertificateRecord>,
    pub(super) positions: BTreeMap<(CaId, SerialNumber), u64>,
    /// The feed: positions of the certificates that acts touched.
    pub(super) changes: Vec<u64>,
    /// How many of its first entries are forgotten.
    pub(super) trimmed: u64,
    /// Positions of what holds the key.
    pub(super) public_keys: BTreeMap<[u8; 32], Vec<u64>>,
    pub(super) thumbprints: BTreeMap<Vec<u8>, u64>,
    /// Positions of what renews a certificate.
    pub(super) renewals: BTreeMap<(CaId, SerialNumber), Vec<u64>>,
    /// By LID-CA.
    pub(super) registrations: BTreeMap<Vec<u8>, RegistrationRecord>,
    /// LID-CA of the open request that holds a key.
    pub(super) claims: BTreeMap<[u8; 32], Vec<u8>>,
    pub(super) answers: BTreeMap<[u8; 20], StoredAnswer>,
    /// Reserved last.
    pub(super) numbers: BTreeMap<ListId, u64>,
    pub(super) lists: BTreeMap<ListId, PublishedList>,
    pub(super) log: Log,
}

impl State {
    pub(super) fn record_ca(&mut self, ca: &CaRecord) -> Result<(), StoreError> {
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

    pub(super) fn check_intent(&self, intent: &Intent) -> Result<(), StoreError> {
        let Intent { issuer, serial, .. } = intent;
        if self.positions.contains_key(&(issuer.clone(), *serial)) {
            let (issuer, serial) = (issuer.clone(), *serial);
            return Err(Conflict::Serial { issuer, serial }.into());
        }
        let holders = self.public_keys.get(&intent.public_key).into_iter().flatten();
        let mut records = holders.filter_map(|position| self.certificates.get(position));
        let request = intent.request.as_ref();
        let yielded = records.all(|record| record.yields_key_to(intent));
        if !yielded || !self.is_unclaimed(&intent.public_key, request) {
            return Err(Conflict::PublicKey(intent.public_key).into());
        }
        match &intent.renews {
            Some(serial) if !self.is_renewable(issuer, serial, intent.request.as_ref()) => {
                let (issuer, serial) = (issuer.clone(), *serial);
                Err(Conflict::Renewed { issuer, serial }.into())
            }
            _ => Ok(()),
        }
    }

    /// Inserts what was checked.
    pub(super) fn insert(&mut self, intent: &Intent) {
        let Intent { issuer, serial, .. } = intent.clone();
        let position = self.certificates.last_key_value().map_or(1, |(last, _)| last + 1);
        self.public_keys.entry(intent.public_key).or_default().push(position);
        self.thumbprints.insert(intent.thumbprint.clone(), position);
        if let Some(renewed) = intent.renews {
            self.renewals.entry((issuer.clone(), renewed)).or_default().push(position);
        }
        let intent = intent.clone();
        let record = CertificateRecord { position, intent, der: None, revocation: None };
        self.positions.insert((issuer, serial), position);
        self.certificates.insert(position, record);
        self.changes.push(position);
    }

    /// Nobody but runs of `request` holds the key.
    fn check_key(&self, key: &[u8; 32], request: Option<&[u8; 32]>) -> Result<(), StoreError> {
        let holders = self.public_keys.get(key).into_iter().flatten();
        let mut records = holders.filter_map(|position| self.certificates.get(position));
        if self.is_unclaimed(key, request) && records.all(|record| record.yields_to(request)) {
            Ok(())
        } else {
            Err(Conflict::PublicKey(*key).into())
        }
    }

    /// No open request but `request` itself holds the key.
    fn is_unclaimed(&self, key: &[u8; 32], request: Option<&[u8; 32]>) -> bool {
        let claim = self.claims.get(key).and_then(|lid_ca| self.registrations.get(lid_ca));
        let claim = claim.and_then(|record| record.registration.open.as_ref());
        claim.is_none_or(|open| Some(&open.request) == request)
    }

    fn is_renewable(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        request: Option<&[u8; 32]>,
    ) -> bool {
        let renewals = self.renewals.get(&(issuer.clone(), *serial)).into_iter().flatten();
        let mut records = renewals.filter_map(|position| self.certificates.get(position));
        records.all(|record| record.is_gone() || record.yields_to(request))
    }

    /// False if the certificate is revoked already, and stays as it is.
    pub(super) fn revoke(
        &mut self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: Revocation,
    ) -> Result<bool, StoreError> {
        let record = self.certificate_mut(issuer, serial)?;
        let Some(revocation) = revocation.over(record.revocation) else { return Ok(false) };
        record.revocation = Some(revocation);
        let position = record.position;
        self.changes.push(position);
        Ok(true)
    }

    pub(super) fn check_unissued(&mut self, issued: &IssuedCertificate) -> Result<(), StoreError> {
        let Intent { issuer, serial, .. } = &issued.intent;
        if self.certificate_mut(issuer, serial)?.der.is_none() {
            return Ok(());
        }
        let (issuer, serial) = (issuer.clone(), *serial);
        Err(Conflict::Issued { issuer, serial }.into())
    }

    pub(super) fn certificate_mut(
        &mut self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<&mut CertificateRecord, StoreError> {
        self.positions
            .get(&(issuer.clone(), *serial))
            .and_then(|position| self.certificates.get_mut(position))
            .ok_or_else(|| StoreError::Absent(format!("certificate {serial} of {issuer}")))
    }

    pub(super) fn record_registration(
        &mut self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
    ) -> Result<(), StoreError> {
        if let Some(answer) = answer
            && self.answers.contains_key(&answer.rrpid)
        {
            return Err(Conflict::Answer(answer.rrpid).into());
        }
        let lid_ca = &registration.lid_ca;
        let known = self.registrations.get(lid_ca);
        if known.map_or(0, |known| known.registration.revision) != registration.revision {
            return Err(Conflict::Registration(lid_ca.clone()).into());
        }
        if let Some(open) = &registration.open {
            for key in &open.public_keys {
                self.check_key(key, Some(&open.request))?;
            }
        }
        let position = known.map_or(self.registrations.len() as u64 + 1, |known| known.position);
        self.claims.retain(|_, holder| holder != lid_ca);
        let keys = registration.open.iter().flat_map(|open| &open.public_keys);
        self.claims.extend(keys.map(|key| (*key, lid_ca.clone())));
        let registration = Registration {
            revision: registration.revision.saturating_add(1),
            ..registration.clone()
        };
        self.registrations.insert(lid_ca.clone(), RegistrationRecord { position, registration });
        self.answers.extend(answer.map(|answer| (answer.rrpid, answer.clone())));
        Ok(())
    }
}

/// Two intents of one act do not get in each other's way.
pub(super) fn check_apart(one: &Intent, other: &Intent) -> Result<(), StoreError> {
    let Intent { issuer, serial, .. } = other.clone();
    if one.issuer == issuer && one.serial == serial {
        return Err(Conflict::Serial { issuer, serial }.into());
    }
    if one.public_key == other.public_key {
        return Err(Conflict::PublicKey(other.public_key).into());
    }
    match &other.renews {
        Some(serial) if one.issuer == issuer && one.renews.as_ref() == Some(serial) => {
            Err(Conflict::Renewed { issuer, serial: *serial }.into())
        }
        _ => Ok(()),
    }
}
