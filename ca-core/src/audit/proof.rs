//! Proofs that an entry is in a tree, and that one tree goes on from another (RFC 9162 §2.1.3 and
//! §2.1.4).

use super::tree::{split, whole};
use super::{Hash, Node};

/// The hashes beside the way from a leaf to the root of the tree of the first `size` leaves
/// (RFC 9162 §2.1.3.1), from the leaf up; none if the tree does not have the leaf.
///
/// # Errors
/// Those of `node`, which is asked for some two nodes a level.
pub fn inclusion_proof<E>(
    leaf: u64,
    size: u64,
    mut node: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if leaf >= size {
        return Ok(None);
    }
    let (mut begin, mut end) = (0, size);
    let mut beside = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if leaf < middle {
            beside.push((middle, end));
            end = middle;
        } else {
            beside.push((begin, middle));
            begin = middle;
        }
    }
    let up = beside.into_iter().rev();
    up.map(|(begin, end)| range_hash(begin, end, &mut node)).collect::<Result<_, E>>().map(Some)
}

/// The hashes that show the tree of the first `old` leaves in that of the first `new`
/// (RFC 9162 §2.1.4.1); none if `old` is more than `new`. Empty if they are the same, or if `old` is
/// empty, which every tree goes on from.
///
/// # Errors
/// Those of `node`, which is asked for some two nodes a level.
pub fn consistency_proof<E>(
    old: u64,
    new: u64,
    mut node: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if old > new {
        return Ok(None);
    }
    if old == 0 || old == new {
        return Ok(Some(Vec::new()));
    }
    let (mut begin, mut end) = (0, new);
    let mut beside = Vec::new();
    while end > old {
        let middle = begin + split(end - begin);
        if old <= middle {
            beside.push((middle, end));
            end = middle;
        } else {
            beside.push((begin, middle));
            begin = middle;
        }
    }
    // Where the old tree is a subtree of the new one, its root is known to who asks.
    let seed = (begin > 0).then_some((begin, end));
    let up = seed.into_iter().chain(beside.into_iter().rev());
    up.map(|(begin, end)| range_hash(begin, end, &mut node)).collect::<Result<_, E>>().map(Some)
}

/// True if the proof leads from a leaf to the root of the tree of the first `size` leaves
/// (RFC 9162 §2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last) = (index, size - 1);
    let mut hash = leaf;
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            hash = Hash::above(*beside, hash);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            hash = Hash::above(hash, *beside);
        }
        (place, last) = (place / 2, last / 2);
    }
    last == 0 && hash == root
}

/// True if the proof shows that the tree of the first `new` leaves goes on from that of the first
/// `old` (RFC 9162 §2.1.4.2). Everything goes on from the tree without leaves.
#[must_use]
pub fn verify_consistency(
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
    proof: &[Hash],
) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && old_root == Hash::of_nothing();
    }
    let mut proof = proof.iter().copied();
    let (mut place, mut last) = (old - 1, new - 1);
    while place % 2 == 1 {
        (place, last) = (place / 2, last / 2);
    }
    // The old tree is a subtree of the new one where its root is not in the proof.
    let first = if old.is_power_of_two() { Some(old_root) } else { proof.next() };
    let Some(first) = first else { return false };
    let (mut old_hash, mut new_hash) = (first, first);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            old_hash = Hash::above(beside, old_hash);
            new_hash = Hash::above(beside, new_hash);
            while place.is_multiple_of(2) && place != 0 {
                (place, last) = (place / 2, last / 2);
            }
        } else {
            new_hash = Hash::above(new_hash, beside);
        }
        (place, last) = (place / 2, last / 2);
    }
    last == 0 && old_hash == old_root && new_hash == new_root
}

