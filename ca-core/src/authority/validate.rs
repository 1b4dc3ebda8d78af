//! Is this certificate to be trusted? Judged with what the service knows by itself: its roots, the
//! certificates of its CAs, its lists of CRLs and its own register.

use super::{Authority, Error, Hierarchy};
use crate::path::{
    Question, QuestionError, Registered, Request, RevocationMode, Verdict, validate,
};
use crate::profile::KeyUse;
use crate::status::SerialStatus;
use crate::store::{ListId, SerialNumber};
use crate::wire::ocsp::BasicOcspResponse;
use crate::wire::{BrandCrlIdentifier, Cert, Crl, RevokedInfo};

/// What somebody hands in with a certificate.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Certificates that may help to build the path.
    pub untrusted: Vec<Cert>,
    /// Roots; if there are none, the service's own.
    pub anchors: Vec<Cert>,
    /// CRLs.
    pub crls: Vec<Crl>,
    /// BCIs.
    pub bcis: Vec<BrandCrlIdentifier>,
    /// OCSP answers.
    pub ocsp: Vec<BasicOcspResponse>,
}

impl Authority {
    /// Judges a certificate, of ours or of anybody.
    ///
    /// Below the service's own root the status of what its CAs issued comes from its register, as
    /// of the time that is asked about: what was revoked later was good then. Below roots that are
    /// handed in, nothing is believed but what is handed in.
    ///
    /// # Errors
    /// [`ValidateError::Question`] for a question that contradicts itself, else what is our fault.
    pub fn validate(
        &self,
        certificate: &Cert,
        evidence: &Evidence,
        question: &Question,
    ) -> Result<Verdict, ValidateError> {
        let hierarchy = self.hierarchy();
        let own_roots = evidence.anchors.is_empty();
        let mut untrusted = evidence.untrusted.clone();
        let mut bcis = evidence.bcis.clone();
        let (mut anchors, mut register) = (evidence.anchors.clone(), Vec::new());
        if own_roots {
            untrusted.extend(signing_certificates(&hierarchy).cloned());
            anchors = roots(&hierarchy).cloned().collect();
            bcis.extend(self.published_bcis(&hierarchy)?);
            register = self.register(&hierarchy, certificate, &untrusted)?;
        }
        let listed = own_roots || !(evidence.crls.is_empty() && evidence.ocsp.is_empty());
        let default = if listed { RevocationMode::Require } else { RevocationMode::Off };
        let now = self.parts.clock.now();
        let settings = question.settings(certificate, &anchors, now, default)?;
        Ok(validate(&Request {
            certificate,
            untrusted: &untrusted,
            anchors: &anchors,
            crls: &evidence.crls,
            bcis: &bcis,
            ocsp: &evidence.ocsp,
            register: &register,
            settings: &settings,
        }))
    }

    /// What the status index says of each certificate that one of our CAs issued. What the store
    /// does not hold octet for octet gets no entry: it is none of ours.
    fn register(
        &self,
        hierarchy: &Hierarchy,
        certificate: &Cert,
        others: &[Cert],
    ) -> Result<Vec<Registered>, Error> {
        // As for an OCSP answer: what another process recorded a moment ago counts at once.
        self.follow()?;
        let mut register = Vec::new();
        for one in others.iter().chain([certificate]) {
            let name = one.issuer_der();
            let ours = hierarchy.cas().iter().filter(|ca| {
                let mut own = ca.generations(KeyUse::CertificateSigning);
                own.any(|own| own.subject_der() == name)
            });
            let Some(serial) = SerialNumber::from_octets(one.serial()) else { continue };
            for ca in ours {
                let Some(record) = self.parts.store.certificate(&ca.record.id, &serial)? else {
                    continue;
                };
                if record.der.as_deref() == Some(one.der()) {
                    let revoked = match self.statuses.status(&ca.record.id, &serial)? {
                        SerialStatus::Revoked(revocation) => Some(RevokedInfo {
                            at: revocation.at,
                            reason: Some(revocation.reason.code()).filter(|code| *code != 0),
                        }),
                        SerialStatus::Good | SerialStatus::Intended | SerialStatus::Unknown => None,
                    };
                    register.push(Registered { certificate: one.der().to_vec(), revoked });
                }
            }
        }
        Ok(register)
    }

    fn published_bcis(&self, hierarchy: &Hierarchy) -> Result<Vec<BrandCrlIdentifier>, Error> {
        let mut brands: Vec<&str> =
            hierarchy.cas().iter().filter_map(|ca| ca.record.brand.as_deref()).collect();
        brands.sort_unstable();
        brands.dedup();
        let mut bcis = Vec::new();
        for brand in brands {
            let published = self.published(&ListId::Bci(brand.to_owned()))?;
            let bci = published.map(|bci| BrandCrlIdentifier::from_der(&bci.list().der.whole()));
            bcis.extend(bci.and_then(Result::ok));
        }
        Ok(bcis)
    }
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidateError {
    /// The question contradicts itself.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// Our fault.
    #[error(transparent)]
    Ours(#[from] Error),
}

/// Every root certificate there was: a question may be about a time of any of them.
fn roots(hierarchy: &Hierarchy) -> impl Iterator<Item = &Cert> {
    let roots = hierarchy.cas().iter().filter(|ca| ca.record.superior.is_none());
    roots.flat_map(|root| root.generations(KeyUse::CertificateSigning))
}

fn signing_certificates(hierarchy: &Hierarchy) -> impl Iterator<Item = &Cert> {
    let below = hierarchy.cas().iter().filter(|ca| ca.record.superior.is_some());
    below.flat_map(|ca| ca.generations(KeyUse::CertificateSigning))
}
