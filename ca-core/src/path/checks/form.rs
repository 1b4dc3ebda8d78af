//! Rules about one certificate by itself.

use const_oid::ObjectIdentifier;
use x509_cert::certificate::Version;

use super::{Checked, Step, broken};
use crate::Suite;
use crate::path::pool::Node;
use crate::path::{ReasonCode, Rules};
use crate::signer::{KeyAlgorithm, SignatureAlgorithm};
use crate::wire::extensions::MerchantData;
use crate::wire::oids;

/// Extensions belong to v3 (RFC 5280 §4.1.2.1); every SET certificate is v3.
pub(in crate::path) fn check_version(step: &Step<'_, '_>) -> Checked {
    let certificate = step.node.certificate;
    let version = certificate.tbs().version();
    let bound = step.settings.rules == Rules::Set || !certificate.extensions().is_empty();
    if bound && version != Version::V3 {
        let found = version as u8 + 1;
        return broken(ReasonCode::WrongVersion, format!("version is v{found}, must be v3"));
    }
    Ok(())
}

/// RFC 5280 §4.2: an extension stands at most once.
pub(in crate::path) fn check_no_duplicate_extension(step: &Step<'_, '_>) -> Checked {
    let extensions = step.node.certificate.extensions();
    let twice = extensions.iter().enumerate().find(|(index, extension)| {
        extensions.iter().take(*index).any(|earlier| earlier.extn_id == extension.extn_id)
    });
    match twice {
        Some((_, extension)) => broken(
            ReasonCode::DuplicateExtension,
            format!("extension {} occurs more than once", name_of(extension.extn_id)),
        ),
        None => Ok(()),
    }
}

/// Every extension the rules look at must decode. Under RFC 5280 authorityKeyIdentifier is only a
/// hint for building (§4.2.1.1), so there an odd one is no fault.
pub(in crate::path) fn check_extensions_decode(step: &Step<'_, '_>) -> Checked {
    let hint = |oid: &&ObjectIdentifier| {
        step.settings.rules == Rules::Rfc5280 && **oid == oids::AUTHORITY_KEY_IDENTIFIER
    };
    match step.facts().malformed.iter().find(|oid| !hint(oid) && !is_read_leniently(step, **oid)) {
        Some(oid) => broken(
            ReasonCode::MalformedExtension,
            format!("extension {} cannot be decoded", name_of(*oid)),
        ),
        None => Ok(()),
    }
}

/// Longer merchant names than SET 1.0's pass in lenient mode (spec `set-certificates.md` §9 row 23).
fn is_read_leniently(step: &Step<'_, '_>, oid: ObjectIdentifier) -> bool {
    let found = step.node.certificate.extension(oid).filter(|_| oid == oids::MERCHANT_DATA);
    step.is_lenient()
        && found.is_some_and(|extension| {
            MerchantData::from_value_lenient(extension.extn_value.as_bytes()).is_ok()
        })
}

/// The draft of 1996 has other numbers and names than SET 1.0 (spec `set-certificates.md` §8.4).
pub(in crate::path) fn check_not_draft(step: &Step<'_, '_>) -> Checked {
    if step.node.certificate.is_draft() && !step.is_lenient() {
        return broken(
            ReasonCode::DraftCertificate,
            "extensions have the numbers of the 1996 draft: only lenient settings accept them",
        );
    }
    Ok(())
}

/// One chain, one suite, in its signatures and in the digest of the next root (spec
/// `set-certificates.md` §10.2, `set-crypto.md` §8.3).
pub(in crate::path) fn check_one_suite(step: &Step<'_, '_>) -> Checked {
    let suite_of =
        |node: &Node<'_>| Suite::of_signature(node.certificate.inner().signature_algorithm());
    let own = suite_of(step.node);
    match (step.issuer.map(suite_of), step.facts().hashed_root_suite) {
        (Some(above), _) if above != own => broken(
            ReasonCode::SuiteMixed,
            format!("signed as suite {own} does, the certificate above as suite {above} does"),
        ),
        (_, Some(next)) if next != own => broken(
            ReasonCode::SuiteMixed,
            format!("root of suite {own} announces its successor in suite {next}"),
        ),
        _ => Ok(()),
    }
}

