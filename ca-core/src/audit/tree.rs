//! The tree as it grows: the roots of its whole subtrees.

use super::Hash;

/// Names a whole subtree: that of the leaves from `index << level` on, `1 << level` of them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Node {
    /// 0 for a leaf.
    pub level: u8,
    /// Among those of its level, from the left.
    pub index: u64,
}

/// A tree of which only the roots of the whole subtrees are known: all that appending needs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tree {
    size: u64,
    /// From the left, largest first: one for each bit set in the size.
    roots: Vec<Hash>,
}

impl Tree {
    /// The tree of so many leaves, from the nodes that were recorded.
    ///
    /// # Errors
    /// Those of `node`.
    pub fn read<E>(size: u64, mut node: impl FnMut(Node) -> Result<Hash, E>) -> Result<Self, E> {
        let roots = whole(0, size).map(&mut node).collect::<Result<_, E>>()?;
        Ok(Self { size, roots })
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// What [`Self::read`] asks for, in its order: the roots of the whole subtrees, from the left.
    #[must_use]
    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    /// The Merkle Tree Hash (RFC 6962 §2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        let joined =
            self.roots.iter().rev().copied().reduce(|right, left| Hash::above(left, right));
        joined.unwrap_or_else(Hash::of_nothing)
    }

    /// Appends a leaf; `record` gets it and each subtree that it makes whole, which proofs need.
    pub fn append(&mut self, leaf: Hash, record: &mut dyn FnMut(Node, Hash)) {
        let (mut node, mut hash) = (Node { level: 0, index: self.size }, leaf);
        record(node, hash);
        // A right child makes its parent whole.
        while node.index % 2 == 1 {
            let Some(left) = self.roots.pop() else { break };
            hash = Hash::above(left, hash);
            node = Node { level: node.level.saturating_add(1), index: node.index / 2 };
            record(node, hash);
        }
        self.roots.push(hash);
        self.size = self.size.saturating_add(1);
    }
}

/// The whole subtrees that the leaves from `begin` to before `end` are made of, from the left.
///
/// `begin` is where a subtree of the tree begins, so that they become smaller to the right.
pub(super) fn whole(begin: u64, end: u64) -> impl Iterator<Item = Node> {
    let mut at = begin;
    core::iter::from_fn(move || {
        let level = end.checked_sub(at).filter(|left| *left > 0)?.ilog2();
        let node = Node { level: u8::try_from(level).ok()?, index: at >> level };
        at = at.saturating_add(1 << level);
        Some(node)
    })
}

/// The largest power of two below `size`, which is at least 2: where the tree divides.
pub(super) fn split(size: u64) -> u64 {
    1 << size.saturating_sub(1).max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::leaf_hash;
    use super::*;
    use crate::hex;

    /// Entries and roots of the test data of the Certificate Transparency project.
    const ENTRIES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let mut tree = Tree::default();
        assert_eq!(hex(&tree.root().0), ROOTS[0]);
        for (entry, root) in ENTRIES.iter().zip(&ROOTS[1..]) {
            tree.append(leaf_hash(entry), &mut |_, _| {});
            assert_eq!(hex(&tree.root().0), *root);
        }
    }

    #[test]
    fn tree_is_read_again_from_the_nodes_it_gave_out() {
        let (mut tree, mut nodes) = (Tree::default(), BTreeMap::new());
        for number in 0_u64..100 {
            tree.append(leaf_hash(&number.to_be_bytes()), &mut |node, hash| {
                assert_eq!(nodes.insert(node, hash), None, "{node:?} is given out once");
            });
            let again = Tree::read(number + 1, |node| nodes.get(&node).copied().ok_or(node));
            assert_eq!(again, Ok(tree.clone()));
            let mut roots = tree.roots().iter();
            let kept = Tree::read(number + 1, |node| roots.next().copied().ok_or(node));
            assert_eq!((kept, roots.next()), (Ok(tree.clone()), None));
        }
    }
}
