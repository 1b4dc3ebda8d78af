//! Judging one candidate path: from the top down, every rule on every certificate.

use core::fmt;

use super::bci;
use super::checks::{Finding, Step};
use super::constraints;
use super::list_signer::Context;
use super::name::name_text;
use super::policy::{self, Position};
use super::pool::{Id, Node, Pool};
use super::revocation::{self, Status};
use super::rules::{Rule, rules_of};
use super::signatures::Work;
use super::{Reason, ReasonCode, Request, Rules, Settings, TraceStep};

/// What the certificates above allow (RFC 5280 §6.1.2).
#[derive(Clone, Debug)]
pub(super) struct State {
    /// max_path_length (k): CA certificates, self-issued ones not counted, that may still follow;
    /// `None` is no bound.
    pub(super) cas_allowed: Option<u32>,
    /// permitted_subtrees (b) and excluded_subtrees (c).
    pub(super) constraints: constraints::State,
    /// valid_policy_graph and the variables around it; none under the rules of SET.
    pub(super) policy: Option<policy::State>,
}

impl State {
    /// The state above the first certificate (RFC 5280 §6.1.2).
    fn initial(settings: &Settings) -> Self {
        let policy = match settings.rules {
            Rules::Rfc5280 => Some(policy::State::initial(&settings.policies)),
            Rules::Set => None,
        };
        let constraints = constraints::State::default();
        Self { cas_allowed: settings.max_intermediates, constraints, policy }
    }

    /// The state for the certificate below `node` (RFC 5280 §6.1.4 (b), (g)-(j), (l), (m)). The top
    /// is no intermediate certificate: it takes no room, its policies do not count, and its own
    /// constraints of names and path length do.
    fn below(&self, settings: &Settings, node: &Node<'_>, top: bool, work: &mut Work) -> Self {
        let facts = node.facts();
        let takes_room = !top && !facts.self_issued;
        let left = self.cas_allowed.map(|left| left.saturating_sub(u32::from(takes_room)));
        let own = facts.basic_constraints.filter(|own| own.ca).and_then(|own| own.path_len);
        let cas_allowed = match (left, own) {
            (Some(left), Some(own)) => Some(left.min(own)),
            (left, own) => left.or(own),
        };
        let policy = self.policy.as_ref();
        let policy = policy.map(|own| if top { own.clone() } else { own.below(node, work) });
        Self { cas_allowed, constraints: self.constraints.below(node, settings.rules), policy }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cas_allowed {
            Some(left) => write!(f, "CAs allowed: {left}"),
            None => f.write_str("CAs allowed: any number"),
        }?;
        if !self.constraints.is_empty() {
            write!(f, "; {}", self.constraints)?;
        }
        match &self.policy {
            Some(policy) => write!(f, "; {policy}"),
            None => Ok(()),
        }
    }
}

/// The outcome of judging one candidate.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The policies granted to the leaf.
    pub(super) policies: Option<Vec<String>>,
    pub(super) reasons: Vec<Reason>,
    pub(super) trace: Vec<TraceStep>,
    candidate: u32,
    tracing: bool,
}

impl Walk {
    /// Judges `path`, leaf first; `anchored` tells whether its top is trusted.
    pub(super) fn over(
        request: &Request<'_>,
        pool: &Pool<'_>,
        work: &mut Work,
        path: &[Id],
        anchored: bool,
        candidate: u32,
    ) -> Self {
        let settings = request.settings;
        let mut walk = Self { candidate, tracing: settings.trace, ..Self::default() };
        let mut state = State::initial(settings);
        let mut issuer: Option<&Node<'_>> = None;
        let top = path.last().and_then(|id| pool.node(*id));
        let context = Context { request, pool, top };
        let (bci, no_bci) = match bci::find(&context, work, path) {
            Ok(bci) => (bci, None),
            Err(finding) => (None, Some(finding)),
        };
        for (position, id) in path.iter().enumerate().rev() {
            let Some(node) = pool.node(*id) else { continue };
            let signature = issuer.map(|issuer| work.link(*id, node.certificate, issuer));
            let leaf = position == 0;
            let at = Position { top: issuer.is_none(), leaf, inputs: &settings.policies };
            let before = walk.tracing.then(|| state.to_string());
            if let Some(policy) = &mut state.policy {
                policy.enter(node, at, work);
            }
            let names = &state.constraints.judge(node, leaf, work);
            let step = Step {
                settings,
                node,
                issuer,
                signature,
                anchored,
                leaf,
                names,
                state: &state,
                bci,
            };
            walk.record_policies(&step, before);
            for rule in rules_of(settings).filter(|rule| rule.applies(&step)) {
                walk.record(&step, rule);
            }
            if issuer.is_none() && !anchored {
                walk.record_open_top(&step);
            }
            if issuer.is_some() {
                walk.record_status(&step, revocation::of(&step, &context, work));
            }
            if let Some(finding) = no_bci.clone().filter(|_| leaf) {
                walk.fail(&step, bci::CITATION, finding);
            }
            let below = state.below(settings, node, issuer.is_none(), work);
            walk.record_state(&step, &below);
            state = below;
            issuer = Some(node);
        }
        walk
    }

