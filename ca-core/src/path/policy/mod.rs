//! Certificate policies: RFC 5280 §6.1 as RFC 9618 amends it.
//!
//! ```text
//! State of the certificate above ─▶ enter (§6.1.3 (d), (e)) ─▶ rules ─▶ below (§6.1.4) ─▶ …
//!                                     └─ at the leaf also §6.1.5: the policies granted
//! ```
//!
//! What is wrong with the state is said by the rules in `checks/policy.rs`.

mod facts;
mod graph;

use core::fmt;

use const_oid::ObjectIdentifier;

pub(super) use facts::{Facts, text};
use graph::{Graph, maps_any_policy};

use super::PolicyInputs;
use super::pool::Node;
use super::signatures::Work;
use crate::wire::extensions::PolicyMapping;
use crate::wire::oids::ANY_POLICY;

/// What the certificates so far make of policies (RFC 5280 §6.1.2 (a), (d)-(f)).
#[derive(Clone, Debug)]
pub(super) struct State {
    graph: Graph,
    /// explicit_policy.
    explicit: Countdown,
    /// inhibit_anyPolicy.
    any: Countdown,
    /// policy_mapping.
    mapping: Countdown,
    /// At the leaf: the user-constrained-policy-set.
    granted: Option<Vec<ObjectIdentifier>>,
    /// A certificate above lacks a policy already, or the budget did.
    broken_above: bool,
    /// The budget did not suffice for the graph.
    exhausted: bool,
}

impl State {
    /// The state above the first certificate. A variable that RFC 5280 sets to n + 1 has no bound:
    /// n certificates never count it down.
    pub(super) fn initial(inputs: &PolicyInputs) -> Self {
        let from = |over: bool| Countdown(over.then_some(0));
        Self {
            graph: Graph::of_any_policy(),
            explicit: from(inputs.require_explicit),
            any: from(inputs.inhibit_any),
            mapping: from(inputs.inhibit_mapping),
            granted: None,
            broken_above: false,
            exhausted: false,
        }
    }

    /// Takes in the policies of a certificate (§6.1.3 (d), (e)); of the top, an anchor, none count.
    pub(super) fn enter(&mut self, node: &Node<'_>, at: Position<'_>, work: &mut Work) {
        if !at.top {
            self.graph = self.graph_of(node, at.leaf);
            let read = node.policy().policies.len();
            self.spend(read, work);
        }
        if at.leaf {
            self.wrap_up(node, at);
        }
    }

    /// The state for the certificate below (§6.1.4 (b), (h)-(j)).
    pub(super) fn below(&self, node: &Node<'_>, work: &mut Work) -> Self {
        let facts = node.policy();
        let mut below = self.clone();
        below.broken_above |= self.exhausted || self.lacks_policy();
        if !facts.mappings.is_empty() {
            below.graph = self.graph.map(&facts.mappings, !self.mapping.is_over());
            below.spend(facts.mappings.len(), work);
        }
        if !node.facts().self_issued {
            for countdown in [&mut below.explicit, &mut below.mapping, &mut below.any] {
                countdown.step();
            }
        }
        let constraints = facts.constraints;
        below.explicit.bound(constraints.and_then(|own| own.require_explicit));
        below.mapping.bound(constraints.and_then(|own| own.inhibit_mapping));
        below.any.bound(facts.inhibit_any);
        below
    }

    /// A policy is needed and none is left (§6.1.3 (f); at the leaf §6.1.5, last paragraph).
    pub(super) fn lacks_policy(&self) -> bool {
        let none = match &self.granted {
            Some(granted) => granted.is_empty(),
            None => self.graph.is_null(),
        };
        self.explicit.is_over() && none
    }

    /// The same for the first time on this path.
    pub(super) fn begins_to_lack_policy(&self) -> bool {
        self.lacks_policy() && !self.broken_above && !self.exhausted
    }