/// Every critical extension must be one that these rules apply; under RFC 5280 a constraint that
/// is not applied yet is refused whether critical or not.
pub(in crate::path) fn check_critical_extensions(step: &Step<'_, '_>) -> Checked {
    let applied = match step.settings.rules {
        Rules::Set => SET_APPLIED,
        Rules::Rfc5280 => RFC_5280_APPLIED,
    };
    // §8.4: in the draft the qualifier was a critical extension; it restricts nothing.
    let draft = |oid| oid == oids::SET_QUALIFIER && step.is_accepted_draft();
    let constrains = |oid| step.settings.rules == Rules::Rfc5280 && CONSTRAINTS.contains(&oid);
    let unhandled: Vec<String> = step
        .node
        .certificate
        .extensions()
        .iter()
        .filter(|e| {
            let known = applied.contains(&e.extn_id) || draft(e.extn_id);
            (e.critical && !known) || constrains(e.extn_id)
        })
        .map(|e| name_of(e.extn_id))
        .collect();
    if unhandled.is_empty() {
        return Ok(());
    }
    broken(
        ReasonCode::UnhandledCriticalExtension,
        format!("extensions that must be applied and are not: {}", unhandled.join(", ")),
    )
}

/// Spec `set-certificates.md` §2: unique identifiers are not used in SET.
pub(in crate::path) fn check_no_unique_identifiers(step: &Step<'_, '_>) -> Checked {
    let tbs = step.node.certificate.tbs();
    let present = match (tbs.issuer_unique_id(), tbs.subject_unique_id()) {
        (None, None) => return Ok(()),
        (Some(_), _) => "issuerUniqueID",
        (None, Some(_)) => "subjectUniqueID",
    };
    broken(ReasonCode::UniqueIdentifier, format!("{present} is present"))
}

/// RFC 5280 §4.1.1.2: the algorithm inside the signature is the one outside.
pub(in crate::path) fn check_algorithms_agree(step: &Step<'_, '_>) -> Checked {
    let inner = step.node.certificate.tbs().signature();
    let outer = step.node.certificate.inner().signature_algorithm();
    if inner == outer {
        return Ok(());
    }
    broken(
        ReasonCode::AlgorithmMismatch,
        format!("signature algorithm is {} inside and {} outside", inner.oid, outer.oid),
    )
}

/// The suite decides which signatures count (spec `set-certificates.md` §10.2): SHA-1 only, or
/// anything else we know.
pub(in crate::path) fn check_algorithm_allowed(step: &Step<'_, '_>) -> Checked {
    let identifier = step.node.certificate.inner().signature_algorithm();
    let Ok(algorithm) = SignatureAlgorithm::from_identifier(identifier) else {
        return broken(
            ReasonCode::UnsupportedAlgorithm,
            format!("signature algorithm {} is not known", identifier.oid),
        );
    };
    if is_allowed(algorithm, step.settings.rules, step.settings.suite) {
        return Ok(());
    }
    broken(
        ReasonCode::AlgorithmNotAllowed,
        format!("{} is not accepted in suite {}", algorithm.name(), step.settings.suite),
    )
}

/// Setting `minimum_rsa_bits` (spec `set-certificates.md` §10.2).
pub(in crate::path) fn check_key_length(step: &Step<'_, '_>) -> Checked {
    let minimum = step.settings.minimum_rsa_bits;
    match step.facts().key {
        Some(KeyAlgorithm::Rsa(bits)) if bits < minimum => broken(
            ReasonCode::KeyTooShort,
            format!("RSA key has {bits} bits, at least {minimum} are required"),
        ),
        Some(_) => Ok(()),
        None => broken(ReasonCode::UnsupportedAlgorithm, "public key is of no known kind"),
    }
}

