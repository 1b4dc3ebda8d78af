//! Building candidate paths, from the certificate upwards (RFC 4158).

use super::dsa_parameters;
use super::name::name_text;
use super::pool::{Id, Node, Pool};
use super::signatures::{Outcome, Work};
use super::verdict::describe;
use super::walk::Walk;
use super::{PathElement, Reason, ReasonCode, Request, TraceStep, Verdict};
use crate::hex;

/// Searches for a path that every rule accepts.
pub(super) fn run(request: &Request<'_>) -> Verdict {
    let (mut pool, leaf) = Pool::of(request);
    let mut work = Work::new(request.settings);
    if request.settings.dsa {
        dsa_parameters::hand_down(&mut pool, &mut work);
    }
    let mut search = Search::from(request, &pool, leaf, &mut work);
    search.extend();
    search.finish()
}

/// The root at the end of a valid path from `leaf`, a certificate of a pool that is there already.
pub(super) fn root_of(
    request: &Request<'_>,
    pool: &Pool<'_>,
    leaf: Id,
    work: &mut Work,
) -> Option<Id> {
    let mut search = Search::from(request, pool, leaf, work);
    if !search.extend() {
        return None;
    }
    search.best.and_then(|best| best.path.last().copied())
}

struct Search<'s, 'a> {
    request: &'s Request<'a>,
    pool: &'s Pool<'a>,
    work: &'s mut Work,
    /// The path under construction, leaf first; every link's signature verifies.
    path: Vec<Id>,
    /// The longest path seen that ended without an anchor.
    longest: Vec<Id>,
    /// The path to an anchor with the fewest reasons so far.
    best: Option<Candidate>,
    candidates: u32,
    trace: Vec<TraceStep>,
}

#[derive(Default)]
struct Candidate {
    path: Vec<Id>,
    reasons: Vec<Reason>,
    policies: Option<Vec<String>>,
}

impl<'s, 'a> Search<'s, 'a> {
    fn from(request: &'s Request<'a>, pool: &'s Pool<'a>, leaf: Id, work: &'s mut Work) -> Self {
        Self {
            request,
            pool,
            work,
            path: vec![leaf],
            longest: vec![leaf],
            best: None,
            candidates: 0,
            trace: Vec::new(),
        }
    }

    /// Depth first over everything above the current path; true once a valid path is found.
    fn extend(&mut self) -> bool {
        let Some((top, node)) = self.top() else { return false };
        if self.is_trusted(top, node) {
            return self.judge(true);
        }
        let issuers = self.pool.issuers_of(node);
        if !self.work.spend_states(issuers.len().max(1)) {
            return false;
        }
        let mut dead_end = true;
        for issuer in issuers {
            if !self.follows(top, node, issuer) {
                continue;
            }
            dead_end = false;
            self.path.push(issuer);
            let found = self.extend();
            self.path.pop();
            if found || self.work.ended() {
                return found;
            }
        }
        if dead_end && self.path.len() > self.longest.len() {
            self.longest.clone_from(&self.path);
        }
        false
    }

    /// True if `issuer` may stand above `node`: no loop, room left, and its key verifies.
    fn follows(&mut self, top: Id, node: &Node<'a>, issuer: Id) -> bool {
        let Some(above) = self.pool.node(issuer) else { return false };
        if self.on_path(above) || !self.work.allows_length(self.path.len() + 1) {
            return false;
        }
        let outcome = self.work.link(top, node.certificate, above);
        self.note_link(node, above, outcome);
        outcome == Outcome::Good
    }

    /// A certificate with subject and key of one on the path leads nowhere new.
    fn on_path(&self, above: &Node<'a>) -> bool {
        self.path
            .iter()
            .filter_map(|id| self.pool.node(*id))
            .any(|node| node.entity == above.entity)
    }

    /// An anchor itself, or another self-signed certificate of an anchor's name and key. The judged
    /// certificate must be the anchor itself: of another one nobody vouches for the contents.
    fn is_trusted(&mut self, top: Id, node: &Node<'a>) -> bool {
        node.anchor
            || (self.path.len() > 1
                && node.facts().self_issued
                && self.pool.shares_anchor_key(node)
                && self.work.link(top, node.certificate, node) == Outcome::Good)
    }

