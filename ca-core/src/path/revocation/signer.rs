//! Whose key signed a CRL, and whether that key may (RFC 5280 §6.3.3 (f), (g)).

use spki::AlgorithmIdentifierOwned;

use super::point::Point;
use super::{same_name, set};
use crate::path::checks::Step;
use crate::path::list_signer::{self, Context};
use crate::path::name::der_key;
use crate::path::pool::{Id, Node};
use crate::path::signatures::{Acceptance, Outcome, Refused, Work};
use crate::path::{Rules, Settings};
use crate::profile::KeyUsageBits;
use crate::wire::Crl;

/// The certificate whose key signed the CRL at `index`.
pub(super) fn find<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    point: &Point,
    index: usize,
    work: &mut Work,
) -> Result<&'s Node<'a>, String> {
    let Some(crl) = context.request.crls.get(index) else { return Err("is missing".to_owned()) };
    match step.settings.rules {
        Rules::Rfc5280 => find_by_name(step, context, point, (index, crl), work),
        Rules::Set => {
            let signer = named_in(step, context, crl, work)?;
            set::check_newer_than_listed(step, crl)?;
            check_signer(step.settings, signer, crl.signature_algorithm())?;
            signature_text(work.crl(index, crl, signer))?;
            Ok(signer)
        }
    }
}

/// authorityKeyIdentifier of the CRL names the certificate that verifies it (spec §6.2): the issuer
/// certificate of the path, or another trusted one of the same CA. A CRL covers whatever the CA
/// issued, under each of its keys (RFC 5280 §5).
fn named_in<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    crl: &Crl,
    work: &mut Work,
) -> Result<&'s Node<'a>, String> {
    let Some(issuer) = step.issuer else { return Err("has no issuer".to_owned()) };
    let named = crl.authority_key_identifier().ok().flatten();
    let found = named.and_then(|named| list_signer::find(context, issuer, &named, work));
    found.ok_or_else(|| "does not name the issuer certificate".to_owned())
}

/// Any certificate of the CRL issuer's name that may sign CRLs, whose key verifies this one, and
/// that is trusted. RFC 5280 does not make a CRL name it: authorityKeyIdentifier says where to
/// begin.
fn find_by_name<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    point: &Point,
    (index, crl): (usize, &Crl),
    work: &mut Work,
) -> Result<&'s Node<'a>, String> {
    let hint = crl.authority_key_identifier().ok().flatten();
    let mut candidates =
        context.pool.named(&der_key(step.settings.rules, crl.issuer_der()), hint.as_ref());
    let on_path =
        |id: Id| step.issuer.zip(context.pool.node(id)).is_some_and(|(a, b)| is_same(a, b));
    candidates.sort_by_key(|(rank, id)| (*rank, !on_path(*id)));
    let mut fault = None;
    for (_, id) in candidates {
        let Some(node) = context.pool.node(id) else { continue };
        if !work.spend_states(1) {
            break;
        }
        let signed = check_signer(step.settings, node, crl.signature_algorithm())
            .and_then(|()| signature_text(work.crl(index, crl, node)));
        if let Err(first) = signed {
            fault = fault.or(Some(first));
            continue;
        }
        match check_trusted(step, context, point, (id, node), work) {
            Ok(()) => return Ok(node),
            // Of all that is wrong, that the one who did sign is not trusted tells most.
            Err(nearest) => fault = Some(nearest),
        }
    }
    Err(fault.unwrap_or_else(|| "is of an issuer whose certificate is not at hand".to_owned()))
}

/// §6.3.3 (f): the issuer on the path is trusted as the path is; any other signer needs a valid
/// path of its own to the same anchor.
fn check_trusted<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    point: &Point,
    (id, node): (Id, &'s Node<'a>),
    work: &mut Work,
) -> Result<(), String> {
    if step.issuer.is_some_and(|issuer| is_same(issuer, node)) {
        return Ok(());
    }
    // A CRL issuer's own status stands in its own CRL if its CA says so in the certificate, by a
    // distribution point that leaves it to that very name (§4.2.1.13). Nobody else vouches for
    // himself.
    let subject = node.certificate.subject_der();
    if is_same(step.node, node) {
        let left_to_it = point.indirect && point.issuers.iter().any(|own| same_name(own, subject));
        return if left_to_it { Ok(()) } else { Err("is signed by the certificate".to_owned()) };
    }
    if list_signer::is_trusted(context, id, work) {
        return Ok(());
    }
    Err(format!("is signed by {}, which has no valid path of its own", node.label()))
}

/// The same node of the pool: of equal certificates it holds one.
fn is_same(one: &Node<'_>, other: &Node<'_>) -> bool {
    core::ptr::addr_eq(one, other)
}

/// The key may sign CRLs and BCIs, by an algorithm of the suite. Other validators let a SHA-1 CRL
/// into a SHA-256 chain (spec §10.3); this one does not.
pub(in crate::path) fn check_signer(
    settings: &Settings,
    signer: &Node<'_>,
    algorithm: &AlgorithmIdentifierOwned,
) -> Result<(), String> {
    let absent = signer.facts().key_usage.is_none() && settings.rules == Rules::Rfc5280;
    if !absent && !signer.facts().key_may(KeyUsageBits::CRL_SIGN) {
        return Err("is of an issuer without cRLSign".to_owned());
    }
    check_algorithm(settings, algorithm)
}

/// An algorithm of the suite.
pub(super) fn check_algorithm(
    settings: &Settings,
    algorithm: &AlgorithmIdentifierOwned,
) -> Result<(), String> {
    Acceptance::of(settings).check(algorithm).map_err(|refused| match refused {
        Refused::NotAccepted(name) => format!("is signed with {name}"),
        Refused::Unknown => "is signed with an unknown algorithm".to_owned(),
    })
}

pub(in crate::path) fn signature_text(outcome: Outcome) -> Result<(), String> {
    match outcome {
        Outcome::Good => Ok(()),
        Outcome::Bad => Err("has a bad signature".to_owned()),
        Outcome::Unchecked => Err("could not be checked: no signature checks left".to_owned()),
        Outcome::Unsupported => Err("has a signature this build does not verify".to_owned()),
    }
}
