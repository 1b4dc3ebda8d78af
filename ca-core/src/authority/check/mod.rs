//! Do all that tell how a certificate stands say the same? Store = index = CRL = delta = shards =
//! OCSP, serial number by serial number, in one pass over the records.
//!
//! A list speaks for its thisUpdate and the store for now: what was revoked since then, what was
//! held then and has been released or revoked for good, and what has expired is no mismatch.

mod asked;
mod listing;
mod mismatch;

use std::collections::BTreeMap;

use super::list_urls::role_of_lists;
use super::{Authority, Ca, Error};
use crate::UnixTime;
use crate::profile::{KeyUse, Role};
use crate::status::{Pages, Size};
use crate::store::{ListId, PublishedList, Shard, Standing, Status};
use crate::wire::Crl;
use crate::wire::bci::BrandCrlIdentifier;
use asked::Asker;
use listing::{Listing, differences};

pub use mismatch::StatusMismatch;

/// How much is checked; lists and index are compared whole, always.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CheckOrder {
    /// OCSP is asked for so many certificates that are not revoked.
    pub living: usize,
    /// And for so many that are.
    pub revoked: usize,
    /// So many mismatches are enough: the check ends there.
    pub limit: usize,
}

impl CheckOrder {
    /// OCSP is asked for every certificate.
    #[must_use]
    pub fn all() -> Self {
        Self { living: usize::MAX, revoked: usize::MAX, ..Self::default() }
    }
}

impl Default for CheckOrder {
    fn default() -> Self {
        Self { living: 1_000, revoked: 10_000, limit: 1_000 }
    }
}

/// How far a check has come, in serial numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CheckProgress {
    /// Checked.
    pub done: u64,
    /// There were when it began.
    pub total: u64,
}

/// What was compared, and what did not agree.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Checked {
    /// When it began.
    pub at: UnixTime,
    /// Serial numbers on record.
    pub serials: u64,
    /// Those of them that are revoked.
    pub revoked: u64,
    /// Published lists that were read.
    pub lists: u64,
    /// Certificates OCSP was asked for.
    pub answers: u64,
    /// What did not agree, at most [`CheckOrder::limit`] and a few more.
    pub mismatches: Vec<StatusMismatch>,
}

impl Authority {
    /// Compares index, published lists and OCSP with the store. `go_on` hears how far it is, and
    /// ends it by saying false: then there is no outcome.
    ///
    /// # Errors
    /// [`Error::Store`] if the records cannot be read.
    pub fn check_status(
        &self,
        order: &CheckOrder,
        go_on: &mut dyn FnMut(CheckProgress) -> bool,
    ) -> Result<Option<Checked>, Error> {
        let mut checked = Checked { at: self.now(), ..Checked::default() };
        let Size { living, revoked, .. } = self.statuses.current()?.size();
        let total = u64::try_from(living.saturating_add(revoked)).unwrap_or(u64::MAX);
        let begun = CheckProgress { done: 0, total };
        let index = self.statuses.check(order.limit, &mut || go_on(begun))?;
        let Some(index) = index else { return Ok(None) };
        checked.mismatches.extend(index.into_iter().map(StatusMismatch::Index));
        checked.mismatches.extend(self.check_bcis()?);
        let mut pass = Pass {
            authority: self,
            asker: Asker::new(self, order, living),
            limit: order.limit,
            total,
            go_on,
            checked,
        };
        Ok(pass.run()?.then_some(pass.checked))
    }

    /// A BCI may be older than the CRLs, never newer.
    fn check_bcis(&self) -> Result<Vec<StatusMismatch>, Error> {
        let hierarchy = self.hierarchy();
        let mut found = Vec::new();
        for brand in hierarchy.cas().iter().filter(|ca| ca.record.roles.contains(&Role::Bca)) {
            let Some(brand) = brand.record.brand.clone() else { continue };
            let list = ListId::Bci(brand.clone());
            let Some(published) = self.parts.store.list(&list)? else { continue };
            let bci = match BrandCrlIdentifier::from_der(&published.der.whole()) {
                Ok(bci) => bci,
                Err(fault) => {
                    found.push(StatusMismatch::Unreadable { list, why: fault.to_string() });
                    continue;
                }
            };
            for listed in &bci.unsigned().crls {
                let named = |ca: &&Ca| {
                    let mut own = ca.generations(KeyUse::CertificateSigning);
                    own.any(|own| own.subject_der() == listed.issuer_der)
                };
                let ca = hierarchy.cas().iter().find(named).map(|ca| ca.record.id.clone());
                let crl = ca.clone().map(|ca| self.parts.store.list_head(&ListId::Crl(ca)));
                let published = crl.transpose()?.flatten().map(|crl| crl.number);
                if published.is_none_or(|published| published < listed.number) {
                    let (brand, listed) = (brand.clone(), listed.number);
                    found.push(StatusMismatch::Bci { brand, ca, listed, published });
                }
            }
        }
        Ok(found)
    }

