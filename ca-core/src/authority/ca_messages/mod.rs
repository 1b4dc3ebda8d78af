//! Messages between CAs: a CA tells its brand CA of a new CRL, the brand CA tells everybody of a
//! new BCI (spec `set-certificates.md` §6.4).
//!
//! ```text
//! publish_crl ─▶ CRLNotification ─▶ checked, acknowledged, stored ─▶ next BCI lists it
//! publish_bci ─▶ BCIDistribution ─▶ checked, stored
//! ```
//!
//! CAs of one service exchange the same octets without HTTP (`exchange.rs`). All checks stand in
//! `notification.rs` and `distribution.rs`; what they are made with in `evidence.rs`.

mod distribution;
mod evidence;
mod exchange;
mod make;
mod notification;
mod opened;

use self::opened::Opened;
use super::{Authority, Error};
use crate::UnixTime;
use crate::decide::CaRefusal;
use crate::store::{Conflict, PublishedList, StoreError};
use crate::wire::CaMessageKind;

/// What goes back to a CA that posted to `/set/ca`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CaReply {
    /// A CRLNotificationRes.
    Answer(Vec<u8>),
    /// Nothing: a BCIDistribution was taken in.
    Nothing,
}

/// Why a message between CAs got no good answer: ours or theirs.
#[derive(Debug, thiserror::Error)]
pub enum CaFault {
    /// Not the sender's doing; may be tried again.
    #[error("{0}")]
    Ours(#[source] Error),
    /// The message is not taken; nothing was stored.
    #[error("{0}")]
    Refused(#[source] CaRefusal),
}

impl<E: Into<Error>> From<E> for CaFault {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

impl From<CaRefusal> for CaFault {
    fn from(refusal: CaRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Authority {
    /// Takes one body posted to `/set/ca`: a CRLNotification or a BCIDistribution, every check of
    /// §6.3 and §6.4 before anything is stored.
    ///
    /// # Errors
    /// [`CaFault`]: whose fault it is.
    pub fn take_ca_message(&self, octets: &[u8]) -> Result<CaReply, CaFault> {
        let now = self.parts.clock.now();
        let opened = Opened::open(octets)?;
        match opened.kind {
            CaMessageKind::CrlNotification => self.take_notification(&opened, now),
            CaMessageKind::BciDistribution => self.take_distribution(&opened, now),
            // It answers a notification of ours, on the connection where that was posted.
            CaMessageKind::CrlNotificationRes => {
                Err(CaRefusal::NotAsked(opened.kind.name().to_owned()).into())
            }
        }
    }

    /// Stores a list that came from another CA, unless a later one came in the meantime.
    fn store_taken(&self, list: &PublishedList) -> Result<(), Error> {
        match self.parts.store.record_list(list, &self.parts.acting()) {
            Ok(()) | Err(StoreError::Conflict(Conflict::ListNumber { .. })) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The time at which CAs of one service judge what they send each other: a list that was published
/// before the clock went back begins later than now.
fn exchange_time(now: UnixTime, list: &PublishedList) -> UnixTime {
    now.max(list.this_update)
}
