//! Making messages between CAs.

use const_oid::ObjectIdentifier;
use der::Encode;

use super::super::answer::octets;
use super::super::{Authority, Ca, Error, Hierarchy};
use crate::UnixTime;
use crate::decide::check_notifier;
use crate::envelope::Attachments;
use crate::profile::{KeyUse, Role};
use crate::store::{CaId, ListId, PublishedList};
use crate::wire::bounds::MAX_CA_MESSAGE;
use crate::wire::{
    BciDistributionTbs, BrandCrlIdentifier, BrandCrlIdentifierOctets, CaMessage, CaMessageKind,
    Cert, CertThumb, Crl, CrlNotificationTbs, Date,
};

impl Authority {
    /// The CRLNotification with the CRL that a CA published last, to be posted to its brand CA's
    /// `/set/ca`; the answer is for [`Authority::check_acknowledgement`].
    ///
    /// # Errors
    /// [`Error::CaMessage`] if such a CA does not notify (§6.4), [`Error::Hierarchy`] if there is
    /// no such CA or it has no CRL, [`Error::CaMessageTooBig`], [`Error::Key`] if its
    /// message-signature key is not here.
    pub fn crl_notification(&self, ca: &CaId) -> Result<Vec<u8>, Error> {
        let hierarchy = self.hierarchy();
        let ca =
            hierarchy.ca(ca).ok_or_else(|| Error::Hierarchy(format!("there is no CA {ca}")))?;
        check_notifier(self.suite(), &ca.record.roles).map_err(Error::CaMessage)?;
        let list = ListId::Crl(ca.record.id.clone());
        let published = self.published_here(&list)?;
        self.notification_of(ca, &published, self.parts.clock.now())
    }

    /// The BCIDistribution with the BCI that a brand published last and the CRLs it lists, to be
    /// posted to the `/set/ca` of whoever keeps CAs of the brand.
    ///
    /// # Errors
    /// As [`Authority::crl_notification`].
    pub fn bci_distribution(&self, brand: &str) -> Result<Vec<u8>, Error> {
        let published = self.published_here(&ListId::Bci(brand.to_owned()))?;
        self.distribution_of(brand, &published, self.parts.clock.now())
    }

    pub(super) fn notification_of(
        &self,
        ca: &Ca,
        published: &PublishedList,
        now: UnixTime,
    ) -> Result<Vec<u8>, Error> {
        let crl = Crl::from_der_set(&published.der.whole())
            .map_err(|fault| damaged(&published.list, fault))?;
        let suite = self.suite();
        let crl_thumbprint = CertThumb::new(suite, &crl.thumbprint(suite))
            .map_err(|fault| Error::Hierarchy(format!("own thumbprint: {fault}")))?;
        let tbs = CrlNotificationTbs { date: Date::from(now), crl_thumbprint };
        let chain = self.chain_of(&self.hierarchy(), ca);
        let attachments = Attachments { crls: vec![published.der.to_vec()], ..chain };
        self.ca_message(ca, CaMessageKind::CrlNotification, &tbs.to_der()?, attachments, now)
    }

    pub(super) fn distribution_of(
        &self,
        brand: &str,
        published: &PublishedList,
        now: UnixTime,
    ) -> Result<Vec<u8>, Error> {
        let hierarchy = self.hierarchy();
        let bca = self.brand_ca(&hierarchy, brand)?;
        let at_fault = |fault| damaged(&published.list, fault);
        let bci = BrandCrlIdentifier::from_der(&published.der.whole()).map_err(at_fault)?;
        let mut attachments = self.chain_of(&hierarchy, bca);
        for ca in hierarchy.brand_and_root(brand) {
            let Some(signing) = ca.held(KeyUse::CertificateSigning) else { continue };
            let certificate = signing.certificate;
            if bci.unsigned().crl_number(certificate.subject_der()).is_none() {
                continue;
            }
            if !attachments.certificates.iter().any(|known| known == certificate.der()) {
                attachments.certificates.push(certificate.der().to_vec());
            }
            self.check_room(&attachments, &ListId::Crl(ca.record.id.clone()))?;
            let crl = self.held_list(&ListId::Crl(ca.record.id.clone()))?;
            attachments.crls.extend(crl.map(|crl| crl.der.to_vec()));
        }
        let bci = BrandCrlIdentifierOctets::new(published.der.to_vec()).map_err(at_fault)?;
        let tbs = BciDistributionTbs { date: Date::from(now), bci: Some(bci) };
        self.ca_message(bca, CaMessageKind::BciDistribution, &tbs.to_der()?, attachments, now)
    }

