//! Octets in shared parts: a list of a million entries that differs from the last in one of them
//! shares all the rest with it, in memory and in the store.

use core::fmt;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

/// A sequence of octets in parts, none of them empty; cloning copies no octet.
///
/// Equal if the octets are, however they are parted.
#[derive(Clone, Default)]
pub struct Octets {
    parts: Arc<[Part]>,
    len: usize,
}

impl Octets {
    /// The parts in their order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// How many octets.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All in one piece: copied only if there are several parts.
    #[must_use]
    pub fn whole(&self) -> Cow<'_, [u8]> {
        match &*self.parts {
            [] => Cow::Borrowed(&[]),
            [only] => Cow::Borrowed(only.octets()),
            _ => Cow::Owned(self.to_vec()),
        }
    }

    /// A copy in one piece.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.len);
        self.parts.iter().for_each(|part| octets.extend_from_slice(part.octets()));
        octets
    }

    fn all(&self) -> impl Iterator<Item = u8> {
        self.parts.iter().flat_map(|part| part.octets().iter().copied())
    }
}

impl FromIterator<Part> for Octets {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        let parts: Arc<[Part]> =
            parts.into_iter().filter(|part| !part.0.octets.is_empty()).collect();
        let len = parts.iter().map(|part| part.octets().len()).sum();
        Self { parts, len }
    }
}

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        core::iter::once(Part::from(octets)).collect()
    }
}

impl PartialEq for Octets {
    fn eq(&self, other: &Self) -> bool {
        let shared = Arc::ptr_eq(&self.parts, &other.parts);
        shared || self.len == other.len && self.all().eq(other.all())
    }
}

impl Eq for Octets {}

/// How many octets in how many parts: a list may have forty million.
impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Octets({} in {} parts)", self.len, self.parts.len())
    }
}

/// A part, shared by all that hold it.
#[derive(Clone)]
pub struct Part(Arc<Shared>);

struct Shared {
    octets: Vec<u8>,
    digest: OnceLock<[u8; 32]>,
}

impl Part {
    /// The octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0.octets
    }

    /// SHA-256 of the octets, computed once for all who share the part.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        self.0.digest.get_or_init(|| Sha256::digest(&self.0.octets).into())
    }

    /// True if both are the same part, and not merely equal.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Makes an HTTP body of it without a copy.
impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        self.octets()
    }
}

impl From<Vec<u8>> for Part {
    fn from(octets: Vec<u8>) -> Self {
        Self(Arc::new(Shared { octets, digest: OnceLock::new() }))
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({} octets)", self.octets().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets_of(parts: &[&[u8]]) -> Octets {
        parts.iter().map(|part| Part::from(part.to_vec())).collect()
    }

    #[test]
    fn equality_is_of_the_octets_and_not_of_the_parts() {
        let whole = octets_of(&[b"abcdef"]);
        assert_eq!(octets_of(&[b"ab", b"", b"cde", b"f"]), whole);
        assert_ne!(octets_of(&[b"ab", b"cde", b"g"]), whole);
        assert_ne!(octets_of(&[b"abcde"]), whole);
    }

    #[test]
    fn copy_in_one_piece_has_every_octet_in_order() {
        let parted = octets_of(&[b"ab", b"", b"cde"]);
        assert_eq!((parted.to_vec(), parted.len()), (b"abcde".to_vec(), 5));
        assert_eq!(parted.parts().len(), 2);
    }

    #[test]
    fn digest_of_a_part_is_sha_256() {
        // FIPS 180-2 appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(crate::hex(Part::from(b"abc".to_vec()).digest()), expected);
    }
}