/// The Merkle Tree Hash of the leaves from `begin` to before `end`, which are a subtree of the tree.
fn range_hash<E>(
    begin: u64,
    end: u64,
    node: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let parts = whole(begin, end).map(node).collect::<Result<Vec<_>, E>>()?;
    let joined = parts.into_iter().rev().reduce(|right, left| Hash::above(left, right));
    Ok(joined.unwrap_or_else(Hash::of_nothing))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::super::{Tree, leaf_hash};
    use super::*;

    /// A log of leaves, its nodes, and its root at each size.
    struct Log {
        nodes: BTreeMap<Node, Hash>,
        roots: Vec<Hash>,
    }

    impl Log {
        fn of(size: u64) -> Self {
            let (mut tree, mut nodes) = (Tree::default(), BTreeMap::new());
            let mut roots = vec![tree.root()];
            for number in 0..size {
                tree.append(leaf(number), &mut |node, hash| {
                    let _ = nodes.insert(node, hash);
                });
                roots.push(tree.root());
            }
            Self { nodes, roots }
        }

        fn node(&self, node: Node) -> Result<Hash, Infallible> {
            Ok(self.nodes[&node])
        }

        fn inclusion(&self, leaf: u64, size: u64) -> Vec<Hash> {
            inclusion_proof(leaf, size, |node| self.node(node)).unwrap().unwrap()
        }

        fn consistency(&self, old: u64, new: u64) -> Vec<Hash> {
            consistency_proof(old, new, |node| self.node(node)).unwrap().unwrap()
        }
    }

    fn leaf(number: u64) -> Hash {
        leaf_hash(&number.to_be_bytes())
    }

    fn other(hash: Hash) -> Hash {
        let mut other = hash;
        other.0[7] ^= 1;
        other
    }

    /// Every proof but the one given: a hash changed, one missing, one too many, two exchanged.
    fn spoilt(proof: &[Hash]) -> Vec<Vec<Hash>> {
        let mut all = vec![[proof, &[leaf(0)]].concat()];
        for place in 0..proof.len() {
            let mut changed = proof.to_vec();
            changed[place] = other(changed[place]);
            let mut without = proof.to_vec();
            let _ = without.remove(place);
            all.extend([changed, without]);
        }
        if proof.len() > 1 && proof[0] != proof[1] {
            let mut exchanged = proof.to_vec();
            exchanged.swap(0, 1);
            all.push(exchanged);
        }
        all
    }

    #[test]
    fn every_leaf_of_every_tree_is_proven_and_no_other() {
        const MOST: u64 = 40;
        let log = Log::of(MOST);
        for size in 1..=MOST {
            let root = log.roots[size as usize];
            for index in 0..size {
                let proof = log.inclusion(index, size);
                assert!(verify_inclusion(leaf(index), index, size, &proof, root), "{index} {size}");
                assert!(!verify_inclusion(leaf(index + 1), index, size, &proof, root));
                assert!(!verify_inclusion(leaf(index), size, size, &proof, root));
                assert!(!verify_inclusion(leaf(index), index, size, &proof, other(root)));
                for proof in spoilt(&proof) {
                    assert!(!verify_inclusion(leaf(index), index, size, &proof, root));
                }
            }
            assert_eq!(inclusion_proof(size, size, |node| log.node(node)), Ok(None));
        }
    }

    #[test]
    fn every_tree_is_shown_in_every_later_one_and_no_other() {
        const MOST: u64 = 40;
        let log = Log::of(MOST);
        let at = |size: u64| (size, log.roots[size as usize]);
        for new in 0..=MOST {
            for old in 0..=new {
                let proof = log.consistency(old, new);
                assert!(verify_consistency(at(old), at(new), &proof), "{old} {new}");
                assert!(!verify_consistency((old, other(at(old).1)), at(new), &proof));
                if old > 0 {
                    assert!(!verify_consistency(at(old), (new, other(at(new).1)), &proof));
                }
                if old < new {
                    assert!(!verify_consistency(at(new), at(old), &proof));
                }
                for proof in spoilt(&proof) {
                    assert!(!verify_consistency(at(old), at(new), &proof), "{old} {new}");
                }
            }
            assert_eq!(consistency_proof(new + 1, new, |node| log.node(node)), Ok(None));
        }
    }

    /// RFC 9162 §2.1.5: the tree of seven leaves.
    #[test]
    fn proofs_are_those_of_the_example() {
        let log = Log::of(7);
        let node = |level, index| log.nodes[&Node { level, index }];
        let (a, c, d, f) = (node(0, 0), node(0, 2), node(0, 3), node(0, 5));
        let (b, j) = (node(0, 1), node(0, 6));
        let (g, h, i) = (node(1, 0), node(1, 1), node(1, 2));
        let (k, l) = (node(2, 0), Hash::above(i, j));
        assert_eq!(log.inclusion(0, 7), [b, h, l]);
        assert_eq!(log.inclusion(3, 7), [c, g, l]);
        assert_eq!(log.inclusion(4, 7), [f, j, k]);
        assert_eq!(log.inclusion(6, 7), [i, k]);
        assert_eq!(log.consistency(3, 7), [c, d, g, l]);
        assert_eq!(log.consistency(4, 7), [l]);
        assert_eq!(log.consistency(6, 7), [i, j, k]);
        assert_eq!(Hash::above(Hash::above(a, b), h), k);
    }
}
