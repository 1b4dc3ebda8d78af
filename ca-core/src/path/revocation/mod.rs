//! Revocation status of one certificate from the CRLs and OCSP answers at hand (RFC 5280 §6.3,
//! RFC 6960, spec `set-certificates.md` §5 check 14).
//!
//! ```text
//! registers ────┐                                   ┌ point: does the list cover the certificate?
//! OCSP answers ─┼▶ of ─▶ Status    complete lists ──┼ signer: whose key, and is it trusted?
//! CRLs ─────────┘                                   └ delta: what has changed since?
//! ```
//!
//! One usable list or answer that says "revoked" settles it; "good" counts once every reason for
//! which a certificate may be revoked is covered.

mod complete;
mod delta;
mod entry;
mod notes;
mod ocsp;
mod point;
mod profile;
mod register;
mod set;
mod signer;

pub(super) use signer::{check_signer, signature_text};

use super::checks::{Finding, Step};
use super::list_signer::Context;
use super::name::{der_key, name_text};
use super::signatures::Work;
use super::{ReasonCode, RevocationMode, Rules};
use crate::wire::RevokedInfo;
use crate::wire::extensions::ReasonSet;
use notes::Notes;

/// What is known of a certificate's status.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Status {
    /// Revoked, or not known although it must be.
    Broken(Finding),
    /// Not revoked; the text says who says so, empty unless a trace is wanted.
    Good(String),
    /// No status is wanted, or none is needed.
    NotAsked,
}

/// What one kind of source says.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Answer {
    /// Not revoked, for whatever reason; the text as in [`Status::Good`].
    Good(String),
    /// Not revoked for some reasons; nothing is known of these.
    Partly(ReasonSet),
    /// Revoked; when, why, and who says so.
    Revoked(String),
    /// Nothing usable is at hand.
    Unknown,
}

impl Answer {
    /// What two sources say together: one that says "revoked" settles it.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Revoked(message), _) | (_, Self::Revoked(message)) => Self::Revoked(message),
            (Self::Good(text), _) | (_, Self::Good(text)) => Self::Good(text),
            (Self::Unknown, told) | (told, _) => told,
        }
    }
}

/// Where the rule stands.
pub(super) const fn citation(rules: Rules) -> &'static str {
    match rules {
        Rules::Rfc5280 => "RFC 5280 §6.3",
        Rules::Set => "SET chain validation 14: revocation",
    }
}

/// The status of a certificate below the top.
pub(super) fn of<'s, 'a>(
    step: &Step<'s, 'a>,
    context: &Context<'s, 'a>,
    work: &mut Work,
) -> Status {
    let mode = step.settings.revocation;
    if mode == RevocationMode::Off {
        return Status::NotAsked;
    }
    let ended_before = work.ended();
    let mut notes = Notes::default();
    let mut told = register::answer(step, context);
    for source in [ocsp::answer, complete::answer] {
        told = match told {
            Answer::Revoked(_) => break,
            told => told.and(source(step, context, work, &mut notes)),
        };
    }
    let required = mode == RevocationMode::Require && set::has_duty(step);
    match told {
        Answer::Revoked(message) => broken(ReasonCode::Revoked, message),
        // What was not read may say "revoked".
        _ if work.ended() && !ended_before => {
            broken(ReasonCode::NoRevocationStatus, unread(&notes))
        }
        Answer::Good(text) => Status::Good(text),
        _ if !required => Status::NotAsked,
        Answer::Partly(missing) => {
            broken(ReasonCode::StatusIncomplete, incomplete(missing, &notes))
        }
        Answer::Unknown => broken(ReasonCode::NoRevocationStatus, no_status(step, &notes)),
    }
}

fn broken(code: ReasonCode, message: String) -> Status {
    Status::Broken(Finding { code, message })
}

fn incomplete(missing: ReasonSet, notes: &Notes) -> String {
    let unusable = if notes.is_empty() { String::new() } else { format!("; {notes}") };
    format!("no usable CRL tells whether it is revoked for {missing}{unusable}")
}

fn unread(notes: &Notes) -> String {
    let unusable = if notes.is_empty() { String::new() } else { format!(": {notes}") };
    format!("the budget ended before every CRL and OCSP answer was read{unusable}")
}

fn no_status(step: &Step<'_, '_>, notes: &Notes) -> String {
    if notes.is_empty() {
        let issuer = name_text(step.node.certificate.tbs().issuer());
        return format!("no CRL of its issuer \"{issuer}\" is at hand");
    }
    let kinds = if notes.of_ocsp { "CRL or OCSP answer" } else { "CRL" };
    format!("no usable {kinds} of its issuer: {notes}")
}

/// `revoked on 2026-06-10T08:00:00Z, reason keyCompromise, says CRL number 5 of …`.
fn revoked_text(info: RevokedInfo, source: &str) -> String {
    let reason = info.reason.map_or("not given", reason_text);
    format!("revoked on {}, reason {reason}, says {source}", info.at)
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
        REMOVE_FROM_CRL => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => "unknown",
    }
}

/// True if two DER names are the same name (RFC 5280 §7.1).
fn same_name(one: &[u8], other: &[u8]) -> bool {
    one == other || der_key(Rules::Rfc5280, one) == der_key(Rules::Rfc5280, other)
}

/// CRLReason removeFromCRL: in a delta, a hold that was lifted (RFC 5280 §5.3.1).
const REMOVE_FROM_CRL: u8 = 8;
