//! What published lists say beside what the store says, serial number by serial number.

use core::cmp::Ordering;
use core::iter::Peekable;

use super::mismatch::StatusMismatch;
use crate::store::{ListId, PublishedList, SerialNumber, Shard, Standing, Status};
use crate::wire::{Crl, RevokedInfo};
use crate::{Suite, UnixTime};

/// An entry: content octets of the serial number, and what is said of it.
pub(super) type Entry<'a> = (&'a [u8], RevokedInfo);

/// One list, or a base with its delta, read once from its first entry to its last.
pub(super) struct Listing<'a> {
    list: ListId,
    number: u64,
    this_update: UnixTime,
    suite: Suite,
    /// What is not listed may be revoked all the same: a delta without its base.
    partial: bool,
    entries: Peekable<Box<dyn Iterator<Item = Entry<'a>> + 'a>>,
}

impl<'a> Listing<'a> {
    /// The entries of one list.
    pub(super) fn of(published: &PublishedList, crl: &'a Crl, suite: Suite) -> Self {
        Self::with_entries(published, Box::new(entries(crl)), suite)
    }

    /// A base with the delta that was `published` to it.
    pub(super) fn together(
        published: &PublishedList,
        base: &'a Crl,
        delta: &'a Crl,
        suite: Suite,
    ) -> Self {
        Self::with_entries(published, Box::new(together(base, delta)), suite)
    }

    /// The entries of a delta alone; those it takes away are left out.
    pub(super) fn of_delta(published: &PublishedList, delta: &'a Crl, suite: Suite) -> Self {
        let listed = entries(delta).filter(|(_, info)| info.reason != Some(REMOVE_FROM_CRL));
        Self { partial: true, ..Self::with_entries(published, Box::new(listed), suite) }
    }

    fn with_entries(
        published: &PublishedList,
        entries: Box<dyn Iterator<Item = Entry<'a>> + 'a>,
        suite: Suite,
    ) -> Self {
        Self {
            list: published.list.clone(),
            number: published.number,
            this_update: published.this_update,
            suite,
            partial: false,
            entries: entries.peekable(),
        }
    }

    /// Compares everything up to a standing, which is next in the order of serial numbers.
    pub(super) fn meet(&mut self, standing: &Standing, found: &mut Vec<StatusMismatch>) {
        let serial = standing.serial.as_octets();
        while let Some(entry) = self.entries.next_if(|(listed, _)| *listed < serial) {
            found.extend(self.not_recorded(entry));
        }
        let listed = self.entries.next_if(|(listed, _)| *listed == serial).map(|(_, info)| info);
        if !self.agrees(listed, &standing.status) {
            let (list, number, serial) = (self.list.clone(), self.number, standing.serial);
            let store = Some(standing.status);
            found.push(StatusMismatch::List { list, number, serial, listed, store });
        }
    }

    /// What is left when the store has no more.
    pub(super) fn finish(mut self, found: &mut Vec<StatusMismatch>) {
        while let Some(entry) = self.entries.next() {
            found.extend(self.not_recorded(entry));
        }
    }

    fn not_recorded(&self, (serial, info): Entry<'_>) -> Option<StatusMismatch> {
        let serial = SerialNumber::from_octets(serial)?;
        let (list, number) = (self.list.clone(), self.number);
        match &self.list {
            ListId::Shard { shard, .. } if Shard::holding(&serial, shard.of) != *shard => {
                Some(StatusMismatch::Shard { list, number, serial })
            }
            _ => {
                let (listed, store) = (Some(info), None);
                Some(StatusMismatch::List { list, number, serial, listed, store })
            }
        }
    }

    /// The list was made at its time, the store is of now.
    fn agrees(&self, listed: Option<RevokedInfo>, recorded: &Status) -> bool {
        match (listed, recorded) {
            (None, Status::Revoked { revocation, not_after }) => {
                // RFC 5280 §3.3: an expired certificate may leave the list. Whoever revokes reads
                // the clock before the store: what is as new as the list may have come after it.
                let expired = *not_after < self.this_update;
                self.partial || expired || revocation.at.plus_secs(OVERTAKEN) >= self.this_update
            }
            (None, Status::Intended | Status::Issued) => true,
            (Some(listed), Status::Revoked { revocation, .. }) => {
                let reason = Some(revocation.reason.code()).filter(|code| *code != 0);
                // Spec `set-certificates.md` §6.2: a SET 1.0 list gives no reasons.
                let same_reason = self.suite == Suite::Set1997 || listed.reason == reason;
                // A hold gives way to another revocation, of its own date or a later one.
                let held = listed.reason == Some(HOLD) && revocation.at >= listed.at;
                (listed.at == revocation.at && same_reason) || held
            }
            // Released since.
            (Some(listed), Status::Intended | Status::Issued) => listed.reason == Some(HOLD),
        }
    }
}

/// Where base and delta together say something else than the complete CRL of the same number.
pub(super) fn differences<'a>(
    complete: &'a Crl,
    base: &'a Crl,
    delta: &'a Crl,
) -> impl Iterator<Item = (SerialNumber, Option<RevokedInfo>, Option<RevokedInfo>)> + 'a {
    merge(entries(complete), together(base, delta))
        .filter(|(_, one, other)| one != other)
        .filter_map(|(serial, one, other)| Some((SerialNumber::from_octets(serial)?, one, other)))
}

fn entries(crl: &Crl) -> impl Iterator<Item = Entry<'_>> {
    crl.entries().map(|entry| (entry.serial, entry.info))
}

/// RFC 5280 §5.2.4: what the delta says counts, removeFromCRL takes an entry away.
fn together<'a>(base: &'a Crl, delta: &'a Crl) -> impl Iterator<Item = Entry<'a>> {
    merge(entries(base), entries(delta)).filter_map(|(serial, base, delta)| match delta {
        Some(RevokedInfo { reason: Some(REMOVE_FROM_CRL), .. }) => None,
        Some(delta) => Some((serial, delta)),
        None => base.map(|base| (serial, base)),
    })
}

/// Both in the order of their serial numbers.
fn merge<'a>(
    one: impl Iterator<Item = Entry<'a>>,
    other: impl Iterator<Item = Entry<'a>>,
) -> impl Iterator<Item = (&'a [u8], Option<RevokedInfo>, Option<RevokedInfo>)> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    core::iter::from_fn(move || {
        let order = match (one.peek(), other.peek()) {
            (Some((one, _)), Some((other, _))) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let one = if order == Ordering::Greater { None } else { one.next() };
        let other = if order == Ordering::Less { None } else { other.next() };
        let (serial, _) = one.or(other)?;
        Some((serial, one.map(|(_, info)| info), other.map(|(_, info)| info)))
    })
}

/// certificateHold and removeFromCRL (RFC 5280 §5.3.1).
const HOLD: u8 = 6;
const REMOVE_FROM_CRL: u8 = 8;
/// Seconds by which a list may overtake a revocation that is being recorded: more than a request
/// may take.
const OVERTAKEN: u64 = 60;
