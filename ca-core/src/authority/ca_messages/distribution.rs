//! BCIDistribution: taken by the CAs of the brand (spec §6.3, §6.4).

use super::super::{Authority, Error};
use super::evidence::{Evidence, bci_text, ca_named, sender, set_fields, with_superiors};
use super::opened::{Opened, malformed};
use super::{CaFault, CaReply};
use crate::UnixTime;
use crate::decide::{
    CaRefusal, DateWindow, Novelty, Numbered, check_bci_brand, check_brand_ca, check_listed,
    check_message_date, check_number,
};
use crate::path::{RevocationMode, name_der_text};
use crate::profile::Role;
use crate::store::{ListId, PublishedList};
use crate::wire::bounds::MAX_CA_MESSAGE;
use crate::wire::{BciDistributionTbs, BrandCrlIdentifier, Crl, SetCrl, decode};

/// A distribution that passed every check.
#[derive(Debug)]
pub(super) struct Distributed {
    pub(super) brand: String,
    pub(super) novelty: Novelty,
    pub(super) bci: BrandCrlIdentifier,
    /// The CRLs it lists, as enclosed or as held.
    pub(super) crls: Vec<Crl>,
}

impl Authority {
    /// Takes a distribution: checks, then stores the CRLs and, last, the BCI that lists them.
    pub(super) fn take_distribution(
        &self,
        opened: &Opened,
        now: UnixTime,
    ) -> Result<CaReply, CaFault> {
        let taken = self.judge_distribution(opened, now, |brand| self.held_bci_number(brand))?;
        let hierarchy = self.hierarchy();
        for crl in &taken.crls {
            // Of a CA that is not in this hierarchy there is no place to publish it.
            if let Some(ca) = ca_named(&hierarchy, crl.issuer_der()) {
                let list = ListId::Crl(ca.record.id.clone());
                let held = self.parts.store.list_head(&list)?.map_or(0, |held| held.number);
                let said = set_fields(crl)?;
                if said.number > held {
                    self.store_taken(&published_crl(list, crl, said))?;
                }
            }
        }
        if taken.novelty == Novelty::New {
            self.store_taken(&published_bci(&taken))?;
        }
        Ok(CaReply::Nothing)
    }

    /// The checks of §6.3 and §6.4 at a receiver. `held` tells the BCI held last of a brand.
    pub(super) fn judge_distribution(
        &self,
        opened: &Opened,
        now: UnixTime,
        held: impl FnOnce(&str) -> Result<Option<Numbered>, Error>,
    ) -> Result<Distributed, CaFault> {
        let hierarchy = self.hierarchy();
        let suite = self.suite();
        // Who says so: the brand CA of a brand of ours.
        let claimed = sender(opened)?;
        let bca = ca_named(&hierarchy, claimed.subject_der())
            .ok_or_else(|| CaRefusal::SenderUnknown(name_der_text(claimed.subject_der())))?;
        check_brand_ca(suite, &bca.record.roles, opened.kind.name())?;
        let brand = bca.record.brand.as_deref().unwrap_or_default();
        let content = opened.verified(suite, claimed)?;
        let superiors = with_superiors(&hierarchy, bca);
        let evidence = Evidence::gather(self, opened, brand, &superiors, now)?;
        evidence.judge_sender(claimed, Role::Bca)?;
        // What it says.
        let tbs: BciDistributionTbs =
            decode(&content, MAX_CA_MESSAGE).map_err(malformed("BCIDistributionTBS"))?;
        check_message_date(tbs.date.time(), now, DateWindow::default())?;
        let bci = tbs.bci.ok_or(CaRefusal::BciMissing)?;
        let bci = BrandCrlIdentifier::from_der(bci.as_der()).map_err(malformed("the BCI"))?;
        check_bci_brand(brand, bci.unsigned().brand_id.as_str())?;
        let number = bci.unsigned().sequence_num;
        let offered = Numbered { number, thumbprint: bci.thumbprint(suite) };
        let novelty = check_number(&bci_text(&bci), held(brand)?.as_ref(), &offered)?;
        if novelty == Novelty::Same {
            return Ok(Distributed { brand: brand.to_owned(), novelty, bci, crls: Vec::new() });
        }
        evidence.check_bci(&bci)?;
        let crls = self.listed_crls(opened, &bci, brand, now)?;
        Ok(Distributed { brand: brand.to_owned(), novelty, bci, crls })
    }

    /// §6.3 check 4: every CRL that the BCI lists is at hand, in that issue or a later one, and
    /// good.
    fn listed_crls(
        &self,
        opened: &Opened,
        bci: &BrandCrlIdentifier,
        brand: &str,
        now: UnixTime,
    ) -> Result<Vec<Crl>, CaFault> {
        let hierarchy = self.hierarchy();
        let all: Vec<_> = hierarchy.brand_and_root(brand).collect();
        let evidence = Evidence::gather(self, opened, brand, &all, now)?;
        let mut found = Vec::new();
        for listed in &bci.unsigned().crls {
            let name = name_der_text(&listed.issuer_der);
            let own = evidence.crls().iter().filter(|crl| crl.issuer_der() == listed.issuer_der);
            let newest = own.max_by_key(|crl| crl.number());
            let number = newest.map(set_fields).transpose()?.map(|said| said.number);
            check_listed(&name, listed.number, number)?;
            let Some(crl) = newest else { continue };
            // That a CA was revoked ends every path through it (check 5); its last CRL is still
            // listed, and must not keep the BCI that brings the news from being taken.
            evidence.check_crl(crl, RevocationMode::Off)?;
            found.push(crl.clone());
        }
        Ok(found)
    }

    /// Number and thumbprint of the BCI held last of a brand.
    pub(super) fn held_bci_number(&self, brand: &str) -> Result<Option<Numbered>, Error> {
        let held = self.held_list(&ListId::Bci(brand.to_owned()))?;
        held.map(|held| self.numbered_bci(&held)).transpose()
    }

    /// A published BCI by its number and thumbprint.
    pub(super) fn numbered_bci(&self, held: &PublishedList) -> Result<Numbered, Error> {
        let bci = BrandCrlIdentifier::from_der(&held.der.whole())
            .map_err(|fault| Error::Hierarchy(format!("published {}: {fault}", held.list)))?;
        Ok(Numbered { number: held.number, thumbprint: bci.thumbprint(self.suite()) })
    }
}

/// A CRL that came from outside, as its CA's published one.
pub(super) fn published_crl(list: ListId, crl: &Crl, said: SetCrl) -> PublishedList {
    PublishedList {
        list,
        number: said.number,
        der: crl.der().to_vec().into(),
        this_update: crl.this_update(),
        next_update: said.next_update,
    }
}

fn published_bci(taken: &Distributed) -> PublishedList {
    let said = taken.bci.unsigned();
    PublishedList {
        list: ListId::Bci(taken.brand.clone()),
        number: said.sequence_num,
        der: taken.bci.der().to_vec().into(),
        this_update: said.not_before,
        next_update: said.not_after,
    }
}
