//! The valid_policy_graph of RFC 9618 §5: what policies a path is valid for, level by level.
//!
//! A level has one node per policy, and a node's edges lead to the level above, so the graph grows
//! with the extensions it is made of and not, like the tree of RFC 5280 §6.1.2 (a), with the number
//! of ways through them. A level looks at the one above it alone. Nodes that lead nowhere are not
//! deleted when that happens (§6.1.3 (d)(3)): they are passed over at the end, once.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use const_oid::ObjectIdentifier as Policy;

use super::SHOWN;
use crate::wire::extensions::PolicyMapping;
use crate::wire::oids::ANY_POLICY;

/// A graph; one without levels is the NULL of RFC 9618. A copy shares the levels.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    levels: Vec<Rc<Level>>,
}

impl Graph {
    /// The graph above the first certificate: anyPolicy alone (§6.1.2 (a)).
    pub(super) fn of_any_policy() -> Self {
        let nodes = BTreeMap::from([(ANY_POLICY, Vec::new())]);
        Self { levels: vec![Rc::new(Level::expecting_itself(nodes))] }
    }

    pub(super) const fn null() -> Self {
        Self { levels: Vec::new() }
    }

    pub(super) const fn is_null(&self) -> bool {
        self.levels.is_empty()
    }

    /// Nodes and edges of the lowest level.
    pub(super) fn last_size(&self) -> usize {
        let Some(last) = self.levels.last() else { return 0 };
        last.nodes.values().map(|parents| 1 + parents.len()).sum()
    }

    /// The graph with a level for a certificate of these policies; `any_counts` tells whether
    /// anyPolicy stands for what the level above expects (§6.1.3 (d)).
    pub(super) fn descend(&self, policies: &[Policy], any_counts: bool) -> Self {
        let Some(above) = self.levels.last() else { return Self::null() };
        let mut nodes = BTreeMap::new();
        for policy in policies.iter().filter(|policy| **policy != ANY_POLICY) {
            // (d)(1): below the nodes that expect it, else below anyPolicy.
            if let Some(parents) = above.expected.get(policy) {
                nodes.insert(*policy, parents.clone());
            } else if above.nodes.contains_key(&ANY_POLICY) {
                nodes.insert(*policy, vec![ANY_POLICY]);
            }
        }
        // (d)(2)
        if any_counts && policies.contains(&ANY_POLICY) {
            for (policy, parents) in &above.expected {
                nodes.entry(*policy).or_insert_with(|| parents.clone());
            }
        }
        self.with(Level::expecting_itself(nodes), self.levels.len())
    }

    /// The graph after the mappings of the certificate of its lowest level (§6.1.4 (b)): renamed if
    /// that is `allowed`, else without the policies that are mapped.
    pub(super) fn map(&self, mappings: &[PolicyMapping], allowed: bool) -> Self {
        let Some(last) = self.levels.last() else { return Self::null() };
        let mut nodes = last.nodes.clone();
        let mut renamed: BTreeMap<Policy, BTreeSet<Policy>> = BTreeMap::new();
        for pair in mappings.iter().filter(|pair| !maps_any_policy(pair)) {
            if !allowed {
                nodes.remove(&pair.issuer_domain);
                continue;
            }
            if nodes.contains_key(&ANY_POLICY) {
                nodes.entry(pair.issuer_domain).or_insert_with(|| vec![ANY_POLICY]);
            }
            renamed.entry(pair.issuer_domain).or_default().insert(pair.subject_domain);
        }
        self.with(Level::renaming(nodes, &renamed), self.levels.len().saturating_sub(1))
    }

    /// The authority-constrained-policy-set: what the nodes at the end go back to, in the anchor's
    /// terms (§6.1.5 (g)(1)-(4)).
    pub(super) fn authority_set(&self) -> BTreeSet<Policy> {
        let mut found = BTreeSet::new();
        let Some(last) = self.levels.last() else { return found };
        let mut alive: BTreeSet<Policy> = last.nodes.keys().copied().collect();
        if alive.contains(&ANY_POLICY) {
            found.insert(ANY_POLICY);
        }
        for level in self.levels.iter().rev() {
            let mut above = BTreeSet::new();
            for policy in alive {
                let parents = level.nodes.get(&policy).map(Vec::as_slice).unwrap_or_default();
                if policy != ANY_POLICY && parents == [ANY_POLICY] {
                    found.insert(policy);
                }
                above.extend(parents);
            }
            alive = above;
        }
        found
    }

    /// The first `depth` levels and this one; NULL if it has no nodes, as then no node above has
    /// children either.
    fn with(&self, level: Level, depth: usize) -> Self {
        if level.nodes.is_empty() {
            return Self::null();
        }
        let mut levels: Vec<_> = self.levels.iter().take(depth).cloned().collect();
        levels.push(Rc::new(level));
        Self { levels }
    }
}

/// The policies of the lowest level: `any policy`, `none`, `1.2.3, 1.2.4`.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(last) = self.levels.last() else { return f.write_str("none") };
        for (index, policy) in last.nodes.keys().take(SHOWN).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            if *policy == ANY_POLICY {
                write!(f, "{comma}any policy")?;
            } else {
                write!(f, "{comma}{policy}")?;
            }
        }
        match last.nodes.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// True for the mappings that RFC 5280 §6.1.4 (a) forbids.
