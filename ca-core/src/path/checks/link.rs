//! Rules about a certificate and the one above it.

use super::{Checked, Step, broken};
use crate::Suite;
use crate::path::name::name_text;
use crate::path::signatures::Outcome;
use crate::path::{ReasonCode, Rules};
use crate::profile::KeyUsageBits;

/// RFC 5280 §6.1.3 (a)(1).
pub(in crate::path) fn check_signature(step: &Step<'_, '_>) -> Checked {
    match step.signature {
        Some(Outcome::Bad) => {
            broken(ReasonCode::BadSignature, "signature does not verify under the issuer's key")
        }
        Some(Outcome::Unchecked) => {
            broken(ReasonCode::BudgetExhausted, "no signature checks left for this certificate")
        }
        Some(Outcome::Unsupported) => broken(
            ReasonCode::UnsupportedAlgorithm,
            "signature algorithm or issuer's key is not one this build verifies",
        ),
        Some(Outcome::Good) | None => Ok(()),
    }
}

/// RFC 5280 §6.1.3 (a)(4): names compared by §7.1, under SET as DER (spec `set-certificates.md`
/// §2).
pub(in crate::path) fn check_name_chaining(step: &Step<'_, '_>) -> Checked {
    let certificate = step.node.certificate;
    match step.issuer {
        Some(issuer) if issuer.subject() != step.node.issuer() => broken(
            ReasonCode::NameChaining,
            format!(
                "issuer is \"{}\", the certificate above is of \"{}\"",
                name_text(certificate.tbs().issuer()),
                name_text(issuer.certificate.tbs().subject())
            ),
        ),
        _ => Ok(()),
    }
}

/// authorityKeyIdentifier names the issuer certificate by its issuer and serial number; a root that
/// has one names itself (spec `set-certificates.md` §3.2).
pub(in crate::path) fn check_authority_key(step: &Step<'_, '_>) -> Checked {
    let Some(named) = &step.facts().authority_key else { return Ok(()) };
    // §3.2: keyIdentifier is absent in SET 1.0; `modern` adds it (§10.5).
    if named.key_identifier.is_some() && step.settings.suite == Suite::Set1997 && !step.is_lenient()
    {
        return broken(
            ReasonCode::AuthorityKeyMismatch,
            "authorityKeyIdentifier has a keyIdentifier, which suite set-1997 does not know",
        );
    }
    let issuer = match step.issuer {
        Some(issuer) => issuer,
        None if step.facts().self_issued => step.node,
        None => return Ok(()),
    };
    if named.names(issuer.certificate) {
        return Ok(());
    }
    let found = match &named.issuer_and_serial {
        Some((_, serial)) => format!("names serial {}", crate::hex(serial)),
        None => "has no issuer and serial number".to_owned(),
    };
    broken(
        ReasonCode::AuthorityKeyMismatch,
        format!("authorityKeyIdentifier {found}, the issuer certificate is {}", issuer.label()),
    )
}

/// RFC 5280 §6.1.4 (k): an issuer has cA.
pub(in crate::path) fn check_is_ca(step: &Step<'_, '_>) -> Checked {
    // RFC 5280 §6.1.1 (d): an anchor is a name and a key; one older than v3 has no extensions.
    let bare_anchor = step.settings.rules == Rules::Rfc5280
        && step.node.anchor
        && step.node.certificate.extensions().is_empty();
    if step.facts().is_ca() || bare_anchor {
        return Ok(());
    }
    let found = match step.facts().basic_constraints {
        Some(_) => "basicConstraints has cA FALSE",
        None => "basicConstraints is missing",
    };
    broken(ReasonCode::NotACa, format!("{found}, yet it issued the certificate below"))
}

/// RFC 5280 §6.1.4 (l): pathLenConstraint of the certificates above leaves room for this CA.
pub(in crate::path) fn check_path_length(step: &Step<'_, '_>) -> Checked {
    if step.state.cas_allowed == Some(0) && !step.facts().self_issued {
        return broken(
            ReasonCode::PathTooLong,
            "pathLenConstraint above allows 0 more CA certificates here",
        );
    }
    Ok(())
}

/// RFC 5280 §6.1.4 (n): an issuer's keyUsage has keyCertSign. SET demands the extension too.
pub(in crate::path) fn check_issuer_key_usage(step: &Step<'_, '_>) -> Checked {
    let absent = step.facts().key_usage.is_none() && step.settings.rules == Rules::Rfc5280;
    if absent || step.facts().key_may(KeyUsageBits::KEY_CERT_SIGN) {
        return Ok(());
    }
    broken(
        ReasonCode::IssuerKeyUsage,
        format!(
            "keyUsage is {}, lacks keyCertSign, yet it issued the certificate below",
            key_usage_text(step.facts().key_usage)
        ),
    )
}

/// The key may be used for what it is wanted for (RFC 5280 §4.2.1.3, spec `set-certificates.md`
/// §5 check 8).
pub(in crate::path) fn check_purpose(step: &Step<'_, '_>) -> Checked {
    let Some(purpose) = step.settings.purpose else { return Ok(()) };
    let usage = step.facts().key_usage;
    let absent = usage.is_none() && step.settings.rules == Rules::Rfc5280;
    if absent || step.facts().key_may(purpose.key_usage()) {
        return Ok(());
    }
    broken(
        ReasonCode::PurposeNotAllowed,
        format!(
            "keyUsage is {}, {} needs {}",
            key_usage_text(usage),
            purpose.name(),
            key_usage_text(Some(purpose.key_usage()))
        ),
    )
}

/// `digitalSignature+cRLSign`, as RFC 5280 §4.2.1.3 names the bits.
pub(in crate::path) fn key_usage_text(usage: Option<KeyUsageBits>) -> String {
    let Some(KeyUsageBits(bits)) = usage else { return "absent".to_owned() };
    let names = KEY_USAGE_NAMES.iter().enumerate();
    let set: Vec<&str> =
        names.filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, name)| *name).collect();
    set.join("+")
}

const KEY_USAGE_NAMES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];
