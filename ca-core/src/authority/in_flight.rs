//! One run at a time: a duplicate that arrives while the first is at work waits for its answer.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Condvar, Mutex, PoisonError};

/// What is at work: requests by rrpid, which never start a second run (spec `set-messages.md`
/// §4.8), and registrations by LID-CA, of which one message at a time may move.
#[derive(Debug)]
pub(super) struct InFlight<K> {
    at_work: Mutex<HashSet<K>>,
    done: Condvar,
}

impl<K: Eq + Hash + Clone> InFlight<K> {
    /// Waits until nobody works on `key`, then holds it until the guard is dropped.
    pub(super) fn enter(&self, key: K) -> Guard<'_, K> {
        let at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at_work = self
            .done
            .wait_while(at_work, |at_work| at_work.contains(&key))
            .unwrap_or_else(PoisonError::into_inner);
        at_work.insert(key.clone());
        Guard { in_flight: self, key }
    }
}

impl<K> Default for InFlight<K> {
    fn default() -> Self {
        Self { at_work: Mutex::default(), done: Condvar::new() }
    }
}

/// Holds one key.
#[derive(Debug)]
pub(super) struct Guard<'a, K: Eq + Hash> {
    in_flight: &'a InFlight<K>,
    key: K,
}

impl<K: Eq + Hash> Drop for Guard<'_, K> {
    fn drop(&mut self) {
        let mut at_work = self.in_flight.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        at_work.remove(&self.key);
        drop(at_work);
        self.in_flight.done.notify_all();
    }
}
