//! The lists in force, kept in memory: a CRL may have forty million octets, and every answer asks
//! for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::{Authority, Error};
use crate::Suite;
use crate::store::{ListHead, ListId, PublishedList};
use crate::wire::extensions::AuthorityKeyIdentifier;
use crate::wire::{Crl, DecodeError};

/// A published list, and what was read of it.
#[derive(Debug)]
pub struct Published {
    list: PublishedList,
    said: OnceLock<CrlSaid>,
}

/// What every answer asks of a CRL.
#[derive(Clone, Debug)]
pub(super) struct CrlSaid {
    /// Digest of the unsigned CRL (spec `set-certificates.md` §5.2).
    pub(super) thumbprint: Vec<u8>,
    /// Names the certificate that verifies it.
    pub(super) authority: Option<AuthorityKeyIdentifier>,
}

impl Published {
    /// The record.
    #[must_use]
    pub const fn list(&self) -> &PublishedList {
        &self.list
    }

    /// Reads the CRL, once for all who ask.
    pub(super) fn said(&self, suite: Suite) -> Result<&CrlSaid, DecodeError> {
        if let Some(said) = self.said.get() {
            return Ok(said);
        }
        let crl = Crl::from_der_set(&self.list.der.whole())?;
        let authority = crl.authority_key_identifier().ok().flatten();
        let said = CrlSaid { thumbprint: crl.thumbprint(suite), authority };
        Ok(self.said.get_or_init(|| said))
    }
}

/// Lists as they were read last, by their identifier.
#[derive(Debug, Default)]
pub(super) struct PublishedLists {
    latest: Mutex<BTreeMap<ListId, Arc<Published>>>,
    /// Held while octets are read: what many ask for is read by one of them.
    reading: Mutex<()>,
}

impl PublishedLists {
    /// Keeps a list, unless a later one is kept already.
    pub(super) fn keep(&self, list: PublishedList) -> Arc<Published> {
        let mut kept = lock(&self.latest);
        if let Some(known) = kept.get(&list.list).filter(|known| known.list.number > list.number) {
            return Arc::clone(known);
        }
        let published = Arc::new(Published { list, said: OnceLock::new() });
        kept.insert(published.list.list.clone(), Arc::clone(&published));
        published
    }

    fn find(&self, head: &ListHead) -> Option<Arc<Published>> {
        let kept = lock(&self.latest);
        kept.get(&head.list).filter(|known| known.list.head() == *head).map(Arc::clone)
    }
}

impl Authority {
    /// The list published last, by whichever process; none if there is none. Read from the store
    /// only when it is another one than before.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn published(&self, list: &ListId) -> Result<Option<Arc<Published>>, Error> {
        let current = || -> Result<Option<Arc<Published>>, Error> {
            let head = self.parts.store.list_head(list)?;
            Ok(head.and_then(|head| self.lists.find(&head)))
        };
        if let Some(known) = current()? {
            return Ok(Some(known));
        }
        let _reading = lock(&self.lists.reading);
        if let Some(read_meanwhile) = current()? {
            return Ok(Some(read_meanwhile));
        }
        Ok(self.parts.store.list(list)?.map(|found| self.lists.keep(found)))
    }

    /// Its record, as what a new one has to follow; the octets are shared.
    pub(super) fn held_list(&self, list: &ListId) -> Result<Option<PublishedList>, Error> {
        Ok(self.published(list)?.map(|held| held.list().clone()))
    }
}

/// What is behind these locks is whole whenever they are free.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
