//! How many OCSP answers of each kind went out over HTTP: one atomic addition each.

use std::sync::atomic::{AtomicU64, Ordering};

use ca_core::authority::OcspReply;
use ca_core::wire::ocsp::{OcspResponse, ResponseStatus};

/// A kind of answer (RFC 6960 §4.2.1), and where a successful one came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OcspKind {
    /// Made before, for another who asked the same.
    Cached,
    /// internalError.
    InternalError,
    /// malformedRequest.
    MalformedRequest,
    /// Signed for the one who asked.
    Signed,
    /// tryLater.
    TryLater,
    /// unauthorized: about certificates of strangers.
    Unauthorized,
}

impl OcspKind {
    /// Every kind, in the order of the counters.
    pub const ALL: [Self; 6] = [
        Self::Cached,
        Self::InternalError,
        Self::MalformedRequest,
        Self::Signed,
        Self::TryLater,
        Self::Unauthorized,
    ];

    /// The kind of a reply that was made just now.
    #[must_use]
    pub fn of(reply: &OcspReply) -> Self {
        let is = |status| reply.octets == OcspResponse::error(status);
        if is(ResponseStatus::TryLater) {
            Self::TryLater
        } else if is(ResponseStatus::MalformedRequest) {
            Self::MalformedRequest
        } else if is(ResponseStatus::Unauthorized) {
            Self::Unauthorized
        } else if is(ResponseStatus::InternalError) {
            Self::InternalError
        } else {
            Self::Signed
        }
    }

    /// The stable name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cached => "cached",
            Self::InternalError => "internal-error",
            Self::MalformedRequest => "malformed-request",
            Self::Signed => "signed",
            Self::TryLater => "try-later",
            Self::Unauthorized => "unauthorized",
        }
    }
}

/// A counter for each kind.
#[derive(Debug, Default)]
pub struct OcspCount([AtomicU64; OcspKind::ALL.len()]);

impl OcspCount {
    /// One more.
    pub fn add(&self, kind: OcspKind) {
        if let Some(counter) = self.0.get(kind as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many of each kind.
    #[must_use]
    pub fn all(&self) -> [(OcspKind, u64); OcspKind::ALL.len()] {
        OcspKind::ALL.map(|kind| {
            let counter = self.0.get(kind as usize);
            (kind, counter.map_or(0, |counter| counter.load(Ordering::Relaxed)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_counter_of_its_own() {
        let count = OcspCount::default();
        for (times, kind) in OcspKind::ALL.into_iter().enumerate() {
            (0..=times).for_each(|_| count.add(kind));
        }
        assert_eq!(count.all().map(|(_, count)| count), [1, 2, 3, 4, 5, 6]);
    }
}
