//! OCSP: what the status index says of a serial number, signed by the issuer's own responder
//! (RFC 6960), and given again for as long as it holds.
//!
//! ```text
//! ask (the cache, then the request is read) ─▶ answered, or a question ─▶ sign ─▶ cache
//! ```
//!
//! The index is asked at every answer, also at one that is given again: what was revoked is not
//! called good because an answer from before is at hand. Nothing here looks at the feed of changes:
//! whoever asks calls [`Authority::follow`] as often as it wants to see what other processes did.

mod cache;
mod counts;
mod issuers;
mod refresh;
mod sign;

use std::any::Any;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use super::{Authority, Hierarchy};
use crate::UnixTime;
use crate::store::StoreError;
use crate::wire::ocsp::{OcspRequest, OcspResponse, ResponseStatus};

pub(super) use cache::Answers;
use cache::Kept;
pub use counts::{OcspCounts, OcspTally};
pub(super) use issuers::{Issuers, Issuing};

/// An OCSP answer and how long it may be kept.
#[derive(Debug)]
pub struct OcspReply {
    /// DER OCSPResponse, an error response included.
    pub octets: Arc<[u8]>,
    /// thisUpdate and nextUpdate, for cache headers. None where nothing should be kept: of errors,
    /// of answers with a nonce, and where something is unknown that may be issued any moment.
    pub validity: Option<(UnixTime, UnixTime)>,
    beside: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl OcspReply {
    fn new(octets: impl Into<Arc<[u8]>>, validity: Option<(UnixTime, UnixTime)>) -> Self {
        Self { octets: octets.into(), validity, beside: OnceLock::new() }
    }

    /// What a server makes of the answer once, such as its header fields, and keeps with it. None
    /// if something of another type is kept already.
    pub fn beside<T: Any + Send + Sync>(&self, make: impl FnOnce(&Self) -> T) -> Option<&T> {
        self.beside.get_or_init(|| Box::new(make(self))).downcast_ref()
    }
}

/// How far an answer has come.
#[derive(Debug)]
pub enum OcspStep {
    /// It is there.
    Answered(Arc<OcspReply>),
    /// It has to be signed.
    Question(OcspQuestion),
}

/// A request that somebody has to sign an answer to.
#[derive(Debug)]
pub struct OcspQuestion {
    octets: Vec<u8>,
    request: OcspRequest,
    hierarchy: Arc<Hierarchy>,
    /// Number of the hierarchy.
    number: u64,
    now: UnixTime,
    quick: bool,
}

impl OcspQuestion {
    /// True if signing takes less than handing the work to another thread is worth: every responder
    /// of the CA has a key on an elliptic curve.
    #[must_use]
    pub fn is_quick(&self) -> bool {
        self.quick
    }
}

impl Authority {
    /// Answers one DER OCSPRequest; every fault is an OCSP error response (RFC 6960 §4.2.1).
    #[must_use]
    pub fn ocsp(&self, octets: &[u8]) -> Arc<OcspReply> {
        match self.ocsp_ask(octets) {
            OcspStep::Answered(reply) => reply,
            OcspStep::Question(question) => self.ocsp_sign(&question),
        }
    }

    /// Answers from what is at hand, without a private key: an answer signed before, or an error.
    #[must_use]
    pub fn ocsp_ask(&self, octets: &[u8]) -> OcspStep {
        let now = self.parts.clock.now();
        match self.kept_answer(octets, now) {
            Ok(Some(kept)) => {
                kept.hits.fetch_add(1, Ordering::Relaxed);
                self.ocsp_counts.cached();
                OcspStep::Answered(Arc::clone(&kept.reply))
            }
            Ok(None) => match self.question(octets, now) {
                Ok(question) => OcspStep::Question(question),
                Err(status) => OcspStep::Answered(self.ocsp_error(status)),
            },
            Err(_) => OcspStep::Answered(self.ocsp_error(ResponseStatus::TryLater)),
        }
    }

    /// What [`Authority::ocsp`] would answer, not counted because nobody asks; none for an error.
    pub(super) fn ocsp_checked(&self, octets: &[u8]) -> Option<Arc<OcspReply>> {
        let now = self.parts.clock.now();
        if let Some(kept) = self.kept_answer(octets, now).ok()? {
            return Some(Arc::clone(&kept.reply));
        }
        self.signed_answer(&self.question(octets, now).ok()?).ok()
    }

    /// tryLater, for a server that has too much to do or does not know what has changed.
    #[must_use]
    pub fn ocsp_try_later(&self) -> Arc<OcspReply> {
        self.ocsp_error(ResponseStatus::TryLater)
    }

    /// How often OCSP has said what.
    #[must_use]
    pub fn ocsp_counts(&self) -> &OcspCounts {
        &self.ocsp_counts
    }

    /// The answer signed before, if all is as it was.
    fn kept_answer(&self, octets: &[u8], now: UnixTime) -> Result<Option<Arc<Kept>>, StoreError> {
        let Some(kept) = self.answers.find(octets) else { return Ok(None) };
        let holds = kept.holds(self.answers.hierarchy(), now);
        Ok((holds && kept.is_true(self.statuses.current()?)).then_some(kept))
    }

    /// What is asked, if it is for us to answer.
    fn question(&self, octets: &[u8], now: UnixTime) -> Result<OcspQuestion, ResponseStatus> {
        let request =
            OcspRequest::from_der(octets).map_err(|_| ResponseStatus::MalformedRequest)?;
        // Before the hierarchy: an answer signed under an older one is never taken for a newer's.
        let number = self.answers.hierarchy();
        let hierarchy = self.hierarchy();
        // One response has one responder: that of the first issuer that is ours. A request about
        // strangers only is not for us (RFC 5019 §2.2.3).
        let first = request.cert_ids.iter().find_map(|id| hierarchy.issuing(id));
        let quick = first.and_then(|first| first.quick).ok_or(ResponseStatus::Unauthorized)?;
        Ok(OcspQuestion { octets: octets.to_vec(), request, hierarchy, number, now, quick })
    }

    fn ocsp_error(&self, status: ResponseStatus) -> Arc<OcspReply> {
        self.ocsp_counts.made(status);
        Arc::new(OcspReply::new(OcspResponse::error(status), None))
    }
}
