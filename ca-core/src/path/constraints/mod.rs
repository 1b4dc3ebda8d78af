//! Name constraints (RFC 5280 §4.2.1.10, §6.1.3 (b), (c), §6.1.4 (g)).
//!
//! permitted_subtrees is kept as the list of the extensions that stand above: a name must be inside
//! one of the permitted subtrees of each. Intersecting them would say the same and may grow with
//! every certificate; so the cost is names × subtrees, and it is taken from the budget beforehand.

mod extension;
mod subtree;

use core::fmt;
use std::rc::Rc;

use super::checks::{Checked, Finding};
use super::name::{Form, GeneralName};
use super::pool::Node;
use super::signatures::Work;
use super::{ReasonCode, Rules};

pub(super) use extension::NameConstraints;
use subtree::Relation;

/// What the certificates above allow of names.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// One for each certificate above that has the extension, from the top down.
    above: Vec<Rc<NameConstraints>>,
}

impl State {
    /// The state below `node`. A trust anchor's own constraints count (RFC 5937 §3). SET knows no
    /// name constraints.
    pub(super) fn below(&self, node: &Node<'_>, rules: Rules) -> Self {
        let mut state = self.clone();
        if rules == Rules::Rfc5280 {
            state.above.extend(node.names().constraints.as_ref().ok().cloned().flatten());
        }
        state
    }

    pub(super) fn is_empty(&self) -> bool {
        self.above.is_empty()
    }

    /// Whether the names of `node` satisfy every constraint above. A self-issued certificate is
    /// exempt unless it is the leaf (RFC 5280 §6.1.3 (b)).
    pub(super) fn judge(&self, node: &Node<'_>, leaf: bool, work: &mut Work) -> Checked {
        if self.is_empty() || (node.facts().self_issued && !leaf) {
            return Ok(());
        }
        let names = node.names().constrained(node.certificate);
        let subtrees: usize = self.above.iter().map(|extension| extension.subtrees()).sum();
        if !work.spend_name_comparisons(names.len().saturating_mul(subtrees)) {
            return Err(exhausted(names.len(), subtrees));
        }
        for name in names {
            self.above.iter().try_for_each(|extension| judge(extension, name))?;
        }
        Ok(())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let excluded: usize = self.above.iter().map(|extension| extension.excluded.len()).sum();
        let permitted = self.above.iter().filter(|extension| !extension.permitted.is_empty());
        write!(f, "names: {} permitted lists, {excluded} excluded", permitted.count())
    }
}

/// One name against one extension.
fn judge(extension: &NameConstraints, name: &GeneralName) -> Checked {
    let mut wanted = false;
    let mut inside = false;
    for subtree in &extension.permitted {
        match subtree.holds(name) {
            Relation::OtherForm => {}
            Relation::Undecidable => return Err(undecidable(name)),
            Relation::Outside => wanted = true,
            Relation::Inside => {
                inside = true;
                break;
            }
        }
    }
    if wanted && !inside {
        return Err(Finding {
            code: ReasonCode::NameNotPermitted,
            message: format!(
                "{name} is in none of the permitted subtrees: {}",
                listed(extension, name.form())
            ),
        });
    }
    for subtree in &extension.excluded {
        match subtree.meets(name) {
            Relation::OtherForm | Relation::Outside => {}
            Relation::Undecidable => return Err(undecidable(name)),
            Relation::Inside => {
                return Err(Finding {
                    code: ReasonCode::NameExcluded,
                    message: format!("{name} is in the excluded subtree {subtree}"),
                });
            }
        }
    }
    Ok(())
}

/// The permitted subtrees of a form, as many as a person reads.
fn listed(extension: &NameConstraints, form: Form) -> String {
    let of_form: Vec<_> = extension.permitted.iter().filter(|s| s.form() == form).collect();
    let mut shown: Vec<String> = of_form.iter().take(SHOWN).map(ToString::to_string).collect();
    if of_form.len() > SHOWN {
        shown.push(format!("and {} more", of_form.len() - SHOWN));
    }
    shown.join(", ")
}

fn undecidable(name: &GeneralName) -> Finding {
    Finding {
        code: ReasonCode::UnsupportedNameConstraint,
        message: format!("a constraint above on names of this form cannot be applied to {name}"),
    }
}

fn exhausted(names: usize, subtrees: usize) -> Finding {
    Finding {
        code: ReasonCode::BudgetExhausted,
        message: format!("{names} names under {subtrees} subtrees are more comparisons than left"),
    }
}

/// Subtrees that a message lists.
const SHOWN: usize = 3;
