//! Certificates recorded a second, by 64 threads, with one index after the other taken away.
//!
//! A variant also pays for the log of the indexes that were made right before it, which is not the
//! same for each: differences of a few per cent say nothing.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use ca_core::store::conformance::samples;
use ca_core::store::{Intent, Store};
use ca_server::data::Folder;
use e2e::fill;
use rusqlite::Connection;

/// Every variant in its turn, round by round: the machine is not the same all the time.
pub(super) fn measure(path: &Path) -> Result<()> {
    let next = AtomicU64::new(1);
    let mut rates = [const { Vec::new() }; VARIANTS.len()];
    for _ in 0..ROUNDS {
        for ((_, without, words), rates) in VARIANTS.iter().zip(&mut rates) {
            let connection = Connection::open(Folder::at(path).database())?;
            connection.execute_batch(WHOLE)?;
            connection.execute_batch(without)?;
            drop(connection);
            rates.push(rate(path, &next, *words)?);
        }
    }
    for ((name, ..), rates) in VARIANTS.iter().zip(&mut rates) {
        rates.sort_by(f64::total_cmp);
        let median = rates.get(ROUNDS / 2).copied().unwrap_or(f64::NAN);
        println!("{name:40} {median:>8.0} certificates a second, of {rates:.0?}");
    }
    Ok(())
}

fn rate(path: &Path, next: &AtomicU64, words: bool) -> Result<f64> {
    let store = fill::open(path)?;
    let (begin, first) = (Instant::now(), next.load(Ordering::SeqCst));
    std::thread::scope(|threads| {
        let record = || -> Result<()> {
            while begin.elapsed() < LONG {
                let intent = intent(next.fetch_add(1, Ordering::SeqCst), words)?;
                store.record_intents(std::slice::from_ref(&intent), &samples::acting())?;
                store.record_issued(&[samples::issued(&intent)], None, &samples::acting())?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..THREADS).map(|_| threads.spawn(record)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("a thread died")))
    })?;
    let recorded = next.load(Ordering::SeqCst) - first;
    Ok(recorded as f64 / begin.elapsed().as_secs_f64())
}

/// As a cardholder's is: five words in OU and CN, or the same text where there are none.
fn intent(number: u64, words: bool) -> Result<Intent> {
    let plain = samples::intent("bench", number).map_err(anyhow::Error::msg)?;
    let name = ca_core::hex(&plain.public_key);
    let (part, length) = (if words { "OU" } else { "O" }, name.len() / 2);
    let (one, two) = name.split_at(length);
    let subject = format!("C=US, O=Sample, {part}=Example Issuer Ltd, {part}={one}+{two}");
    Ok(Intent { subject, tbs: vec![7; 900], ..plain })
}

/// What the schema has.
const WHOLE: &str = "\
    DROP INDEX IF EXISTS certificate_state; DROP INDEX IF EXISTS certificate_issuer_state; \
    DROP INDEX IF EXISTS certificate_state_role; \
    DROP INDEX IF EXISTS certificate_issuer_state_role; \
    CREATE INDEX IF NOT EXISTS certificate_unlike_issued ON certificate (state) \
    WHERE state <> 'issued'; \
    CREATE INDEX IF NOT EXISTS certificate_issuer_unlike_issued ON certificate (issuer, state) \
    WHERE state <> 'issued'; \
    CREATE INDEX IF NOT EXISTS certificate_brand ON certificate (brand); \
    CREATE INDEX IF NOT EXISTS certificate_not_after ON certificate (not_after)";
const SCHEMA_2: &str = "\
    DROP INDEX certificate_unlike_issued; DROP INDEX certificate_issuer_unlike_issued; \
    DROP INDEX certificate_brand; DROP INDEX certificate_not_after; \
    CREATE INDEX certificate_state ON certificate (state); \
    CREATE INDEX certificate_issuer_state ON certificate (issuer, state); \
    CREATE INDEX certificate_state_role ON certificate (state, role); \
    CREATE INDEX certificate_issuer_state_role ON certificate (issuer, state, role)";
/// Name, what is taken away, and whether subjects have words.
const VARIANTS: [(&str, &str, bool); 5] = [
    ("as it is", "", true),
    ("without words of subjects", "", false),
    ("without the index of brands", "DROP INDEX certificate_brand", true),
    ("without the index of notAfter", "DROP INDEX certificate_not_after", true),
    ("as in schema 2", SCHEMA_2, false),
];
const ROUNDS: usize = 3;
const THREADS: usize = 64;
const LONG: Duration = Duration::from_secs(4);
