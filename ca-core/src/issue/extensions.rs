//! The extensions of one certificate, from its order.

use const_oid::ObjectIdentifier;
use x509_cert::ext::Extension;

use super::policy::policy;
use super::prepare::{CertificateOrder, PrepareError};
use crate::UnixTime;
use crate::profile::{ExtensionKind, ExtensionRule, KeyUsagePeriod, Presence};
use crate::signer::KeyId;
use crate::store::SerialNumber;
use crate::wire::extensions::{
    AuthorityInfoAccess, AuthorityKeyIdentifier, BasicConstraints, CardCertRequired,
    CertificateType, CrlDistributionPoints, ExtendedKeyUsage, ExtensionValue, FreshestCrl,
    HashedRootKey, KeyUsage, OcspNoCheck, PrivateKeyUsagePeriod, SetExtensions,
    SubjectKeyIdentifier, extension,
};
use crate::wire::oids;

/// The extensions the profile has a rule for and the order a value, in the order of
/// [`ExtensionKind`].
pub(super) fn extensions(
    order: &CertificateOrder<'_>,
    serial: &SerialNumber,
    not_after: UnixTime,
) -> Result<Vec<Extension>, PrepareError> {
    let mut rules: Vec<&ExtensionRule> = order.profile.extensions.iter().collect();
    rules.sort_by_key(|rule| rule.kind);
    let mut extensions = Vec::new();
    for rule in rules {
        match value(order, rule.kind, serial, not_after)? {
            Some(value) => {
                let made = extension(oid_of(rule.kind), rule.critical, value);
                extensions.push(made.map_err(PrepareError::Encode)?);
            }
            None if rule.presence == Presence::Required => {
                return Err(PrepareError::Missing(rule.kind));
            }
            None => {}
        }
    }
    Ok(extensions)
}

/// The value of one extension, `None` if the order has none.
fn value(
    order: &CertificateOrder<'_>,
    kind: ExtensionKind,
    serial: &SerialNumber,
    not_after: UnixTime,
) -> Result<Option<Vec<u8>>, PrepareError> {
    match kind {
        ExtensionKind::AuthorityKeyIdentifier => written(
            order
                .issuer
                .certificate
                .map(|issuer| AuthorityKeyIdentifier::naming(issuer, order.suite)),
        ),
        ExtensionKind::SubjectKeyIdentifier => {
            written(KeyId::of_spki(order.spki_der).map(SubjectKeyIdentifier::from))
        }
        ExtensionKind::KeyUsage => written(Some(KeyUsage(order.profile.key_usage))),
        ExtensionKind::PrivateKeyUsagePeriod => written(key_usage_period(order, not_after)),
        ExtensionKind::CertificatePolicies => written(Some(policy(order)?)),
        ExtensionKind::BasicConstraints => written(Some(BasicConstraints {
            ca: order.profile.ca,
            path_len: order.profile.path_len.filter(|_| order.profile.ca).map(u32::from),
        })),
        ExtensionKind::ExtendedKeyUsage => written(Some(ExtendedKeyUsage::ocsp_signing())),
        ExtensionKind::HashedRootKey => {
            written(order.hashed_root_key.map(|spki| HashedRootKey::of_spki(order.suite, spki)))
        }
        ExtensionKind::CertificateType => written(CertificateType::of(order.roles)),
        ExtensionKind::MerchantData => written(order.merchant_data.clone()),
        ExtensionKind::CardCertRequired => written(order.card_cert_required.map(CardCertRequired)),
        ExtensionKind::Tunneling => written(order.tunneling.clone()),
        ExtensionKind::SetExtensions => {
            written(order.set_extensions.map(|supported| SetExtensions(supported.to_vec())))
        }
        ExtensionKind::CrlDistributionPoints => written(
            order
                .locations
                .map(|locations| CrlDistributionPoints { uris: vec![locations.crl.of(serial)] }),
        ),
        ExtensionKind::FreshestCrl => {
            let delta_url = order.locations.and_then(|locations| locations.delta_url.as_deref());
            match delta_url.map(FreshestCrl::at).transpose() {
                Ok(freshest) => written(freshest),
                Err(error) => Err(PrepareError::Encode(error)),
            }
        }
        ExtensionKind::AuthorityInfoAccess => {
            written(order.locations.map(|locations| AuthorityInfoAccess {
                ocsp: Some(locations.ocsp_url.clone()),
                ca_issuers: Some(locations.ca_issuers_url.clone()),
            }))
        }
        ExtensionKind::OcspNoCheck => written(Some(OcspNoCheck)),
        // Nothing in an order gives these a value yet.
        ExtensionKind::SubjectAltName | ExtensionKind::IssuerAltName => Ok(None),
    }
}

fn written<T: ExtensionValue>(value: Option<T>) -> Result<Option<Vec<u8>>, PrepareError> {
    value.map(|value| value.to_value()).transpose().map_err(PrepareError::Encode)
}

/// Spec `set-certificates.md` §1.4, §3.4: both fields, never beyond the certificate.
fn key_usage_period(
    order: &CertificateOrder<'_>,
    not_after: UnixTime,
) -> Option<PrivateKeyUsagePeriod> {
    let until = match order.profile.key_usage_period {
        KeyUsagePeriod::Absent => return None,
        KeyUsagePeriod::Certificate => not_after,
        KeyUsagePeriod::Days(days) => order.not_before.plus_days(days).min(not_after),
    };
    Some(PrivateKeyUsagePeriod { not_before: Some(order.not_before), not_after: Some(until) })
}

/// extnID of a kind of extension (spec `set-certificates.md` §3.1, §10.5).
pub(super) const fn oid_of(kind: ExtensionKind) -> ObjectIdentifier {
    match kind {
        ExtensionKind::AuthorityKeyIdentifier => oids::AUTHORITY_KEY_IDENTIFIER,
        ExtensionKind::SubjectKeyIdentifier => oids::SUBJECT_KEY_IDENTIFIER,
        ExtensionKind::KeyUsage => oids::KEY_USAGE,
        ExtensionKind::PrivateKeyUsagePeriod => oids::PRIVATE_KEY_USAGE_PERIOD,
        ExtensionKind::CertificatePolicies => oids::CERTIFICATE_POLICIES,
        ExtensionKind::SubjectAltName => oids::SUBJECT_ALT_NAME,
        ExtensionKind::IssuerAltName => oids::ISSUER_ALT_NAME,
        ExtensionKind::BasicConstraints => oids::BASIC_CONSTRAINTS,
        ExtensionKind::ExtendedKeyUsage => oids::EXT_KEY_USAGE,
        ExtensionKind::HashedRootKey => oids::HASHED_ROOT_KEY,
        ExtensionKind::CertificateType => oids::CERTIFICATE_TYPE,
        ExtensionKind::MerchantData => oids::MERCHANT_DATA,
        ExtensionKind::CardCertRequired => oids::CARD_CERT_REQUIRED,
        ExtensionKind::Tunneling => oids::TUNNELING,
        ExtensionKind::SetExtensions => oids::SET_EXTENSIONS,
        ExtensionKind::CrlDistributionPoints => oids::CRL_DISTRIBUTION_POINTS,
        ExtensionKind::FreshestCrl => oids::FRESHEST_CRL,
        ExtensionKind::AuthorityInfoAccess => oids::AUTHORITY_INFO_ACCESS,
        ExtensionKind::OcspNoCheck => oids::OCSP_NOCHECK,
    }
}
