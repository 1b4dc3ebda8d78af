//! One certificate of a CA itself: at its beginning, in a renewal, in a rollover.

use sha2::{Digest as _, Sha256};

use super::issuance::{Entry, profile_of, record_and_sign, tunneling};
use super::list_urls::{locations, role_of_lists};
use super::plan::NewKey;
use super::{Error, Parts};
use crate::UnixTime;
use crate::issue::{CertificateOrder, Issuer, SubjectName, prepare};
use crate::profile::{KeyUse, Role};
use crate::signer::{KeyAlgorithm, KeyId, SignatureAlgorithm};
use crate::store::{CaId, SerialNumber};
use crate::wire::Cert;

/// A certificate that a CA is to have.
pub(super) struct Wanted<'a> {
    pub(super) ca: &'a CaId,
    pub(super) superior: Option<&'a CaId>,
    pub(super) roles: &'a [Role],
    pub(super) brand: Option<&'a str>,
    pub(super) key_use: KeyUse,
    pub(super) subject: SubjectName,
    pub(super) key: &'a NewKey,
    /// The root key that this root certificate announces.
    pub(super) next_root: Option<&'a NewKey>,
    /// True for a root's certificate-signing certificate.
    pub(super) self_signed: bool,
    /// The certificate of the same issuer and key that it renews.
    pub(super) renews: Option<SerialNumber>,
}

/// The CA that certifies a key of a CA. A responder is certified by the CA it answers for (RFC 6960
/// §4.2.2.2); a CA by its superior, never by itself (spec `set-certificates.md` §5.1), but for the
/// root.
pub(super) fn issuer_for<'a>(
    ca: &'a CaId,
    superior: Option<&'a CaId>,
    key_use: KeyUse,
) -> &'a CaId {
    match superior {
        Some(superior) if key_use != KeyUse::OcspSigning => superior,
        _ => ca,
    }
}

/// Prepares, records, signs, records; the DER certificate. It is not in force yet.
pub(super) fn issue_ca_certificate(
    parts: &Parts,
    wanted: Wanted<'_>,
    now: UnixTime,
) -> Result<Vec<u8>, Error> {
    let responder = wanted.key_use == KeyUse::OcspSigning;
    let roles: &[Role] = if responder { &[Role::Ocsp] } else { wanted.roles };
    let role =
        *roles.first().ok_or_else(|| Error::Hierarchy(format!("{} has no role", wanted.ca)))?;
    let issuing = issuer_for(wanted.ca, wanted.superior, wanted.key_use);
    let issuer = if wanted.self_signed {
        Signing::by_itself(parts, wanted.key)
    } else {
        Signing::in_force(parts, issuing)
    };
    let issuer = issuer?.ok_or_else(|| unable(issuing))?;
    let profile = profile_of(&parts.policies, roles, wanted.key_use)?;
    let order = CertificateOrder {
        profile: &profile,
        suite: parts.policies.suite(),
        issuer: Issuer {
            certificate: issuer.certificate.as_ref(),
            key: issuer.key,
            algorithm: issuer.algorithm,
        },
        subject: wanted.subject,
        spki_der: &wanted.key.spki,
        roles,
        not_before: now,
        not_after_cap: None,
        hashed_root_key: wanted.next_root.map(|next| next.spki.as_slice()),
        tunneling: Some(tunneling(parts.policies.suite())),
        merchant_data: None,
        card_cert_required: None,
        set_extensions: None,
        locations: Some(&locations(parts, issuing, issuer.role)),
    };
    let entry = Entry {
        issuer: issuing,
        key: issuer.key,
        role,
        key_use: wanted.key_use,
        brand: wanted.brand,
        request: Some(act(wanted.ca, wanted.key_use, &wanted.key.spki)),
        renews: wanted.renews.as_ref(),
        now,
    };
    let prepared = prepare(&order, parts.random.as_ref())?;
    let issued = record_and_sign(parts, entry, prepared, &parts.acting())?;
    parts.store.record_issued(std::slice::from_ref(&issued), None, &parts.acting())?;
    Ok(issued.der)
}

/// Names the act of giving a CA a certificate for a key. No message asks for it, but a run that
/// died must not keep the next one from the key: the announced root key cannot be replaced.
fn act(ca: &CaId, key_use: KeyUse, spki: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(b"setca certificate of a CA\0");
    digest.update(format!("{ca}\0{key_use}\0"));
    digest.update(spki);
    digest.finalize().into()
}

struct Signing {
    certificate: Option<Cert>,
    key: KeyId,
    algorithm: SignatureAlgorithm,
    /// Whose lists tell what becomes of the certificate.
    role: Role,
}

impl Signing {
    fn by_itself(parts: &Parts, key: &NewKey) -> Result<Option<Self>, Error> {
        let kind = KeyAlgorithm::of_spki(&key.spki);
        let by = |kind: KeyAlgorithm| Self {
            certificate: None,
            key: key.id,
            algorithm: kind.default_signature(parts.policies.suite()),
            role: Role::Rca,
        };
        Ok(kind.map(by))
    }

    /// With the certificate-signing certificate in force, as the records have it now.
    fn in_force(parts: &Parts, issuing: &CaId) -> Result<Option<Self>, Error> {
        let cas = parts.store.cas()?;
        let Some(ca) = cas.iter().find(|ca| ca.id == *issuing) else { return Ok(None) };
        let Some(held) = ca.in_force(KeyUse::CertificateSigning) else { return Ok(None) };
        let certificate = Cert::from_der(&held.der).map_err(|_| unable(issuing))?;
        let kind = KeyAlgorithm::of_spki(certificate.spki_der());
        Ok(kind.map(|kind| Self {
            certificate: Some(certificate),
            key: held.key,
            algorithm: kind.default_signature(parts.policies.suite()),
            role: role_of_lists(ca),
        }))
    }
}

fn unable(issuing: &CaId) -> Error {
    Error::Hierarchy(format!("{issuing} cannot sign certificates"))
}
