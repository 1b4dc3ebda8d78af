//! Complete CRLs: which of those at hand count, and what they say together (RFC 5280 §6.3.3).

use super::entry::Listed;
use super::notes::Notes;
use super::point::Point;
use super::{Answer, delta, profile, revoked_text, set, signer};
use crate::path::checks::Step;
use crate::path::list_signer::Context;
use crate::path::name::der_key;
use crate::path::signatures::Work;
use crate::path::{Conformance, Rules};
use crate::wire::Crl;
use crate::wire::extensions::ReasonSet;

/// The status by the CRLs at hand, newest first under each distribution point.
pub(super) fn answer<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    work: &mut Work,
    notes: &mut Notes,
) -> Answer {
    let mut lists = Lists { step, context, notes, covered: ReasonSet::NONE, said: String::new() };
    for point in Point::all_of(step) {
        for issuer in &point.issuers {
            for index in context.pool.crls_of(&der_key(step.settings.rules, issuer)) {
                // Nothing is left to ask, or nothing to ask with.
                if lists.covered == ReasonSet::ALL || !work.spend_states(1) {
                    return lists.answer();
                }
                if let Some(message) = lists.read(&point, *index, work) {
                    return Answer::Revoked(message);
                }
            }
        }
    }
    lists.answer()
}

struct Lists<'l, 's, 'a> {
    step: &'l Step<'s, 'a>,
    context: &'l Context<'s, 'a>,
    notes: &'l mut Notes,
    /// reasons_mask: for these the certificate is known not to be revoked.
    covered: ReasonSet,
    said: String,
}

impl Lists<'_, '_, '_> {
    /// Reads one CRL, if it is usable and tells something new; `Some` if it says "revoked".
    fn read(&mut self, point: &Point, index: usize, work: &mut Work) -> Option<String> {
        let (step, context) = (self.step, self.context);
        let crl = context.request.crls.get(index)?;
        let reasons = self.covering(point, crl)?;
        let delta = match check_usable(step, context, point, index, work) {
            Ok(delta) => delta,
            Err(fault) => {
                self.notes.add(label(crl), &fault);
                return None;
            }
        };
        // §6.3.3 (i) to (k): what a delta says of the certificate goes before the complete CRL.
        let by_delta = delta.map_or(Listed::No, |delta| Listed::of(delta, step, work));
        let (listed, source) = match (by_delta, delta) {
            (Listed::No, _) | (_, None) => (Listed::of(crl, step, work), crl),
            (by_delta, Some(delta)) => (by_delta, delta),
        };
        match listed {
            Listed::Yes(info) => return Some(revoked_text(info, &dated(source))),
            Listed::Unread => {
                self.notes.add(label(source), "could not be read to the end: no states left");
                return None;
            }
            Listed::No | Listed::Removed => {}
        }
        self.covered = self.covered.or(reasons);
        if step.settings.trace {
            let since = delta.map_or_else(String::new, |delta| format!(", {}", dated(delta)));
            let at = step.settings.at;
            self.said = format!("not revoked at {at}, says {}{since}", dated(crl));
        }
        None
    }

    /// The reasons for which a CRL tells something that is not known yet (§6.3.3 (e)).
    fn covering(&mut self, point: &Point, crl: &Crl) -> Option<ReasonSet> {
        if crl.base_number().is_some() {
            self.notes.add(label(crl), "is no complete CRL, and none that it starts from counts");
            return None;
        }
        match point.reasons_of(crl, self.step.facts().is_ca()) {
            Ok(reasons) => Some(reasons).filter(|reasons| !self.covered.contains(*reasons)),
            Err(fault) => {
                self.notes.add(label(crl), fault);
                None
            }
        }
    }

    fn answer(self) -> Answer {
        match self.covered {
            ReasonSet::ALL => Answer::Good(self.said),
            ReasonSet::NONE => Answer::Unknown,
            some => Answer::Partly(some.others()),
        }
    }
}

/// The newest delta that the CRL is to be read with, if the CRL may be used at all. Cheap checks
/// first, signatures last.
fn check_usable<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    point: &Point,
    index: usize,
    work: &mut Work,
) -> Result<Option<&'a Crl>, String> {
    let request = context.request;
    let Some(crl) = request.crls.get(index) else { return Ok(None) };
    check_begun(step, crl)?;
    let deltas = delta::candidates(step, context, crl);
    // An ended CRL is as good as the delta that brings it up to date (RFC 5280 §6.3.3 (a)).
    if deltas.is_empty() {
        check_not_ended(step, crl)?;
    }
    check_form(step, crl)?;
    let signer = signer::find(step, context, point, index, work)?;
    let mut deltas = deltas.into_iter();
    let delta = deltas.find(|delta| delta::is_signed(context, *delta, signer, work));
    let delta = delta.and_then(|delta| request.crls.get(delta));
    if delta.is_none() {
        check_not_ended(step, crl)?;
    }
    Ok(delta)
}

pub(super) fn check_begun(step: &Step<'_, '_>, crl: &Crl) -> Result<(), String> {
    let at = step.settings.at;
    if at < crl.this_update() {
        return Err(format!("begins at {}, judged at {at}", crl.this_update()));
    }
    Ok(())
}

/// RFC 5280 §5.1.2.5 demands nextUpdate and leaves open what becomes of a CRL without it: whether
/// it is still current cannot be known, so it does not count.
pub(super) fn check_not_ended(step: &Step<'_, '_>, crl: &Crl) -> Result<(), String> {
    let at = step.settings.at;
    match crl.next_update() {
        Some(end) if at < end => Ok(()),
        Some(end) => Err(format!("ended at {end}, judged at {at}")),
        None => Err("has no nextUpdate".to_owned()),
    }
}

/// Whether this build knows what the list means, and the settings accept how it is written.
pub(super) fn check_form(step: &Step<'_, '_>, crl: &Crl) -> Result<(), String> {
    match crl.version() {
        // RFC 5280 §5.1.2.1: extensions belong to v2.
        1 if !crl.extensions().is_empty() => return Err("is of v1 and has extensions".to_owned()),
        1 | 2 => {}
        other => return Err(format!("is of v{other}, which nobody knows")),
    }
    if step.settings.rules == Rules::Set {
        return set::check_form(crl);
    }
    // §5.2, §5.3: a critical extension that is not applied makes the CRL as good as missing.
    if let Some(unknown) = crl.unknown_critical() {
        return Err(format!("has the critical extension {unknown}"));
    }
    // §5.3.3: only an indirect CRL speaks of other issuers' certificates.
    if crl.names_issuers() && !crl.scope().is_some_and(|scope| scope.indirect) {
        return Err("lists certificates of other issuers and is not indirect".to_owned());
    }
    match step.settings.conformance {
        Conformance::Path => Ok(()),
        Conformance::Profile => profile::check(crl),
        Conformance::WebPki => profile::check(crl).and_then(|()| profile::check_web(crl)),
    }
}

/// `CRL number 5`.
pub(super) fn label(crl: &Crl) -> String {
    let kind = if crl.base_number().is_some() { "delta CRL" } else { "CRL" };
    match crl.number() {
        Some(number) => format!("{kind} number {number}"),
        None => format!("{kind} without number"),
    }
}

/// `CRL number 5 of 2026-06-12T00:00:00Z`.
fn dated(crl: &Crl) -> String {
    format!("{} of {}", label(crl), crl.this_update())
}
