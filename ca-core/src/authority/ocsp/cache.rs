//! Answers that were signed before, under the octets of their requests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::OcspReply;
use crate::UnixTime;
use crate::status::{SerialStatus, StatusIndex};
use crate::store::{CaId, SerialNumber};

/// The answers kept: in two generations, of which the older goes as a whole when the younger is
/// full. What is asked for again moves to the younger.
#[derive(Debug)]
pub(in crate::authority) struct Answers {
    generations: RwLock<Generations>,
    /// Most answers in one generation.
    room: usize,
    /// Counts the hierarchies that answers were signed under.
    hierarchy: AtomicU64,
}

/// An answer, and what must still be so for it to be given again.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) reply: Arc<OcspReply>,
    pub(super) ca: CaId,
    pub(super) serial: SerialNumber,
    /// How the serial number stood.
    pub(super) status: SerialStatus,
    /// [`StatusIndex::altered`] before it was seen last that it
    /// still stands so; [`UNSEEN`] at first.
    pub(super) seen: AtomicU64,
    /// [`Answers::hierarchy`] before the hierarchy was read.
    pub(super) hierarchy: u64,
    /// thisUpdate and nextUpdate.
    pub(super) life: (UnixTime, UnixTime),
    /// How often it was given since it was signed.
    pub(super) hits: AtomicU32,
}

type Map = HashMap<Box<[u8]>, Arc<Kept>>;

#[derive(Debug, Default)]
struct Generations {
    young: Map,
    old: Map,
}

impl Answers {
    pub(super) fn with_room(room: usize) -> Self {
        Self { generations: RwLock::default(), room, hierarchy: AtomicU64::default() }
    }

    /// The answer kept for a request, whether it still holds or not.
    pub(super) fn find(&self, request: &[u8]) -> Option<Arc<Kept>> {
        let kept = self.read();
        if let Some(found) = kept.young.get(request) {
            return Some(Arc::clone(found));
        }
        if !kept.old.contains_key(request) {
            return None;
        }
        drop(kept);
        let mut kept = self.write();
        // Somebody else may have moved it meanwhile.
        let Some((key, found)) = kept.old.remove_entry(request) else {
            return kept.young.get(request).cloned();
        };
        let dropped = kept.insert(key, Arc::clone(&found), self.room);
        drop(kept);
        drop(dropped);
        Some(found)
    }

    /// Keeps an answer in the place of the one before.
    pub(super) fn keep(&self, request: &[u8], answer: Kept) {
        let mut kept = self.write();
        kept.old.remove(request);
        let dropped = kept.insert(request.into(), Arc::new(answer), self.room);
        // A generation is not freed while others wait for the lock.
        drop(kept);
        drop(dropped);
    }

    /// The requests whose answers are popular and past a third of their lives, or were signed under
    /// another hierarchy.
    pub(super) fn due(&self, now: UnixTime) -> Vec<Box<[u8]>> {
        let hierarchy = self.hierarchy();
        let due = |kept: &Kept| {
            let popular = kept.hits.load(Ordering::Relaxed) >= POPULAR;
            popular && !kept.is_fresh(hierarchy, now)
        };
        let kept = self.read();
        let all = kept.young.iter().chain(&kept.old);
        all.filter(|(_, kept)| due(kept)).map(|(request, _)| request.clone()).collect()
    }

    /// Number of the hierarchy; to be read before the hierarchy is.
    pub(super) fn hierarchy(&self) -> u64 {
        self.hierarchy.load(Ordering::SeqCst)
    }

    /// There is another hierarchy: what was signed under the one before is not given again.
    pub(in crate::authority) fn hierarchy_changed(&self) {
        self.hierarchy.fetch_add(1, Ordering::SeqCst);
    }

    fn read(&self) -> RwLockReadGuard<'_, Generations> {
        self.generations.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Generations> {
        self.generations.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self::with_room(ROOM)
    }
}

impl Generations {
    /// What is returned is to be dropped when the lock is not held any more.
    fn insert(&mut self, request: Box<[u8]>, answer: Arc<Kept>, room: usize) -> Map {
        let mut dropped = Map::new();
        if self.young.len() >= room && !self.young.contains_key(&request) {
            dropped = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        }
        self.young.insert(request, answer);
        dropped
    }
}

