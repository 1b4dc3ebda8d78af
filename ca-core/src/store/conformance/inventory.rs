//! Checks of [`Store::certificates`].

use super::{Check, Violation, expect_equal, samples};
use crate::profile::Role;
use crate::store::{
    CertificateQuery, CertificateRecord, CertificateState, Intent, Revocation, RevocationReason,
    Store,
};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "pages of any size hold every record once, in order", run: paging },
    Check { claim: "each filter finds what it names", run: counted },
    Check { claim: "every combination of filters narrows", run: filters },
    Check { claim: "a public key is found under every certificate of it", run: public_key },
    Check { claim: "the record is the same on a page and alone", run: same_record },
    Check { claim: "a page without a limit holds 100", run: default_limit },
    Check { claim: "a full last page has no next", run: full_last_page },
    Check { claim: "a cursor behind the end gives an empty page", run: cursor_behind_end },
    Check { claim: "a record that moves on keeps its position", run: position_stays },
];

/// Twenty records of two issuers, two roles and all states.
fn fill(store: &dyn Store) -> Result<(), Violation> {
    let revocation = Revocation::new(samples::NOW, RevocationReason::Superseded);
    for number in 1..=20_u64 {
        let issuer = if number % 2 == 0 { "cca" } else { "mca" };
        let role = if number % 5 < 2 { Role::Cardholder } else { Role::Merchant };
        let intent = Intent { role, ..samples::intent(issuer, number.div_ceil(2))? };
        store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
        if number % 3 > 0 {
            store.record_issued(&[samples::issued(&intent)], None, &samples::acting())?;
        }
        if number % 7 < 2 {
            store.revoke(&intent.issuer, &intent.serial, &revocation, &samples::acting())?;
        }
    }
    Ok(())
}

pub(super) fn walk(
    store: &dyn Store,
    query: &CertificateQuery,
) -> Result<Vec<CertificateRecord>, Violation> {
    let mut query = query.clone();
    let mut found = Vec::new();
    for _ in 0..100 {
        let page = store.certificates(&query)?;
        if page.items.len() > query.page_size() {
            return Err(Violation("a page holds more than its limit".to_owned()));
        }
        found.extend(page.items);
        if page.next.is_none() {
            return Ok(found);
        }
        query.after = page.next;
    }
    Err(Violation("pages without end".to_owned()))
}

fn public_key(store: &dyn Store) -> Result<(), Violation> {
    // Two tries of one request share their key.
    let first = Intent { request: Some([7; 32]), ..samples::intent("cca", 1)? };
    let again = Intent { serial: samples::serial(2)?, ..first.clone() };
    for intent in [&first, &samples::intent("cca", 3)?, &again] {
        store.record_intents(std::slice::from_ref(intent), &samples::acting())?;
    }
    let public_key = Some(first.public_key);
    let query = CertificateQuery { public_key, limit: 1, ..CertificateQuery::default() };
    let found = walk(store, &query)?;
    expect_equal(found.iter().map(|record| &record.intent).collect(), vec![&first, &again])
}

fn paging(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let whole = store.certificates(&CertificateQuery::default())?.items;
    expect_equal(whole.len(), 20)?;
    let rising = whole.iter().zip(whole.iter().skip(1)).all(|(a, b)| a.position < b.position);
    expect_equal(rising, true)?;
    for limit in [1, 2, 3, 7, 19, 20, 21] {
        let query = CertificateQuery { limit, ..CertificateQuery::default() };
        expect_equal(walk(store, &query)?, whole.clone())?;
    }
    Ok(())
}

/// The numbers follow from [`fill`] by hand.
fn counted(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let all = CertificateQuery::default;
    let cca = Some(samples::ca_id("cca")?);
    let state = |state| CertificateQuery { state: Some(state), ..all() };
    let queries = [
        (CertificateQuery { issuer: cca.clone(), ..all() }, 10),
        (CertificateQuery { role: Some(Role::Cardholder), ..all() }, 8),
        (CertificateQuery { serial: Some(samples::serial(3)?), ..all() }, 2),
        (state(CertificateState::Intent), 5),
        (state(CertificateState::Issued), 10),
        (state(CertificateState::Revoked), 5),
        (CertificateQuery { issuer: cca, ..state(CertificateState::Revoked) }, 2),
    ];
    for (query, count) in queries {
        expect_equal(store.certificates(&query)?.items.len(), count)?;
    }
    Ok(())
}

fn filters(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let whole = store.certificates(&CertificateQuery::default())?.items;
    for issuer in [None, Some(samples::ca_id("cca")?), Some(samples::ca_id("absent")?)] {
        for state in [
            None,
            Some(CertificateState::Intent),
            Some(CertificateState::Issued),
            Some(CertificateState::Revoked),
        ] {
            for role in [None, Some(Role::Merchant), Some(Role::Gateway)] {
                for serial in [None, Some(samples::serial(3)?)] {
                    let issuer = issuer.clone();
                    let query = CertificateQuery {
                        issuer,
                        state,
                        role,
                        serial,
                        limit: 2,
                        ..CertificateQuery::default()
                    };
                    let expected: Vec<_> =
                        whole.iter().filter(|r| query.admits(r, None)).cloned().collect();
                    expect_equal(walk(store, &query)?, expected)?;
                }
            }
        }
    }
    Ok(())
}

fn same_record(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    for record in store.certificates(&CertificateQuery::default())?.items {
        let alone = store.certificate(&record.intent.issuer, &record.intent.serial)?;
        expect_equal(alone, Some(record))?;
    }
    Ok(())
}

fn default_limit(store: &dyn Store) -> Result<(), Violation> {
    for number in 1..=101 {
        store.record_intents(&[samples::intent("cca", number)?], &samples::acting())?;
    }
    expect_equal(store.certificates(&CertificateQuery::default())?.items.len(), 100)
}

fn full_last_page(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let query = CertificateQuery { limit: 20, ..CertificateQuery::default() };
    expect_equal(store.certificates(&query)?.next, None)
}

fn cursor_behind_end(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let query = CertificateQuery { after: Some(u64::MAX), ..CertificateQuery::default() };
    let page = store.certificates(&query)?;
    expect_equal((page.items, page.next), (vec![], None))
}

fn position_stays(store: &dyn Store) -> Result<(), Violation> {
    let first = samples::intent("cca", 1)?;
    store.record_intents(std::slice::from_ref(&first), &samples::acting())?;
    store.record_intents(&[samples::intent("cca", 2)?], &samples::acting())?;
    let before = store.certificate(&first.issuer, &first.serial)?.map(|r| r.position);
    store.record_issued(&[samples::issued(&first)], None, &samples::acting())?;
    let after = store.certificate(&first.issuer, &first.serial)?.map(|r| r.position);
    expect_equal(after, before)
}
