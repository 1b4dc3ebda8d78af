//! OCSP answers (RFC 6960): which of those at hand count, and what they say.

use super::notes::Notes;
use super::signer::{check_algorithm, signature_text};
use super::{Answer, complete, revoked_text};
use crate::path::checks::Step;
use crate::path::list_signer::Context;
use crate::path::name::{der_key, key};
use crate::path::pool::Node;
use crate::path::rules::rules_of;
use crate::path::signatures::{Outcome, Work};
use crate::path::{Purpose, RevocationMode, Rules, Settings};
use crate::wire::extensions::{ExtensionValue, OcspNoCheck};
use crate::wire::ocsp::{BasicOcspResponse, CertId, CertStatus, ResponderId, SingleResponse};
use crate::wire::oids;

/// The status by the OCSP answers at hand, newest first; one usable "revoked" settles it.
pub(super) fn answer<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    work: &mut Work,
    notes: &mut Notes,
) -> Answer {
    let Some(issuer) = step.issuer else { return Answer::Unknown };
    let mut found: Vec<(usize, &BasicOcspResponse, &SingleResponse)> = Vec::new();
    for (index, basic) in context.request.ocsp.iter().enumerate() {
        let about = basic.responses.iter().filter(|one| names(&one.cert_id, step.node, issuer));
        found.extend(about.map(|one| (index, basic, one)));
    }
    found.sort_by_key(|(_, _, one)| core::cmp::Reverse(one.this_update));
    let mut good = None;
    for (index, basic, one) in found {
        if !work.spend_states(1) {
            break;
        }
        match read(step, context, (index, basic), one, work) {
            Ok(Answer::Revoked(message)) => return Answer::Revoked(message),
            Ok(answer) => good = good.or(Some(answer)),
            Err(fault) => {
                notes.of_ocsp = true;
                notes.add(label(basic), &fault);
            }
        }
    }
    good.unwrap_or(Answer::Unknown)
}

/// What one usable answer says of the certificate.
fn read<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    (index, basic): (usize, &'a BasicOcspResponse),
    one: &SingleResponse,
    work: &mut Work,
) -> Result<Answer, String> {
    check_current(step, basic, one)?;
    check_algorithm(step.settings, &basic.signature_algorithm)?;
    check_responder(step, context, (index, basic), work)?;
    let at = step.settings.at;
    match one.status {
        CertStatus::Revoked(info) if info.at <= at => {
            Ok(Answer::Revoked(revoked_text(info, &label(basic))))
        }
        CertStatus::Unknown => Err("does not know the certificate".to_owned()),
        CertStatus::Good | CertStatus::Revoked(_) if step.settings.trace => {
            Ok(Answer::Good(format!("not revoked at {at}, says {}", label(basic))))
        }
        CertStatus::Good | CertStatus::Revoked(_) => Ok(Answer::Good(String::new())),
    }
}

/// RFC 6960 §3.2 (5), (6), §4.2.2.1.
fn check_current(
    step: &Step<'_, '_>,
    basic: &BasicOcspResponse,
    one: &SingleResponse,
) -> Result<(), String> {
    let at = step.settings.at;
    let begin = one.this_update.max(basic.produced_at);
    if at < begin {
        return Err(format!("begins at {begin}, judged at {at}"));
    }
    // Without nextUpdate newer information may be had at any time (§4.2.2.1).
    let end = one.next_update.unwrap_or_else(|| one.this_update.plus_secs(OPEN_ANSWER));
    if at >= end {
        return Err(format!("ended at {end}, judged at {at}"));
    }
    Ok(())
}

/// True if `id` is the certificate `node` of `issuer`. The hash is over the issuer's name as the
/// certificate writes it (RFC 6960 §4.1.1); responders that only have the issuer's certificate take
/// its subject.
fn names(id: &CertId, node: &Node<'_>, issuer: &Node<'_>) -> bool {
    if id.serial() != node.certificate.serial() {
        return false;
    }
    let Some(hash) = id.hash() else { return false };
    let (name_hash, key_hash) = id.issuer_hashes();
    let key = issuer.certificate.tbs().subject_public_key_info().subject_public_key.raw_bytes();
    let names = [node.certificate.issuer_der(), issuer.certificate.subject_der()];
    hash.digest(key) == key_hash && names.iter().any(|name| hash.digest(name) == name_hash)
}

