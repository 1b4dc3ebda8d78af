//! The index itself: per issuer the living serial numbers and the revoked ones.

use core::cmp::Ordering;
use core::fmt;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering as AtomicOrdering};
use std::sync::{Arc, PoisonError, RwLock};

use super::sorted::{Keyed, Sorted};
use crate::UnixTime;
use crate::store::{CaId, Revocation, RevokedEntry, SerialNumber, Standing, Status};

/// What is said of a serial number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SerialStatus {
    /// The issuer never reserved it.
    Unknown,
    /// Reserved, perhaps signed, never answered for.
    Intended,
    /// Issued and not revoked.
    Good,
    /// Revoked.
    Revoked(Revocation),
}

/// How every serial number of every issuer stands: 22 octets for a living certificate, 48 for a
/// revoked one, and little beside them ([`StatusIndex::size`]); and, once a CRL was made, its
/// entries ([`StatusIndex::encoded`]), which the published list shares.
///
/// Each issuer is behind a lock of its own; nobody holds one for longer than an insertion or a
/// page.
#[derive(Default)]
pub struct StatusIndex {
    issuers: RwLock<BTreeMap<CaId, Arc<RwLock<Issuer>>>>,
    altered: AtomicU64,
}

impl StatusIndex {
    /// An index that knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where a serial number stands.
    #[must_use]
    pub fn status(&self, issuer: &CaId, serial: &SerialNumber) -> SerialStatus {
        match self.standing(issuer, serial) {
            None => SerialStatus::Unknown,
            Some(Status::Intended) => SerialStatus::Intended,
            Some(Status::Issued) => SerialStatus::Good,
            Some(Status::Revoked { revocation, .. }) => SerialStatus::Revoked(revocation),
        }
    }

    /// Counts what was said of a certificate and is not said any more: revocations and releases,
    /// not issuance. Who has read it, then a status, may repeat that status until it has changed.
    #[must_use]
    pub fn altered(&self) -> u64 {
        self.altered.load(AtomicOrdering::SeqCst)
    }

    /// The same with notAfter of what is revoked; none if the serial number is unknown.
    #[must_use]
    pub fn standing(&self, issuer: &CaId, serial: &SerialNumber) -> Option<Status> {
        let issuer = self.issuer(issuer)?;
        let issuer = issuer.read().unwrap_or_else(PoisonError::into_inner);
        let revoked = issuer.revoked.find(serial).map(Revoked::status);
        revoked.or_else(|| issuer.living.find(serial).map(Living::status))
    }

    /// Revoked certificates (and intents) of an issuer whose notAfter is not before `at`, in the
    /// octet order of their serial numbers: what [`Store::revoked`](crate::store::Store::revoked)
    /// says.
    #[must_use]
    pub fn revoked(&self, issuer: &CaId, at: UnixTime) -> Vec<RevokedEntry> {
        let Some(issuer) = self.issuer(issuer) else { return Vec::new() };
        let issuer = issuer.read().unwrap_or_else(PoisonError::into_inner);
        let listed = issuer.revoked.after(None).filter(|revoked| revoked.not_after >= at);
        listed
            .map(|revoked| RevokedEntry { serial: revoked.key, revocation: revoked.revocation() })
            .collect()
    }

    /// Notes how a certificate stands now.
    pub fn apply(&self, standing: &Standing) {
        let known = self.issuer(&standing.issuer);
        let issuer = known.unwrap_or_else(|| {
            let mut issuers = self.issuers.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(issuers.entry(standing.issuer.clone()).or_default())
        });
        let mut issuer = issuer.write().unwrap_or_else(PoisonError::into_inner);
        let (serial, status) = (standing.serial, standing.status);
        if issuer.apply(serial, status) {
            // Before the lock is released: who sees the count of before may answer as before.
            self.altered.fetch_add(1, AtomicOrdering::SeqCst);
        }
    }

