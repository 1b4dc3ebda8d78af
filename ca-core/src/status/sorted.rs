//! A sorted set of small entries in chunks: as dense as an array, and inserting moves one chunk.

use std::sync::{Mutex, PoisonError};

use crate::store::SerialNumber;
use crate::{Part, Suite, UnixTime};

/// An entry under a key.
pub(super) trait Keyed: Copy {
    fn key(&self) -> SerialNumber;
}

/// Entries in the order of their keys, one for each key.
#[derive(Debug)]
pub(super) struct Sorted<T> {
    /// None is empty; every key of a chunk is below those of the next.
    chunks: Vec<Chunk<T>>,
    count: usize,
}

/// Some neighbours, and what was made of them.
#[derive(Debug)]
pub(super) struct Chunk<T> {
    entries: Vec<T>,
    /// Dropped whenever the entries change.
    kept: Mutex<Option<Kept>>,
}

/// A chunk as a list says it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) part: Part,
    /// How many entries are in it.
    pub(super) count: usize,
    /// The last notAfter of those that had expired and are not in it ...
    pub(super) after: Option<UnixTime>,
    /// ... and the first of those that are: right at every time from the one to the other.
    pub(super) until: UnixTime,
    pub(super) suite: Suite,
}

impl<T> Chunk<T> {
    const fn of(entries: Vec<T>) -> Self {
        Self { entries, kept: Mutex::new(None) }
    }

    /// The entries, about to change.
    fn change(&mut self) -> &mut Vec<T> {
        *self.kept.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        &mut self.entries
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.entries.last()
    }

    /// What was made of the entries, made by `make` if there is nothing that `serves`.
    pub(super) fn kept<E>(
        &self,
        serves: impl FnOnce(&Kept) -> bool,
        make: impl FnOnce(&[T]) -> Result<Kept, E>,
    ) -> Result<Kept, E> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.as_ref().filter(|kept| serves(kept)) {
            return Ok(found.clone());
        }
        Ok(kept.insert(make(&self.entries)?).clone())
    }
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), count: 0 }
    }
}

impl<T: Keyed> Sorted<T> {
    pub(super) fn find(&self, key: &SerialNumber) -> Option<&T> {
        let chunk = self.chunks.get(self.chunk_of(key))?;
        chunk.entries.get(place_in(&chunk.entries, key).ok()?)
    }

    /// Puts an entry in, in place of the one with its key, which is returned.
    pub(super) fn insert(&mut self, entry: T) -> Option<T> {
        let at = self.chunk_of(&entry.key());
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push(Chunk::of(vec![entry]));
            self.count += 1;
            return None;
        };
        let chunk = chunk.change();
        match place_in(chunk, &entry.key()) {
            Ok(place) => chunk.get_mut(place).map(|old| core::mem::replace(old, entry)),
            Err(place) => {
                grow(chunk);
                chunk.insert(place, entry);
                self.count += 1;
                let in_order = place + 1 == chunk.len();
                self.split_if_full(at, in_order);
                None
            }
        }
    }

    /// Takes the entry with this key out; false if there is none.
    pub(super) fn remove(&mut self, key: &SerialNumber) -> bool {
        let at = self.chunk_of(key);
        let Some(chunk) = self.chunks.get_mut(at) else { return false };
        let Ok(place) = place_in(&chunk.entries, key) else { return false };
        chunk.change().remove(place);
        self.count -= 1;
        if chunk.entries.is_empty() {
            self.chunks.remove(at);
        }
        true
    }

    /// The chunks that begin above a key, in order.
    pub(super) fn chunks_after(&self, key: Option<&SerialNumber>) -> &[Chunk<T>] {
        let above = |chunk: &Chunk<T>| {
            let first = chunk.entries.first();
            key.is_none_or(|key| first.is_some_and(|first| first.key() > *key))
        };
        let at = self.chunks.partition_point(|chunk| !above(chunk));
        self.chunks.get(at..).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The entries after a key, in order.
    pub(super) fn after(&self, key: Option<&SerialNumber>) -> impl Iterator<Item = &T> {
        let at = key.map_or(0, |key| self.chunk_of(key));
        let first = self.chunks.get(at).map_or(0, |chunk| {
            match key.map(|key| place_in(&chunk.entries, key)) {
                Some(Ok(place)) => place + 1,
                Some(Err(place)) => place,
                None => 0,
            }
        });
        self.chunks.iter().skip(at).flat_map(|chunk| &chunk.entries).skip(first)
    }

    /// Octets allocated for the entries and the list of chunks.
    pub(super) fn octets(&self) -> usize {
        let room: usize = self.chunks.iter().map(|chunk| chunk.entries.capacity()).sum();
        room * size_of::<T>() + self.chunks.capacity() * size_of::<Chunk<T>>()
    }

    /// The chunk that has the key or would have it; the last one for keys above all.
    fn chunk_of(&self, key: &SerialNumber) -> usize {
        // What comes in order, as in a load, is not searched for.
        let last = self.chunks.last().and_then(|chunk| chunk.entries.first());
        if last.is_some_and(|first| first.key() <= *key) {
            return self.chunks.len() - 1;
        }
        let begins_above =
            |chunk: &Chunk<T>| chunk.entries.first().is_some_and(|first| first.key() > *key);
        self.chunks.partition_point(|chunk| !begins_above(chunk)).saturating_sub(1)
    }

    /// Entries that come in order leave full chunks behind, others half-full ones.
    fn split_if_full(&mut self, at: usize, in_order: bool) {
        let full = self.chunks.get_mut(at).filter(|chunk| chunk.entries.len() > CHUNK);
        let Some(chunk) = full.map(Chunk::change) else { return };
        let upper = chunk.split_off(if in_order { CHUNK } else { CHUNK / 2 });
        chunk.shrink_to_fit();
        self.chunks.insert(at + 1, Chunk::of(upper));
    }
}

