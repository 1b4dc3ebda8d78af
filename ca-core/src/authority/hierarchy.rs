//! The hierarchy as it stands: parsed once, read by every request.

use std::collections::HashMap;

use super::Error;
use super::ocsp::{Issuers, Issuing};
use crate::profile::{KeyUsageBits, KeyUse, Role};
use crate::signer::{KeyAlgorithm, KeyId, SignatureAlgorithm};
use crate::store::{CaId, CaRecord};
use crate::wire::Cert;
use crate::wire::extensions::{AuthorityKeyIdentifier, ExtensionValue, KeyUsage};
use crate::wire::ocsp::CertId;
use crate::wire::pkcs7::EnvelopedData;
use crate::{Suite, UnixTime};

/// All CAs of the store that may sign certificates, superior before subordinate.
///
/// One without a certificate-signing certificate is just being made, by another process or by one
/// that died at it: nobody can work with it yet.
#[derive(Debug, Default)]
pub struct Hierarchy {
    cas: Vec<Ca>,
    by_id: HashMap<CaId, usize>,
    issuers: Issuers,
}

/// One CA with its certificates parsed.
#[derive(Debug)]
pub struct Ca {
    /// What the store holds of it.
    pub record: CaRecord,
    certificates: Vec<(KeyUse, KeyId, Cert)>,
}

/// A certificate of a CA and the key it certifies.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The certificate.
    pub certificate: &'a Cert,
    /// The key pair.
    pub key: KeyId,
    /// How the key signs.
    pub algorithm: SignatureAlgorithm,
}

impl Hierarchy {
    /// Parses the records of a store.
    ///
    /// # Errors
    /// [`Error::Hierarchy`] if a certificate does not parse or a superior is missing.
    pub fn load(records: Vec<CaRecord>) -> Result<Self, Error> {
        let mut hierarchy = Self::default();
        for record in records.into_iter().filter(CaRecord::is_established) {
            if let Some(superior) = &record.superior
                && !hierarchy.by_id.contains_key(superior)
            {
                return Err(Error::Hierarchy(format!("{superior}, superior of {}", record.id)));
            }
            let mut certificates = Vec::new();
            for held in &record.certificates {
                let certificate = Cert::from_der(&held.der).map_err(|fault| {
                    Error::Hierarchy(format!(
                        "{} certificate of {}: {fault}",
                        held.key_use, record.id
                    ))
                })?;
                certificates.push((held.key_use, held.key, certificate));
            }
            hierarchy.by_id.insert(record.id.clone(), hierarchy.cas.len());
            hierarchy.cas.push(Ca { record, certificates });
        }
        hierarchy.issuers = Issuers::of(&hierarchy.cas);
        Ok(hierarchy)
    }

    /// True if it was loaded from these records.
    #[must_use]
    pub fn is_of(&self, records: &[CaRecord]) -> bool {
        let own = self.cas.iter().map(|ca| &ca.record);
        own.eq(records.iter().filter(|record| record.is_established()))
    }

    /// All CAs, superior before subordinate.
    #[must_use]
    pub fn cas(&self) -> &[Ca] {
        &self.cas
    }

    /// The CA with this identifier.
    #[must_use]
    pub fn ca(&self, id: &CaId) -> Option<&Ca> {
        self.cas.get(*self.by_id.get(id)?)
    }

    /// The same, or an error that names what is missing.
    ///
    /// # Errors
    /// [`Error::Hierarchy`].
    pub fn need(&self, id: &CaId) -> Result<&Ca, Error> {
        self.ca(id).ok_or_else(|| Error::Hierarchy(format!("{id} is not in it")))
    }

    /// The CA that serves `role` (CCA, MCA or PCA) for a brand.
    #[must_use]
    pub fn serving(&self, brand: &str, role: Role) -> Option<&Ca> {
        self.cas
            .iter()
            .find(|ca| ca.record.brand.as_deref() == Some(brand) && ca.record.roles.contains(&role))
    }

    /// The CA of a brand that registers end entities of this class.
    #[must_use]
    pub fn registering(&self, brand: &str, entity: Role) -> Option<&Ca> {
        let serves = |ca: &&Ca| ca.record.roles.iter().any(|role| role.may_issue(entity));
        self.cas.iter().filter(|ca| ca.record.brand.as_deref() == Some(brand)).find(serves)
    }

    /// The CA of one of these roles whose key-exchange certificate an envelope names, in force or
    /// an older one: a key goes on opening what was sealed to it before it was replaced.
    #[must_use]
    pub fn recipient(&self, envelope: &EnvelopedData, roles: &[Role]) -> Option<&Ca> {
        let info = envelope.recipient_infos.as_slice().first()?;
        let serves = |ca: &&Ca| ca.record.roles.iter().any(|role| roles.contains(role));
        self.cas
            .iter()
            .filter(serves)
            .find(|ca| ca.generations(KeyUse::Encryption).any(|own| info.recipient.names(own)))
    }

