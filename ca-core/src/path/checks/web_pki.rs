//! What the CA/Browser Forum demands of certificates of web servers, beyond RFC 5280: Baseline
//! Requirements for the Issuance and Management of Publicly-Trusted TLS Server Certificates (BR).

use core::net::IpAddr;

use const_oid::ObjectIdentifier;
use der::Decode;
use spki::SubjectPublicKeyInfoRef;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Checked, Step, broken};
use crate::path::ReasonCode;
use crate::wire::extensions::{AuthorityInfoAccess, ExtensionValue};
use crate::wire::oids;

/// BR §7.1.1: every certificate is v3.
pub(in crate::path) fn check_is_v3(step: &Step<'_, '_>) -> Checked {
    if step.node.certificate.tbs().version() == Version::V3 {
        return Ok(());
    }
    broken(ReasonCode::WrongVersion, "version is not v3")
}

/// BR §6.1.5: RSA of at least 2048 bits, a multiple of 8, or ECDSA on P-256, P-384 or P-521 by
/// name.
pub(in crate::path) fn check_key_of_web(step: &Step<'_, '_>) -> Checked {
    match key_fault(step.node.certificate.spki_der()) {
        Some(fault) => broken(ReasonCode::KeyNotAllowed, fault),
        None => Ok(()),
    }
}

/// BR §7.1.2.1.3, §7.1.2.11.1: authorityKeyIdentifier has a keyIdentifier and nothing else; a
/// root's own is its subjectKeyIdentifier.
pub(in crate::path) fn check_authority_key_form(step: &Step<'_, '_>) -> Checked {
    let facts = step.facts();
    if step.node.certificate.extension(oids::AUTHORITY_KEY_IDENTIFIER).is_none() {
        return Ok(());
    }
    let named = facts.authority_key.as_ref().filter(|named| named.issuer_and_serial.is_none());
    let Some(named) = named.and_then(|named| named.key_identifier.as_ref()) else {
        return broken(
            ReasonCode::AuthorityKeyMismatch,
            "authorityKeyIdentifier is not a keyIdentifier alone",
        );
    };
    let own = facts.subject_key.as_ref();
    let root = step.issuer.is_none() && facts.self_issued;
    if root && own.is_some_and(|own| own.0 != *named) {
        return broken(
            ReasonCode::AuthorityKeyMismatch,
            "authorityKeyIdentifier of a root is not its subjectKeyIdentifier",
        );
    }
    Ok(())
}

/// BR §7.1.2.1.2: a root has no extendedKeyUsage.
pub(in crate::path) fn check_root_purposes(step: &Step<'_, '_>) -> Checked {
    if step.facts().self_issued && step.node.certificate.extension(oids::EXT_KEY_USAGE).is_some() {
        return broken(ReasonCode::ForbiddenExtension, "a root has extendedKeyUsage");
    }
    Ok(())
}

/// BR §7.1.2.7.7: authorityInfoAccess, if there, can be read.
pub(in crate::path) fn check_information_access(step: &Step<'_, '_>) -> Checked {
    match AuthorityInfoAccess::find(step.node.certificate) {
        Ok(_) => Ok(()),
        Err(_) => broken(ReasonCode::MalformedExtension, "authorityInfoAccess cannot be decoded"),
    }
}

/// BR §7.1.2.7.8: a server certificate is no CA's.
pub(in crate::path) fn check_subscriber_is_no_ca(step: &Step<'_, '_>) -> Checked {
    if step.facts().is_ca() {
        return broken(ReasonCode::ForbiddenExtension, "basicConstraints of a server has cA TRUE");
    }
    Ok(())
}

/// BR §7.1.2.7.6, §7.1.2.7.10: extendedKeyUsage is there, not critical, with serverAuth and without
/// anyExtendedKeyUsage.
pub(in crate::path) fn check_subscriber_purposes(step: &Step<'_, '_>) -> Checked {
    let Some(usage) = &step.facts().extended_key_usage else {
        return broken(ReasonCode::MissingExtension, "extendedKeyUsage of a server is missing");
    };
    let extension = step.node.certificate.extension(oids::EXT_KEY_USAGE);
    if extension.is_some_and(|extension| extension.critical) {
        return broken(ReasonCode::WrongCriticality, "extendedKeyUsage must not be critical");
    }
    if usage.contains(oids::ANY_EXTENDED_KEY_USAGE) || !usage.contains(oids::KP_SERVER_AUTH) {
        return broken(
            ReasonCode::ExtendedKeyUsage,
            "extendedKeyUsage of a server lacks serverAuth, or has anyExtendedKeyUsage",
        );
    }
    Ok(())
}

