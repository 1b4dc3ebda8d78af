//! The hashes of leaves and nodes (RFC 6962 §2.1).

use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::hex;

/// SHA-256 of a leaf, a node or a tree; 32 octets.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// From 32 octets; none from another number.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        octets.try_into().ok().map(Self)
    }

    /// Of a tree without leaves.
    #[must_use]
    pub fn of_nothing() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// Of the node above two others.
    pub(super) fn above(left: Self, right: Self) -> Self {
        let hash = Sha256::new().chain_update([NODE]);
        Self(hash.chain_update(left.0).chain_update(right.0).finalize().into())
    }
}

/// Of the leaf that holds an entry.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([LEAF]).chain_update(entry).finalize().into())
}

/// Lower-case hexadecimal.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// Before an entry, so that no entry has the hash of a node.
const LEAF: u8 = 0;
const NODE: u8 = 1;
