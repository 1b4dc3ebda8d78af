//! The rules, one small function each: a step in, one finding out.

mod form;
mod link;
mod matrix;
mod names;
mod nesting;
mod policy;
mod profile;
mod set;
mod web_pki;

pub(super) use form::*;
pub(super) use link::*;
pub(super) use matrix::{check_key_usage_combination, check_presence, remark_on_presence};
pub(super) use names::*;
pub use nesting::may_issue;
pub(super) use policy::*;
pub(super) use profile::*;
pub(super) use set::*;
pub(super) use web_pki::*;

use super::facts::Facts;
use super::pool::Node;
use super::signatures::Outcome;
use super::walk::State;
use super::{ReasonCode, Settings, Strictness};
use crate::wire::BrandCrlIdentifier;

/// One certificate of a path on its turn, from the anchor down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'s, 'a> {
    pub(super) settings: &'s Settings,
    pub(super) node: &'s Node<'a>,
    /// The certificate above, `None` at the top.
    pub(super) issuer: Option<&'s Node<'a>>,
    /// Whether the issuer's key verifies this certificate; at the top nothing is checked.
    pub(super) signature: Option<Outcome>,
    /// True if the top of the path is trusted.
    pub(super) anchored: bool,
    /// True for the certificate that is judged.
    pub(super) leaf: bool,
    /// Whether its names satisfy the constraints above.
    pub(super) names: &'s Checked,
    pub(super) state: &'s State,
    /// The brand's usable BCI, if there is one.
    pub(super) bci: Option<&'a BrandCrlIdentifier>,
}

impl<'s> Step<'s, '_> {
    pub(super) fn facts(&self) -> &'s Facts {
        self.node.facts()
    }

    fn is_lenient(&self) -> bool {
        self.settings.strictness == Strictness::Lenient
    }

    /// A certificate of the 1996 draft, where such are accepted.
    fn is_accepted_draft(&self) -> bool {
        self.is_lenient() && self.node.certificate.is_draft()
    }
}

/// A broken rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Finding {
    pub(super) code: ReasonCode,
    pub(super) message: String,
}

/// What a rule says of one step.
pub(super) type Checked = Result<(), Finding>;

/// A rule as a function.
pub(super) type Check = fn(&Step<'_, '_>) -> Checked;

fn broken(code: ReasonCode, message: impl Into<String>) -> Checked {
    Err(Finding { code, message: message.into() })
}