    /// Judges the current path; true if it is valid.
    fn judge(&mut self, anchored: bool) -> bool {
        self.candidates += 1;
        // Judging costs about as much as finding the path did.
        if !self.work.spend_states(self.path.len()) {
            return false;
        }
        let walk =
            Walk::over(self.request, self.pool, self.work, &self.path, anchored, self.candidates);
        self.trace.extend(walk.trace);
        let valid = anchored && walk.reasons.is_empty();
        let known = self.best.as_ref().map_or(usize::MAX, |best| best.reasons.len());
        if walk.reasons.len() < known {
            let (reasons, policies) = (walk.reasons, walk.policies);
            self.best = Some(Candidate { path: self.path.clone(), reasons, policies });
        }
        valid
    }

    fn finish(mut self) -> Verdict {
        if self.best.is_none() {
            self.explain();
        }
        let Candidate { path, mut reasons, policies } = self.best.take().unwrap_or_default();
        let found = !path.is_empty() && reasons.is_empty();
        if let Some(bound) = self.work.exhausted().filter(|_| !found) {
            reasons.push(self.exhausted(bound));
        }
        let policies = policies.filter(|_| found);
        let path = self.elements(&path);
        Verdict { valid: found, reasons, path, policies, trace: self.trace }
    }

    /// No path reached an anchor over good signatures: continues the longest one by the likeliest
    /// issuers, whatever their signatures, so that the reasons name what is wrong.
    fn explain(&mut self) {
        self.path = core::mem::take(&mut self.longest);
        let mut anchored = false;
        while let Some((top, node)) = self.top() {
            anchored = self.is_trusted(top, node);
            let above = if anchored { None } else { self.likeliest_issuer(node) };
            match above {
                Some(above) if self.path.len() < self.request.settings.budget.path_length => {
                    self.path.push(above);
                }
                _ => break,
            }
        }
        let walk = Walk::over(
            self.request,
            self.pool,
            self.work,
            &self.path,
            anchored,
            self.candidates + 1,
        );
        self.trace.extend(walk.trace);
        let path = core::mem::take(&mut self.path);
        self.best = Some(Candidate { path, reasons: walk.reasons, policies: None });
    }

    fn likeliest_issuer(&self, node: &Node<'a>) -> Option<Id> {
        let free = |id: &Id| self.pool.node(*id).is_some_and(|above| !self.on_path(above));
        self.pool.issuers_of(node).into_iter().find(free)
    }

    fn top(&self) -> Option<(Id, &'s Node<'a>)> {
        let top = *self.path.last()?;
        Some((top, self.pool.node(top)?))
    }

    fn exhausted(&self, bound: &str) -> Reason {
        let budget = self.request.settings.budget;
        Reason {
            code: ReasonCode::BudgetExhausted,
            rule: "setting: budget",
            subject: describe(self.request.certificate),
            message: format!(
                "ran out of {bound} before every path was tried (allowed: {} signature checks, {} \
                 name comparisons, {} states, paths of {} certificates)",
                budget.signature_checks, budget.name_comparisons, budget.states, budget.path_length
            ),
        }
    }

    fn elements(&self, path: &[Id]) -> Vec<PathElement> {
        path.iter()
            .filter_map(|id| self.pool.node(*id))
            .map(|node| PathElement {
                subject: name_text(node.certificate.tbs().subject()),
                serial: hex(node.certificate.serial()),
                origin: node.origin,
            })
            .collect()
    }

    fn note_link(&mut self, node: &Node<'a>, above: &Node<'a>, outcome: Outcome) {
        if self.request.settings.trace {
            let code = match outcome {
                Outcome::Bad => Some(ReasonCode::BadSignature),
                Outcome::Good => None,
                Outcome::Unchecked => Some(ReasonCode::BudgetExhausted),
                Outcome::Unsupported => Some(ReasonCode::UnsupportedAlgorithm),
            };
            self.trace.push(TraceStep {
                candidate: 0,
                subject: node.label().to_owned(),
                rule: "RFC 4158: path building",
                input: format!("issuer tried: {}", above.label()),
                code,
                message: outcome.text().to_owned(),
                before: String::new(),
                after: String::new(),
            });
        }
    }
}