/// RFC 6960 §4.2.2.2: the answer is signed by the certificate's issuer itself, or by a responder
/// that this issuer named one.
fn check_responder<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    (index, basic): (usize, &'a BasicOcspResponse),
    work: &mut Work,
) -> Result<(), String> {
    let Some(issuer) = step.issuer else { return Err("is about no issuer".to_owned()) };
    if is_named(&basic.responder, issuer) {
        return signature_text(work.ocsp(index, basic, issuer));
    }
    let mut fault = None;
    for (id, node) in context.pool.nodes() {
        let theirs = node.issuer() == issuer.subject() && is_named(&basic.responder, node);
        if !theirs {
            continue;
        }
        if !work.spend_states(1) {
            break;
        }
        let link = work.link(id, node.certificate, issuer);
        let checked = signature_text(work.ocsp(index, basic, node))
            .and_then(|()| check_delegated(step, context, (node, link), work));
        match checked {
            Ok(()) => return Ok(()),
            Err(first) => fault = fault.or(Some(first)),
        }
    }
    Err(fault.unwrap_or_else(|| "is of a responder whose certificate is not at hand".to_owned()))
}

/// A responder's certificate: issued directly by the issuer, for this use, valid by the rules that
/// any certificate at its place must keep, and itself not revoked. It is no SET certificate (spec
/// `set-certificates.md` §10.5), so the rules are those of RFC 5280 under either table.
fn check_delegated<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    (node, link): (&'s Node<'a>, Outcome),
    work: &mut Work,
) -> Result<(), String> {
    let settings = Settings {
        rules: Rules::Rfc5280,
        purpose: Some(Purpose::MessageSignature),
        extended_key_usages: Vec::new(),
        peer_names: Vec::new(),
        trace: false,
        ..step.settings.clone()
    };
    let names = &step.state.constraints.judge(node, true, work);
    let signature = Some(link);
    let own = Step { settings: &settings, node, signature, names, leaf: true, ..*step };
    let refused = |why: &str| Err(format!("is of responder {}, {why}", node.label()));
    let usage = node.facts().extended_key_usage.as_ref();
    if !usage.is_some_and(|usage| usage.contains(oids::KP_OCSP_SIGNING)) {
        return refused("which its issuer did not name one: no id-kp-OCSPSigning");
    }
    let mut rules = rules_of(&settings).filter(|rule| rule.applies(&own));
    if let Some(finding) = rules.find_map(|rule| rule.judge(&own).into_iter().next()) {
        return refused(&format!("whose certificate is not valid: {}", finding.message));
    }
    // RFC 6960 §4.2.2.2.1.
    if matches!(OcspNoCheck::find(node.certificate), Ok(Some(OcspNoCheck))) {
        return Ok(());
    }
    let mut notes = Notes::default();
    match complete::answer(&own, context, work, &mut notes) {
        Answer::Good(_) => Ok(()),
        Answer::Revoked(message) => refused(&message),
        _ if settings.revocation == RevocationMode::IfAvailable => Ok(()),
        _ => refused("whose own status is not known"),
    }
}

/// True if `responder` names the key or the subject of `node`.
fn is_named(responder: &ResponderId, node: &Node<'_>) -> bool {
    match responder {
        ResponderId::ByKey(_) => responder.names(node.certificate),
        ResponderId::ByName(name) => {
            key(name) == *der_key(Rules::Rfc5280, node.certificate.subject_der())
        }
    }
}

/// `OCSP answer of 2026-06-14T00:00:00Z`.
fn label(basic: &BasicOcspResponse) -> String {
    format!("OCSP answer of {}", basic.produced_at)
}

/// Seconds for which an answer without nextUpdate counts, D: one day.
const OPEN_ANSWER: u64 = 86_400;