    /// The lists of a CA as they are published now; what cannot be read is a mismatch.
    fn published_lists(&self, ca: &Ca, found: &mut Vec<StatusMismatch>) -> Result<Lists, Error> {
        let mut lists = Lists::default();
        // The delta first: each is made after what it builds upon.
        for list in self.lists_of(ca)? {
            let Some(published) = self.parts.store.list(&list)? else { continue };
            // What is in memory is what is served.
            let kept = self.published(&list)?;
            let kept = kept.as_ref().map(|kept| kept.list());
            let kept = kept.filter(|kept| kept.number == published.number);
            if kept.is_some_and(|kept| kept.der != published.der) {
                let (list, why) = (list.clone(), "is served with other octets than recorded");
                found.push(StatusMismatch::Unreadable { list, why: why.to_owned() });
            }
            match read(&published) {
                Ok(crl) => lists.add(published, crl),
                Err(why) => found.push(StatusMismatch::Unreadable { list, why }),
            }
        }
        Ok(lists)
    }

    fn lists_of(&self, ca: &Ca) -> Result<Vec<ListId>, Error> {
        let id = &ca.record.id;
        let mut lists: Vec<ListId> =
            vec![ListId::Delta(id.clone()), ListId::DeltaBase(id.clone()), ListId::Crl(id.clone())];
        let division = self.parts.policies.lists().division(role_of_lists(&ca.record));
        lists.extend(self.heads()?.shards(id, division).map(|shard| {
            let ca = id.clone();
            ListId::Shard { ca, shard }
        }));
        Ok(lists)
    }
}

/// The published lists of one CA.
#[derive(Default)]
struct Lists {
    complete: Option<(PublishedList, Crl)>,
    delta: Option<(PublishedList, Crl)>,
    base: Option<(PublishedList, Crl)>,
    shards: Vec<(Shard, PublishedList, Crl)>,
}

impl Lists {
    fn add(&mut self, published: PublishedList, crl: Crl) {
        match published.list {
            ListId::Bci(_) => {}
            ListId::Crl(_) => self.complete = Some((published, crl)),
            ListId::Delta(_) => self.delta = Some((published, crl)),
            ListId::DeltaBase(_) => self.base = Some((published, crl)),
            ListId::Shard { shard, .. } => self.shards.push((shard, published, crl)),
        }
    }

    fn count(&self) -> usize {
        let single = [&self.complete, &self.delta, &self.base];
        single.iter().filter(|list| list.is_some()).count().saturating_add(self.shards.len())
    }

    /// The delta with the base that it names, if that is the one that is kept: with a complete CRL
    /// that becomes the base the last delta from the base before is published.
    fn delta_and_base(
        &self,
        found: &mut Vec<StatusMismatch>,
    ) -> Option<(&PublishedList, &Crl, Option<&Crl>)> {
        let (published, delta) = self.delta.as_ref()?;
        let named = delta.base_number().and_then(|number| number.as_u64());
        let kept = self.base.as_ref().map(|(base, _)| base.number);
        if named.is_none() || kept < named {
            let delta = published.list.clone();
            found.push(StatusMismatch::Base { delta, named, kept });
        }
        let base = self.base.as_ref().filter(|_| kept == named);
        Some((published, delta, base.map(|(_, base)| base)))
    }
}

/// One pass over the standings of all issuers.
struct Pass<'a> {
    authority: &'a Authority,
    asker: Asker<'a>,
    limit: usize,
    total: u64,
    go_on: &'a mut dyn FnMut(CheckProgress) -> bool,
    checked: Checked,
}

impl Pass<'_> {
    /// False if it was ended.
    fn run(&mut self) -> Result<bool, Error> {
        let hierarchy = self.authority.hierarchy();
        let mut cas: Vec<&Ca> = hierarchy.cas().iter().collect();
        cas.sort_by(|one, other| one.record.id.cmp(&other.record.id));
        let store = &self.authority.parts.store;
        let mut standings = Pages::new(|after, size| store.standings(after, size)).peekable();
        for ca in cas {
            // The lists before the standings: what is revoked in between is newer than they are.
            let lists = self.authority.published_lists(ca, &mut self.checked.mismatches)?;
            let mut check = IssuerCheck::new(ca, &lists, self.authority.suite());
            check.delta(&lists, &mut self.checked.mismatches, self.limit);
            let count = u64::try_from(lists.count()).unwrap_or(u64::MAX);
            self.checked.lists = self.checked.lists.saturating_add(count);
            let id = &ca.record.id;
            let up_to = |one: &Result<Standing, _>| one.as_ref().map_or(true, |s| s.issuer <= *id);
            while let Some(standing) = standings.next_if(up_to) {
                let standing = standing?;
                if standing.issuer != *id {
                    continue;
                }
                if !self.one(&mut check, &standing)? {
                    return Ok(false);
                }
                if self.checked.mismatches.len() >= self.limit {
                    return Ok(true);
                }
            }
            check.finish(&mut self.asker, &mut self.checked.mismatches)?;
            self.checked.answers = self.asker.asked;
        }
        Ok(self.tell())
    }

    fn one(&mut self, check: &mut IssuerCheck<'_>, standing: &Standing) -> Result<bool, Error> {
        self.checked.serials = self.checked.serials.saturating_add(1);
        if matches!(standing.status, Status::Revoked { .. }) {
            self.checked.revoked = self.checked.revoked.saturating_add(1);
        }
        check.meet(standing, &mut self.asker, &mut self.checked.mismatches)?;
        self.checked.answers = self.asker.asked;
        let told = self.checked.serials.checked_rem(TELL_EVERY) != Some(0) || self.tell();
        Ok(told)
    }

    fn tell(&mut self) -> bool {
        (self.go_on)(CheckProgress { done: self.checked.serials, total: self.total })
    }
}

