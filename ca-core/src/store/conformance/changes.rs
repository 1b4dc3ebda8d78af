//! Checks of the feed of changes and of how certificates stand.

use super::{Check, Violation, expect_conflict, expect_equal, samples};
use crate::store::{
    CertificateQuery, Conflict, Intent, Revocation, RevocationReason, Standing, Status, Store,
    StoreError,
};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "an empty store has no change and no standing", run: empty },
    Check { claim: "every act leaves a change per certificate, in order", run: acts_in_order },
    Check { claim: "an act that did not happen leaves no change", run: refused_acts },
    Check { claim: "changes are read in pages, from any position", run: pages },
    Check { claim: "a change says how the certificate stands by now", run: stands_by_now },
    Check { claim: "a revoked intent that is issued stands revoked", run: revoked_intent },
    Check { claim: "forgotten changes are said to be, and positions go on", run: trimmed },
    Check { claim: "the oldest changes are forgotten first, the last one never", run: trims_some },
    Check { claim: "standings come by issuer and octets of the serial", run: standings_in_order },
    Check { claim: "standings agree with the inventory", run: standings_agree },
];

const REVOCATION: Revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);

/// A page large enough for everything a check records.
const ALL: usize = 100;

fn intend(store: &dyn Store, numbers: &[u64]) -> Result<Vec<Intent>, Violation> {
    let intents: Result<Vec<Intent>, _> =
        numbers.iter().map(|number| samples::intent("cca", *number)).collect();
    let intents = intents?;
    store.record_intents(&intents, &samples::acting())?;
    Ok(intents)
}

fn issue(store: &dyn Store, intent: &Intent) -> Result<(), StoreError> {
    store.record_issued(&[samples::issued(intent)], None, &samples::acting())
}

fn revoke(store: &dyn Store, intent: &Intent) -> Result<(), StoreError> {
    store.revoke(&intent.issuer, &intent.serial, &REVOCATION, &samples::acting())
}

const fn revoked(intent: &Intent) -> Status {
    Status::Revoked { revocation: REVOCATION, not_after: intent.not_after }
}

fn standing(intent: &Intent, status: Status) -> Standing {
    Standing { issuer: intent.issuer.clone(), serial: intent.serial, status }
}

/// Positions and serials of the whole feed.
fn touched(store: &dyn Store) -> Result<Vec<(u64, Vec<u8>)>, Violation> {
    let page = store.changes(0, ALL)?;
    expect_equal(page.next, None)?;
    let of = |serial: &[u8]| serial.to_vec();
    Ok(page
        .items
        .iter()
        .map(|change| (change.position, of(change.standing.serial.as_octets())))
        .collect())
}

fn empty(store: &dyn Store) -> Result<(), Violation> {
    expect_equal(store.changes(0, ALL)?.items, vec![])?;
    expect_equal(store.last_change()?, 0)?;
    expect_equal(store.standings(None, ALL)?, vec![])
}

fn acts_in_order(store: &dyn Store) -> Result<(), Violation> {
    let intents = intend(store, &[3, 1])?;
    let [three, one] = intents.as_slice() else { return Ok(()) };
    issue(store, one)?;
    revoke(store, one)?;
    revoke(store, three)?;
    let expected = [(1, 3), (2, 1), (3, 1), (4, 1), (5, 3)];
    expect_equal(touched(store)?, expected.map(|(at, serial)| (at, vec![serial])).to_vec())?;
    expect_equal(store.last_change()?, 5)
}

fn refused_acts(store: &dyn Store) -> Result<(), Violation> {
    let intents = intend(store, &[1, 2])?;
    let [one, two] = intents.as_slice() else { return Ok(()) };
    issue(store, one)?;
    revoke(store, one)?;
    let (issuer, serial) = (one.issuer.clone(), one.serial);
    let clash = Conflict::Serial { issuer: issuer.clone(), serial };
    // The first of the two is new, and undone with the second.
    let pair = [samples::intent("cca", 7)?, one.clone()];
    expect_conflict(store.record_intents(&pair, &samples::acting()), clash)?;
    let clash = Conflict::Issued { issuer: issuer.clone(), serial };
    let pair = [samples::issued(two), samples::issued(one)];
    expect_conflict(store.record_issued(&pair, None, &samples::acting()), clash)?;
    expect_conflict(revoke(store, one), Conflict::Revoked { issuer, serial })?;
    expect_equal(store.last_change()?, 4)?;
    // And leaves no gap.
    revoke(store, two)?;
    let positions = touched(store)?.iter().map(|(position, _)| *position).collect::<Vec<u64>>();
    expect_equal(positions, vec![1, 2, 3, 4, 5])
}

fn pages(store: &dyn Store) -> Result<(), Violation> {
    intend(store, &[1, 2, 3, 4, 5])?;
    let positions = |after, limit| -> Result<(Vec<u64>, Option<u64>), Violation> {
        let page = store.changes(after, limit)?;
        Ok((page.items.iter().map(|change| change.position).collect(), page.next))
    };
    expect_equal(positions(0, 2)?, (vec![1, 2], Some(2)))?;
    expect_equal(positions(2, 2)?, (vec![3, 4], Some(4)))?;
    expect_equal(positions(4, 2)?, (vec![5], None))?;
    expect_equal(positions(5, 2)?, (vec![], None))?;
    expect_equal(positions(u64::MAX, 2)?, (vec![], None))?;
    expect_equal(positions(0, 0)?, (vec![1], Some(1)))
}

