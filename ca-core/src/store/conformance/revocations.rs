//! Checks of holds, releases, invalidity dates and revocations of many.

use super::{Check, Violation, expect_absent, expect_conflict, expect_equal, samples};
use crate::store::{
    CertificateQuery, CertificateState, Conflict, Intent, Revocation, RevocationOrder,
    RevocationReason, Standing, Store,
};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "an invalidity date is kept wherever the revocation is read", run: invalidity },
    Check { claim: "a released hold leaves the certificate as it was", run: released },
    Check { claim: "a released hold may be followed by anything", run: after_release },
    Check { claim: "only a hold is released", run: only_holds },
    Check { claim: "a hold gives way to another reason, dated as the hold", run: hold_gives_way },
    Check { claim: "a hold is not put on twice", run: held_once },
    Check { claim: "a renewal on hold is still the only one", run: held_renewal },
    Check { claim: "many are revoked at once, and those that were stay", run: many },
    Check { claim: "of many, one unknown means none", run: many_with_unknown },
];

const REVOCATION: Revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);
const HOLD: Revocation = Revocation::new(samples::NOW, RevocationReason::CertificateHold);

fn issued(store: &dyn Store, number: u64) -> Result<Intent, Violation> {
    let intent = samples::intent("cca", number)?;
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    store.record_issued(&[samples::issued(&intent)], None, &samples::acting())?;
    Ok(intent)
}

fn revoke(store: &dyn Store, intent: &Intent, revocation: Revocation) -> Result<(), Violation> {
    Ok(store.revoke(&intent.issuer, &intent.serial, &revocation, &samples::acting())?)
}

/// What is said of a certificate, and the same from the list, the feed and the standings.
fn revocation(store: &dyn Store, intent: &Intent) -> Result<Option<Revocation>, Violation> {
    let record = store.certificate(&intent.issuer, &intent.serial)?;
    let record = record.ok_or_else(|| Violation("no such certificate".to_owned()))?;
    let listed = store.revoked(&intent.issuer, samples::NOW)?;
    let listed = listed.into_iter().find(|entry| entry.serial == intent.serial);
    expect_equal(listed.map(|entry| entry.revocation), record.revocation)?;
    let standing = Standing::of(&record);
    let mut standings = store.standings(None, 100)?;
    standings.retain(|found| found.serial == intent.serial);
    expect_equal(standings, vec![standing.clone()])?;
    let mut changes = store.changes(0, 100)?.items;
    changes.retain(|change| change.standing.serial == intent.serial);
    expect_equal(changes.pop().map(|change| change.standing), Some(standing))?;
    Ok(record.revocation)
}

fn invalidity(store: &dyn Store) -> Result<(), Violation> {
    let intent = issued(store, 1)?;
    let since = samples::NOW.minus_secs(86_400);
    let given = Revocation { invalid_since: Some(since), ..REVOCATION };
    revoke(store, &intent, given)?;
    expect_equal(revocation(store, &intent)?, Some(given))
}

fn released(store: &dyn Store) -> Result<(), Violation> {
    let intended = samples::intent("cca", 2)?;
    store.record_intents(std::slice::from_ref(&intended), &samples::acting())?;
    let cases =
        [(issued(store, 1)?, CertificateState::Issued), (intended, CertificateState::Intent)];
    for (intent, state) in cases {
        let before = store.certificate(&intent.issuer, &intent.serial)?;
        revoke(store, &intent, HOLD)?;
        expect_equal(revocation(store, &intent)?, Some(HOLD))?;
        let changes = store.last_change()?;
        store.release(&intent.issuer, &intent.serial, &samples::acting())?;
        expect_equal(store.last_change()?, changes + 1)?;
        expect_equal(revocation(store, &intent)?, None)?;
        expect_equal(store.certificate(&intent.issuer, &intent.serial)?, before)?;
        let query = CertificateQuery { state: Some(state), ..CertificateQuery::default() };
        let page = store.certificates(&query)?.items;
        expect_equal(page.iter().map(|record| &record.intent).collect(), vec![&intent])?;
    }
    Ok(())
}

fn after_release(store: &dyn Store) -> Result<(), Violation> {
    let intent = issued(store, 1)?;
    revoke(store, &intent, HOLD)?;
    store.release(&intent.issuer, &intent.serial, &samples::acting())?;
    let again = Revocation { at: samples::NOW.plus_days(1), ..HOLD };
    revoke(store, &intent, again)?;
    expect_equal(revocation(store, &intent)?, Some(again))?;
    store.release(&intent.issuer, &intent.serial, &samples::acting())?;
    revoke(store, &intent, REVOCATION)?;
    expect_equal(revocation(store, &intent)?, Some(REVOCATION))
}

