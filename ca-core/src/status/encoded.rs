//! What is revoked, as a CRL says it: encoded once, and again only where something has changed.

use std::sync::PoisonError;

use super::StatusIndex;
use super::index::Revoked;
use super::sorted::{Kept, Keyed};
use crate::issue::{EncodedEntries, push_entry};
use crate::store::{CaId, RevokedEntry};
use crate::{Part, Suite, UnixTime};

impl StatusIndex {
    /// The entries of the complete CRL of an issuer: revoked certificates (and intents) whose
    /// notAfter is not before `at`.
    ///
    /// Parts are shared with those of the list before wherever nothing was revoked or released and
    /// nothing expired: after one more revocation, with all but one of some five hundred entries.
    ///
    /// # Errors
    /// The encoder's, for a time that no certificate has.
    pub fn encoded(
        &self,
        issuer: &CaId,
        at: UnixTime,
        suite: Suite,
    ) -> der::Result<EncodedEntries> {
        let mut encoded = EncodedEntries::default();
        let Some(issuer) = self.issuer(issuer) else { return Ok(encoded) };
        let serves = |kept: &Kept| {
            let left_out = kept.after.is_none_or(|after| after < at);
            kept.suite == suite && left_out && at <= kept.until
        };
        let mut last = None;
        loop {
            // Some at a time: whoever revokes meanwhile waits for milliseconds, and so does
            // everyone who asks behind him. What he adds behind us is for the next list.
            let issuer = issuer.read().unwrap_or_else(PoisonError::into_inner);
            let chunks = issuer.revoked.chunks_after(last.as_ref()).iter().take(PAGE);
            if chunks.len() == 0 {
                return Ok(encoded);
            }
            for chunk in chunks {
                let kept = chunk.kept(serves, |entries| encode(entries, at, suite))?;
                if kept.count > 0 {
                    encoded.push(kept.part, kept.count);
                }
                last = chunk.last().map(Keyed::key);
            }
        }
    }
}

fn encode(entries: &[Revoked], at: UnixTime, suite: Suite) -> der::Result<Kept> {
    let mut octets = Vec::with_capacity(entries.len().saturating_mul(USUAL));
    let (mut after, mut until) = (None, UnixTime::from_secs(u64::MAX));
    let mut count = 0_usize;
    for revoked in entries {
        if revoked.not_after < at {
            after = after.max(Some(revoked.not_after));
            continue;
        }
        let entry = RevokedEntry { serial: revoked.key, revocation: revoked.revocation() };
        push_entry(&mut octets, &entry, suite)?;
        count = count.saturating_add(1);
        until = until.min(revoked.not_after);
    }
    octets.shrink_to_fit();
    Ok(Kept { part: Part::from(octets), count, after, until, suite })
}

/// Chunks looked at under one lock.
const PAGE: usize = 32;
/// Octets of an entry with a serial number of sixteen and a reason.
const USUAL: usize = 50;
