//! Revocation status of one certificate from the CRLs at hand (RFC 5280 §6.3, spec
//! `set-certificates.md` §5 check 14).

use spki::AlgorithmIdentifierOwned;

use super::checks::{Finding, Step};
use super::list_signer::{self, Context};
use super::name::name_text;
use super::pool::Node;
use super::signatures::{Acceptance, Outcome, Refused, Work};
use super::{ReasonCode, RevocationMode, Rules, Settings};
use crate::Suite;
use crate::profile::{KeyUsageBits, Role};
use crate::wire::Crl;

/// What is known of a certificate's status.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Status {
    /// Revoked, or not known although it must be.
    Broken(Finding),
    /// Not revoked; the text says who says so.
    Good(String),
    /// No status is wanted, or none is needed.
    NotAsked,
}

/// Where the rule stands.
pub(super) const fn citation(rules: Rules) -> &'static str {
    match rules {
        Rules::Rfc5280 => "RFC 5280 §6.3",
        Rules::Set => "SET chain validation 14: revocation",
    }
}

/// The status of a certificate below the top, by the newest usable CRL of its issuer.
pub(super) fn of<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    work: &mut Work,
) -> Status {
    let settings = step.settings;
    if settings.revocation == RevocationMode::Off {
        return Status::NotAsked;
    }
    let issuer = step.node.certificate.issuer_der();
    let mut own: Vec<(usize, &Crl)> = context
        .request
        .crls
        .iter()
        .enumerate()
        .filter(|(_, crl)| crl.issuer_der() == issuer)
        .collect();
    own.sort_by_key(|(_, crl)| core::cmp::Reverse((crl.this_update(), crl.number())));
    let mut unusable = Vec::new();
    for (index, crl) in own {
        match check_usable(step, context, index, crl, work) {
            Ok(()) => return read(step, crl),
            Err(fault) => unusable.push(format!("CRL number {} {fault}", crl.number())),
        }
    }
    if settings.revocation == RevocationMode::IfAvailable || !has_crl_duty(step) {
        return Status::NotAsked;
    }
    let message = if unusable.is_empty() {
        format!(
            "no CRL of its issuer \"{}\" is at hand",
            name_text(step.node.certificate.tbs().issuer())
        )
    } else {
        format!("no usable CRL of its issuer: {}", unusable.join("; "))
    };
    Status::Broken(Finding { code: ReasonCode::NoRevocationStatus, message })
}

/// In `modern` every certificate below the root (spec §10.5). In `set-1997` the brand's BCI tells
/// who issues CRLs (§6.3 check 5: an issuer that is not listed has issued none); without one, all
/// CAs and gateways stand on a CRL, and no cardholder or merchant ever does (§6.1).
fn has_crl_duty(step: &Step<'_, '_>) -> bool {
    let settings = step.settings;
    if settings.rules == Rules::Rfc5280 || settings.suite == Suite::Modern {
        return true;
    }
    if let Some(bci) = step.bci {
        return bci.unsigned().crl_number(step.node.certificate.issuer_der()).is_some();
    }
    let exempt = [Role::Cardholder, Role::Merchant];
    !step
        .facts()
        .certificate_type
        .is_some_and(|types| exempt.iter().any(|role| types.contains(*role)))
}

fn read(step: &Step<'_, '_>, crl: &Crl) -> Status {
    let at = step.settings.at;
    match crl.revoked(step.node.certificate.serial()) {
        Some(revoked) if revoked.at <= at => Status::Broken(Finding {
            code: ReasonCode::Revoked,
            message: format!(
                "revoked on {}, reason {}, says CRL number {} of {}",
                revoked.at,
                revoked.reason.map_or("not given", reason_text),
                crl.number(),
                crl.this_update()
            ),
        }),
        _ => Status::Good(format!(
            "not revoked at {at}, says CRL number {} of {}",
            crl.number(),
            crl.this_update()
        )),
    }
}

