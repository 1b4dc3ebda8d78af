//! What a CA must never lose, as acts of the domain: each method is one transaction.
//!
//! [`MemoryStore`] is the reference, [`conformance`] the suite that every backend runs. No SQL, no
//! key and no transaction leaks through [`Store`].

pub mod conformance;
mod error;
mod inventory;
mod lists;
mod memory;
mod model;
mod names;
mod records;
mod registration;
mod standing;
mod words;

pub use error::{Conflict, StoreError};
pub use inventory::{
    CertificateQuery, Expires, Expiry, ExpiryQuery, MOST_EXAMINED, Page, Positioned,
    RegistrationQuery,
};
pub use lists::{ListHead, ListId, PublishedList, Shard};
pub use memory::MemoryStore;
pub use model::{Claim, Last, Model};
pub use names::{CaId, SerialNumber, is_plain_name};
pub use records::*;
pub use registration::*;
pub use standing::{Change, Standing, Status};
pub use words::Word;

use crate::UnixTime;
use crate::audit::{Acting, AuditEntry, AuditLine, Hash, Node};

/// The records of a certification body.
///
/// Synchronous, object-safe; a method that returns `Ok` from a writing act has made it durable.
/// A clash with what is already there is [`StoreError::Conflict`], never resolved silently.
pub trait Store: Send + Sync {
    /// Records a new CA of the hierarchy. Its certificates are issued, and so inventory, before
    /// [`Store::record_ca_certificate`] puts them in force.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the identifier is taken; [`StoreError::Absent`] if its superior
    /// is not recorded.
    fn record_ca(&self, ca: &CaRecord, acting: &Acting) -> Result<(), StoreError>;

    /// Puts a certificate of a CA in force for its key use; the ones before stay listed.
    ///
    /// # Errors
    /// [`StoreError::Absent`] if there is no such CA.
    fn record_ca_certificate(
        &self,
        ca: &CaId,
        certificate: &CaCertificate,
        acting: &Acting,
    ) -> Result<(), StoreError>;

    /// All CAs, superior before subordinate.
    fn cas(&self) -> Result<Vec<CaRecord>, StoreError>;

    /// Reserves serial numbers and public keys and records what is about to be signed: all of it or
    /// nothing.
    ///
    /// An intent of the same request that was neither issued nor revoked gives over its key and
    /// what it was to renew: that run died before it could answer. Its own serial stays burnt,
    /// listed and revocable. An open request gives its keys to its own intents alone. A CA's own
    /// certificate may be renewed with its key: see [`CertificateRecord::yields_key_to`].
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the issuer has used a serial, a key was certified or is held by
    /// anything else (decisions.md 21), or what is renewed has a renewal that is not revoked for
    /// good: one on hold may come back.
    fn record_intents(&self, intents: &[Intent], acting: &Acting) -> Result<(), StoreError>;

    /// Turns intents into issued certificates and, in the same act, records the registration as it
    /// now stands and the answer that carries them. An intent stays as it was recorded; one that
    /// was revoked in between stays revoked.
    ///
    /// # Errors
    /// [`StoreError::Absent`] without the intent; [`StoreError::Conflict`] if it was issued before,
    /// or as [`Store::record_registration`].
    fn record_issued(
        &self,
        issued: &[IssuedCertificate],
        outcome: Option<(&Registration, Option<&StoredAnswer>)>,
        acting: &Acting,
    ) -> Result<(), StoreError>;

    /// Records a registration as it stands after a message, with the answer to that message, or
    /// after something that was no message.
    ///
    /// Its `revision` is the one it was read with, 0 if it is new; it is stored with the next. The
    /// keys of its open request are held until it is recorded without one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the rrpid has an answer already (read it with
    /// [`Store::answer`]), if the registration has moved since it was read, or if a key of its open
    /// request is certified or held by another.
    fn record_registration(
        &self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
        acting: &Acting,
    ) -> Result<(), StoreError>;

    /// The registration the CA knows under `lid_ca`.
    fn registration(&self, lid_ca: &[u8]) -> Result<Option<Registration>, StoreError>;

