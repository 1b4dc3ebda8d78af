//! What OCSP requests share: the last look at the feed of changes, and the places for slow keys.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ca_core::authority::{Authority, OcspQuestion, OcspReply, OcspStep};
use tokio::sync::Semaphore;

use crate::http::ApiError;
use crate::http::blocking::blocking;

/// Answers OCSP requests without waiting: what is at hand or quickly signed at once, what an RSA
/// key signs on other threads for so many, and the rest later.
pub struct Responder {
    start: Instant,
    /// When the last look at the feed began, in microseconds.
    begun: AtomicU64,
    /// When the last look began that came to its end.
    seen: AtomicU64,
    slow: Semaphore,
}

impl Responder {
    pub(super) async fn answer(&self, authority: &Arc<Authority>, octets: &[u8]) -> Arc<OcspReply> {
        if !self.is_up_to_date(authority).await {
            return authority.ocsp_try_later();
        }
        match authority.ocsp_ask(octets) {
            OcspStep::Answered(reply) => reply,
            OcspStep::Question(question) if question.is_quick() => authority.ocsp_sign(&question),
            OcspStep::Question(question) => self.slowly(authority, question).await,
        }
    }

    /// Signs on another thread, if there is a place; nobody waits for one.
    async fn slowly(&self, authority: &Arc<Authority>, question: OcspQuestion) -> Arc<OcspReply> {
        let Ok(_place) = self.slow.try_acquire() else { return authority.ocsp_try_later() };
        let signing = Arc::clone(authority);
        let signed = blocking(move || Ok::<_, ApiError>(signing.ocsp_sign(&question))).await;
        signed.unwrap_or_else(|_| authority.ocsp_try_later())
    }

    /// Looks at what other processes have done, at most once a millisecond: a look costs as much as
    /// a signature. False if it cannot be known.
    async fn is_up_to_date(&self, authority: &Arc<Authority>) -> bool {
        let now = self.elapsed();
        match self.look(now) {
            Look::Recent => true,
            Look::Due => self.looked(now, authority.follow().is_ok()),
            Look::Overdue => {
                let following = Arc::clone(authority);
                let followed = blocking(move || following.follow().map(drop)).await;
                self.looked(now, followed.is_ok())
            }
        }
    }

    /// What to do at `now`: a look that is due is given to one.
    fn look(&self, now: u64) -> Look {
        let seen = self.seen.load(Ordering::Acquire);
        if now < seen.saturating_add(EVERY) {
            return Look::Recent;
        }
        let begun = self.begun.load(Ordering::Acquire);
        let due = now >= begun.saturating_add(EVERY);
        let (order, lost) = (Ordering::AcqRel, Ordering::Relaxed);
        if due && self.begun.compare_exchange(begun, now, order, lost).is_ok() {
            return Look::Due;
        }
        if now < seen.saturating_add(PATIENCE) { Look::Recent } else { Look::Overdue }
    }

    /// Notes the outcome of a look that began at `at`.
    fn looked(&self, at: u64, well: bool) -> bool {
        if well {
            self.seen.fetch_max(at, Ordering::AcqRel);
        } else {
            self.seen.store(NEVER, Ordering::Release);
        }
        well
    }

    fn elapsed(&self) -> u64 {
        let elapsed = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        elapsed.saturating_add(NEVER + EVERY + PATIENCE)
    }

    fn with_places(places: usize) -> Self {
        Self {
            start: Instant::now(),
            begun: AtomicU64::new(NEVER),
            seen: AtomicU64::new(NEVER),
            slow: Semaphore::new(places),
        }
    }
}

impl Default for Responder {
    fn default() -> Self {
        Self::with_places(PLACES)
    }
}

/// How the feed has been looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Look {
    /// Just now, or somebody does who began just now.
    Recent,
    /// Not for a millisecond: whoever is told so looks.
    Due,
    /// Somebody else is looking, and takes long, or began just now after a quiet time, or fails.
    Overdue,
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Responder")
    }
}

/// Questions at a time that an RSA key signs the answers to: a tenth of a second's work or two.
const PLACES: usize = 64;
/// Before every time that [`Responder::elapsed`] tells.
const NEVER: u64 = 0;
/// Microseconds between two looks at the feed.
const EVERY: u64 = Duration::from_millis(1).as_micros() as u64;
/// For how many microseconds others go on with the last look while one is looking: a revocation
/// elsewhere is to be visible within a second.
const PATIENCE: u64 = Duration::from_millis(200).as_micros() as u64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a service that runs for a minute.
    const NOW: u64 = 60_000_000;

    #[test]
    fn feed_is_looked_at_once_a_millisecond_by_one() {
        let responder = Responder::default();
        assert_eq!(responder.look(NOW), Look::Due);
        assert!(responder.looked(NOW, true));
        assert_eq!([NOW, NOW + 999].map(|at| responder.look(at)), [Look::Recent; 2]);
        assert_eq!(responder.look(NOW + 1_000), Look::Due);
        assert_eq!(responder.look(NOW + 1_000), Look::Recent, "another is looking");
    }

    #[test]
    fn nobody_trusts_a_look_that_takes_long_or_failed() {
        let responder = Responder::default();
        assert_eq!(responder.look(NOW), Look::Due);
        assert_eq!(responder.look(NOW), Look::Overdue, "nobody has looked yet");
        assert!(responder.looked(NOW, true));
        for late in [1_000, 2_000, 199_999] {
            assert_eq!(responder.look(NOW + late), Look::Due);
        }
        assert_eq!(responder.look(NOW + 199_999), Look::Recent);
        assert_eq!(responder.look(NOW + 200_000), Look::Overdue);
        assert!(!responder.looked(NOW + 199_999, false));
        assert_eq!(responder.look(NOW + 200_001), Look::Overdue);
    }

    #[test]
    fn first_request_of_a_service_looks() {
        let responder = Responder::default();
        assert_eq!(responder.look(responder.elapsed()), Look::Due);
    }
}
