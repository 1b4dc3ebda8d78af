//! CRLNotification: taken by the brand CA, and its acknowledgement by the sender.

use der::Encode;

use super::super::{Authority, Ca, Error};
use super::distribution::published_crl;
use super::evidence::{Evidence, ca_named, crl_text, sender, set_fields, with_superiors};
use super::opened::{Opened, malformed};
use super::{CaFault, CaReply};
use crate::UnixTime;
use crate::decide::{
    CaRefusal, DateWindow, Novelty, Numbered, check_brand_ca, check_crl_issuer, check_message_date,
    check_notifier, check_number,
};
use crate::path::{RevocationMode, name_der_text};
use crate::profile::Role;
use crate::store::{CaId, ListId};
use crate::wire::bounds::MAX_CA_MESSAGE;
use crate::wire::{CaMessageKind, Crl, CrlNotificationResTbs, CrlNotificationTbs, decode};

/// A notification that passed every check.
#[derive(Debug)]
pub(super) struct Notified {
    pub(super) ca: CaId,
    pub(super) brand: String,
    pub(super) novelty: Novelty,
    pub(super) crl: Crl,
    pub(super) tbs: CrlNotificationTbs,
}

impl Authority {
    /// Takes a notification: checks, stores the CRL if it is a later one, acknowledges.
    pub(super) fn take_notification(
        &self,
        opened: &Opened,
        now: UnixTime,
    ) -> Result<CaReply, CaFault> {
        let notified = self.judge_notification(opened, now, |ca| self.held_number(ca))?;
        if notified.novelty == Novelty::New {
            let (crl, list) = (&notified.crl, ListId::Crl(notified.ca.clone()));
            self.store_taken(&published_crl(list, crl, set_fields(crl)?))?;
        }
        Ok(CaReply::Answer(self.acknowledge(&notified, now)?))
    }

    /// The checks of §6.4 at the brand CA. `held` tells the CRL held last of a CA.
    pub(super) fn judge_notification(
        &self,
        opened: &Opened,
        now: UnixTime,
        held: impl FnOnce(&Ca) -> Result<Option<Numbered>, Error>,
    ) -> Result<Notified, CaFault> {
        let hierarchy = self.hierarchy();
        let (suite, window) = (self.suite(), DateWindow::default());
        // Who says so: a CA of a brand of ours, with a message-signature certificate that is valid.
        let claimed = sender(opened)?;
        let ca = ca_named(&hierarchy, claimed.subject_der())
            .ok_or_else(|| CaRefusal::SenderUnknown(name_der_text(claimed.subject_der())))?;
        check_notifier(suite, &ca.record.roles)?;
        let brand = ca.record.brand.as_deref().unwrap_or_default();
        let issuers = with_superiors(&hierarchy, ca);
        let evidence = Evidence::gather(self, opened, brand, &issuers, now)?;
        let content = opened.verified(suite, claimed)?;
        let role = ca.record.roles.first().copied().unwrap_or(Role::Rca);
        evidence.judge_sender(claimed, role)?;
        // What it says.
        let tbs: CrlNotificationTbs =
            decode(&content, MAX_CA_MESSAGE).map_err(malformed("CRLNotificationTBS"))?;
        check_message_date(tbs.date.time(), now, window)?;
        let [crl] = opened.crls.as_slice() else {
            return Err(CaRefusal::CrlCount(opened.crls.len()).into());
        };
        let thumbprint = crl.thumbprint(suite);
        if !tbs.crl_thumbprint.names(suite, &thumbprint) {
            return Err(CaRefusal::Thumbprint.into());
        }
        let (issuer, name) = (crl.issuer_der(), claimed.subject_der());
        let text = |name| name_der_text(name);
        check_crl_issuer((issuer, &text(issuer)), (name, &text(name)))?;
        let offered = Numbered { number: set_fields(crl)?.number, thumbprint };
        let novelty = check_number(&crl_text(crl), held(ca)?.as_ref(), &offered)?;
        // One that is held was judged when it came, and may have ended since.
        if novelty == Novelty::New {
            evidence.check_crl(crl, RevocationMode::Require)?;
        }
        let (ca, brand) = (ca.record.id.clone(), brand.to_owned());
        Ok(Notified { ca, brand, novelty, crl: crl.clone(), tbs })
    }

    /// CRLNotificationRes: date and thumbprint copied, signed by the brand CA.
    pub(super) fn acknowledge(&self, notified: &Notified, now: UnixTime) -> Result<Vec<u8>, Error> {
        let tbs = CrlNotificationResTbs {
            date: notified.tbs.date.clone(),
            crl_thumbprint: notified.tbs.crl_thumbprint.clone(),
        };
        let hierarchy = self.hierarchy();
        let bca = self.brand_ca(&hierarchy, &notified.brand)?;
        let attachments = self.chain_of(&hierarchy, bca);
        self.ca_message(bca, CaMessageKind::CrlNotificationRes, &tbs.to_der()?, attachments, now)
    }

    /// Checks that `answer` acknowledges `notification`, a message of
    /// [`Authority::crl_notification`]: signed by the brand CA of the sender's brand, date and
    /// thumbprint as they were sent.
    ///
    /// # Errors
    /// [`CaFault`]: whose fault it is.
    pub fn check_acknowledgement(&self, notification: &[u8], answer: &[u8]) -> Result<(), CaFault> {
        self.judge_acknowledgement(notification, answer, self.parts.clock.now())
    }

    pub(super) fn judge_acknowledgement(
        &self,
        notification: &[u8],
        answer: &[u8],
        now: UnixTime,
    ) -> Result<(), CaFault> {
        let (sent, opened) = (Opened::open(notification)?, Opened::open(answer)?);
        if opened.kind != CaMessageKind::CrlNotificationRes {
            return Err(CaRefusal::NotAsked(opened.kind.name().to_owned()).into());
        }
        let hierarchy = self.hierarchy();
        let (claimed, own) = (sender(&opened)?, sender(&sent)?);
        let find = |name: &[u8]| {
            ca_named(&hierarchy, name).ok_or_else(|| CaRefusal::SenderUnknown(name_der_text(name)))
        };
        let (bca, own) = (find(claimed.subject_der())?, find(own.subject_der())?);
        check_brand_ca(self.suite(), &bca.record.roles, opened.kind.name())?;
        // Judged as of the sender's brand: that of another brand's CA does not count.
        let brand = own.record.brand.as_deref().unwrap_or_default();
        let evidence =
            Evidence::gather(self, &opened, brand, &with_superiors(&hierarchy, bca), now)?;
        let content = opened.verified(self.suite(), claimed)?;
        evidence.judge_sender(claimed, Role::Bca)?;
        let said: CrlNotificationResTbs =
            decode(&content, MAX_CA_MESSAGE).map_err(malformed("CRLNotificationResTBS"))?;
        let asked = sent.signed.unverified_content().unwrap_or_default();
        let asked: CrlNotificationTbs =
            decode(asked, MAX_CA_MESSAGE).map_err(malformed("CRLNotificationTBS"))?;
        if (said.date, said.crl_thumbprint) != (asked.date, asked.crl_thumbprint) {
            return Err(CaRefusal::AcknowledgementOther.into());
        }
        Ok(())
    }

    /// Number and thumbprint of the CRL held last of a CA.
    fn held_number(&self, ca: &Ca) -> Result<Option<Numbered>, Error> {
        let held = self.held_list(&ListId::Crl(ca.record.id.clone()))?;
        held.map(|held| self.numbered_crl(&held)).transpose()
    }
}