fn stands_by_now(store: &dyn Store) -> Result<(), Violation> {
    let intents = intend(store, &[1, 2, 3])?;
    let [one, two, three] = intents.as_slice() else { return Ok(()) };
    issue(store, one)?;
    issue(store, two)?;
    revoke(store, two)?;
    let found: Vec<Standing> =
        store.changes(0, 3)?.items.into_iter().map(|change| change.standing).collect();
    let expected = [(one, Status::Issued), (two, revoked(two)), (three, Status::Intended)];
    expect_equal(found, expected.map(|(intent, status)| standing(intent, status)).to_vec())
}

fn revoked_intent(store: &dyn Store) -> Result<(), Violation> {
    let intents = intend(store, &[1])?;
    let [one] = intents.as_slice() else { return Ok(()) };
    revoke(store, one)?;
    issue(store, one)?;
    let last = store.changes(2, ALL)?.items.pop().map(|change| change.standing);
    expect_equal(last, Some(standing(one, revoked(one))))?;
    expect_equal(store.standings(None, ALL)?, vec![standing(one, revoked(one))])
}

/// Fails unless the feed is said to begin at `first`.
fn expect_trimmed(store: &dyn Store, after: u64, first: u64) -> Result<(), Violation> {
    match store.changes(after, ALL) {
        Err(StoreError::Trimmed { after: asked, first: found }) => {
            expect_equal((asked, found), (after, first))
        }
        other => Err(Violation(format!("found {other:?}, expected a feed from {first} on"))),
    }
}

fn trimmed(store: &dyn Store) -> Result<(), Violation> {
    let intents = intend(store, &[1, 2, 3, 4])?;
    let [_, _, three, four] = intents.as_slice() else { return Ok(()) };
    expect_equal(store.trim_changes(3, ALL)?, 2)?;
    expect_equal(store.trim_changes(3, ALL)?, 0)?;
    for after in [0, 1] {
        expect_trimmed(store, after, 3)?;
    }
    let positions = |after| -> Result<Vec<u64>, Violation> {
        Ok(store.changes(after, ALL)?.items.iter().map(|change| change.position).collect())
    };
    expect_equal((positions(2)?, positions(3)?), (vec![3, 4], vec![4]))?;
    expect_equal(store.last_change()?, 4)?;
    revoke(store, four)?;
    let page = store.changes(2, 2)?;
    expect_equal(page.next, Some(4))?;
    let found = page.items.into_iter().map(|change| change.standing).collect();
    expect_equal(found, vec![standing(three, Status::Intended), standing(four, revoked(four))])?;
    expect_equal((store.last_change()?, positions(4)?), (5, vec![5]))?;
    // How everything stands is not forgotten with it.
    expect_equal(store.standings(None, ALL)?.len(), 4)
}

fn trims_some(store: &dyn Store) -> Result<(), Violation> {
    expect_equal(store.trim_changes(u64::MAX, ALL)?, 0)?;
    let intents = intend(store, &[1, 2, 3, 4, 5])?;
    expect_equal(store.trim_changes(0, ALL)?, 0)?;
    expect_equal(store.trim_changes(1, ALL)?, 0)?;
    expect_equal(store.trim_changes(u64::MAX, 3)?, 3)?;
    expect_trimmed(store, 2, 4)?;
    expect_equal(store.trim_changes(u64::MAX, ALL)?, 1)?;
    expect_equal(store.trim_changes(u64::MAX, ALL)?, 0)?;
    expect_equal(store.last_change()?, 5)?;
    let Some(one) = intents.first() else { return Ok(()) };
    issue(store, one)?;
    expect_equal((store.last_change()?, store.changes(5, ALL)?.items.len()), (6, 1))
}

fn standings_in_order(store: &dyn Store) -> Result<(), Violation> {
    // Octet order: 0x0102 comes before 0x02.
    for (issuer, number) in [("mca", 1), ("cca", 2), ("cca", 0x0102), ("bca", 9), ("cca", 3)] {
        store.record_intents(&[samples::intent(issuer, number)?], &samples::acting())?;
    }
    let (cca, two) = (samples::ca_id("cca")?, samples::serial(2)?);
    store.revoke(&cca, &two, &REVOCATION, &samples::acting())?;
    store.revoke(&samples::ca_id("mca")?, &samples::serial(1)?, &REVOCATION, &samples::acting())?;
    let name = |standing: &Standing| (standing.issuer.as_str().to_owned(), standing.serial);
    let found: Vec<_> = store.standings(None, ALL)?.iter().map(name).collect();
    let expected = [("bca", 9), ("cca", 0x0102), ("cca", 2), ("cca", 3), ("mca", 1)];
    let expected: Result<Vec<_>, Violation> = expected
        .into_iter()
        .map(|(issuer, number)| Ok((issuer.to_owned(), samples::serial(number)?)))
        .collect();
    let expected = expected?;
    expect_equal(found, expected.clone())?;
    // After each there are the rest; a page is cut.
    let after: Vec<_> = store.standings(Some((&cca, &two)), ALL)?.iter().map(name).collect();
    expect_equal(after, expected.iter().skip(3).cloned().collect())?;
    let page: Vec<_> = store.standings(None, 2)?.iter().map(name).collect();
    expect_equal(page, expected.into_iter().take(2).collect())
}

fn standings_agree(store: &dyn Store) -> Result<(), Violation> {
    let intents = intend(store, &[1, 2, 3, 4])?;
    let [one, two, three, _] = intents.as_slice() else { return Ok(()) };
    issue(store, one)?;
    issue(store, two)?;
    revoke(store, two)?;
    revoke(store, three)?;
    let all = store.certificates(&CertificateQuery::default())?.items;
    expect_equal(store.standings(None, ALL)?, all.iter().map(Standing::of).collect())
}
