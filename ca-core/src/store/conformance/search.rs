//! Checks of the filters of [`Store::certificates`] that look for something.

use super::inventory::walk;
use super::{Check, Violation, expect_equal, samples};
use crate::profile::Role;
use crate::store::{
    CertificateQuery, CertificateRecord, Expires, Intent, Registration, Revocation,
    RevocationReason, Store, Word,
};

pub(super) const CHECKS: &[Check] = &[
    Check { claim: "each filter that looks for something finds it, page by page", run: alone },
    Check { claim: "filters that look for something narrow each other", run: together },
    Check { claim: "a word is found whole, in any case, in CN and OU only", run: words },
    Check { claim: "the window of notAfter has both its ends", run: window },
    Check {
        claim: "a registration has what was issued in it, and nothing else",
        run: registration,
    },
    Check { claim: "what lies behind many others is found through short pages", run: behind_many },
];

/// Thirty certificates; every third of the brand Other, every fifth of a shop, each ends a day
/// after the one before.
fn fill(store: &dyn Store) -> Result<(), Violation> {
    for day in 1..=30_u32 {
        let number = u64::from(day);
        let (brand, shop) = (number % 3 == 0, number % 5 == 0);
        let intent = Intent {
            brand: Some(if brand { "Other" } else { "Sample" }.to_owned()),
            role: if shop { Role::Merchant } else { Role::Cardholder },
            subject: if shop {
                format!("C=CH, O=Sample, OU=Example Acquirer, CN=Shop {number}")
            } else {
                format!("C=US, O=Sample, OU=Example Issuer, CN=Card {number}")
            },
            not_after: samples::NOW.plus_days(day),
            ..samples::intent(if number % 2 == 0 { "cca" } else { "mca" }, number)?
        };
        store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
        if number % 2 == 0 {
            store.record_issued(&[samples::issued(&intent)], None, &samples::acting())?;
        }
        if number % 7 == 0 {
            let revocation = Revocation::new(samples::NOW, RevocationReason::Superseded);
            store.revoke(&intent.issuer, &intent.serial, &revocation, &samples::acting())?;
        }
    }
    Ok(())
}

fn numbers(found: &[CertificateRecord]) -> Vec<u64> {
    found.iter().map(|record| record.position).collect()
}

fn by_words(text: &str) -> CertificateQuery {
    CertificateQuery { subject: Word::all_in(text), ..one_a_page() }
}

fn one_a_page() -> CertificateQuery {
    CertificateQuery { limit: 1, ..CertificateQuery::default() }
}

fn days(from: u32, to: u32) -> Expires {
    Expires { from: Some(samples::NOW.plus_days(from)), to: Some(samples::NOW.plus_days(to)) }
}

/// The numbers follow from [`fill`] by hand.
fn alone(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let brand = Some("Other".to_owned());
    let brand = CertificateQuery { brand, ..one_a_page() };
    expect_equal(numbers(&walk(store, &brand)?), (1..=10).map(|n| n * 3).collect())?;
    expect_equal(numbers(&walk(store, &by_words("shop"))?), (1..=6).map(|n| n * 5).collect())?;
    expect_equal(numbers(&walk(store, &by_words("card 14"))?), vec![14])?;
    expect_equal(numbers(&walk(store, &by_words("shop 14"))?), vec![])?;
    let window = CertificateQuery { expires: days(4, 7), ..one_a_page() };
    expect_equal(numbers(&walk(store, &window)?), vec![4, 5, 6, 7])?;
    let absent = CertificateQuery { brand: Some("Absent".to_owned()), ..one_a_page() };
    expect_equal(numbers(&walk(store, &absent)?), vec![])
}

