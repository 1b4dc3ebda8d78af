//! Does the index say what the store says? Two ordered streams side by side.

use core::cmp::Ordering;
use core::fmt;

use super::StatusIndex;
use super::pages::Pages;
use crate::store::{CaId, SerialNumber, Standing, Status, Store, StoreError};

/// A serial number of which index and store say different things.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mismatch {
    /// The issuing CA.
    pub issuer: CaId,
    /// Serial number under that issuer.
    pub serial: SerialNumber,
    /// What the index says; none if it does not know the serial number.
    pub index: Option<Status>,
    /// What the store says; none if it does not know the serial number.
    pub store: Option<Status>,
}

/// `a1b2 of sample-cca: index says good, store says revoked at 2026-11-22T13:00:00Z`.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { issuer, serial, index, store } = self;
        let (index, store) = (Said(*index), Said(*store));
        write!(f, "{serial} of {issuer}: index says {index}, store says {store}")
    }
}

/// Compares every serial number of every issuer, in both directions; at most `limit` mismatches,
/// in order. What is recorded meanwhile may show as one: look again at what was found.
///
/// # Errors
/// As [`Store::standings`].
pub fn compare(
    index: &StatusIndex,
    store: &dyn Store,
    limit: usize,
) -> Result<Vec<Mismatch>, StoreError> {
    Ok(compare_while(index, store, limit, &mut || true)?.unwrap_or_default())
}

/// The same; `go_on` is asked before each page of the store, and ends it by saying false: then
/// there is no outcome.
pub(super) fn compare_while(
    index: &StatusIndex,
    store: &dyn Store,
    limit: usize,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<Vec<Mismatch>>, StoreError> {
    let mut ended = false;
    let mut ours = Pages::new(|after, size| Ok(index.standings(after, size)));
    let mut theirs = Pages::new(|after, size| {
        ended = ended || !go_on();
        if ended { Ok(Vec::new()) } else { store.standings(after, size) }
    });
    let (mut one, mut other) = (ours.next().transpose()?, theirs.next().transpose()?);
    let mut found = Vec::new();
    while found.len() < limit {
        let order = match (&one, &other) {
            (Some(one), Some(other)) => name(one).cmp(&name(other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        let index = if order == Ordering::Greater { None } else { one.take() };
        let store = if order == Ordering::Less { None } else { other.take() };
        if index.is_some() {
            one = ours.next().transpose()?;
        }
        if store.is_some() {
            other = theirs.next().transpose()?;
        }
        found.extend(mismatch(index, store));
    }
    drop(theirs);
    Ok((!ended).then_some(found))
}

fn name(standing: &Standing) -> (&CaId, &SerialNumber) {
    (&standing.issuer, &standing.serial)
}

/// Of two that have the same name, if both are there.
fn mismatch(index: Option<Standing>, store: Option<Standing>) -> Option<Mismatch> {
    if index == store {
        return None;
    }
    let status = |standing: &Option<Standing>| standing.as_ref().map(|standing| standing.status);
    let (said, recorded) = (status(&index), status(&store));
    let Standing { issuer, serial, .. } = index.or(store)?;
    Some(Mismatch { issuer, serial, index: said, store: recorded })
}

/// A standing in words.
pub(crate) struct Said(pub(crate) Option<Status>);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("unknown"),
            Some(Status::Intended) => f.write_str("intended"),
            Some(Status::Issued) => f.write_str("good"),
            Some(Status::Revoked { revocation, not_after }) => {
                let (at, reason) = (revocation.at, revocation.reason.name());
                write!(f, "revoked at {at} for {reason}, notAfter {not_after}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::samples;
    use crate::store::{MemoryStore, Revocation, RevocationReason};

    const REVOCATION: Revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);

    /// Serial numbers 1 (intended), 2 (issued), 3 (revoked) of one CA, 4 (issued) of another.
    fn store() -> MemoryStore {
        let store = MemoryStore::new();
        let cca = [1, 2, 3].map(|number| samples::intent("cca", number).unwrap());
        store.record_intents(&cca, &samples::acting()).unwrap();
        let mca = samples::intent("mca", 4).unwrap();
        store.record_intents(std::slice::from_ref(&mca), &samples::acting()).unwrap();
        let issued = [&cca[1], &cca[2], &mca].map(samples::issued);
        store.record_issued(&issued, None, &samples::acting()).unwrap();
        store.revoke(&cca[2].issuer, &cca[2].serial, &REVOCATION, &samples::acting()).unwrap();
        store
    }

    fn index(standings: &[Standing]) -> StatusIndex {
        let index = StatusIndex::new();
        standings.iter().for_each(|standing| index.apply(standing));
        index
    }

    #[test]
    fn an_index_of_everything_agrees() {
        let store = store();
        let index = index(&store.standings(None, 100).unwrap());
        assert_eq!(compare(&index, &store, 100).unwrap(), []);
    }

    #[test]
    fn each_difference_is_found_with_what_both_say() {
        let store = store();
        let mut standings = store.standings(None, 100).unwrap();
        // 1 is missing, 2 is good too early, 3 is not revoked, 9 was never reserved.
        standings[1].status = Status::Intended;
        standings[2].status = Status::Issued;
        standings.push(Standing { serial: samples::serial(9).unwrap(), ..standings[3].clone() });
        standings.remove(0);
        let found = compare(&index(&standings), &store, 100).unwrap();
        let lines: Vec<String> = found.iter().map(Mismatch::to_string).collect();
        let expected = [
            "01 of cca: index says unknown, store says intended",
            "02 of cca: index says intended, store says good",
            "03 of cca: index says good, store says revoked at 2026-11-22T13:00:00Z for \
             keyCompromise, notAfter 2027-11-22T13:00:00Z",
            "09 of mca: index says good, store says unknown",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_list_of_mismatches_is_bounded() {
        assert_eq!(compare(&StatusIndex::new(), &store(), 3).unwrap().len(), 3);
    }
}
