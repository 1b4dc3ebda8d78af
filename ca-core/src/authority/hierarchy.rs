//! The hierarchy as it stands: parsed once, read by every request.

use std::collections::HashMap;

use super::Error;
use crate::Suite;
use crate::profile::{KeyUse, Role};
use crate::signer::{KeyAlgorithm, KeyId, SignatureAlgorithm};
use crate::store::{CaId, CaRecord};
use crate::wire::Cert;
use crate::wire::pkcs7::EnvelopedData;

/// All CAs of the store, superior before subordinate.
#[derive(Debug, Default)]
pub struct Hierarchy {
    cas: Vec<Ca>,
    by_id: HashMap<CaId, usize>,
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
        for record in records {
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
        Ok(hierarchy)
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

    /// The CA of one of these roles whose key-exchange certificate an envelope names.
    #[must_use]
    pub fn recipient(&self, envelope: &EnvelopedData, roles: &[Role]) -> Option<&Ca> {
        let info = envelope.recipient_infos.as_slice().first()?;
        let serves = |ca: &&Ca| ca.record.roles.iter().any(|role| roles.contains(role));
        self.cas.iter().filter(serves).find(|ca| {
            ca.held(KeyUse::Encryption).is_some_and(|held| info.recipient.names(held.certificate))
        })
    }

    /// Every CA of the brand and the root, superior first.
    pub fn brand_and_root(&self, brand: &str) -> impl Iterator<Item = &Ca> {
        self.cas
            .iter()
            .filter(move |ca| ca.record.brand.as_deref().is_none_or(|found| found == brand))
    }

    /// Certificate-signing certificates from `ca`'s superior up to and including the root.
    #[must_use]
    pub fn superiors(&self, ca: &Ca) -> Vec<&Cert> {
        let mut chain = Vec::new();
        let mut next = ca.record.superior.as_ref();
        while let Some(superior) = next.and_then(|id| self.ca(id)) {
            chain.extend(superior.held(KeyUse::CertificateSigning).map(|held| held.certificate));
            next = superior.record.superior.as_ref();
        }
        chain
    }
}

impl Ca {
    /// The certificate in force for a key use.
    #[must_use]
    pub fn held(&self, key_use: KeyUse) -> Option<Held<'_>> {
        let (_, key, certificate) =
            self.certificates.iter().rfind(|(found, ..)| *found == key_use)?;
        let kind = KeyAlgorithm::of_spki(certificate.spki_der())?;
        let suite = Suite::of_signature(certificate.inner().signature_algorithm());
        Some(Held { certificate, key: *key, algorithm: kind.default_signature(suite) })
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