    /// What the index says, in the order and the pages of
    /// [`Store::standings`](crate::store::Store::standings).
    #[must_use]
    pub fn standings(&self, after: Option<(&CaId, &SerialNumber)>, limit: usize) -> Vec<Standing> {
        let mut found = Vec::new();
        for (id, issuer) in self.from(after.map(|(issuer, _)| issuer)) {
            let key = after.filter(|(of, _)| **of == id).map(|(_, serial)| serial);
            let issuer = issuer.read().unwrap_or_else(PoisonError::into_inner);
            let left = limit.max(1).saturating_sub(found.len());
            let page = issuer.after(key).take(left);
            found.extend(page.map(|(serial, status)| {
                let issuer = id.clone();
                Standing { issuer, serial, status }
            }));
        }
        found
    }

    /// How much it holds, and in how much memory.
    #[must_use]
    pub fn size(&self) -> Size {
        let mut size = Size::default();
        for (_, issuer) in self.from(None) {
            let issuer = issuer.read().unwrap_or_else(PoisonError::into_inner);
            size.living += issuer.living.len();
            size.revoked += issuer.revoked.len();
            size.octets += issuer.living.octets() + issuer.revoked.octets();
        }
        size
    }

    pub(super) fn issuer(&self, id: &CaId) -> Option<Arc<RwLock<Issuer>>> {
        self.issuers.read().unwrap_or_else(PoisonError::into_inner).get(id).map(Arc::clone)
    }

    /// The issuers from one on, without holding the lock of all.
    fn from(&self, first: Option<&CaId>) -> Vec<(CaId, Arc<RwLock<Issuer>>)> {
        let issuers = self.issuers.read().unwrap_or_else(PoisonError::into_inner);
        let first = first.map_or(Bound::Unbounded, Bound::Included);
        let issuers = issuers.range::<CaId, _>((first, Bound::Unbounded));
        issuers.map(|(id, issuer)| (id.clone(), Arc::clone(issuer))).collect()
    }
}

impl fmt::Debug for StatusIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StatusIndex").field(&self.size()).finish()
    }
}

/// How much an index holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Size {
    /// Serial numbers issued or intended and not revoked.
    pub living: usize,
    /// Serial numbers revoked.
    pub revoked: usize,
    /// Octets allocated for them, without the entries of CRLs.
    pub octets: usize,
}

/// The serial numbers of one issuer: each in one of the two.
#[derive(Debug, Default)]
pub(super) struct Issuer {
    living: Sorted<Living>,
    pub(super) revoked: Sorted<Revoked>,
}

impl Issuer {
    /// True if something else may have been said of the serial number before than unknown or
    /// intended.
    fn apply(&mut self, key: SerialNumber, status: Status) -> bool {
        match status {
            Status::Intended | Status::Issued => {
                let revoked = self.revoked.remove(&key);
                let living = Living { key, issued: status == Status::Issued };
                let before = self.living.insert(living);
                revoked || before.is_some_and(|before| before.issued)
            }
            Status::Revoked { revocation, not_after } => {
                self.living.remove(&key);
                self.revoked.insert(Revoked::new(key, revocation, not_after));
                true
            }
        }
    }