/// Cheap checks first, the signature last.
fn check_usable<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    index: usize,
    crl: &Crl,
    work: &mut Work,
) -> Result<(), String> {
    let Some(issuer) = step.issuer else { return Err("has no issuer".to_owned()) };
    let settings = step.settings;
    check_current(step, crl)?;
    // Decisions 33: a critical extension that is not applied makes the CRL as good as missing.
    if let Some(unknown) = crl.unknown_critical() {
        return Err(format!("has the critical extension {unknown}"));
    }
    let signer = signer(step, context, issuer, crl, work)?;
    check_newer_than_listed(step, crl)?;
    check_signer(settings, signer, crl.signature_algorithm())?;
    signature_text(work.crl(index, crl, signer))
}

/// The number that the brand's BCI names, or a later one (spec §6.3 check 4; decisions 8: for the
/// issuers of this path).
fn check_newer_than_listed(step: &Step<'_, '_>, crl: &Crl) -> Result<(), String> {
    let listed = step.bci.and_then(|bci| bci.unsigned().crl_number(crl.issuer_der()));
    match listed {
        Some(listed) if crl.number() < listed => {
            Err(format!("is older than number {listed}, which the BCI lists"))
        }
        _ => Ok(()),
    }
}

/// The key may sign CRLs and BCIs, by an algorithm of the suite. Other validators let a SHA-1 CRL
/// into a SHA-256 chain (spec §10.3); this one does not.
pub(super) fn check_signer(
    settings: &Settings,
    signer: &Node<'_>,
    algorithm: &AlgorithmIdentifierOwned,
) -> Result<(), String> {
    let absent = signer.facts().key_usage.is_none() && settings.rules == Rules::Rfc5280;
    if !absent && !signer.facts().key_may(KeyUsageBits::CRL_SIGN) {
        return Err("is of an issuer without cRLSign".to_owned());
    }
    Acceptance::of(settings).check(algorithm).map_err(|refused| match refused {
        Refused::NotAccepted(name) => format!("is signed with {name}"),
        Refused::Unknown => "is signed with an unknown algorithm".to_owned(),
    })
}

pub(super) fn signature_text(outcome: Outcome) -> Result<(), String> {
    match outcome {
        Outcome::Good => Ok(()),
        Outcome::Bad => Err("has a bad signature".to_owned()),
        Outcome::Unchecked => Err("could not be checked: no signature checks left".to_owned()),
        Outcome::Unsupported => Err("has a signature this build does not verify".to_owned()),
    }
}

fn check_current(step: &Step<'_, '_>, crl: &Crl) -> Result<(), String> {
    let at = step.settings.at;
    if at < crl.this_update() {
        return Err(format!("begins at {}, judged at {at}", crl.this_update()));
    }
    if at >= crl.next_update() {
        return Err(format!("ended at {}, judged at {at}", crl.next_update()));
    }
    Ok(())
}

/// authorityKeyIdentifier of the CRL names the certificate that verifies it (spec §6.2): the issuer
/// certificate of the path, or another trusted one of the same CA. A CRL covers whatever the CA
/// issued, under each of its keys (RFC 5280 §5).
fn signer<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    issuer: &'s Node<'a>,
    crl: &Crl,
    work: &mut Work,
) -> Result<&'s Node<'a>, String> {
    let named = crl.authority_key_identifier().ok().flatten();
    let found = named.and_then(|named| list_signer::find(context, issuer, &named, work));
    match (found, step.settings.rules) {
        (Some(signer), _) => Ok(signer),
        // RFC 5280 does not make a CRL name it so.
        (None, Rules::Rfc5280) => Ok(issuer),
        (None, Rules::Set) => Err("does not name the issuer certificate".to_owned()),
    }
}

/// CRLReason (RFC 5280 §5.3.1).
const fn reason_text(reason: u8) -> &'static str {
    match reason {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => "unknown",
    }
}