fn together(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let whole = store.certificates(&CertificateQuery::default())?.items;
    let states = [None, Some(crate::store::CertificateState::Revoked)];
    for state in states {
        for role in [None, Some(Role::Merchant)] {
            for issuer in [None, Some(samples::ca_id("cca")?)] {
                for brand in [None, Some("Other".to_owned())] {
                    for subject in ["", "example", "SHOP 15", "acquirer 30 example"] {
                        for expires in [Expires::default(), days(10, 29)] {
                            let query = CertificateQuery {
                                state,
                                role,
                                expires,
                                issuer: issuer.clone(),
                                brand: brand.clone(),
                                ..by_words(subject)
                            };
                            let admitted = whole.iter().filter(|r| query.admits(r, None));
                            expect_equal(walk(store, &query)?, admitted.cloned().collect())?;
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

fn words(store: &dyn Store) -> Result<(), Violation> {
    let subject = "C=CH, O=Helvetia, OU=Zürcher Bank, CN=Café Blanc+24".to_owned();
    let intent = Intent { subject, ..samples::intent("cca", 1)? };
    store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
    for (text, count) in [
        ("café", 1),
        ("CAFÉ", 1),
        ("blanc 24", 1),
        ("zürcher café", 1),
        ("caf", 0),
        ("anc", 0),
        ("helvetia", 0),
        ("café noir", 0),
        ("%", 1),
        ("caf%", 0),
    ] {
        expect_equal((text, walk(store, &by_words(text))?.len()), (text, count))?;
    }
    Ok(())
}

fn window(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let day = |day: u32| Some(samples::NOW.plus_days(day));
    for (from, to, count) in [
        (None, None, 30),
        (None, day(3), 3),
        (day(28), None, 3),
        (day(9), day(9), 1),
        (day(9), day(8), 0),
        (day(31), None, 0),
    ] {
        let query = CertificateQuery { expires: Expires { from, to }, ..one_a_page() };
        expect_equal(walk(store, &query)?.len(), count)?;
    }
    Ok(())
}

fn registration(store: &dyn Store) -> Result<(), Violation> {
    fill(store)?;
    let first = samples::registration(1)?;
    store.record_registration(&first, None, &samples::acting())?;
    let intents = [samples::intent("sample-cca", 31)?, samples::intent("sample-cca", 32)?];
    store.record_intents(&intents, &samples::acting())?;
    let issued = Registration {
        revision: 1,
        issued: vec![samples::serial(32)?, samples::serial(31)?],
        ..first.clone()
    };
    let certificates = intents.each_ref().map(samples::issued);
    store.record_issued(&certificates, Some((&issued, None)), &samples::acting())?;
    let of =
        |lid_ca: &[u8]| CertificateQuery { registration: Some(lid_ca.to_vec()), ..one_a_page() };
    expect_equal(numbers(&walk(store, &of(&first.lid_ca))?), vec![31, 32])?;
    let merchants = CertificateQuery { role: Some(Role::Merchant), ..of(&first.lid_ca) };
    expect_equal(numbers(&walk(store, &merchants)?), vec![])?;
    // Whichever filter is the one that finds.
    let second = certificates.get(1).map(|issued| &issued.intent);
    let serial = second.map(|intent| intent.serial);
    let public_key = second.map(|intent| intent.public_key);
    for query in [
        CertificateQuery { serial, ..of(&first.lid_ca) },
        CertificateQuery { public_key, ..of(&first.lid_ca) },
        CertificateQuery { subject: Word::all_in("32"), ..of(&first.lid_ca) },
    ] {
        expect_equal(numbers(&walk(store, &query)?), vec![32])?;
        let other = CertificateQuery { registration: Some(vec![0xca, 9]), ..query };
        expect_equal(numbers(&walk(store, &other)?), vec![])?;
    }
    Ok(())
}

/// More than one page may look at, and nothing but the last is wanted.
fn behind_many(store: &dyn Store) -> Result<(), Violation> {
    let many = u64::try_from(crate::store::MOST_EXAMINED).unwrap_or(u64::MAX).saturating_add(1);
    for first in (1..=many).step_by(500) {
        let last = first.saturating_add(499).min(many);
        let intents: Result<Vec<Intent>, Violation> =
            (first..=last).map(|number| samples::intent("cca", number)).collect();
        store.record_intents(&intents?, &samples::acting())?;
    }
    let not_after = samples::NOW.plus_days(1);
    let wanted = Intent { not_after, ..samples::intent("mca", 1)? };
    store.record_intents(std::slice::from_ref(&wanted), &samples::acting())?;
    for query in [
        CertificateQuery { expires: days(0, 1), ..one_a_page() },
        CertificateQuery { expires: days(0, 1), ..by_words("cardholder") },
        CertificateQuery { expires: days(0, 1), role: Some(Role::Cardholder), ..one_a_page() },
    ] {
        let found = walk(store, &query)?;
        expect_equal(found.iter().map(|record| &record.intent).collect(), vec![&wanted])?;
    }
    Ok(())
}