    /// Both, merged.
    fn after(&self, key: Option<&SerialNumber>) -> impl Iterator<Item = (SerialNumber, Status)> {
        let mut living = self.living.after(key).peekable();
        let mut revoked = self.revoked.after(key).peekable();
        core::iter::from_fn(move || {
            let order = match (living.peek(), revoked.peek()) {
                (Some(one), Some(other)) => one.key.cmp(&other.key),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            if order == Ordering::Less {
                living.next().map(|entry| (entry.key, entry.status()))
            } else {
                revoked.next().map(|entry| (entry.key, entry.status()))
            }
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Living {
    key: SerialNumber,
    issued: bool,
}

impl Living {
    const fn status(&self) -> Status {
        if self.issued { Status::Issued } else { Status::Intended }
    }
}

impl Keyed for Living {
    fn key(&self) -> SerialNumber {
        self.key
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Revoked {
    pub(super) key: SerialNumber,
    reason: crate::store::RevocationReason,
    at: UnixTime,
    pub(super) not_after: UnixTime,
    /// [`UNSAID`] if there is none: an `Option` would take as much again.
    invalid_since: UnixTime,
}

impl Revoked {
    fn new(key: SerialNumber, revocation: Revocation, not_after: UnixTime) -> Self {
        let Revocation { at, reason, invalid_since } = revocation;
        Self { key, reason, at, not_after, invalid_since: invalid_since.unwrap_or(UNSAID) }
    }

    pub(super) const fn revocation(&self) -> Revocation {
        let said = self.invalid_since.as_secs() != UNSAID.as_secs();
        let invalid_since = if said { Some(self.invalid_since) } else { None };
        Revocation { at: self.at, reason: self.reason, invalid_since }
    }

    const fn status(&self) -> Status {
        Status::Revoked { revocation: self.revocation(), not_after: self.not_after }
    }
}

impl Keyed for Revoked {
    fn key(&self) -> SerialNumber {
        self.key
    }
}

/// No invalidityDate: a time that no certificate reaches.
const UNSAID: UnixTime = UnixTime::from_secs(u64::MAX);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RevocationReason;
    use crate::store::conformance::samples;

    fn standing(issuer: &str, number: u64, status: Status) -> Standing {
        let issuer = samples::ca_id(issuer).unwrap();
        Standing { issuer, serial: samples::serial(number).unwrap(), status }
    }

    fn revoked(days: u32) -> Status {
        let revocation = Revocation::new(samples::NOW, RevocationReason::Superseded);
        Status::Revoked { revocation, not_after: samples::NOW.plus_days(days) }
    }

    fn index_of(standings: &[Standing]) -> StatusIndex {
        let index = StatusIndex::new();
        standings.iter().for_each(|standing| index.apply(standing));
        index
    }

    #[test]
    fn entries_have_the_size_that_is_promised() {
        assert_eq!((size_of::<Living>(), size_of::<Revoked>()), (22, 48));
    }

    #[test]
    fn each_serial_stands_where_it_was_put_last_and_only_under_its_issuer() {
        let index = index_of(&[
            standing("cca", 1, Status::Intended),
            standing("cca", 2, Status::Intended),
            standing("cca", 2, Status::Issued),
            standing("cca", 3, Status::Issued),
            standing("cca", 3, revoked(1)),
            standing("mca", 4, Status::Issued),
        ]);
        let Status::Revoked { revocation, .. } = revoked(1) else { panic!() };
        let expected = [
            SerialStatus::Intended,
            SerialStatus::Good,
            SerialStatus::Revoked(revocation),
            SerialStatus::Unknown,
        ];
        let cca = samples::ca_id("cca").unwrap();
        let said = [1, 2, 3, 4].map(|n| index.status(&cca, &samples::serial(n).unwrap()));
        assert_eq!(said, expected);
        let nobody = samples::ca_id("nobody").unwrap();
        assert_eq!(index.status(&nobody, &samples::serial(1).unwrap()), SerialStatus::Unknown);
    }

    #[test]
    fn revoked_are_listed_in_octet_order_until_they_expire() {
        let index = index_of(&[
            standing("cca", 2, revoked(5)),
            standing("cca", 0x0102, revoked(4)),
            standing("cca", 1, revoked(3)),
            standing("cca", 5, Status::Issued),
            standing("mca", 9, revoked(9)),
        ]);
        let listed = |days| {
            let at = samples::NOW.plus_days(days);
            let entries = index.revoked(&samples::ca_id("cca").unwrap(), at);
            entries.iter().map(|entry| entry.serial.as_octets().to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(listed(3), [vec![1], vec![1, 2], vec![2]]);
        assert_eq!(listed(4), [vec![1, 2], vec![2]]);
        assert!(listed(6).is_empty());
    }

    #[test]
    fn standings_are_paged_over_all_issuers() {
        let mut all = vec![
            standing("bca", 7, Status::Issued),
            standing("cca", 1, Status::Intended),
            standing("cca", 2, revoked(1)),
            standing("cca", 3, Status::Issued),
            standing("mca", 1, revoked(2)),
        ];
        let expected = all.clone();
        all.reverse();
        let index = index_of(&all);
        for size in 1..6 {
            let mut found: Vec<Standing> = Vec::new();
            loop {
                let after = found.last().map(|last| (&last.issuer, &last.serial));
                let page = index.standings(after, size);
                assert!(page.len() <= size);
                if page.is_empty() {
                    break;
                }
                found.extend(page);
            }
            assert_eq!(found, expected);
        }
    }
}
