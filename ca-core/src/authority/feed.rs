//! The feed of changes is for those who follow it, not a history: what they are past is forgotten.

use super::{Authority, Error};

impl Authority {
    /// Forgets the changes before the last [`CHANGES_KEPT`]; returns how many that were.
    ///
    /// Whoever has been away for longer reads how everything stands instead, as at its start.
    ///
    /// # Errors
    /// [`Error::Store`]; what was forgotten until then is forgotten.
    pub fn forget_changes(&self) -> Result<u64, Error> {
        let store = &self.parts.store;
        let before = store.last_change()?.saturating_sub(CHANGES_KEPT).saturating_add(1);
        let mut forgotten = 0_u64;
        loop {
            let count = store.trim_changes(before, STEP)?;
            forgotten = forgotten.saturating_add(count as u64);
            if count < STEP {
                return Ok(forgotten);
            }
        }
    }
}

/// How many changes are kept, a few octets each. Our decision: at a thousand changes a second, who
/// looks five times a second may miss a thousand looks; and lists are made from the changes one by
/// one only up to half as many.
pub const CHANGES_KEPT: u64 = 200_000;
/// Changes forgotten in one act: others who write wait no longer than for that.
const STEP: usize = 10_000;
