//! The rules of the acts on certificates and registrations, over ordered maps.
//!
//! [`MemoryStore`](super::MemoryStore) keeps everything in one [`Model`]. A backend that loads what
//! a few acts look at, runs them here and writes what they touched decides by the same rules.

use std::collections::BTreeMap;

use super::{
    CaId, CertificateRecord, Conflict, Intent, IssuedCertificate, Registration, RegistrationRecord,
    Revocation, RevocationOrder, SerialNumber, StoreError, StoredAnswer,
};
use crate::audit::{Acting, AuditEntry};

/// Certificates, registrations and answers, or those of them that some acts look at.
///
/// What an act looks at: the certificates it names, whatever holds a public key it brings or renews
/// what it renews, the registration and the answer it records, and the claims on its keys. An act
/// that is refused changes nothing; one that is done says what the audit log is to have.
#[derive(Clone, Debug, Default)]
pub struct Model {
    last: Last,
    /// By position.
    pub(super) certificates: BTreeMap<u64, CertificateRecord>,
    pub(super) positions: BTreeMap<(CaId, SerialNumber), u64>,
    /// The feed: positions of the certificates that acts touched.
    pub(super) changes: Vec<u64>,
    /// Positions of what holds the key.
    public_keys: BTreeMap<[u8; 32], Vec<u64>>,
    pub(super) thumbprints: BTreeMap<Vec<u8>, u64>,
    /// Positions of what renews a certificate.
    renewals: BTreeMap<(CaId, SerialNumber), Vec<u64>>,
    /// By LID-CA.
    pub(super) registrations: BTreeMap<Vec<u8>, RegistrationRecord>,
    claims: BTreeMap<[u8; 32], Claim>,
    pub(super) answers: BTreeMap<[u8; 20], StoredAnswer>,
}

/// Positions given last, 0 if none was.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Last {
    /// In the inventory.
    pub certificate: u64,
    /// Among the registrations.
    pub registration: u64,
}

impl Last {
    fn next_certificate(&mut self) -> u64 {
        self.certificate = self.certificate.saturating_add(1);
        self.certificate
    }

    fn next_registration(&mut self) -> u64 {
        self.registration = self.registration.saturating_add(1);
        self.registration
    }
}

/// An open request that holds a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// LID-CA of the registration whose request it is.
    pub lid_ca: Vec<u8>,
    /// SHA-256 of the message.
    pub request: [u8; 32],
}

impl Model {
    /// Nothing yet; positions go on from these.
    #[must_use]
    pub fn after(last: Last) -> Self {
        Self { last, ..Self::default() }
    }

    /// The positions given last.
    #[must_use]
    pub const fn last(&self) -> Last {
        self.last
    }

    /// Puts in a certificate as it stands.
    pub fn put_certificate(&mut self, record: CertificateRecord) {
        let CertificateRecord { position, intent, .. } = &record;
        self.index(*position, intent);
        self.certificates.insert(*position, record);
    }

    /// Puts in a registration as it stands.
    pub fn put_registration(&mut self, record: RegistrationRecord) {
        self.registrations.insert(record.registration.lid_ca.clone(), record);
    }

    /// Puts in a claim on a public key.
    pub fn put_claim(&mut self, public_key: [u8; 32], claim: Claim) {
        self.claims.insert(public_key, claim);
    }

    /// Puts in an answer.
    pub fn put_answer(&mut self, answer: StoredAnswer) {
        self.answers.insert(answer.rrpid, answer);
    }

    /// The certificate at a position.
    #[must_use]
    pub fn certificate(&self, position: u64) -> Option<&CertificateRecord> {
        self.certificates.get(&position)
    }

    /// The registration with this LID-CA.
    #[must_use]
    pub fn registration(&self, lid_ca: &[u8]) -> Option<&RegistrationRecord> {
        self.registrations.get(lid_ca)
    }

    /// Positions of the certificates that acts have touched, one for each time.
    #[must_use]
    pub fn changes(&self) -> &[u64] {
        &self.changes
    }

    /// As [`Store::record_intents`](super::Store::record_intents).
    ///
    /// # Errors
    /// The same.
    pub fn record_intents(
        &mut self,
        intents: &[Intent],
        acting: &Acting,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        for (index, intent) in intents.iter().enumerate() {
            self.check_intent(intent)?;
            intents.iter().take(index).try_for_each(|other| check_apart(other, intent))?;
        }
        intents.iter().for_each(|intent| self.insert(intent));
        Ok(intents.iter().map(|intent| AuditEntry::of_intent(acting, intent)).collect())
    }

    /// As [`Store::record_issued`](super::Store::record_issued).
    ///
    /// # Errors
    /// The same.
    pub fn record_issued(
        &mut self,
        issued: &[IssuedCertificate],
        outcome: Option<(&Registration, Option<&StoredAnswer>)>,
        acting: &Acting,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        issued.iter().try_for_each(|certificate| self.check_unissued(certificate))?;
        let mut entries = match outcome {
            Some((registration, answer)) => {
                self.record_registration(registration, answer, acting)?
            }
            None => Vec::new(),
        };
        for certificate in issued {
            let Intent { issuer, serial, .. } = &certificate.intent;
            let record = self.certificate_mut(issuer, serial)?;
            record.der = Some(certificate.der.clone());
            let position = record.position;
            self.changes.push(position);
            entries.push(AuditEntry::of_issued(acting, certificate));
        }
        Ok(entries)
    }

