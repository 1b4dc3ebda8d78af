//! The acts and questions of the store: those that touch certificates are followed at once.

use super::Indexed;
use crate::UnixTime;
use crate::audit::{Acting, AuditEntry, AuditLine, Hash, Node};
use crate::store::{
    CaCertificate, CaId, CaRecord, CertificateQuery, CertificateRecord, Change, Expiry,
    ExpiryQuery, Intent, IssuedCertificate, ListHead, ListId, Page, PublishedList, Registration,
    RegistrationQuery, RegistrationRecord, Revocation, RevocationOrder, RevokedEntry, SerialNumber,
    Standing, Store, StoreError, StoredAnswer,
};

impl Store for Indexed {
    fn record_ca(&self, ca: &CaRecord, acting: &Acting) -> Result<(), StoreError> {
        self.inner.record_ca(ca, acting)
    }

    fn record_ca_certificate(
        &self,
        ca: &CaId,
        certificate: &CaCertificate,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.inner.record_ca_certificate(ca, certificate, acting)
    }

    fn cas(&self) -> Result<Vec<CaRecord>, StoreError> {
        self.inner.cas()
    }

    fn record_intents(&self, intents: &[Intent], acting: &Acting) -> Result<(), StoreError> {
        self.then_follow(self.inner.record_intents(intents, acting))
    }

    fn record_issued(
        &self,
        issued: &[IssuedCertificate],
        outcome: Option<(&Registration, Option<&StoredAnswer>)>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.then_follow(self.inner.record_issued(issued, outcome, acting))
    }

    fn record_registration(
        &self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.inner.record_registration(registration, answer, acting)
    }

    fn registration(&self, lid_ca: &[u8]) -> Result<Option<Registration>, StoreError> {
        self.inner.registration(lid_ca)
    }

    fn registration_of(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<Registration>, StoreError> {
        self.inner.registration_of(issuer, serial)
    }

    fn registrations(
        &self,
        query: &RegistrationQuery,
    ) -> Result<Page<RegistrationRecord>, StoreError> {
        self.inner.registrations(query)
    }

    fn answer(&self, rrpid: &[u8; 20]) -> Result<Option<StoredAnswer>, StoreError> {
        self.inner.answer(rrpid)
    }

    fn forget_answers(&self, before: UnixTime) -> Result<u64, StoreError> {
        self.inner.forget_answers(before)
    }

    fn revoke(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.then_follow(self.inner.revoke(issuer, serial, revocation, acting))
    }

    fn revoke_all(&self, orders: &[RevocationOrder], acting: &Acting) -> Result<usize, StoreError> {
        self.then_follow(self.inner.revoke_all(orders, acting))
    }

    fn release(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.then_follow(self.inner.release(issuer, serial, acting))
    }

    fn certificate(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.inner.certificate(issuer, serial)
    }

    fn certificate_by_thumbprint(
        &self,
        thumbprint: &[u8],
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.inner.certificate_by_thumbprint(thumbprint)
    }

    fn certificates(
        &self,
        query: &CertificateQuery,
    ) -> Result<Page<CertificateRecord>, StoreError> {
        self.inner.certificates(query)
    }

    fn expiring(&self, query: &ExpiryQuery) -> Result<Page<CertificateRecord, Expiry>, StoreError> {
        self.inner.expiring(query)
    }

    fn revoked(&self, issuer: &CaId, at: UnixTime) -> Result<Vec<RevokedEntry>, StoreError> {
        self.inner.revoked(issuer, at)
    }

    fn changes(&self, after: u64, limit: usize) -> Result<Page<Change>, StoreError> {
        self.inner.changes(after, limit)
    }

    fn last_change(&self) -> Result<u64, StoreError> {
        self.inner.last_change()
    }

    fn trim_changes(&self, before: u64, limit: usize) -> Result<usize, StoreError> {
        self.inner.trim_changes(before, limit)
    }

    fn standings(
        &self,
        after: Option<(&CaId, &SerialNumber)>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        self.inner.standings(after, limit)
    }

    fn next_number(&self, list: &ListId) -> Result<u64, StoreError> {
        self.inner.next_number(list)
    }

    fn record_list(&self, list: &PublishedList, acting: &Acting) -> Result<(), StoreError> {
        self.inner.record_list(list, acting)
    }

    fn list(&self, list: &ListId) -> Result<Option<PublishedList>, StoreError> {
        self.inner.list(list)
    }

    fn list_head(&self, list: &ListId) -> Result<Option<ListHead>, StoreError> {
        self.inner.list_head(list)
    }

    fn list_heads(&self) -> Result<Vec<ListHead>, StoreError> {
        self.inner.list_heads()
    }

    fn note(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.inner.note(entries)
    }

    fn audit_size(&self) -> Result<u64, StoreError> {
        self.inner.audit_size()
    }

    fn audit_lines(&self, from: u64, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        self.inner.audit_lines(from, limit)
    }

    fn audit_node(&self, node: Node) -> Result<Hash, StoreError> {
        self.inner.audit_node(node)
    }

    fn audit_nodes(&self, nodes: &[Node]) -> Result<Vec<Option<Hash>>, StoreError> {
        self.inner.audit_nodes(nodes)
    }

    fn record_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError> {
        self.inner.record_checkpoint(size, note)
    }

    fn last_checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.inner.last_checkpoint()
    }

    fn checkpoints(&self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.inner.checkpoints(after, limit)
    }
}