pub(super) fn maps_any_policy(pair: &PolicyMapping) -> bool {
    [pair.issuer_domain, pair.subject_domain].contains(&ANY_POLICY)
}

/// The nodes of one depth.
#[derive(Debug)]
struct Level {
    /// By valid_policy: the valid_policy of each parent.
    nodes: BTreeMap<Policy, Vec<Policy>>,
    /// By policy: the nodes in whose expected_policy_set it is.
    expected: BTreeMap<Policy, Vec<Policy>>,
}

impl Level {
    fn expecting_itself(nodes: BTreeMap<Policy, Vec<Policy>>) -> Self {
        Self::renaming(nodes, &BTreeMap::new())
    }

    fn renaming(
        nodes: BTreeMap<Policy, Vec<Policy>>,
        renamed: &BTreeMap<Policy, BTreeSet<Policy>>,
    ) -> Self {
        let mut expected: BTreeMap<Policy, Vec<Policy>> = BTreeMap::new();
        for policy in nodes.keys() {
            match renamed.get(policy) {
                Some(names) => {
                    for name in names {
                        expected.entry(*name).or_default().push(*policy);
                    }
                }
                None => expected.entry(*policy).or_default().push(*policy),
            }
        }
        Self { nodes, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(last: u32) -> Policy {
        Policy::new_unwrap("1.2.3").push_arc(last).unwrap()
    }

    fn policies(all: &[u32]) -> Vec<Policy> {
        all.iter().map(|last| if *last == 0 { ANY_POLICY } else { policy(*last) }).collect()
    }

    fn pairs(all: &[(u32, u32)]) -> Vec<PolicyMapping> {
        let pair = |(from, to): &(u32, u32)| PolicyMapping {
            issuer_domain: policy(*from),
            subject_domain: policy(*to),
        };
        all.iter().map(pair).collect()
    }

    fn authority(graph: &Graph) -> Vec<Policy> {
        graph.authority_set().into_iter().collect()
    }

    #[test]
    fn only_policies_in_every_certificate_remain() {
        let graph = Graph::of_any_policy()
            .descend(&policies(&[1, 2]), true)
            .descend(&policies(&[2, 3]), true);
        assert_eq!(authority(&graph), policies(&[2]));
        assert!(graph.descend(&policies(&[1]), true).is_null());
    }

    #[test]
    fn any_policy_stands_for_what_is_expected_where_it_counts() {
        let first = Graph::of_any_policy().descend(&policies(&[1]), true);
        assert_eq!(authority(&first.descend(&policies(&[0]), true)), policies(&[1]));
        assert!(first.descend(&policies(&[0]), false).is_null());
        let any = Graph::of_any_policy().descend(&policies(&[0]), true);
        assert_eq!(authority(&any), [ANY_POLICY]);
        assert_eq!(authority(&any.descend(&policies(&[7]), true)), policies(&[7]));
    }

    #[test]
    fn mapped_policy_goes_by_its_name_above() {
        let top = Graph::of_any_policy().descend(&policies(&[1, 2]), true);
        let mapped = top.map(&pairs(&[(1, 5), (2, 5), (1, 6)]), true);
        assert_eq!(authority(&mapped.descend(&policies(&[5]), true)), policies(&[1, 2]));
        assert_eq!(authority(&mapped.descend(&policies(&[6]), true)), policies(&[1]));
        assert!(mapped.descend(&policies(&[1]), true).is_null());
        assert_eq!(authority(&top.map(&pairs(&[(1, 5)]), false)), policies(&[2]));
    }

    #[test]
    fn mapping_of_a_policy_that_only_any_policy_covers_makes_a_node() {
        let any = Graph::of_any_policy().descend(&policies(&[0]), true);
        let mapped = any.map(&pairs(&[(1, 5)]), true);
        assert_eq!(authority(&mapped.descend(&policies(&[5]), true)), policies(&[1]));
    }

    /// RFC 9618 §3.1 (a tree would have 10^20 leaves): 10 policies, each mapped to all, 20 times.
    #[test]
    fn mapping_everything_to_everything_stays_small() {
        let ten: Vec<u32> = (1..=10).collect();
        let every: Vec<(u32, u32)> =
            ten.iter().flat_map(|from| ten.iter().map(|to| (*from, *to))).collect();
        let mut graph = Graph::of_any_policy();
        for _ in 0..20 {
            graph = graph.descend(&policies(&ten), true).map(&pairs(&every), true);
            assert!(graph.last_size() <= 10 + 100);
        }
        assert_eq!(authority(&graph).len(), 10);
    }

    #[test]
    fn long_lists_are_cut_in_the_trace() {
        let many: Vec<u32> = (1..=9).collect();
        let graph = Graph::of_any_policy().descend(&policies(&many), true);
        assert!(graph.to_string().ends_with("1.2.3.8 and 1 more"));
        assert_eq!(Graph::of_any_policy().to_string(), "any policy");
        assert_eq!(Graph::null().to_string(), "none");
    }
}