    /// The registration in which a certificate was issued; none of what no message asked for.
    fn registration_of(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<Registration>, StoreError>;

    /// A page of the registrations in the order they began.
    fn registrations(
        &self,
        query: &RegistrationQuery,
    ) -> Result<Page<RegistrationRecord>, StoreError>;

    /// The stored answer for a request.
    fn answer(&self, rrpid: &[u8; 20]) -> Result<Option<StoredAnswer>, StoreError>;

    /// Forgets answers recorded before `before`; returns how many. With them goes what is sealed in
    /// registrations that last moved before then, have nothing open and nothing to be collected
    /// ([`Registration::collect_by`]) at `before` or later.
    fn forget_answers(&self, before: UnixTime) -> Result<u64, StoreError>;

    /// Revokes an issued or intended certificate. A hold gives way to another reason
    /// ([`Revocation::over`]).
    ///
    /// # Errors
    /// [`StoreError::Absent`] if the issuer never reserved the serial, [`StoreError::Conflict`] if
    /// it is revoked already.
    fn revoke(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
        acting: &Acting,
    ) -> Result<(), StoreError>;

    /// Revokes many certificates, all of them or none; returns how many were not revoked before.
    /// Those that were stay as they are: whoever was interrupted may begin again.
    ///
    /// # Errors
    /// [`StoreError::Absent`] if an issuer never reserved a serial.
    fn revoke_all(&self, orders: &[RevocationOrder], acting: &Acting) -> Result<usize, StoreError>;

    /// Takes a hold back: the certificate (or intent) stands as before.
    ///
    /// # Errors
    /// [`StoreError::Absent`] as [`Store::revoke`], [`StoreError::Conflict`] if the certificate is
    /// not on hold.
    fn release(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<(), StoreError>;

    /// One certificate of one issuer.
    fn certificate(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError>;

    /// The certificate or intent whose unsigned part has this digest.
    fn certificate_by_thumbprint(
        &self,
        thumbprint: &[u8],
    ) -> Result<Option<CertificateRecord>, StoreError>;

    /// A page of the inventory in the order it was recorded.
    ///
    /// It costs a bounded amount of work whatever is asked: at most [`MOST_EXAMINED`] records that
    /// the most selective filter finds are looked at. A page may therefore be short, or empty, and
    /// still have a next one; only a page without one is the end.
    fn certificates(&self, query: &CertificateQuery)
    -> Result<Page<CertificateRecord>, StoreError>;

    /// A page of what expires, in the order of notAfter; bounded as [`Store::certificates`] is.
    fn expiring(&self, query: &ExpiryQuery) -> Result<Page<CertificateRecord, Expiry>, StoreError>;

    /// Revoked certificates (and intents) of an issuer whose notAfter is not before `at`, in the
    /// octet order of their serial numbers.
    fn revoked(&self, issuer: &CaId, at: UnixTime) -> Result<Vec<RevokedEntry>, StoreError>;

    /// What has changed since `after`, a position or 0: an entry for each certificate that
    /// [`Store::record_intents`], [`Store::record_issued`], [`Store::revoke`],
    /// [`Store::revoke_all`] or [`Store::release`] touched, recorded in that very act. At most
    /// `limit` entries, at least one if there is one.
    ///
    /// # Errors
    /// [`StoreError::Trimmed`] if what came next after `after` is forgotten
    /// ([`Store::trim_changes`]): whoever follows begins again with [`Store::standings`].
    fn changes(&self, after: u64, limit: usize) -> Result<Page<Change>, StoreError>;

    /// Position of the last change; 0 if there is none.
    fn last_change(&self) -> Result<u64, StoreError>;

    /// Forgets changes before the position `before`, the oldest first, at most `limit` of them;
    /// returns how many. The last change stays: positions go on from it.
    fn trim_changes(&self, before: u64, limit: usize) -> Result<usize, StoreError>;

    /// How certificates and intents stand, in the order of issuer and octets of the serial number,
    /// after a given one: at most `limit` of them, at least one if there is one. Costs nothing but
    /// what it says; no certificate is read.
    fn standings(
        &self,
        after: Option<(&CaId, &SerialNumber)>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreError>;

    /// Reserves the next number of a list: from 1, strictly increasing, above every number
    /// published, each given once, durable.
    fn next_number(&self, list: &ListId) -> Result<u64, StoreError>;

    /// Publishes a list in place of the one before.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if a list with the same or a higher number is published.
    fn record_list(&self, list: &PublishedList, acting: &Acting) -> Result<(), StoreError>;

    /// The list published last.
    fn list(&self, list: &ListId) -> Result<Option<PublishedList>, StoreError>;

    /// What is recorded beside the list published last; costs the same whatever the list's size.
    fn list_head(&self, list: &ListId) -> Result<Option<ListHead>, StoreError>;

    /// The same of every list there is, in the order of [`ListId`].
    fn list_heads(&self) -> Result<Vec<ListHead>, StoreError>;

    /// Writes entries about what changes no record: refusals and sign-ins.
    ///
    /// Every act above that is told who is acting writes its own, in its own transaction: if they
    /// cannot be written, it does not happen.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]
    fn note(&self, entries: &[AuditEntry]) -> Result<(), StoreError>;

    /// How many entries the audit log has.
    fn audit_size(&self) -> Result<u64, StoreError>;

    /// Lines of the audit log from a position on, in order, at most `limit`; as they are recorded,
    /// whether they agree with the tree or not.
    fn audit_lines(&self, from: u64, limit: usize) -> Result<Vec<AuditLine>, StoreError>;

    /// A node of the audit log's tree ([`Tree::append`](crate::audit::Tree::append)).
    ///
    /// # Errors
    /// [`StoreError::Absent`] if the tree does not have it.
    fn audit_node(&self, node: Node) -> Result<Hash, StoreError>;

    /// The same for many at once, each in its place; none where the tree does not have it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`]
    fn audit_nodes(&self, nodes: &[Node]) -> Result<Vec<Option<Hash>>, StoreError> {
        let found = nodes.iter().map(|node| match self.audit_node(*node) {
            Ok(hash) => Ok(Some(hash)),
            Err(StoreError::Absent(_)) => Ok(None),
            Err(error) => Err(error),
        });
        found.collect()
    }

    /// Keeps a signed checkpoint of the audit log.
    ///
    /// # Errors
    /// [`StoreError::Absent`] if the log has fewer entries.
    fn record_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError>;

    /// The checkpoint of most entries.
    fn last_checkpoint(&self) -> Result<Option<String>, StoreError>;

    /// The checkpoints kept, from the oldest: at most `limit` of more than `after` entries.
    fn checkpoints(&self, after: u64, limit: usize) -> Result<Vec<String>, StoreError>;
}
