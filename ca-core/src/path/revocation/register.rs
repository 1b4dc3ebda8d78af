//! What the register of a CA says (see [`crate::path::Registered`]).

use super::{Answer, revoked_text};
use crate::path::checks::Step;
use crate::path::list_signer::Context;

/// The status by the registers at hand: an entry is about exactly one certificate and every time.
pub(super) fn answer(step: &Step<'_, '_>, context: &Context<'_, '_>) -> Answer {
    let at = step.settings.at;
    let own = step.node.certificate.der();
    let mut answer = Answer::Unknown;
    for entry in context.request.register.iter().filter(|entry| entry.certificate == own) {
        match entry.revoked {
            Some(info) if info.at <= at => return Answer::Revoked(revoked_text(info, SOURCE)),
            _ if step.settings.trace => {
                answer = Answer::Good(format!("not revoked at {at}, says {SOURCE}"));
            }
            _ => answer = Answer::Good(String::new()),
        }
    }
    answer
}

const SOURCE: &str = "the register of its issuer";
