//! What RFC 5280 §4 demands of conforming CAs, beyond what path validation (§6) looks at.

use const_oid::ObjectIdentifier;
use x509_cert::time::Time;

use super::{Checked, Step, broken};
use crate::hex;
use crate::path::{Conformance, ReasonCode};
use crate::profile::KeyUsageBits;
use crate::wire::oids;

/// RFC 5280 §4.1.2.2: a positive number of at most 20 octets.
pub(in crate::path) fn check_serial_number(step: &Step<'_, '_>) -> Checked {
    let serial = step.node.certificate.serial();
    let fault = match serial {
        _ if serial.iter().all(|octet| *octet == 0) => "is zero",
        [first, ..] if first & 0x80 != 0 => "is negative",
        _ if serial.len() > MAX_SERIAL => "has more than 20 octets",
        _ => return Ok(()),
    };
    broken(ReasonCode::SerialNumber, format!("serial number {} {fault}", hex(serial)))
}

/// RFC 5280 §4.1.2.4, §4.1.2.6: every issuer has a name, so every CA has, and a subject without one
/// has its names in a critical subjectAltName (§4.2.1.6).
pub(in crate::path) fn check_names_present(step: &Step<'_, '_>) -> Checked {
    let tbs = step.node.certificate.tbs();
    if tbs.issuer().is_empty() {
        return broken(ReasonCode::EmptyName, "issuer name is empty");
    }
    if !tbs.subject().is_empty() {
        return Ok(());
    }
    if step.facts().is_ca() {
        return broken(ReasonCode::EmptyName, "subject name of a CA is empty");
    }
    match critical(step, oids::SUBJECT_ALT_NAME) {
        Some(true) => Ok(()),
        Some(false) => broken(
            ReasonCode::WrongCriticality,
            "subjectAltName is not critical, although the subject name is empty",
        ),
        None => broken(ReasonCode::EmptyName, "subject name is empty, subjectAltName is missing"),
    }
}

/// RFC 5280 §4.1.2.5: dates up to 2049 are UTCTime.
pub(in crate::path) fn check_time_encoding(step: &Step<'_, '_>) -> Checked {
    let validity = step.node.certificate.tbs().validity();
    for (field, time) in [("notBefore", &validity.not_before), ("notAfter", &validity.not_after)] {
        if let Time::GeneralTime(general) = time
            && general.to_date_time().year() < FIRST_GENERALIZED_YEAR
        {
            let found = format!("{field} {time} is GeneralizedTime, must be UTCTime before 2050");
            return broken(ReasonCode::TimeEncoding, found);
        }
    }
    Ok(())
}

/// RFC 5280 §4.2.1.1: authorityKeyIdentifier with a keyIdentifier stands in every certificate but a
/// self-signed one.
pub(in crate::path) fn check_authority_key_present(step: &Step<'_, '_>) -> Checked {
    let self_signed = step.issuer.is_none() && step.facts().self_issued;
    let named = step.facts().authority_key.as_ref();
    if self_signed || named.is_some_and(|named| named.key_identifier.is_some()) {
        return Ok(());
    }
    let found = match named {
        Some(_) => "authorityKeyIdentifier has no keyIdentifier",
        None => "authorityKeyIdentifier is missing",
    };
    broken(ReasonCode::MissingExtension, found)
}

/// RFC 5280 §4.2.1.2: subjectKeyIdentifier stands in every CA certificate.
pub(in crate::path) fn check_subject_key_present(step: &Step<'_, '_>) -> Checked {
    if step.facts().is_ca() && step.facts().subject_key.is_none() {
        return broken(ReasonCode::MissingExtension, "subjectKeyIdentifier of a CA is missing");
    }
    Ok(())
}

/// RFC 5280 §4.2.1.3, §4.2.1.9: keyCertSign goes with cA, and pathLenConstraint with both.
pub(in crate::path) fn check_ca_extensions_agree(step: &Step<'_, '_>) -> Checked {
    let facts = step.facts();
    let signs = facts.key_may(KeyUsageBits::KEY_CERT_SIGN);
    if signs && !facts.is_ca() {
        return broken(ReasonCode::KeyUsageCombination, "keyUsage has keyCertSign without cA");
    }
    let bounds = facts.basic_constraints.is_some_and(|own| own.path_len.is_some());
    if bounds && !(facts.is_ca() && (signs || facts.key_usage.is_none())) {
        return broken(
            ReasonCode::ForbiddenExtension,
            "pathLenConstraint stands where cA or keyCertSign does not",
        );
    }
    Ok(())
}

/// RFC 5280 §4.2.1.10: nameConstraints only in CA certificates.
pub(in crate::path) fn check_constraints_of_ca(step: &Step<'_, '_>) -> Checked {
    if critical(step, oids::NAME_CONSTRAINTS).is_some() && !step.facts().is_ca() {
        return broken(
            ReasonCode::ForbiddenExtension,
            "nameConstraints stands in a certificate that is no CA's",
        );
    }
    Ok(())
}

/// The criticality that each section of RFC 5280 §4.2 demands.
pub(in crate::path) fn check_criticality(step: &Step<'_, '_>) -> Checked {
    for (oid, name, wanted) in CRITICALITY {
        let bound = match *oid {
            oids::BASIC_CONSTRAINTS => step.facts().is_ca(),
            // BR §7.1.2.10.8 allows what older software needs.
            oids::NAME_CONSTRAINTS => step.settings.conformance != Conformance::WebPki,
            _ => true,
        };
        match critical(step, *oid) {
            Some(found) if bound && found != *wanted => {
                let must = if *wanted { "must" } else { "must not" };
                return broken(ReasonCode::WrongCriticality, format!("{name} {must} be critical"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether the extension is critical, `None` if it is not there.
fn critical(step: &Step<'_, '_>, oid: ObjectIdentifier) -> Option<bool> {
    step.node.certificate.extension(oid).map(|extension| extension.critical)
}

/// RFC 5280 §4.1.2.2.
const MAX_SERIAL: usize = 20;
/// RFC 5280 §4.1.2.5.
const FIRST_GENERALIZED_YEAR: u16 = 2050;
/// RFC 5280 §4.2.1.1, .2, .9, .10, .11, .14, .15, §4.2.2.1, .2; basicConstraints in CA certificates
/// alone.
const CRITICALITY: &[(ObjectIdentifier, &str, bool)] = &[
    (oids::AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier", false),
    (oids::SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier", false),
    (oids::BASIC_CONSTRAINTS, "basicConstraints of a CA", true),
    (oids::NAME_CONSTRAINTS, "nameConstraints", true),
    (oids::POLICY_CONSTRAINTS, "policyConstraints", true),
    (oids::INHIBIT_ANY_POLICY, "inhibitAnyPolicy", true),
    (oids::FRESHEST_CRL, "freshestCRL", false),
    (oids::AUTHORITY_INFO_ACCESS, "authorityInfoAccess", false),
    (ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.11"), "subjectInfoAccess", false),
];
