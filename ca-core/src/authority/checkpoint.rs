//! Checkpoints of the audit log: signed now and then, so that nobody can write it anew unseen.

use std::sync::{Mutex, PoisonError};

use super::{Authority, Error};
use crate::audit::{AuditFault, Checkpoint, NoteKey, Tree, consistency_proof, verify_consistency};
use crate::store::StoreError;

/// The checkpoint signed last, as far as this process knows; never taken from the store once it is
/// known, because whoever writes the log anew writes its checkpoints, too.
#[derive(Debug, Default)]
pub(super) struct Signed(Mutex<Option<Checkpoint>>);

impl Authority {
    /// Signs the audit log as it is, if it has grown since the last checkpoint, and keeps the note
    /// in the store. None if it has not, or if this authority has no key for it.
    ///
    /// # Errors
    /// [`Error::Audit`] if the log is not what was signed before, with more at its end: then nothing
    /// is signed. [`Error::Store`], [`Error::Key`].
    pub fn sign_checkpoint(&self) -> Result<Option<String>, Error> {
        let Some(key) = &self.parts.audit_key else { return Ok(None) };
        let store = &self.parts.store;
        let mut signed = self.signed.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match signed.clone() {
            Some(before) => Some(before),
            None => store.last_checkpoint()?.map(|note| opened(key, &note)).transpose()?,
        };
        let size = store.audit_size()?;
        let known = before.as_ref().map_or(0, |before| before.size);
        if size == known {
            return Ok(None);
        }
        let short = || Error::Audit(AuditFault::Short { signed: known, found: size });
        let node = |at| store.audit_node(at);
        let broken = |error| match error {
            StoreError::Absent(_) => short(),
            error => error.into(),
        };
        let root = Tree::read(size, node).map_err(broken)?.root();
        if let Some(before) = before {
            let proof = consistency_proof(known, size, node).map_err(broken)?.ok_or_else(short)?;
            if !verify_consistency((known, before.root), (size, root), &proof) {
                return Err(Error::Audit(AuditFault::Root { from: 0, signed: known }));
            }
        }
        let checkpoint = Checkpoint { origin: key.name().to_owned(), size, root };
        let note = key.sign(&checkpoint.to_string(), self.parts.signer.as_ref())?;
        store.record_checkpoint(size, &note)?;
        *signed = Some(checkpoint);
        Ok(Some(note))
    }
}

impl Authority {
    /// How many entries the audit log has, and how many the last checkpoint was signed over.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn audited(&self) -> Result<(u64, u64), Error> {
        let store = &self.parts.store;
        let (size, note) = (store.audit_size()?, store.last_checkpoint()?);
        // The text ends with the first of the two line ends.
        let text = |note: &str| Some(note.get(..=note.find("\n\n")?)?.to_owned());
        let read = |note: &str| Checkpoint::parse(&text(note)?).ok();
        // Whether it is signed well is for whoever examines the log.
        let signed = note.and_then(|note| read(&note)).map_or(0, |checkpoint| checkpoint.size);
        Ok((size, signed))
    }
}

fn opened(key: &NoteKey, note: &str) -> Result<Checkpoint, Error> {
    let read = key.open(note).and_then(Checkpoint::parse);
    read.map_err(|error| Error::Audit(AuditFault::Checkpoint(error)))
}
