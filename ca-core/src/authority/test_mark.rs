//! Hierarchies for tests: the root says so in its name, and what would harm a real one is done for
//! them alone.

use super::{Authority, Error, Hierarchy};
use crate::issue::{CrlKind, CrlOrder, EncodedEntries, SubjectName, prepare_crl};
use crate::profile::{KeyUse, TEST_MARK};
use crate::store::{CaId, ListId};

impl Hierarchy {
    /// True if the root certificate in force says TEST: its organizationName begins with
    /// [`TEST_MARK`].
    #[must_use]
    pub fn is_for_tests(&self) -> bool {
        let root = self.cas().iter().find(|ca| ca.record.superior.is_none());
        let held = root.and_then(|root| root.held(KeyUse::CertificateSigning));
        let name = held.and_then(|held| SubjectName::from_der(held.certificate.subject_der()).ok());
        name.is_some_and(|name| name.organization.starts_with(TEST_MARK))
    }
}

impl Authority {
    /// A complete CRL of a CA with today's entries that nobody may rely on any more: it begins when
    /// the CA's certificate does, and ends a second later. It is not published; its number is that
    /// of the CRL in force.
    ///
    /// # Errors
    /// [`Error::Policy`] in a hierarchy that is not for tests; [`Error::Key`] if the CA's key is
    /// not here.
    pub fn sign_stale_crl(&self, ca: &CaId) -> Result<Vec<u8>, Error> {
        let hierarchy = self.hierarchy();
        if !hierarchy.is_for_tests() {
            return Err(Error::Policy("the root does not say TEST: no stale CRL".to_owned()));
        }
        let held = hierarchy.need(ca)?.need(KeyUse::CertificateSigning)?;
        let published = self.parts.store.list_head(&ListId::Crl(ca.clone()))?;
        let this_update = held.certificate.not_before();
        let entries = self.parts.store.revoked(ca, this_update)?;
        let order = CrlOrder {
            suite: self.suite(),
            issuer: held.certificate,
            algorithm: held.algorithm,
            kind: CrlKind::COMPLETE,
            number: published.map_or(0, |published| published.number),
            this_update,
            next_update: this_update.plus_secs(1),
            entries: EncodedEntries::of(&entries, self.suite())?,
        };
        let signed = prepare_crl(&order)?.sign(&held.key, self.parts.signer.as_ref())?;
        Ok(signed.to_vec())
    }
}
