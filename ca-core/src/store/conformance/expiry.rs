//! Checks of [`Store::expiring`].

use super::{Check, Violation, expect_equal, samples};
use crate::store::{Expires, ExpiryQuery, Intent, Revocation, RevocationReason, Store};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "what expires comes in the order of its end, page by page", run: in_order },
    Check { claim: "what is revoked does not expire", run: revoked },
    Check { claim: "the window of what expires has both its ends", run: window },
    Check { claim: "many that end in one second are found through short pages", run: one_second },
];

/// Twelve certificates: the later recorded, the sooner they end; of each day three.
fn fill(store: &dyn Store) -> Result<(), Violation> {
    for number in 1..=12_u32 {
        let not_after = samples::NOW.plus_days(5_u32.saturating_sub(number.div_ceil(3)));
        let intent = Intent { not_after, ..samples::intent("cca", u64::from(number))? };
        store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
        store.record_issued(&[samples::issued(&intent)], None, &samples::acting())?;
    }
    Ok(())
}

/// Positions, through pages of this size.
fn walk(store: &dyn Store, expires: Expires, limit: usize) -> Result<Vec<u64>, Violation> {
    let mut query = ExpiryQuery { expires, limit, ..ExpiryQuery::default() };
    let mut found = Vec::new();
    for _ in 0..100 {
        let page = store.expiring(&query)?;
        if page.items.len() > limit {
            return Err(Violation("a page holds more than its limit".to_owned()));
        }
        found.extend(page.items.iter().map(|record| record.position));
        if page.next.is_none() {
            return Ok(found);
        }
        query.after = page.next;
    }
    Err(Violation("pages without end".to_owned()))
}

fn in_order(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    for limit in [1, 2, 3, 4, 11, 12, 13] {
        let found = walk(store, Expires::default(), limit)?;
        expect_equal(found, vec![10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3])?;
    }
    Ok(())
}

fn revoked(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let issuer = samples::ca_id("cca")?;
    for number in [11, 7, 3] {
        let revocation = Revocation::new(samples::NOW, RevocationReason::CertificateHold);
        let serial = samples::serial(number)?;
        store.revoke(&issuer, &serial, &revocation, &samples::acting())?;
    }
    store.release(&issuer, &samples::serial(7)?, &samples::acting())?;
    expect_equal(walk(store, Expires::default(), 1)?, vec![10, 12, 7, 8, 9, 4, 5, 6, 1, 2])
}

fn window(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let day = |day: u32| Some(samples::NOW.plus_days(day));
    let second = |day: u32| Some(samples::NOW.plus_days(day).plus_secs(1));
    for (from, to, found) in [
        (day(2), day(2), vec![7, 8, 9]),
        (None, day(1), vec![10, 11, 12]),
        (day(4), None, vec![1, 2, 3]),
        (second(1), day(3), vec![7, 8, 9, 4, 5, 6]),
        (second(4), None, vec![]),
        (day(3), day(2), vec![]),
    ] {
        expect_equal(walk(store, Expires { from, to }, 2)?, found)?;
    }
    Ok(())
}

/// More than one page may look at: all revoked but the last.
fn one_second(store: &dyn Store) -> Result<(), Violation> {
    let many = u64::try_from(crate::store::MOST_EXAMINED).unwrap_or(u64::MAX).saturating_add(2);
    let revocation = Revocation::new(samples::NOW, RevocationReason::Superseded);
    for first in (1..=many).step_by(500) {
        let last = first.saturating_add(499).min(many);
        let intents: Result<Vec<Intent>, Violation> =
            (first..=last).map(|number| samples::intent("cca", number)).collect();
        let intents = intents?;
        store.record_intents(&intents, &samples::acting())?;
        let living = |intent: &&Intent| samples::serial(many).is_ok_and(|s| s != intent.serial);
        let orders: Vec<_> = intents
            .iter()
            .filter(living)
            .map(|Intent { issuer, serial, .. }| crate::store::RevocationOrder {
                issuer: issuer.clone(),
                serial: *serial,
                revocation,
            })
            .collect();
        store.revoke_all(&orders, &samples::acting())?;
    }
    expect_equal(walk(store, Expires::default(), 1)?, vec![many])
}