    /// Whether one more CRL may find room in a BCIDistribution, before it is read.
    fn check_room(&self, attachments: &Attachments, list: &ListId) -> Result<(), Error> {
        let more = self.parts.store.list_head(list)?.map_or(0, |head| head.len);
        check_size(CaMessageKind::BciDistribution, attachments, more)
    }

    /// S(CA, content) in its frame.
    pub(super) fn ca_message(
        &self,
        ca: &Ca,
        kind: CaMessageKind,
        content: &[u8],
        attachments: Attachments,
        now: UnixTime,
    ) -> Result<Vec<u8>, Error> {
        // Before the key is used: such a message would be read by nobody.
        check_size(kind, &attachments, content.len())?;
        let content_type: ObjectIdentifier = kind.content_type();
        let signed = self.signed(ca, content_type, content, attachments, now)?;
        Ok(CaMessage::new(octets(signed)?).to_der()?)
    }

    /// Certificates by which a receiver judges a message of `ca` and the lists it signs: its own
    /// two, those that really signed them, and the roots.
    pub(super) fn chain_of(&self, hierarchy: &Hierarchy, ca: &Ca) -> Attachments {
        let own = [KeyUse::MessageSignature, KeyUse::CertificateSigning];
        let own = own.iter().filter_map(|key_use| ca.held(*key_use));
        let mut chain: Vec<&Cert> = own.map(|held| held.certificate).collect();
        for certificate in chain.clone() {
            let mut next = hierarchy.issuer_of(certificate);
            while let Some(issuer) = next.filter(|issuer| !chain.contains(issuer)) {
                chain.push(issuer);
                next = hierarchy.issuer_of(issuer);
            }
        }
        let roots: Vec<&Cert> = hierarchy.roots().filter(|root| !chain.contains(root)).collect();
        let certificates = chain.into_iter().chain(roots);
        let certificates = certificates.map(|certificate| certificate.der().to_vec()).collect();
        Attachments { certificates, crls: Vec::new() }
    }

    pub(super) fn brand_ca<'h>(
        &self,
        hierarchy: &'h Hierarchy,
        brand: &str,
    ) -> Result<&'h Ca, Error> {
        hierarchy
            .serving(brand, Role::Bca)
            .ok_or_else(|| Error::Hierarchy(format!("there is no brand {brand}")))
    }

    fn published_here(&self, list: &ListId) -> Result<PublishedList, Error> {
        let found = self.held_list(list)?;
        found.ok_or_else(|| Error::Hierarchy(format!("{list}: none was published yet")))
    }
}

/// Refuses what no receiver would read: what is enclosed and `more` octets.
fn check_size(kind: CaMessageKind, attachments: &Attachments, more: usize) -> Result<(), Error> {
    let enclosed = attachments.certificates.iter().chain(&attachments.crls);
    let found = enclosed.fold(more, |sum, object| sum.saturating_add(object.len()));
    let limit = MAX_CA_MESSAGE.saturating_sub(FRAME_ROOM);
    let message = kind.name();
    if found > limit { Err(Error::CaMessageTooBig { message, found, limit }) } else { Ok(()) }
}

fn damaged(list: &ListId, fault: impl core::fmt::Display) -> Error {
    Error::Hierarchy(format!("published {list}: {fault}"))
}

/// Octets of a message beside content, certificates and CRLs: one SignerInfo, names and headers.
const FRAME_ROOM: usize = 8 * 1024;
