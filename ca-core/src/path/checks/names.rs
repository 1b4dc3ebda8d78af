//! Rules about the names of the subject, and the purposes of its key, under RFC 5280.

use core::net::IpAddr;

use const_oid::ObjectIdentifier;

use super::{Checked, Finding, Step, broken};
use crate::path::name::{DnsName, GeneralName, Mailbox, Malformed, alternative_names, host};
use crate::path::{Conformance, PeerName, ReasonCode};
use crate::wire::oids;

/// subjectAltName holds at least one name, and each is of its form (RFC 5280 §4.2.1.6): one that
/// is not could slip past a constraint. issuerAltName has no part in validation (§4.2.1.7); who
/// marks it critical must have written what can be read.
pub(in crate::path) fn check_alternative_names(step: &Step<'_, '_>) -> Checked {
    let names = &step.node.names().alternative;
    if let Err(malformed) = names {
        return Err(refusal(ReasonCode::MalformedName, "subjectAltName", malformed));
    }
    let issuer = step.node.certificate.extension(oids::ISSUER_ALT_NAME);
    if let Some(issuer) = issuer.filter(|extension| extension.critical) {
        alternative_names(issuer.extn_value.as_bytes())
            .map_err(|e| refusal(ReasonCode::MalformedName, "issuerAltName", &e))?;
    }
    if step.settings.conformance != Conformance::Path {
        let names = names.as_ref().ok().and_then(Option::as_ref);
        return names.into_iter().flatten().try_for_each(check_preferred_syntax);
    }
    Ok(())
}

/// RFC 5280 §4.2.1.6, RFC 1034 §3.5: letters, digits and hyphens; and an address is an iPAddress.
fn check_preferred_syntax(name: &GeneralName) -> Checked {
    match name {
        GeneralName::Dns(DnsName { host, .. })
            if host.contains('_') || host.parse::<core::net::Ipv4Addr>().is_ok() =>
        {
            broken(ReasonCode::MalformedName, format!("{name} is not in preferred name syntax"))
        }
        _ => Ok(()),
    }
}

/// nameConstraints that cannot be read forbid nobody knows what: refused in every certificate, the
/// anchor too.
pub(in crate::path) fn check_name_constraints_readable(step: &Step<'_, '_>) -> Checked {
    match &step.node.names().constraints {
        Ok(_) => Ok(()),
        Err(malformed) => {
            Err(refusal(ReasonCode::MalformedNameConstraints, "nameConstraints", malformed))
        }
    }
}

/// RFC 5280 §6.1.3 (b), (c), as the walk found it: comparing spends the budget.
pub(in crate::path) fn check_name_constraints(step: &Step<'_, '_>) -> Checked {
    step.names.clone()
}

/// The key may serve every wanted purpose (RFC 5280 §4.2.1.12). An absent extension restricts
/// nothing, nor does anyExtendedKeyUsage. In a CA certificate RFC 5280 gives the extension no
/// meaning; it is taken as a bound on what stands below, which is common practice and what CAs
/// count on when they constrain a CA so (CA/B Forum Baseline Requirements §7.1.2.10.6).
pub(in crate::path) fn check_extended_key_usage(step: &Step<'_, '_>) -> Checked {
    let Some(usage) = &step.facts().extended_key_usage else { return Ok(()) };
    let serves = |wanted: &ObjectIdentifier| {
        usage.contains(*wanted) || usage.contains(oids::ANY_EXTENDED_KEY_USAGE)
    };
    let wanted = &step.settings.extended_key_usages;
    match wanted.iter().find(|wanted| !serves(wanted)) {
        Some(missing) => {
            let found: Vec<String> = usage.0.iter().map(purpose_text).collect();
            broken(
                ReasonCode::ExtendedKeyUsage,
                format!(
                    "extendedKeyUsage is {}, {} is wanted",
                    found.join("+"),
                    purpose_text(missing)
                ),
            )
        }
        None => Ok(()),
    }
}

/// The certificate carries one of the wanted names in subjectAltName; commonName is never looked at
/// (RFC 9525 §2, §6.3).
pub(in crate::path) fn check_peer_name(step: &Step<'_, '_>) -> Checked {
    let wanted = &step.settings.peer_names;
    let names = step.node.names().alternative.as_ref().ok().and_then(Option::as_ref);
    let names = || names.into_iter().flatten();
    if wanted.is_empty() || wanted.iter().any(|wanted| names().any(|name| is_peer(name, wanted))) {
        return Ok(());
    }
    let wanted: Vec<String> = wanted.iter().take(SHOWN).map(peer_text).collect();
    let found: Vec<String> = names().take(SHOWN).map(ToString::to_string).collect();
    let found = if found.is_empty() { "no name".to_owned() } else { found.join(", ") };
    broken(
        ReasonCode::PeerNameMismatch,
        format!("subjectAltName holds {found}, wanted is {}", wanted.join(" or ")),
    )
}

fn is_peer(name: &GeneralName, wanted: &PeerName) -> bool {
    match (name, wanted) {
        (GeneralName::Dns(name), PeerName::Dns(wanted)) => {
            let wanted = wanted.strip_suffix('.').unwrap_or(wanted);
            // RFC 9525 §6.3 compares names in DNS form; a reference that is none matches nothing.
            host(wanted).is_some_and(|wanted| !is_address(&wanted) && name.names(&wanted))
        }
        (GeneralName::Ip(name), PeerName::Ip(wanted)) => name == wanted,
        (GeneralName::Mailbox(name), PeerName::Email(wanted)) => {
            Mailbox::parse(wanted).as_ref() == Some(name)
        }
        _ => false,
    }
}

/// A dotted quad is an address and never a dNSName (RFC 9525 §6.2).
fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn peer_text(peer: &PeerName) -> String {
    match peer {
        PeerName::Dns(name) => format!("dNSName {}", name.escape_default()),
        PeerName::Email(mailbox) => format!("rfc822Name {}", mailbox.escape_default()),
        PeerName::Ip(address) => format!("iPAddress {address}"),
    }
}

fn refusal(code: ReasonCode, extension: &str, malformed: &Malformed) -> Finding {
    let message = match malformed {
        Malformed::Encoding => format!("{extension} cannot be decoded"),
        Malformed::Name(name) => format!("{extension} holds {name}, which is none of its form"),
    };
    Finding { code, message }
}

/// `serverAuth`; purposes without a name here by number only.
fn purpose_text(purpose: &ObjectIdentifier) -> String {
    match PURPOSES.iter().find(|(known, _)| known == purpose) {
        Some((_, name)) => (*name).to_owned(),
        None => purpose.to_string(),
    }
}

/// Names that a message lists.
const SHOWN: usize = 5;

/// RFC 5280 §4.2.1.12.
const PURPOSES: &[(ObjectIdentifier, &str)] = &[
    (oids::ANY_EXTENDED_KEY_USAGE, "anyExtendedKeyUsage"),
    (oids::KP_SERVER_AUTH, "serverAuth"),
    (oids::KP_CLIENT_AUTH, "clientAuth"),
    (oids::KP_CODE_SIGNING, "codeSigning"),
    (oids::KP_EMAIL_PROTECTION, "emailProtection"),
    (oids::KP_TIME_STAMPING, "timeStamping"),
    (oids::KP_OCSP_SIGNING, "OCSPSigning"),
];
