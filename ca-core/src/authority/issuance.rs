//! The order that makes a certificate safe: recorded, then signed.

use super::fault::Fault;
use super::grant::{Grant, GrantedKey};
use super::list_urls::{locations, role_of_lists};
use super::{Authority, Ca, Error, Parts, Stage};
use crate::Suite;
use crate::UnixTime;
use crate::audit::{Acting, Actor};
use crate::decide::Refusal;
use crate::envelope::ContentCipher;
use crate::issue::{CertificateOrder, Issuer, PreparedCertificate, prepare};
use crate::profile::{CertificateProfile, KeyUse, Policies, Role};
use crate::signer::KeyId;
use crate::store::{
    CaId, Conflict, Intent, IssuedCertificate, Registration, SerialNumber, StoreError,
};
use crate::wire::extensions::Tunneling;

impl Authority {
    /// Issues what was granted: all certificates prepared, then recorded as intents, then signed.
    /// The caller records what was issued, with the answer that carries it.
    ///
    /// `request` is the SHA-256 of the message that asked for it.
    ///
    /// # Errors
    /// [`Error::Store`] with a conflict if a key was certified before or what it renews has been
    /// renewed; [`Error::Prepare`] if the policies make no lawful certificate.
    pub(super) fn issue(
        &self,
        ca: &Ca,
        registration: &Registration,
        grant: &Grant,
        request: [u8; 32],
        now: UnixTime,
    ) -> Result<Vec<IssuedCertificate>, Error> {
        let key = ca.need(KeyUse::CertificateSigning)?.key;
        let mut prepared = Vec::new();
        for granted in &grant.keys {
            let entry = Entry {
                issuer: &ca.record.id,
                key,
                role: grant.role,
                key_use: granted.key_use,
                brand: Some(&registration.brand),
                request: Some(request),
                renews: granted.renews.as_ref(),
                now,
            };
            prepared.push((entry, self.prepare_granted(ca, grant, granted, now)?));
        }
        let acting = Acting::new(Actor::EndEntity, now);
        record_and_sign_all(&self.parts, prepared, &acting)
    }

    fn prepare_granted(
        &self,
        ca: &Ca,
        grant: &Grant,
        granted: &GrantedKey,
        now: UnixTime,
    ) -> Result<PreparedCertificate, Error> {
        let suite = self.suite();
        let held = ca.need(KeyUse::CertificateSigning)?;
        let terms = grant.gateway_terms.as_ref();
        let order = CertificateOrder {
            profile: profile(&self.parts.policies, grant.role, granted.key_use)?,
            suite,
            issuer: Issuer {
                certificate: Some(held.certificate),
                key: held.key,
                algorithm: held.algorithm,
            },
            subject: grant.subject.clone(),
            spki_der: &granted.spki,
            roles: &[grant.role],
            not_before: now,
            not_after_cap: grant.not_after_cap,
            hashed_root_key: None,
            tunneling: terms.map(|_| tunneling(suite)),
            merchant_data: grant.merchant_data.clone(),
            card_cert_required: terms.map(|terms| terms.card_cert_required),
            set_extensions: terms
                .map(|terms| terms.set_extensions.as_slice())
                .filter(|supported| !supported.is_empty()),
            locations: Some(&locations(&self.parts, &ca.record.id, role_of_lists(&ca.record))),
        };
        let random = self.parts.random.as_ref();
        Ok(self.parts.within(Stage::Prepare, || prepare(&order, random))?)
    }
}

/// What a failed issuance means to whoever asked: the store knows best what was certified and
/// renewed before; anything else is our own fault.
pub(super) fn refusal_of(error: Error) -> Fault {
    match error {
        Error::Store(StoreError::Conflict(Conflict::PublicKey(_))) => Refusal::KeyCertified.into(),
        Error::Store(StoreError::Conflict(Conflict::Renewed { .. })) => {
            Refusal::CertificateRenewed.into()
        }
        error => error.into(),
    }
}

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
    /// The certificate of the same issuer that is renewed, if one is.
    pub(super) renews: Option<&'a SerialNumber>,
    pub(super) now: UnixTime,
}

/// Records the intent, then signs. The caller records what was issued.
pub(super) fn record_and_sign(
    parts: &Parts,
    entry: Entry<'_>,
    prepared: PreparedCertificate,
    acting: &Acting,
) -> Result<IssuedCertificate, Error> {
    let issued = record_and_sign_all(parts, vec![(entry, prepared)], acting)?;
    issued.into_iter().next().ok_or_else(|| Error::Hierarchy("nothing was signed".to_owned()))
}

/// The same for the certificates of one request: none is signed before all are recorded.
fn record_and_sign_all(
    parts: &Parts,
    prepared: Vec<(Entry<'_>, PreparedCertificate)>,
    acting: &Acting,
) -> Result<Vec<IssuedCertificate>, Error> {
    let intents: Vec<_> =
        prepared.iter().map(|(entry, prepared)| intent(parts, entry, prepared)).collect();
    // If we die between signing and recording the certificates, these rows are how the operator
    // finds, and can revoke, certificates that may exist outside. They also reserve serials, keys
    // and what is renewed: all of them or none.
    parts.store.record_intents(&intents, acting)?;
    let signed = prepared
        .into_iter()
        .zip(intents)
        .map(|((entry, prepared), intent)| sign(parts, &entry.key, intent, prepared));
    signed.collect()
}

/// The only use of the private key.
fn sign(
    parts: &Parts,
    key: &KeyId,
    intent: Intent,
    prepared: PreparedCertificate,
) -> Result<IssuedCertificate, Error> {
    let der = parts.within(Stage::Sign, || prepared.sign(key, parts.signer.as_ref()))?;
    Ok(IssuedCertificate { intent, der })
}

fn intent(parts: &Parts, entry: &Entry<'_>, prepared: &PreparedCertificate) -> Intent {
    Intent {
        issuer: entry.issuer.clone(),
        serial: *prepared.serial(),
        tbs: prepared.tbs().to_vec(),
        subject: prepared.subject_text().to_owned(),
        role: entry.role,
        key_use: entry.key_use,
        brand: entry.brand.map(str::to_owned),
        public_key: prepared.public_key_hash(),
        thumbprint: parts.policies.suite().digest(prepared.tbs()),
        not_after: prepared.not_after(),
        request: entry.request,
        renews: entry.renews.cloned(),
        recorded_at: entry.now,
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

/// The profile of a CA's certificate, of a combined CA's too.
pub(super) fn profile_of(
    policies: &Policies,
    roles: &[Role],
    key_use: KeyUse,
) -> Result<CertificateProfile, Error> {
    policies
        .profile_of(roles, key_use)
        .ok_or_else(|| Error::Policy(format!("no profile for {roles:?} {key_use}")))
}

/// The algorithms a CA or gateway offers for answers to the cardholder (spec
/// `set-certificates.md` §3.10). Never CDMF of our own accord (spec `set-crypto.md` §3).
pub(super) fn tunneling(suite: Suite) -> Tunneling {
    let algorithm = ContentCipher::of_envelopes(suite).oid();
    Tunneling { tunneling: true, algorithms: vec![algorithm] }
}