/// RFC 5280 §6.1.3 (a)(2).
pub(in crate::path) fn check_validity(step: &Step<'_, '_>) -> Checked {
    let (facts, at) = (step.facts(), step.settings.at);
    if at < facts.not_before {
        return broken(
            ReasonCode::NotYetValid,
            format!("notBefore is {}, judged at {at}", facts.not_before),
        );
    }
    if at > facts.not_after {
        return broken(
            ReasonCode::Expired,
            format!("notAfter was {}, judged at {at}", facts.not_after),
        );
    }
    Ok(())
}

/// True if the suite knows the signature algorithm; RFC 5280 chains of the old suite may hold both.
pub(in crate::path) const fn is_allowed(
    algorithm: SignatureAlgorithm,
    rules: Rules,
    suite: Suite,
) -> bool {
    match (suite, algorithm) {
        (Suite::Modern, SignatureAlgorithm::RsaSha1) => false,
        (Suite::Set1997, SignatureAlgorithm::RsaSha1) => true,
        (Suite::Set1997, _) => matches!(rules, Rules::Rfc5280),
        (Suite::Modern, _) => true,
    }
}

/// `keyUsage (2.5.29.15)`; extensions without a name here by number only.
fn name_of(oid: ObjectIdentifier) -> String {
    match NAMES.iter().find(|(known, _)| *known == oid) {
        Some((_, name)) => format!("{name} ({oid})"),
        None => oid.to_string(),
    }
}

/// Critical extensions that the SET rules apply (spec `set-certificates.md` §3.1).
const SET_APPLIED: &[ObjectIdentifier] = &[
    oids::AUTHORITY_KEY_IDENTIFIER,
    oids::SUBJECT_KEY_IDENTIFIER,
    oids::KEY_USAGE,
    oids::PRIVATE_KEY_USAGE_PERIOD,
    oids::CERTIFICATE_POLICIES,
    oids::SUBJECT_ALT_NAME,
    oids::ISSUER_ALT_NAME,
    oids::BASIC_CONSTRAINTS,
    oids::HASHED_ROOT_KEY,
    oids::CERTIFICATE_TYPE,
    oids::MERCHANT_DATA,
    oids::CARD_CERT_REQUIRED,
    oids::TUNNELING,
    oids::SET_EXTENSIONS,
];
/// Critical extensions that the RFC 5280 rules apply. certificatePolicies is among them because the
/// inputs are fixed: any policy is acceptable and none is required (§6.1.1 (c)-(e)).
const RFC_5280_APPLIED: &[ObjectIdentifier] = &[
    oids::KEY_USAGE,
    oids::CERTIFICATE_POLICIES,
    oids::SUBJECT_ALT_NAME,
    oids::ISSUER_ALT_NAME,
    oids::BASIC_CONSTRAINTS,
    oids::NAME_CONSTRAINTS,
    oids::EXT_KEY_USAGE,
];
/// policyConstraints (RFC 5280 §4.2.1.11).
const POLICY_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.36");
/// inhibitAnyPolicy (RFC 5280 §4.2.1.14).
const INHIBIT_ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.54");
/// policyMappings (RFC 5280 §4.2.1.5).
const POLICY_MAPPINGS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.33");
/// Extensions that narrow what a path may hold: ignoring one would accept what its CA forbade.
const CONSTRAINTS: &[ObjectIdentifier] = &[POLICY_CONSTRAINTS, INHIBIT_ANY_POLICY];
const NAMES: &[(ObjectIdentifier, &str)] = &[
    (oids::AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier"),
    (oids::BASIC_CONSTRAINTS, "basicConstraints"),
    (oids::CERTIFICATE_POLICIES, "certificatePolicies"),
    (oids::CERTIFICATE_TYPE, "certificateType"),
    (oids::EXT_KEY_USAGE, "extKeyUsage"),
    (oids::HASHED_ROOT_KEY, "hashedRootKey"),
    (oids::KEY_USAGE, "keyUsage"),
    (oids::NAME_CONSTRAINTS, "nameConstraints"),
    (oids::PRIVATE_KEY_USAGE_PERIOD, "privateKeyUsagePeriod"),
    (oids::SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier"),
    (INHIBIT_ANY_POLICY, "inhibitAnyPolicy"),
    (POLICY_CONSTRAINTS, "policyConstraints"),
    (POLICY_MAPPINGS, "policyMappings"),
];