    fn record(&mut self, step: &Step<'_, '_>, rule: &Rule) {
        let findings = rule.judge(step);
        if findings.is_empty() && self.tracing {
            self.note(step, rule.citation, None, &rule.remark(step));
            self.looked_at(rule.input(step));
        }
        for finding in findings {
            self.fail(step, rule.citation, finding);
            if self.tracing {
                self.looked_at(rule.input(step));
            }
        }
    }

    fn record_open_top(&mut self, step: &Step<'_, '_>) {
        let finding = if step.facts().self_issued {
            Finding {
                code: ReasonCode::UntrustedRoot,
                message: "self-issued certificate at the top is not among the anchors".to_owned(),
            }
        } else {
            Finding {
                code: ReasonCode::NoIssuer,
                message: format!(
                    "no certificate of its issuer \"{}\" is at hand",
                    name_text(step.node.certificate.tbs().issuer())
                ),
            }
        };
        self.fail(step, "RFC 5280 §6.1 (b): the path begins at an anchor", finding);
    }

    fn record_status(&mut self, step: &Step<'_, '_>, status: Status) {
        let rule = revocation::citation(step.settings.rules);
        match status {
            Status::Broken(finding) => self.fail(step, rule, finding),
            Status::Good(text) => self.note(step, rule, None, &text),
            Status::NotAsked => {}
        }
    }

    /// What the certificate's own policies made of the state, and at the leaf the outcome.
    fn record_policies(&mut self, step: &Step<'_, '_>, before: Option<String>) {
        let Some(policy) = &step.state.policy else { return };
        let granted = policy.granted();
        self.policies = granted.map(|all| all.iter().map(ToString::to_string).collect());
        if let Some(before) = before.filter(|_| step.issuer.is_some()) {
            let message = policy::text(step.node.certificate);
            self.note(step, "RFC 9618 §5.2 (RFC 5280 §6.1.3 (d), (e))", None, &message);
            if let Some(last) = self.trace.last_mut() {
                last.before = before;
            }
        }
    }

    fn record_state(&mut self, step: &Step<'_, '_>, after: &State) {
        if self.tracing && !step.leaf {
            self.note(step, "RFC 5280 §6.1.4", None, "prepares for the certificate below");
            if let Some(last) = self.trace.last_mut() {
                last.after = after.to_string();
            }
        }
    }

    /// Says of the last step what its rule looked at.
    fn looked_at(&mut self, input: String) {
        if let Some(last) = self.trace.last_mut() {
            last.input = input;
        }
    }

    fn fail(&mut self, step: &Step<'_, '_>, rule: &'static str, finding: Finding) {
        self.note(step, rule, Some(finding.code), &finding.message);
        let subject = step.node.label().to_owned();
        let Finding { code, message } = finding;
        self.reasons.push(Reason { code, rule, subject, message });
    }

    fn note(
        &mut self,
        step: &Step<'_, '_>,
        rule: &'static str,
        code: Option<ReasonCode>,
        message: &str,
    ) {
        if self.tracing {
            self.trace.push(TraceStep {
                candidate: self.candidate,
                subject: step.node.label().to_owned(),
                rule,
                input: String::new(),
                code,
                message: message.to_owned(),
                before: step.state.to_string(),
                after: step.state.to_string(),
            });
        }
    }
}
