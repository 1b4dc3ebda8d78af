//! The order that makes a certificate safe: recorded, then signed.

use super::{Error, Parts};
use crate::Suite;
use crate::UnixTime;
use crate::issue::{Locations, PreparedCertificate};
use crate::profile::{CertificateProfile, KeyUse, Policies, Role};
use crate::signer::KeyId;
use crate::store::{CaId, Intent, IssuedCertificate};
use crate::wire::extensions::Tunneling;
use crate::wire::oids;

/// What the inventory says of a certificate beyond its octets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) issuer: &'a CaId,
    pub(super) key: KeyId,
    pub(super) role: Role,
    pub(super) key_use: KeyUse,
    pub(super) brand: Option<&'a str>,
    /// SHA-256 of the message that asks for it, if one does.
    pub(super) request: Option<[u8; 32]>,
    pub(super) now: UnixTime,
}

/// Records the intent, then signs. The caller records what was issued.
pub(super) fn record_and_sign(
    parts: &Parts,
    entry: Entry<'_>,
    prepared: PreparedCertificate,
) -> Result<IssuedCertificate, Error> {
    let intent = Intent {
        issuer: entry.issuer.clone(),
        serial: prepared.serial().clone(),
        tbs: prepared.tbs().to_vec(),
        subject: prepared.subject_text().to_owned(),
        role: entry.role,
        key_use: entry.key_use,
        brand: entry.brand.map(str::to_owned),
        public_key: prepared.public_key_hash(),
        thumbprint: parts.policies.suite().digest(prepared.tbs()),
        not_after: prepared.not_after(),
        request: entry.request,
        renews: None,
        recorded_at: entry.now,
    };
    // If we die between signing and recording the certificate, this row is how the operator finds,
    // and can revoke, a certificate that may exist outside. It also reserves serial and key.
    parts.store.record_intents(std::slice::from_ref(&intent))?;
    // The only use of the private key.
    let der = prepared.sign(&entry.key, parts.signer.as_ref())?;
    Ok(IssuedCertificate { intent, der })
}

/// URLs that `issuer` writes into what it issues.
pub(super) fn locations(base_url: &str, issuer: &CaId) -> Locations {
    Locations {
        crl_url: format!("{base_url}/crl/{issuer}.crl"),
        ocsp_url: format!("{base_url}/ocsp"),
        ca_issuers_url: format!("{base_url}/ca/{issuer}.cer"),
    }
}

/// The profile of a role and key use.
pub(super) fn profile(
    policies: &Policies,
    role: Role,
    key_use: KeyUse,
) -> Result<&CertificateProfile, Error> {
    policies
        .profile(role, key_use)
        .ok_or_else(|| Error::Policy(format!("no profile for {role} {key_use}")))
}

/// The algorithms a CA or gateway offers for answers to the cardholder (spec
/// `set-certificates.md` §3.10).
pub(super) fn tunneling(suite: Suite) -> Tunneling {
    let algorithm = match suite {
        Suite::Modern => oids::AES_256_GCM,
        Suite::Set1997 => oids::DES_CBC,
    };
    Tunneling { tunneling: true, algorithms: vec![algorithm] }
}