    /// The budget did not suffice for the graph, for the first time on this path.
    pub(super) const fn begins_to_lack_budget(&self) -> bool {
        self.exhausted && !self.broken_above
    }

    /// The user-constrained-policy-set, after the leaf.
    pub(super) fn granted(&self) -> Option<&[ObjectIdentifier]> {
        self.granted.as_deref()
    }

    fn graph_of(&self, node: &Node<'_>, leaf: bool) -> Graph {
        let policies = &node.policy().policies;
        // §6.1.3 (e)
        if policies.is_empty() {
            return Graph::null();
        }
        // (d)(2): anyPolicy counts in self-issued certificates above the leaf in any case.
        let any_counts = !self.any.is_over() || (!leaf && node.facts().self_issued);
        self.graph.descend(policies, any_counts)
    }

    /// §6.1.5 (a), (b) and (g).
    fn wrap_up(&mut self, node: &Node<'_>, at: Position<'_>) {
        self.explicit.step();
        let own = node.policy().constraints.and_then(|own| own.require_explicit);
        if own == Some(0) && !at.top {
            self.explicit.bound(own);
        }
        let mut granted = self.graph.authority_set();
        let acceptable = &at.inputs.acceptable;
        if !acceptable.is_empty() && !acceptable.contains(&ANY_POLICY) {
            // (g)(6)(ii): anyPolicy at the end covers whatever the user accepts.
            let every = granted.contains(&ANY_POLICY);
            let wanted = acceptable.iter().filter(|one| every || granted.contains(*one));
            granted = wanted.copied().collect();
        }
        self.granted = Some(granted.into_iter().collect());
    }

    /// Pays for the lowest level and the extension it was made of.
    fn spend(&mut self, read: usize, work: &mut Work) {
        if !work.spend_states(read.saturating_add(self.graph.last_size())) {
            self.exhausted = true;
            self.graph = Graph::null();
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "policies: {}; explicit policy needed: {}; mapping inhibited: {}; anyPolicy inhibited: \
             {}",
            self.graph, self.explicit, self.mapping, self.any
        )?;
        match &self.granted {
            Some(granted) => write!(f, "; granted: {}", names(granted)),
            None => Ok(()),
        }
    }
}

/// Where a certificate stands on its path, and what the user wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position<'s> {
    pub(super) top: bool,
    pub(super) leaf: bool,
    pub(super) inputs: &'s PolicyInputs,
}

/// The first mapping from or to anyPolicy (§6.1.4 (a)).
pub(super) fn mapping_of_any(mappings: &[PolicyMapping]) -> Option<&PolicyMapping> {
    mappings.iter().find(|pair| maps_any_policy(pair))
}

/// `1.2.3, 1.2.4`; `none`.
pub(super) fn names(policies: &[ObjectIdentifier]) -> String {
    if policies.is_empty() {
        return "none".to_owned();
    }
    let mut texts: Vec<String> = policies.iter().take(SHOWN).map(ToString::to_string).collect();
    if policies.len() > SHOWN {
        texts.push(format!("and {} more", policies.len() - SHOWN));
    }
    texts.join(", ")
}

/// A number that certificates count down to zero; `None` never gets there.
#[derive(Clone, Copy, Debug)]
struct Countdown(Option<u32>);

impl Countdown {
    fn is_over(self) -> bool {
        self.0 == Some(0)
    }

    fn step(&mut self) {
        self.0 = self.0.map(|left| left.saturating_sub(1));
    }

    fn bound(&mut self, own: Option<u32>) {
        self.0 = match (self.0, own) {
            (Some(left), Some(own)) => Some(left.min(own)),
            (left, own) => left.or(own),
        };
    }
}

/// `yes`, `no`, `after 2 certificates`.
impl fmt::Display for Countdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("no"),
            Some(0) => f.write_str("yes"),
            Some(1) => f.write_str("after 1 certificate"),
            Some(left) => write!(f, "after {left} certificates"),
        }
    }
}

/// Policies that a message lists.
const SHOWN: usize = 8;