    /// As [`Store::revoke`](super::Store::revoke).
    ///
    /// # Errors
    /// The same.
    pub fn revoke(
        &mut self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
        acting: &Acting,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        if self.put_revocation(issuer, serial, *revocation)? {
            return Ok(vec![AuditEntry::of_revocation(acting, issuer, serial, revocation)]);
        }
        let (issuer, serial) = (issuer.clone(), *serial);
        Err(Conflict::Revoked { issuer, serial }.into())
    }

    /// As [`Store::revoke_all`](super::Store::revoke_all); an entry for each that was not revoked
    /// before.
    ///
    /// # Errors
    /// The same.
    pub fn revoke_all(
        &mut self,
        orders: &[RevocationOrder],
        acting: &Acting,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        for RevocationOrder { issuer, serial, .. } in orders {
            self.certificate_mut(issuer, serial)?;
        }
        let mut entries = Vec::new();
        for RevocationOrder { issuer, serial, revocation } in orders {
            if self.put_revocation(issuer, serial, *revocation)? {
                entries.push(AuditEntry::of_revocation(acting, issuer, serial, revocation));
            }
        }
        Ok(entries)
    }

    /// As [`Store::release`](super::Store::release).
    ///
    /// # Errors
    /// The same.
    pub fn release(
        &mut self,
        issuer: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let record = self.certificate_mut(issuer, serial)?;
        if !record.revocation.is_some_and(|standing| standing.is_hold()) {
            let (issuer, serial) = (issuer.clone(), *serial);
            return Err(Conflict::NotHeld { issuer, serial }.into());
        }
        record.revocation = None;
        let position = record.position;
        self.changes.push(position);
        Ok(vec![AuditEntry::of_release(acting, issuer, serial)])
    }

    /// As [`Store::record_registration`](super::Store::record_registration).
    ///
    /// # Errors
    /// The same.
    pub fn record_registration(
        &mut self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
        acting: &Acting,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        self.check_registration(registration, answer)?;
        let lid_ca = &registration.lid_ca;
        let known = self.registrations.get(lid_ca);
        let position = known.map_or_else(|| self.last.next_registration(), |known| known.position);
        if let Some(before) = known.and_then(|known| known.registration.open.as_ref()) {
            before.public_keys.iter().for_each(|key| drop(self.claims.remove(key)));
        }
        if let Some(open) = &registration.open {
            let claim = Claim { lid_ca: lid_ca.clone(), request: open.request };
            self.claims.extend(open.public_keys.iter().map(|key| (*key, claim.clone())));
        }
        let revision = registration.revision.saturating_add(1);
        let moved = Registration { revision, ..registration.clone() };
        self.put_registration(RegistrationRecord { position, registration: moved });
        self.answers.extend(answer.map(|answer| (answer.rrpid, answer.clone())));
        Ok(vec![AuditEntry::of_registration(acting, registration)])
    }

    fn check_registration(
        &self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
    ) -> Result<(), StoreError> {
        if let Some(answer) = answer
            && self.answers.contains_key(&answer.rrpid)
        {
            return Err(Conflict::Answer(answer.rrpid).into());
        }
        let known = self.registrations.get(&registration.lid_ca);
        if known.map_or(0, |known| known.registration.revision) != registration.revision {
            return Err(Conflict::Registration(registration.lid_ca.clone()).into());
        }
        if let Some(open) = &registration.open {
            for key in &open.public_keys {
                self.check_key(key, Some(&open.request))?;
            }
        }
        Ok(())
    }

    fn check_intent(&self, intent: &Intent) -> Result<(), StoreError> {
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
    fn insert(&mut self, intent: &Intent) {
        let position = self.last.next_certificate();
        let intent = intent.clone();
        self.put_certificate(CertificateRecord { position, intent, der: None, revocation: None });
        self.changes.push(position);
    }

    fn index(&mut self, position: u64, intent: &Intent) {
        let Intent { issuer, serial, public_key, thumbprint, renews, .. } = intent;
        // What is loaded may come twice.
        if self.positions.insert((issuer.clone(), *serial), position).is_some() {
            return;
        }
        self.public_keys.entry(*public_key).or_default().push(position);
        self.thumbprints.insert(thumbprint.clone(), position);
        if let Some(renewed) = renews {
            self.renewals.entry((issuer.clone(), *renewed)).or_default().push(position);
        }
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
        self.claims.get(key).is_none_or(|claim| Some(&claim.request) == request)
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
    fn put_revocation(
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

    fn check_unissued(&mut self, issued: &IssuedCertificate) -> Result<(), StoreError> {
        let Intent { issuer, serial, .. } = &issued.intent;
        if self.certificate_mut(issuer, serial)?.der.is_none() {
            return Ok(());
        }
        let (issuer, serial) = (issuer.clone(), *serial);
        Err(Conflict::Issued { issuer, serial }.into())
    }

    fn certificate_mut(
        &mut self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<&mut CertificateRecord, StoreError> {
        self.positions
            .get(&(issuer.clone(), *serial))
            .and_then(|position| self.certificates.get_mut(position))
            .ok_or_else(|| StoreError::Absent(format!("certificate {serial} of {issuer}")))
    }
}

/// Two intents of one act do not get in each other's way.
fn check_apart(one: &Intent, other: &Intent) -> Result<(), StoreError> {
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