/// Everything that is said of the certificates of one issuer.
struct IssuerCheck<'a> {
    ca: &'a Ca,
    /// The complete CRL, the base with its delta.
    whole: Vec<Listing<'a>>,
    /// By into how many, then by index.
    shards: BTreeMap<u16, BTreeMap<u16, Listing<'a>>>,
    chosen: Vec<Standing>,
    suite: crate::Suite,
}

impl<'a> IssuerCheck<'a> {
    fn new(ca: &'a Ca, lists: &'a Lists, suite: crate::Suite) -> Self {
        let complete = lists.complete.iter();
        let whole = complete.map(|(published, crl)| Listing::of(published, crl, suite)).collect();
        let mut shards: BTreeMap<u16, BTreeMap<u16, Listing<'a>>> = BTreeMap::new();
        for (shard, published, crl) in &lists.shards {
            let listing = Listing::of(published, crl, suite);
            shards.entry(shard.of).or_default().insert(shard.index, listing);
        }
        Self { ca, whole, shards, chosen: Vec::new(), suite }
    }

    /// Puts the delta beside the complete CRL.
    fn delta(&mut self, lists: &'a Lists, found: &mut Vec<StatusMismatch>, limit: usize) {
        let Some((published, delta, base)) = lists.delta_and_base(found) else { return };
        let Some(base) = base else {
            self.whole.push(Listing::of_delta(published, delta, self.suite));
            return;
        };
        self.whole.push(Listing::together(published, base, delta, self.suite));
        // Made in one act they have one number.
        let complete = lists.complete.as_ref();
        let Some((_, complete)) = complete.filter(|(one, _)| one.number == published.number) else {
            return;
        };
        for (serial, complete, together) in differences(complete, base, delta).take(limit) {
            let (ca, number) = (self.ca.record.id.clone(), published.number);
            found.push(StatusMismatch::Delta { ca, number, serial, complete, together });
        }
    }

    fn meet(
        &mut self,
        standing: &Standing,
        asker: &mut Asker<'_>,
        found: &mut Vec<StatusMismatch>,
    ) -> Result<(), Error> {
        self.whole.iter_mut().for_each(|listing| listing.meet(standing, found));
        for (of, shards) in &mut self.shards {
            let shard = Shard::holding(&standing.serial, *of);
            if let Some(listing) = shards.get_mut(&shard.index) {
                listing.meet(standing, found);
            }
        }
        // A CA without a responder answers for nothing (`set-1997`).
        if self.ca.held(KeyUse::OcspSigning).is_some() && asker.chooses(&standing.status) {
            self.chosen.push(standing.clone());
        }
        if self.chosen.len() >= ASKED_AT_ONCE {
            asker.ask(self.ca, &core::mem::take(&mut self.chosen), found)?;
        }
        Ok(())
    }

    fn finish(self, asker: &mut Asker<'_>, found: &mut Vec<StatusMismatch>) -> Result<(), Error> {
        let shards = self.shards.into_values().flat_map(BTreeMap::into_values);
        self.whole.into_iter().chain(shards).for_each(|listing| listing.finish(found));
        asker.ask(self.ca, &self.chosen, found)
    }
}

/// The list, if it is what its record says it is.
fn read(published: &PublishedList) -> Result<Crl, String> {
    let crl = Crl::from_der(&published.der.whole()).map_err(|fault| fault.to_string())?;
    let said = (crl.number().and_then(|number| number.as_u64()), crl.this_update());
    if said != (Some(published.number), published.this_update) {
        let PublishedList { number, this_update, .. } = published;
        return Err(format!("is not number {number} of {this_update}, as its record says"));
    }
    Ok(crl)
}

/// Serial numbers between two words about how far it is.
const TELL_EVERY: u64 = 4_096;
/// Certificates of one CA that are asked for together: some requests' worth.
const ASKED_AT_ONCE: usize = 64;
