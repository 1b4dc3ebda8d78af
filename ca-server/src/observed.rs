//! What the service has seen itself do: the last check of the status, lists it could not publish.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ca_core::UnixTime;
use ca_core::authority::{Checked, Error};
use ca_core::signer::KeyError;
use ca_core::store::{ListId, StoreError};

use crate::chaos::Chaos;
use crate::sign_ins::SignIns;

/// Shared by the work in the background and the paths that tell of it.
#[derive(Debug, Default)]
pub struct Observed {
    chaos: Chaos,
    check: Mutex<Checks>,
    publishing: Mutex<BTreeMap<ListId, Failing>>,
    sign_ins: SignIns,
    audit_changed: AtomicBool,
}

/// The checks of the status until now.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// How many came to an end.
    pub runs: u64,
    /// How many did not: the records could not be read.
    pub failed: u64,
    /// The last one that came to its end.
    pub last: Option<LastCheck>,
}

/// A check that came to its end.
#[derive(Clone, Debug)]
pub struct LastCheck {
    /// What it found.
    pub checked: Checked,
    /// How long it took.
    pub took: Duration,
}

/// A list that could not be published at least once.
#[derive(Clone, Debug, Default)]
pub struct Failing {
    /// How often.
    pub count: u64,
    /// Why and since when, if it still cannot be; no path and no key in it.
    pub now: Option<(String, UnixTime)>,
}

impl Observed {
    /// Of a service that spoils this.
    #[must_use]
    pub fn new(chaos: Chaos) -> Self {
        Self { chaos, ..Self::default() }
    }

    /// Who has signed in lately.
    #[must_use]
    pub(crate) const fn sign_ins(&self) -> &SignIns {
        &self.sign_ins
    }

    /// True if the audit log was not what was signed before when it was to be signed last.
    #[must_use]
    pub fn audit_changed(&self) -> bool {
        self.audit_changed.load(Ordering::Relaxed)
    }

    /// The audit log was signed, or found changed.
    pub(crate) fn audited(&self, changed: bool) {
        self.audit_changed.store(changed, Ordering::Relaxed);
    }

    /// What is spoilt on purpose.
    #[must_use]
    pub const fn chaos(&self) -> &Chaos {
        &self.chaos
    }

    /// The checks of the status until now.
    #[must_use]
    pub fn checks(&self) -> Checks {
        self.check.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lists that could not be published, now or before.
    #[must_use]
    pub fn publishing(&self) -> BTreeMap<ListId, Failing> {
        self.publishing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A check came to its end, or could not.
    pub(crate) fn checked(&self, outcome: Option<LastCheck>) {
        let mut check = self.check.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Some(last) => {
                check.runs += 1;
                check.last = Some(last);
            }
            None => check.failed += 1,
        }
    }

    /// Everything that was due was tried; these failed.
    pub(crate) fn published(&self, failures: &[(ListId, String)], at: UnixTime) {
        let mut lists = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        for (list, failing) in lists.iter_mut() {
            if !failures.iter().any(|(failed, _)| failed == list) {
                failing.now = None;
            }
        }
        for (list, why) in failures {
            let failing = lists.entry(list.clone()).or_default();
            failing.count += 1;
            let since = failing.now.as_ref().map_or(at, |(_, since)| *since);
            failing.now = Some((why.clone(), since));
        }
    }
}

/// Why a list was not published, for everyone to read: the log has the whole. `None` if nobody has
/// failed: the root's key is off line by design.
pub(crate) fn why_not_published(error: &Error) -> Option<String> {
    match error {
        Error::Key(KeyError::Absent(_)) => None,
        Error::Store(StoreError::Unavailable(text)) => {
            // The file's path comes first and is nobody's business outside.
            let cause = text.rsplit(": ").next().unwrap_or_default();
            Some(format!("the store cannot be written: {cause}"))
        }
        error => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str) -> ListId {
        ListId::Bci(name.to_owned())
    }

    #[test]
    fn failure_is_counted_each_time_and_over_when_the_list_is_published() {
        let (observed, at) = (Observed::default(), UnixTime::from_secs);
        observed.published(&[(list("A"), "full".to_owned()), (list("B"), "x".to_owned())], at(10));
        observed.published(&[(list("A"), "fuller".to_owned())], at(20));
        let seen = observed.publishing();
        assert_eq!(seen[&list("A")].count, 2);
        assert_eq!(seen[&list("A")].now, Some(("fuller".to_owned(), at(10))));
        assert_eq!((seen[&list("B")].count, seen[&list("B")].now.clone()), (1, None));
    }

    #[test]
    fn what_everyone_may_read_names_the_cause_and_not_the_file() {
        let text = "/var/lib/setca/setca.db: database or disk is full".to_owned();
        let why = why_not_published(&Error::Store(StoreError::Unavailable(text)));
        let said = "the store cannot be written: database or disk is full";
        assert_eq!(why.as_deref(), Some(said));
    }
}