fn place_in<T: Keyed>(chunk: &[T], key: &SerialNumber) -> Result<usize, usize> {
    if chunk.last().is_some_and(|last| last.key() < *key) {
        return Err(chunk.len());
    }
    chunk.binary_search_by(|entry| entry.key().cmp(key))
}

/// In small steps: doubling would leave a quarter of the memory unused.
fn grow<T>(chunk: &mut Vec<T>) {
    if chunk.len() == chunk.capacity() {
        chunk.reserve_exact(STEP);
    }
}

/// Entries of a chunk at most: what an insertion moves, ten kilobytes or so.
const CHUNK: usize = 512;
const STEP: usize = 32;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::store::conformance::samples;

    impl Keyed for SerialNumber {
        fn key(&self) -> SerialNumber {
            *self
        }
    }

    fn key(number: u64) -> SerialNumber {
        samples::serial(number + 1).unwrap()
    }

    #[test]
    fn entries_in_order_fill_their_chunks() {
        let mut sorted = Sorted::default();
        for number in 0..10 * CHUNK as u64 {
            assert_eq!(sorted.insert(key((1 << 40) + number)), None);
        }
        let sizes: Vec<usize> = sorted.chunks.iter().map(|chunk| chunk.entries.len()).collect();
        assert_eq!(sizes, [CHUNK; 10]);
        assert!(sorted.chunks.iter().all(|chunk| chunk.entries.capacity() <= CHUNK + STEP));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn sorted_set_is_a_set(acts in prop::collection::vec((0..8_u8, 0..4000_u64), 1..6000)) {
            let (mut sorted, mut model) = (Sorted::default(), BTreeSet::new());
            for (act, number) in acts {
                if act < 6 {
                    sorted.insert(key(number));
                    model.insert(key(number));
                } else {
                    sorted.remove(&key(number));
                    model.remove(&key(number));
                }
            }
            prop_assert_eq!(sorted.len(), model.len());
            prop_assert!(sorted.after(None).eq(&model));
            prop_assert!(
                sorted.chunks.iter().all(|chunk| (1..=CHUNK).contains(&chunk.entries.len()))
            );
            for number in (0..4000).step_by(7) {
                let key = key(number);
                prop_assert_eq!(sorted.find(&key), model.get(&key));
                let above = model.range((std::ops::Bound::Excluded(key), std::ops::Bound::Unbounded));
                prop_assert!(sorted.after(Some(&key)).eq(above));
            }
        }
    }
}