fn only_holds(store: &dyn Store) -> Result<(), Violation> {
    let intent = issued(store, 1)?;
    let Intent { issuer, serial, .. } = &intent;
    let clash = || Conflict::NotHeld { issuer: issuer.clone(), serial: *serial };
    expect_conflict(store.release(issuer, serial, &samples::acting()), clash())?;
    revoke(store, &intent, REVOCATION)?;
    let changes = store.last_change()?;
    expect_conflict(store.release(issuer, serial, &samples::acting()), clash())?;
    expect_absent(store.release(issuer, &samples::serial(9)?, &samples::acting()))?;
    expect_absent(store.release(&samples::ca_id("mca")?, serial, &samples::acting()))?;
    expect_equal(store.last_change()?, changes)?;
    expect_equal(revocation(store, &intent)?, Some(REVOCATION))
}

fn hold_gives_way(store: &dyn Store) -> Result<(), Violation> {
    let intent = issued(store, 1)?;
    revoke(store, &intent, HOLD)?;
    let later = Revocation { at: samples::NOW.plus_days(1), ..REVOCATION };
    revoke(store, &intent, later)?;
    // Never valid in between: the date stays that of the hold.
    expect_equal(revocation(store, &intent)?, Some(REVOCATION))?;
    let Intent { issuer, serial, .. } = intent;
    let outcome = store.release(&issuer, &serial, &samples::acting());
    expect_conflict(outcome, Conflict::NotHeld { issuer, serial })
}

fn held_once(store: &dyn Store) -> Result<(), Violation> {
    let intent = issued(store, 1)?;
    let Intent { issuer, serial, .. } = intent.clone();
    let clash = || Conflict::Revoked { issuer: issuer.clone(), serial };
    revoke(store, &intent, HOLD)?;
    let again = Revocation { at: samples::NOW.plus_days(1), ..HOLD };
    expect_conflict(store.revoke(&issuer, &serial, &again, &samples::acting()), clash())?;
    expect_equal(revocation(store, &intent)?, Some(HOLD))?;
    // Nor over a revocation for good: that would make it releasable.
    revoke(store, &intent, REVOCATION)?;
    expect_conflict(store.revoke(&issuer, &serial, &again, &samples::acting()), clash())?;
    expect_equal(revocation(store, &intent)?, Some(REVOCATION))
}

fn held_renewal(store: &dyn Store) -> Result<(), Violation> {
    let first = issued(store, 1)?;
    let renewal = |number| -> Result<Intent, Violation> {
        Ok(Intent { renews: Some(first.serial), ..samples::intent("cca", number)? })
    };
    let (second, third) = (renewal(2)?, renewal(3)?);
    store.record_intents(std::slice::from_ref(&second), &samples::acting())?;
    revoke(store, &second, HOLD)?;
    let Intent { issuer, serial, .. } = first.clone();
    let outcome = store.record_intents(std::slice::from_ref(&third), &samples::acting());
    expect_conflict(outcome, Conflict::Renewed { issuer, serial })?;
    revoke(store, &second, REVOCATION)?;
    Ok(store.record_intents(&[third], &samples::acting())?)
}

/// Orders for certificates 1 to 4, of which 2 is revoked and 3 on hold.
fn four(store: &dyn Store) -> Result<Vec<RevocationOrder>, Violation> {
    let mut orders = Vec::new();
    for number in 1..=4 {
        let Intent { issuer, serial, .. } = issued(store, number)?;
        let revocation = Revocation::new(samples::NOW.plus_days(1), RevocationReason::Superseded);
        orders.push(RevocationOrder { issuer, serial, revocation });
    }
    revoke(store, &samples::intent("cca", 2)?, REVOCATION)?;
    revoke(store, &samples::intent("cca", 3)?, HOLD)?;
    Ok(orders)
}

fn many(store: &dyn Store) -> Result<(), Violation> {
    let orders = four(store)?;
    let changes = store.last_change()?;
    expect_equal(store.revoke_all(&orders, &samples::acting())?, 3)?;
    expect_equal(store.last_change()?, changes + 3)?;
    let new = Revocation::new(samples::NOW.plus_days(1), RevocationReason::Superseded);
    let from_hold = Revocation { at: HOLD.at, ..new };
    let expected = [new, REVOCATION, from_hold, new];
    for (number, expected) in (1..).zip(expected) {
        expect_equal(revocation(store, &samples::intent("cca", number)?)?, Some(expected))?;
    }
    // Again, and one that stands in the orders twice.
    expect_equal(store.revoke_all(&orders, &samples::acting())?, 0)?;
    let Intent { issuer, serial, .. } = issued(store, 5)?;
    let order = RevocationOrder { issuer, serial, revocation: new };
    expect_equal(store.revoke_all(&[order.clone(), order], &samples::acting())?, 1)?;
    expect_equal(store.revoke_all(&[], &samples::acting())?, 0)
}

fn many_with_unknown(store: &dyn Store) -> Result<(), Violation> {
    let mut orders = four(store)?;
    let changes = store.last_change()?;
    for order in orders.iter_mut().skip(3) {
        order.serial = samples::serial(9)?;
    }
    expect_absent(store.revoke_all(&orders, &samples::acting()))?;
    expect_equal(store.last_change()?, changes)?;
    expect_equal(revocation(store, &samples::intent("cca", 1)?)?, None)?;
    expect_equal(revocation(store, &samples::intent("cca", 3)?)?, Some(HOLD))
}
