//! Rules about one certificate by itself.

use const_oid::ObjectIdentifier;
use x509_cert::certificate::Version;

use super::{Checked, Step, broken};
use crate::Suite;
use crate::path::pool::Node;
use crate::path::signatures::{Acceptance, Refused};
use crate::path::{ReasonCode, RevocationMode, Rules};
use crate::signer::{KeyAlgorithm, PublicKey};
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
/// hint for building (§4.2.1.1), so there an odd one is no fault, and certificatePolicies is read
/// without SET's bounds by `check_policy_extensions`.
pub(in crate::path) fn check_extensions_decode(step: &Step<'_, '_>) -> Checked {
    let hint = |oid: &&ObjectIdentifier| {
        step.settings.rules == Rules::Rfc5280
            && [oids::AUTHORITY_KEY_IDENTIFIER, oids::CERTIFICATE_POLICIES].contains(oid)
    };
    match step.facts().malformed.iter().find(|oid| !hint(oid) && !is_read_leniently(step, **oid)) {
        Some(oid) => broken(
            ReasonCode::MalformedExtension,
            format!("extension {} cannot be decoded", name_of(*oid)),
        ),
        None => Ok(()),
    }
}

/// Longer merchant names than SET 1.0's pass in lenient mode (spec `set-certificates.md` §9 row
/// 23).
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

/// Every critical extension must be one that these rules apply.
pub(in crate::path) fn check_critical_extensions(step: &Step<'_, '_>) -> Checked {
    let applied = match step.settings.rules {
        Rules::Set => SET_APPLIED,
        Rules::Rfc5280 => RFC_5280_APPLIED,
    };
    // §8.4: in the draft the qualifier was a critical extension; it restricts nothing.
    let draft = |oid| oid == oids::SET_QUALIFIER && step.is_accepted_draft();
    // What says where CRLs are is applied where they are looked at.
    let status = |oid| {
        let points = [oids::CRL_DISTRIBUTION_POINTS, oids::FRESHEST_CRL];
        step.settings.rules == Rules::Rfc5280
            && step.settings.revocation != RevocationMode::Off
            && points.contains(&oid)
    };
    let unhandled: Vec<String> = step
        .node
        .certificate
        .extensions()
        .iter()
        .filter(|e| {
            let known = applied.contains(&e.extn_id) || draft(e.extn_id) || status(e.extn_id);
            e.critical && !known
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

/// Only signatures that the table and the settings accept count.
pub(in crate::path) fn check_algorithm_allowed(step: &Step<'_, '_>) -> Checked {
    let identifier = step.node.certificate.inner().signature_algorithm();
    let settings = step.settings;
    match Acceptance::of(settings).check(identifier) {
        Ok(()) => Ok(()),
        Err(Refused::Unknown) => broken(
            ReasonCode::UnsupportedAlgorithm,
            format!("signature algorithm {} is not known", identifier.oid),
        ),
        Err(Refused::NotAccepted(name)) => broken(
            ReasonCode::AlgorithmNotAllowed,
            match settings.rules {
                Rules::Rfc5280 => format!("{name} is not accepted by the settings"),
                Rules::Set => format!("{name} is not accepted in suite {}", settings.suite),
            },
        ),
    }
}

/// Setting `minimum_rsa_bits` (spec `set-certificates.md` §10.2); the key is of a known kind.
pub(in crate::path) fn check_key_length(step: &Step<'_, '_>) -> Checked {
    let rsa_bits = match step.settings.rules {
        Rules::Rfc5280 => step.node.public_key().map(PublicKey::rsa_bits),
        Rules::Set => step.node.set_key().map(|key| match key {
            KeyAlgorithm::Rsa(bits) => Some(bits),
            KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::Ed25519 => None,
        }),
    };
    let minimum = step.settings.minimum_rsa_bits;
    match rsa_bits {
        Some(Some(bits)) if bits < minimum => broken(
            ReasonCode::KeyTooShort,
            format!("RSA key has {bits} bits, at least {minimum} are required"),
        ),
        Some(_) => Ok(()),
        None => broken(ReasonCode::UnsupportedAlgorithm, "public key is of no known kind"),
    }
}

/// Setting `dsa`; a DSA key without parameters has those of the CA above it (RFC 5280 §6.1.4
/// (d)-(f)). Which ones it verifies with was settled before the path was known, so it is asked here
/// whether they are those of this path: with others, whoever made them could sign in its name.
pub(in crate::path) fn check_dsa_key(step: &Step<'_, '_>) -> Checked {
    let Some(key) = step.node.public_key().filter(|key| key.is_dsa()) else { return Ok(()) };
    if !step.settings.dsa {
        return broken(
            ReasonCode::AlgorithmNotAllowed,
            "a DSA key is not accepted by the settings",
        );
    }
    if !step.node.inherits_parameters() && !key.lacks_parameters() {
        return Ok(());
    }
    let above = step.issuer.and_then(|issuer| issuer.public_key());
    if above.and_then(|above| key.with_parameters_of(above)).as_ref() == Some(key) {
        return Ok(());
    }
    broken(
        ReasonCode::UnsupportedAlgorithm,
        "the DSA key has no parameters, and the certificate above not the ones for it",
    )
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

/// `keyUsage (2.5.29.15)`; extensions without a name here by number only.
pub(in crate::path) fn name_of(oid: ObjectIdentifier) -> String {
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
/// Critical extensions that the RFC 5280 rules apply.
const RFC_5280_APPLIED: &[ObjectIdentifier] = &[
    oids::BASIC_CONSTRAINTS,
    oids::CERTIFICATE_POLICIES,
    oids::EXT_KEY_USAGE,
    oids::INHIBIT_ANY_POLICY,
    oids::ISSUER_ALT_NAME,
    oids::KEY_USAGE,
    oids::NAME_CONSTRAINTS,
    oids::POLICY_CONSTRAINTS,
    oids::POLICY_MAPPINGS,
    oids::SUBJECT_ALT_NAME,
];
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
    (oids::INHIBIT_ANY_POLICY, "inhibitAnyPolicy"),
    (oids::POLICY_CONSTRAINTS, "policyConstraints"),
    (oids::POLICY_MAPPINGS, "policyMappings"),
];