impl Kept {
    /// True if the certificate stands as the answer says: looked up again only if any status was
    /// altered since.
    pub(super) fn is_true(&self, index: &StatusIndex) -> bool {
        let altered = index.altered();
        if self.seen.load(Ordering::Acquire) == altered {
            return true;
        }
        let still = index.status(&self.ca, &self.serial) == self.status;
        if still {
            self.seen.store(altered, Ordering::Release);
        }
        still
    }

    /// True if it may be given again, but for the status. Not after half of its life: who gets it
    /// can use it for as long again. Not before it was signed, if the clock was set back.
    pub(super) fn holds(&self, hierarchy: u64, now: UnixTime) -> bool {
        self.hierarchy == hierarchy && self.life.0 <= now && now < self.after(2)
    }

    /// True if it need not be signed again ahead of time.
    pub(super) fn is_fresh(&self, hierarchy: u64, now: UnixTime) -> bool {
        self.hierarchy == hierarchy && self.life.0 <= now && now < self.after(3)
    }

    /// When one part of this many of its life is over.
    fn after(&self, parts: u64) -> UnixTime {
        let (begin, end) = self.life;
        begin.plus_secs(end.as_secs().saturating_sub(begin.as_secs()) / parts)
    }
}

/// Not yet counted to.
pub(super) const UNSEEN: u64 = u64::MAX;
/// Longest request whose answer is kept: one CertID with SHA-256 takes some 120 octets.
pub(super) const LONGEST_REQUEST: usize = 256;
/// Answers in one generation; two take some 50 MiB at most.
const ROOM: usize = 16_384;
/// Given that often since it was signed, an answer is popular.
pub(super) const POPULAR: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(hits: u32) -> Kept {
        Kept {
            reply: Arc::new(OcspReply::new([0x30; 5], None)),
            ca: CaId::new("sample-cca").unwrap(),
            serial: SerialNumber::from_octets(&[1]).unwrap(),
            status: SerialStatus::Good,
            seen: AtomicU64::new(UNSEEN),
            hierarchy: 0,
            life: (UnixTime::from_secs(1_000), UnixTime::from_secs(1_600)),
            hits: AtomicU32::new(hits),
        }
    }

    #[test]
    fn at_most_two_generations_are_kept_and_what_is_asked_for_stays() {
        let answers = Answers::with_room(2);
        answers.keep(b"popular", kept(0));
        for number in 0_u8..20 {
            answers.keep(&[number], kept(0));
            assert!(answers.find(b"popular").is_some(), "{number}");
        }
        let held = answers.read();
        assert!(held.young.len() <= 2 && held.old.len() <= 2);
        drop(held);
        assert!(answers.find(&[0]).is_none() && answers.find(&[19]).is_some());
    }

    #[test]
    fn one_answer_is_kept_for_one_request() {
        let answers = Answers::with_room(1);
        for request in [&b"one"[..], b"two", b"one", b"one"] {
            answers.keep(request, kept(0));
        }
        let held = answers.read();
        let all: Vec<_> = held.young.keys().chain(held.old.keys()).collect();
        assert_eq!(all.iter().filter(|request| &request[..] == b"one").count(), 1, "{all:?}");
    }

    #[test]
    fn answer_holds_from_its_signing_to_half_of_its_life_under_one_hierarchy() {
        let one = kept(0);
        let at = |secs| one.holds(0, UnixTime::from_secs(secs));
        assert_eq!([at(999), at(1_000), at(1_299), at(1_300)], [false, true, true, false]);
        assert!(!one.holds(1, UnixTime::from_secs(1_000)));
    }

    #[test]
    fn only_the_popular_are_due_and_only_past_a_third_of_their_lives() {
        let answers = Answers::with_room(8);
        answers.keep(b"popular", kept(POPULAR));
        answers.keep(b"seldom", kept(POPULAR - 1));
        assert_eq!(answers.due(UnixTime::from_secs(1_199)).len(), 0);
        assert_eq!(answers.due(UnixTime::from_secs(1_200)), [(*b"popular").into()]);
        answers.hierarchy_changed();
        assert_eq!(answers.due(UnixTime::from_secs(1_000)), [(*b"popular").into()]);
    }
}