/// BR §7.1.2.7.12, §7.1.4.3: subjectAltName is there, critical exactly if the subject is empty, and
/// each commonName is one of its host names or addresses, character for character.
pub(in crate::path) fn check_subscriber_names(step: &Step<'_, '_>) -> Checked {
    let certificate = step.node.certificate;
    let Some(extension) = certificate.extension(oids::SUBJECT_ALT_NAME) else {
        return broken(ReasonCode::MissingExtension, "subjectAltName of a server is missing");
    };
    let subject = certificate.tbs().subject();
    if extension.critical != subject.is_empty() {
        return broken(
            ReasonCode::WrongCriticality,
            "subjectAltName must be critical exactly if the subject name is empty",
        );
    }
    let Ok(SubjectAltName(names)) = SubjectAltName::from_der(extension.extn_value.as_bytes())
    else {
        return broken(ReasonCode::MalformedExtension, "subjectAltName cannot be decoded");
    };
    let attributes = subject.iter_rdn().flat_map(|rdn| rdn.iter());
    let mut common = attributes.filter(|attribute| attribute.oid == oids::COMMON_NAME);
    match common.find(|attribute| !names.iter().any(|name| is(name, attribute.value.value()))) {
        Some(_) => broken(ReasonCode::CommonName, "commonName is not in subjectAltName"),
        None => Ok(()),
    }
}

/// True if these characters are the host name or address.
fn is(name: &GeneralName, characters: &[u8]) -> bool {
    match name {
        GeneralName::DnsName(host) => host.as_bytes() == characters,
        GeneralName::IpAddress(address) => {
            let octets = address.as_bytes();
            let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from));
            address.is_ok_and(|address| address.to_string().as_bytes() == characters)
        }
        _ => false,
    }
}

/// What is wrong with a DER SubjectPublicKeyInfo by BR §6.1.5.
fn key_fault(spki: &[u8]) -> Option<String> {
    let other = || Some("key is neither RSA nor on P-256, P-384 or P-521 by name".to_owned());
    let Ok(spki) = SubjectPublicKeyInfoRef::try_from(spki) else { return other() };
    match spki.algorithm.oid {
        oids::RSA_ENCRYPTION => {
            let key = spki.subject_public_key.as_bytes();
            let key = key.and_then(|key| pkcs1::RsaPublicKeyRef::from_der(key).ok());
            let bits = key.and_then(|key| modulus_bits(key.modulus.as_bytes()));
            match bits {
                Some(bits) if bits >= MIN_RSA_BITS && bits % 8 == 0 => None,
                Some(bits) => Some(format!(
                    "RSA key has {bits} bits, {MIN_RSA_BITS} or more and a multiple of 8 are wanted"
                )),
                None => other(),
            }
        }
        oids::EC_PUBLIC_KEY => {
            let curve = spki.algorithm.parameters;
            let curve = curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
            if curve.is_some_and(|curve| CURVES.contains(&curve)) { None } else { other() }
        }
        _ => other(),
    }
}

fn modulus_bits(modulus: &[u8]) -> Option<usize> {
    let first = modulus.iter().position(|octet| *octet != 0)?;
    let significant = modulus.get(first..)?;
    let unused = usize::try_from(significant.first()?.leading_zeros()).ok()?;
    significant.len().checked_mul(8)?.checked_sub(unused)
}

/// BR §6.1.5.
const MIN_RSA_BITS: usize = 2048;
/// P-256, P-384 and P-521 (RFC 5480 §2.1.1.1).
const CURVES: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    ObjectIdentifier::new_unwrap("1.3.132.0.34"),
    ObjectIdentifier::new_unwrap("1.3.132.0.35"),
];
