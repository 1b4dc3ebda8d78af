//! How often OCSP said what.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::wire::ocsp::ResponseStatus;

/// Answers since the authority was opened, by kind.
#[derive(Debug, Default)]
pub struct OcspCounts {
    ahead: AtomicU64,
    cached: AtomicU64,
    failed: AtomicU64,
    malformed: AtomicU64,
    signed: AtomicU64,
    try_later: AtomicU64,
    unauthorized: AtomicU64,
}

/// [`OcspCounts`] at one time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct OcspTally {
    /// Signed before anybody asked; no answer to anyone.
    pub ahead: u64,
    /// Signed before, given again.
    pub cached: u64,
    /// internalError.
    pub failed: u64,
    /// malformedRequest.
    pub malformed: u64,
    /// Signed for the one who asked.
    pub signed: u64,
    /// tryLater.
    pub try_later: u64,
    /// unauthorized.
    pub unauthorized: u64,
}

impl OcspTally {
    /// The answers, by the stable names of their kinds.
    #[must_use]
    pub const fn by_kind(&self) -> [(&'static str, u64); 6] {
        [
            ("cached", self.cached),
            ("internal-error", self.failed),
            ("malformed-request", self.malformed),
            ("signed", self.signed),
            ("try-later", self.try_later),
            ("unauthorized", self.unauthorized),
        ]
    }
}

impl OcspCounts {
    /// The counts now.
    #[must_use]
    pub fn read(&self) -> OcspTally {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        OcspTally {
            ahead: of(&self.ahead),
            cached: of(&self.cached),
            failed: of(&self.failed),
            malformed: of(&self.malformed),
            signed: of(&self.signed),
            try_later: of(&self.try_later),
            unauthorized: of(&self.unauthorized),
        }
    }

    pub(super) fn ahead(&self) {
        self.ahead.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn cached(&self) {
        self.cached.fetch_add(1, Ordering::Relaxed);
    }

    /// An answer that was not in the cache.
    pub(super) fn made(&self, status: ResponseStatus) {
        let count = match status {
            ResponseStatus::Successful => &self.signed,
            ResponseStatus::MalformedRequest => &self.malformed,
            ResponseStatus::TryLater => &self.try_later,
            ResponseStatus::Unauthorized => &self.unauthorized,
            ResponseStatus::InternalError | ResponseStatus::SigRequired => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}