    /// The certificate-signing certificate, of any generation, that an authorityKeyIdentifier
    /// names.
    #[must_use]
    pub fn named_by(&self, named: &AuthorityKeyIdentifier) -> Option<&Cert> {
        let mut all = self.cas.iter().flat_map(|ca| ca.generations(KeyUse::CertificateSigning));
        all.find(|certificate| named.names(certificate))
    }

    /// The certificate that really signed `certificate`; none for a root.
    #[must_use]
    pub fn issuer_of(&self, certificate: &Cert) -> Option<&Cert> {
        self.named_by(&AuthorityKeyIdentifier::find(certificate).ok().flatten()?)
    }

    /// The issuer that a CertID names, if it is one of ours.
    pub(super) fn issuing(&self, id: &CertId) -> Option<Issuing<'_>> {
        self.issuers.find(self, id)
    }

    /// Root certificates that were valid when the one in force began, and that one: whoever trusts
    /// any of them can follow to the last (spec `set-certificates.md` §4.2 check 7).
    pub fn roots(&self) -> impl DoubleEndedIterator<Item = &Cert> {
        let root = self.cas.iter().find(|ca| ca.record.superior.is_none());
        let begins = root.and_then(|root| root.held(KeyUse::CertificateSigning));
        let begins = begins.map_or(UnixTime::default(), |held| held.certificate.not_before());
        root.into_iter()
            .flat_map(|root| root.generations(KeyUse::CertificateSigning))
            .filter(move |certificate| certificate.not_after() >= begins)
    }

    /// Every CA of the brand and the root, superior first.
    pub fn brand_and_root(&self, brand: &str) -> impl Iterator<Item = &Ca> {
        self.cas
            .iter()
            .filter(move |ca| ca.record.brand.as_deref().is_none_or(|found| found == brand))
    }
}

impl Ca {
    /// The certificate in force for a key use.
    #[must_use]
    pub fn held(&self, key_use: KeyUse) -> Option<Held<'_>> {
        let (_, key, certificate) =
            self.certificates.iter().rfind(|(found, ..)| *found == key_use)?;
        Self::holding(*key, certificate)
    }

    fn holding(key: KeyId, certificate: &Cert) -> Option<Held<'_>> {
        let kind = KeyAlgorithm::of_spki(certificate.spki_der())?;
        let suite = Suite::of_signature(certificate.inner().signature_algorithm());
        Some(Held { certificate, key, algorithm: kind.default_signature(suite) })
    }

    /// True if it issues CRLs: its certificate says so. In `set-1997` a CCA or MCA does not (spec
    /// `set-certificates.md` §1.1), unless its profile had cRLSign.
    #[must_use]
    pub fn issues_crls(&self) -> bool {
        let usage = self
            .held(KeyUse::CertificateSigning)
            .and_then(|held| KeyUsage::find(held.certificate).ok().flatten());
        usage.is_some_and(|usage| usage.0.contains(KeyUsageBits::CRL_SIGN))
    }

    /// Every certificate it has had for a key use, oldest first.
    pub fn generations(&self, key_use: KeyUse) -> impl DoubleEndedIterator<Item = &Cert> {
        self.certificates
            .iter()
            .filter(move |(found, ..)| *found == key_use)
            .map(|(.., certificate)| certificate)
    }

    /// The responder to answer for what `signing`, one of its certificates, issued: the last living
    /// one that `signing` certified (RFC 6960 §4.2.2.2), else one under the same key, else the one
    /// in force.
    ///
    /// # Errors
    /// [`Error::Hierarchy`] if it has none.
    pub fn responder(&self, signing: &Cert, now: UnixTime) -> Result<Held<'_>, Error> {
        let own =
            self.certificates.iter().rev().filter(|(found, ..)| *found == KeyUse::OcspSigning);
        let living: Vec<_> = own
            .filter(|(.., own)| own.not_before() <= now && now <= own.not_after())
            .filter_map(|(_, key, own)| {
                Some((*key, own, AuthorityKeyIdentifier::find(own).ok().flatten()?))
            })
            .collect();
        let signing_key = KeyId::of_spki(signing.spki_der()).map(|key| key.0.to_vec());
        let exact = living.iter().find(|(.., issuer)| issuer.names(signing));
        let of_key = || living.iter().find(|(.., issuer)| issuer.key_identifier == signing_key);
        match exact.or_else(of_key) {
            Some((key, certificate, _)) => Self::holding(*key, certificate)
                .ok_or_else(|| Error::Hierarchy(format!("responder key of {}", self.record.id))),
            None => self.need(KeyUse::OcspSigning),
        }
    }

    /// The same, or an error that names what is missing.
    ///
    /// # Errors
    /// [`Error::Hierarchy`].
    pub fn need(&self, key_use: KeyUse) -> Result<Held<'_>, Error> {
        self.held(key_use).ok_or_else(|| {
            Error::Hierarchy(format!("{} has no {key_use} certificate", self.record.id))
        })
    }
}
