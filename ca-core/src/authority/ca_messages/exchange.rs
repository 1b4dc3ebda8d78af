//! CAs kept by one service need no HTTP: the same octets are made and checked when a list is
//! published (spec §6.4).
//!
//! The list is published whatever comes of it: a revocation is not held back because a message
//! about it cannot be sent. A refusal here is what every other receiver would say, too, so it is
//! the operator's alarm ([`Error::Exchange`]).

use super::super::{Authority, Ca, Error};
use super::opened::Opened;
use super::{CaFault, exchange_time};
use crate::UnixTime;
use crate::decide::{Numbered, check_notifier};
use crate::signer::KeyError;
use crate::store::PublishedList;
use crate::wire::Crl;

impl Authority {
    /// A CA's CRL was published: it notifies its brand CA, which checks and acknowledges.
    ///
    /// `before` is the CRL published before this one.
    pub(in crate::authority) fn exchange_crl(
        &self,
        ca: &Ca,
        list: &PublishedList,
        before: Option<&PublishedList>,
    ) -> Result<(), Error> {
        // Beyond that the message would cost more than the list: whoever is kept here reads the
        // very list of the store.
        if list.der.len() > MAX_EXCHANGED || check_notifier(self.suite(), &ca.record.roles).is_err()
        {
            return Ok(());
        }
        let now = exchange_time(self.parts.clock.now(), list);
        settled(list, self.notify(ca, list, before, now))
    }

    /// A brand's BCI was published: its CA distributes it, and a receiver checks it.
    pub(in crate::authority) fn exchange_bci(
        &self,
        brand: &str,
        list: &PublishedList,
        before: Option<&PublishedList>,
    ) -> Result<(), Error> {
        let now = exchange_time(self.parts.clock.now(), list);
        settled(list, self.distribute(brand, list, before, now))
    }

    fn notify(
        &self,
        ca: &Ca,
        list: &PublishedList,
        before: Option<&PublishedList>,
        now: UnixTime,
    ) -> Result<(), CaFault> {
        let notification = self.notification_of(ca, list, now)?;
        let opened = Opened::open(&notification)?;
        let held = before.map(|before| self.numbered_crl(before)).transpose()?;
        let notified = self.judge_notification(&opened, now, |_| Ok(held))?;
        let answer = self.acknowledge(&notified, now)?;
        self.judge_acknowledgement(&notification, &answer, now)
    }

    fn distribute(
        &self,
        brand: &str,
        list: &PublishedList,
        before: Option<&PublishedList>,
        now: UnixTime,
    ) -> Result<(), CaFault> {
        let opened = Opened::open(&self.distribution_of(brand, list, now)?)?;
        let held = before.map(|before| self.numbered_bci(before)).transpose()?;
        self.judge_distribution(&opened, now, |_| Ok(held)).map(drop)
    }

    /// A published CRL by its number and thumbprint.
    pub(super) fn numbered_crl(&self, published: &PublishedList) -> Result<Numbered, Error> {
        let crl = Crl::from_der_set(&published.der.whole())
            .map_err(|fault| Error::Hierarchy(format!("published {}: {fault}", published.list)))?;
        Ok(Numbered { number: published.number, thumbprint: crl.thumbprint(self.suite()) })
    }
}

/// Largest CRL, in octets, that CAs of one service send each other: some 25,000 entries.
const MAX_EXCHANGED: usize = 1 << 20;

/// What becomes of an exchange: done, left to who can do it, or an alarm.
fn settled(list: &PublishedList, outcome: Result<(), CaFault>) -> Result<(), Error> {
    match outcome {
        // One of the two is not kept here: its operator sends the message (`setca crl notify`,
        // `setca bci distribute`).
        Err(CaFault::Ours(Error::Key(KeyError::Absent(_)))) | Ok(()) => Ok(()),
        // More CRLs than a message may have octets: there is no receiver but this service.
        Err(CaFault::Ours(Error::CaMessageTooBig { .. })) => Ok(()),
        Err(CaFault::Ours(error)) => Err(error),
        Err(CaFault::Refused(refusal)) => {
            Err(Error::Exchange { list: list.list.clone(), refusal: Box::new(refusal) })
        }
    }
}
