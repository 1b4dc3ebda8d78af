//! A store that keeps a status index of what is in it.

mod acts;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::thread;

use super::compare::compare_while;
use super::pages::STANDINGS;
use super::{Mismatch, SerialStatus, StatusIndex};
use crate::store::{CaId, SerialNumber, Standing, Store, StoreError};

/// A store and the index of it.
///
/// The index is a copy of how everything stood at one position of the feed, moved on by
/// [`Indexed::follow`]: after each act of this handle, before the act returns; and whenever
/// somebody asks, for what other processes have done. Where the feed cannot be read, questions are
/// answered by an error: a revoked certificate is never called good because the index stayed
/// behind.
///
/// It is loaded by the first that follows or asks, so that a command that asks nothing pays
/// nothing.
pub struct Indexed {
    inner: Arc<dyn Store>,
    index: OnceLock<StatusIndex>,
    /// The change applied last; held while following.
    position: Mutex<u64>,
    /// Somebody has begun to load: from then on every act follows.
    wanted: AtomicBool,
    /// The feed could not be read when it was tried last.
    behind: AtomicBool,
}

impl Indexed {
    /// Puts an index beside a store.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>) -> Self {
        let (wanted, behind) = <(AtomicBool, AtomicBool)>::default();
        Self { inner, index: OnceLock::new(), position: Mutex::default(), wanted, behind }
    }

    /// Brings the index up to the end of the feed, loading it if nobody has; returns how many
    /// changes that took.
    ///
    /// # Errors
    /// As [`Store::changes`] and [`Store::standings`]; the index then stays where it was.
    pub fn follow(&self) -> Result<u64, StoreError> {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = match self.index.get() {
            Some(index) => match self.catch_up(index, &mut position) {
                Err(StoreError::Trimmed { .. }) => self.load_again(index, &mut position),
                outcome => outcome,
            },
            None => self.load(&mut position),
        };
        self.behind.store(outcome.is_err(), Ordering::SeqCst);
        outcome
    }

    /// Where a serial number stands.
    ///
    /// # Errors
    /// As [`Indexed::follow`] while the index is not loaded or could not follow.
    pub fn status(&self, issuer: &CaId, serial: &SerialNumber) -> Result<SerialStatus, StoreError> {
        Ok(self.current()?.status(issuer, serial))
    }

    /// The index, as far as it has followed.
    ///
    /// # Errors
    /// As [`Indexed::status`].
    pub fn current(&self) -> Result<&StatusIndex, StoreError> {
        loop {
            match self.index.get() {
                Some(index) if !self.behind.load(Ordering::SeqCst) => return Ok(index),
                _ => self.follow()?,
            };
        }
    }

    /// The index as it is, loaded or not, behind or not: to be measured, not to be asked.
    #[must_use]
    pub fn loaded(&self) -> Option<&StatusIndex> {
        self.index.get()
    }

    /// How far the index is behind what it follows; the store is not asked.
    #[must_use]
    pub fn followed(&self) -> Followed {
        // While somebody loads or follows, the position is on its way.
        let position = self.position.try_lock().ok().map(|position| *position);
        let loaded = self.index.get().is_some();
        Followed { loaded, behind: self.behind.load(Ordering::SeqCst), position }
    }

    /// Compares index and store ([`compare`](super::compare)); what others record meanwhile is no
    /// mismatch. `go_on` is asked some times a second, and ends it by saying false: then there is
    /// no outcome.
    ///
    /// # Errors
    /// As [`Indexed::status`].
    pub fn check(
        &self,
        limit: usize,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Vec<Mismatch>>, StoreError> {
        self.follow()?;
        let found = compare_while(self.current()?, self.inner.as_ref(), limit, go_on)?;
        let Some(found) = found else { return Ok(None) };
        if found.is_empty() {
            return Ok(Some(found));
        }
        self.follow()?;
        let mut kept = Vec::new();
        for mismatch in found {
            kept.extend(self.look_again(mismatch)?);
        }
        Ok(Some(kept))
    }

    /// The mismatch as it is now, if it still is one; the store's side from the whole record.
    fn look_again(&self, found: Mismatch) -> Result<Option<Mismatch>, StoreError> {
        let Mismatch { issuer, serial, .. } = found;
        let record = self.inner.certificate(&issuer, &serial)?;
        let store = record.map(|record| Standing::of(&record).status);
        let index = self.current()?.standing(&issuer, &serial);
        let mismatch = Mismatch { issuer, serial, index, store };
        Ok((index != store).then_some(mismatch))
    }

    /// Builds the index beside, and shows it when it is up to date.
    fn load(&self, position: &mut u64) -> Result<u64, StoreError> {
        // Before the feed is looked at: an act that ends without following is in the scan.
        self.wanted.store(true, Ordering::SeqCst);
        let index = StatusIndex::new();
        let changes = self.scan(&index, position)?;
        self.index.get_or_init(|| index);
        Ok(changes)
    }

    /// For who was away longer than the feed reaches back. Serial numbers never go, so that what is
    /// there is put right in place; until then nobody is answered.
    fn load_again(&self, index: &StatusIndex, position: &mut u64) -> Result<u64, StoreError> {
        self.behind.store(true, Ordering::SeqCst);
        let begin = *position;
        self.scan(index, position)?;
        Ok(position.saturating_sub(begin))
    }

    /// Reads how everything stands, then what has changed meanwhile.
    fn scan(&self, index: &StatusIndex, position: &mut u64) -> Result<u64, StoreError> {
        // Before the scan: what is recorded during the scan is applied once more after it. The
        // position is the index's own only when the scan is over.
        let mut scanned = self.inner.last_change()?;
        self.read_all(index)?;
        let changes = self.catch_up(index, &mut scanned)?;
        *position = scanned;
        Ok(changes)
    }

    /// Reads and notes at the same time, on a thread each.
    fn read_all(&self, index: &StatusIndex) -> Result<(), StoreError> {
        let (send, pages) = mpsc::sync_channel(READ_AHEAD);
        thread::scope(|scope| {
            let reading = scope.spawn(move || self.read_pages(&send));
            pages.iter().flatten().for_each(|standing| index.apply(&standing));
            // A reader that panicked has read nothing to its end.
            reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn read_pages(&self, pages: &mpsc::SyncSender<Vec<Standing>>) -> Result<(), StoreError> {
        let mut after: Option<(CaId, SerialNumber)> = None;
        loop {
            let from = after.as_ref().map(|(issuer, serial)| (issuer, serial));
            let page = self.inner.standings(from, STANDINGS)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.issuer.clone(), last.serial));
            if pages.send(page).is_err() {
                return Ok(());
            }
        }
    }

    fn catch_up(&self, index: &StatusIndex, position: &mut u64) -> Result<u64, StoreError> {
        let begin = *position;
        loop {
            let page = self.inner.changes(*position, PAGE)?;
            for change in &page.items {
                index.apply(&change.standing);
                *position = change.position;
            }
            if page.next.is_none() {
                return Ok(position.saturating_sub(begin));
            }
        }
    }

    /// Follows an act of ours before its caller learns of it.
    fn then_follow<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        // An act of which the store does not know the end may have happened.
        let may_have_happened = matches!(done, Ok(_) | Err(StoreError::Unavailable(_)));
        if may_have_happened && self.wanted.load(Ordering::SeqCst) {
            // The act stands. If following fails, the next question tries again, or is refused.
            let _ = self.follow();
        }
        done
    }
}

/// Pages read before those before them are noted.
const READ_AHEAD: usize = 2;

/// How far an index has followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Followed {
    /// It has been loaded.
    pub loaded: bool,
    /// The feed could not be read when it was tried last.
    pub behind: bool,
    /// The change applied last; none while it is being moved on.
    pub position: Option<u64>,
}

/// Changes read at a time.
const PAGE: usize = 4_096;
