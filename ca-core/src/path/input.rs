//! What a rule looks at, in words: the trace shows it beside what the rule says.

use super::checks::{Step, key_usage_text, name_of, type_text};
use super::name::name_text;
use super::{PeerName, policy};
use crate::{UnixTime, hex};

/// The part of a certificate, of the path above it and of the settings that a rule reads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Input {
    Algorithms,
    AuthorityKey,
    BasicConstraints,
    Brand,
    Extensions,
    ExtendedKeyUsage,
    Key,
    KeyPeriod,
    KeyUsage,
    Names,
    PeerNames,
    Policies,
    Purpose,
    Serial,
    Signature,
    SubjectKey,
    Type,
    UniqueIdentifiers,
    Validity,
    Version,
}

impl Input {
    /// The input as it stands for one certificate.
    pub(super) fn text(self, step: &Step<'_, '_>) -> String {
        let (certificate, facts) = (step.node.certificate, step.facts());
        match self {
            Self::Algorithms => {
                let outer = certificate.inner().signature_algorithm().oid;
                format!("signed with {outer}, says {}", certificate.tbs().signature().oid)
            }
            Self::AuthorityKey => authority_key(step),
            Self::BasicConstraints => basic_constraints(step),
            Self::Brand => {
                let wanted = step.settings.brand.as_deref().unwrap_or("the brand above");
                format!("brand {}, wanted {wanted}", facts.brand.as_deref().unwrap_or("none"))
            }
            Self::Extensions => extensions(step),
            Self::ExtendedKeyUsage => {
                let of = |usage: &crate::wire::extensions::ExtendedKeyUsage| {
                    joined(usage.0.iter().map(ToString::to_string))
                };
                let found = facts.extended_key_usage.as_ref().map_or("absent".to_owned(), of);
                let wanted = step.settings.extended_key_usages.iter().map(ToString::to_string);
                format!("extendedKeyUsage {found}; wanted: {}", joined(wanted))
            }
            Self::Key => step
                .node
                .set_key()
                .map_or("a key of another kind".to_owned(), |key| key.to_string()),
            Self::KeyPeriod => key_period(step),
            Self::KeyUsage => format!("keyUsage {}", key_usage_text(facts.key_usage)),
            Self::Names => names(step),
            Self::PeerNames => joined(step.settings.peer_names.iter().map(peer_name)),
            Self::Policies => policy::text(certificate),
            Self::Purpose => {
                let wanted = step.settings.purpose.map_or("any use", super::Purpose::name);
                format!("keyUsage {}; wanted: {wanted}", key_usage_text(facts.key_usage))
            }
            Self::Serial => format!("serial number {}", hex(certificate.serial())),
            Self::Signature => match step.issuer {
                Some(issuer) => format!("{}, key of {}", signed_with(step), issuer.label()),
                None => signed_with(step),
            },
            Self::SubjectKey => {
                let found = facts.subject_key.as_ref().map(|found| hex(&found.0));
                format!("subjectKeyIdentifier {}", found.unwrap_or("absent".to_owned()))
            }
            Self::Type => {
                let text = |types: Option<_>| types.map_or("absent".to_owned(), type_text);
                let above = step.issuer.map(|issuer| issuer.facts().certificate_type);
                let above = above.map_or("nothing".to_owned(), text);
                format!("certificateType {}, above it {above}", text(facts.certificate_type))
            }
            Self::UniqueIdentifiers => {
                let issuer = certificate.tbs().issuer_unique_id().is_some();
                let subject = certificate.tbs().subject_unique_id().is_some();
                format!("issuerUniqueID {}, subjectUniqueID {}", there(issuer), there(subject))
            }
            Self::Validity => {
                let (from, to) = (facts.not_before, facts.not_after);
                format!("{from} to {to}, judged at {}", step.settings.at)
            }
            Self::Version => format!("version v{}", certificate.tbs().version() as u8 + 1),
        }
    }
}

fn signed_with(step: &Step<'_, '_>) -> String {
    let certificate = step.node.certificate;
    let algorithm = certificate.inner().signature_algorithm().oid;
    format!("{algorithm} over {} octets", certificate.tbs_der().len())
}

fn authority_key(step: &Step<'_, '_>) -> String {
    let Some(named) = &step.facts().authority_key else {
        return "authorityKeyIdentifier absent".to_owned();
    };
    let serial = named.issuer_and_serial.as_ref().map(|(_, serial)| hex(serial));
    let key = named.key_identifier.as_deref().map(hex);
    let or_none = |found: Option<String>| found.unwrap_or("none".to_owned());
    format!("authorityKeyIdentifier: serial {}, key {}", or_none(serial), or_none(key))
}

fn basic_constraints(step: &Step<'_, '_>) -> String {
    match step.facts().basic_constraints {
        Some(found) => {
            let bound = found.path_len.map_or("none".to_owned(), |bound| bound.to_string());
            format!("cA {}, pathLenConstraint {bound}", found.ca)
        }
        None => "basicConstraints absent".to_owned(),
    }
}

fn extensions(step: &Step<'_, '_>) -> String {
    let all = step.node.certificate.extensions().iter();
    joined(all.map(|extension| {
        let critical = if extension.critical { " critical" } else { "" };
        format!("{}{critical}", name_of(extension.extn_id))
    }))
}

fn key_period(step: &Step<'_, '_>) -> String {
    let end = |time: Option<UnixTime>| time.map_or("open".to_owned(), |time| time.to_string());
    let period = step.issuer.and_then(|issuer| issuer.facts().key_period);
    let period = period.map_or("of any time".to_owned(), |period| {
        format!("{} to {}", end(period.not_before), end(period.not_after))
    });
    format!("notBefore {}, issuer's key {period}", step.facts().not_before)
}

fn names(step: &Step<'_, '_>) -> String {
    let tbs = step.node.certificate.tbs();
    let above = step.issuer.map_or("nothing".to_owned(), |issuer| {
        format!("\"{}\"", name_text(issuer.certificate.tbs().subject()))
    });
    let (subject, issuer) = (name_text(tbs.subject()), name_text(tbs.issuer()));
    format!("subject \"{subject}\", issuer \"{issuer}\", above it {above}")
}

fn peer_name(name: &PeerName) -> String {
    match name {
        PeerName::Dns(name) | PeerName::Email(name) => name.clone(),
        PeerName::Ip(address) => address.to_string(),
    }
}

fn joined(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

const fn there(found: bool) -> &'static str {
    if found { "present" } else { "absent" }
}
