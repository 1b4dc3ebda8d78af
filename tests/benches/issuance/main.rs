//! Durable issuances a second: serial and intent recorded, signed, verified, recorded, audited.
//!
//! `cargo bench -p e2e --bench issuance`: for each store and kind of CA key, with 1, 8 and 64 at a
//! time, beside what the key can sign and what the store can commit in the same run. Then what the
//! audit log costs of it. Ratios hold, absolutes do not: they are this machine's.
//!
//! ```text
//! ca         a hierarchy whose CCA has a key of the kind, over a store
//! rate       how many a second
//! ```

#![expect(clippy::print_stdout, reason = "the tables are what a benchmark is for")]

mod ca;
mod rate;

use std::sync::Arc;

use anyhow::Result;
use ca_core::audit::AuditEntry;
use ca_core::signer::KeyAlgorithm;
use ca_core::store::conformance::samples;
use ca_core::store::{ListId, Store};
use ca_server::store::SqliteStore;

use ca::Ca;
use rate::per_second;

fn main() -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores; every act durable before it counts");
    for kind in [KeyAlgorithm::EcP256, KeyAlgorithm::Rsa(3072)] {
        let home = tempfile::tempdir()?;
        let store = Arc::new(SqliteStore::open(&home.path().join("store.db"))?);
        measure("SQLite", store, kind, cores)?;
    }
    Ok(())
}

fn measure(name: &str, store: Arc<dyn Store>, kind: KeyAlgorithm, cores: usize) -> Result<()> {
    let ca = Ca::establish(kind, Arc::clone(&store))?;
    let count = if kind == KeyAlgorithm::EcP256 { 16_000 } else { 4_000 };
    let signed = per_second(cores, count, |_| ca.sign_bare())?;
    let list = ListId::Bci("bench".to_owned());
    let commit = |_| Ok(store.next_number(&list).map(drop)?);
    println!("\n{name}, CA key {kind}: {signed:.0} signatures/s");
    println!("  at a time  commits/s  issued/s  of the smaller");
    for threads in THREADS {
        let few = if threads == 1 { count / 8 } else { count };
        let commits = per_second(threads, few, commit)?;
        let keys = ca::public_keys(few)?;
        let issued = per_second(threads, few, |number| ca.issue(&keys, number))?;
        let share = issued / signed.min(commits);
        println!("  {threads:9}  {commits:9.0}  {issued:8.0}  {share:14.2}");
    }
    audit(&ca, store.as_ref(), kind, count)
}

/// The acts of an issuance without its signature, and the audit log's part of them: what lines as
/// long as theirs cost beyond a commit.
fn audit(ca: &Ca, store: &dyn Store, kind: KeyAlgorithm, count: usize) -> Result<()> {
    let threads = THREADS.into_iter().max().unwrap_or(1);
    let keys = ca::public_keys(count)?;
    let prepared = ca.prepared(&keys)?;
    let acts = per_second(threads, count, |number| {
        let Some(issued) = prepared.get(number) else { return Ok(()) };
        store.record_intents(std::slice::from_ref(&issued.intent), &samples::acting())?;
        Ok(store.record_issued(std::slice::from_ref(issued), None, &samples::acting())?)
    })?;
    let entry = |number: usize| prepared.get(number).map(|one| of(&one.intent));
    let lines = per_second(threads, count, |number| {
        for entry in entry(number).into_iter().flatten() {
            store.note(&[entry])?;
        }
        Ok(())
    })?;
    let list = ListId::Bci("bench".to_owned());
    let commits =
        per_second(threads, 2 * count, |_| Ok(store.next_number(&list).map(drop)?))? / 2.0;
    let cost = (1.0 / lines - 1.0 / commits).max(0.0);
    println!(
        "  audit log: {:.1} % of the acts of the store for an issuance with {kind} ({acts:.0}/s \
         without signing)",
        100.0 * cost * acts
    );
    Ok(())
}

/// The two entries of an issuance.
fn of(intent: &ca_core::store::Intent) -> [AuditEntry; 2] {
    let (acting, der) = (samples::acting(), intent.tbs.clone());
    let issued = ca_core::store::IssuedCertificate { intent: intent.clone(), der };
    [AuditEntry::of_intent(&acting, intent), AuditEntry::of_issued(&acting, &issued)]
}

/// Requests at the same time.
const THREADS: [usize; 3] = [1, 8, 64];
