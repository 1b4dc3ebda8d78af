//! Durable issuances a second: serial and intent recorded, signed, verified, recorded, audited.
//!
//! `cargo bench -p e2e --bench issuance`: for each store and kind of CA key, with 1, 8 and 64 at a
//! time, beside what the key can sign and what the store can do in the same run: commit the smallest
//! act (a list number), and record the same certificates with nothing signed. The last column is
//! what the audit log costs of the records. Ratios hold, absolutes do not: they are this machine's.
//!
//! ```text
//! ca         a hierarchy whose CCA has a key of the kind, over a store
//! rate       how many a second
//! ```

#![expect(clippy::print_stdout, reason = "the tables are what a benchmark is for")]

mod ca;
mod rate;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use ca_core::audit::AuditEntry;
use ca_core::signer::KeyAlgorithm;
use ca_core::store::conformance::samples;
use ca_core::store::{IssuedCertificate, ListId, Store};
use ca_server::store::{PostgresStore, SqliteStore};
use e2e::postgres::Postgres;

use ca::Ca;
use rate::per_second;

fn main() -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores; every act durable before it counts");
    for kind in [KeyAlgorithm::EcP256, KeyAlgorithm::Rsa(3072)] {
        let home = tempfile::tempdir()?;
        let store = Arc::new(SqliteStore::open(&home.path().join("store.db"))?);
        measure("SQLite", store, kind, cores)?;
        // As Debian sets it up: every commit is on disk.
        let server = Postgres::start();
        let store = Arc::new(PostgresStore::open(&server.database("records"))?);
        measure("PostgreSQL", store, kind, cores)?;
    }
    Ok(())
}

fn measure(name: &str, store: Arc<dyn Store>, kind: KeyAlgorithm, cores: usize) -> Result<()> {
    let ca = Ca::establish(kind, Arc::clone(&store))?;
    let count = if kind == KeyAlgorithm::EcP256 { 16_000 } else { 4_000 };
    let signed = per_second(cores, count, |_| ca.sign_bare())?;
    println!("\n{name}, CA key {kind}: {signed:.0} signatures/s");
    println!("  at a time  numbers/s  recorded/s  issued/s  of the smaller  audit log");
    for threads in THREADS {
        let count = if threads == 1 { count / 8 } else { count };
        let numbers = per_second(threads, count, number(store.as_ref()))?;
        let keys = ca::public_keys(2 * count)?;
        let (recorded, issued) = keys.split_at(count);
        let prepared = ca.prepared(recorded)?;
        let records =
            per_second(threads, count, |number| record(store.as_ref(), &prepared, number))?;
        let lines = per_second(threads, count, |number| log(store.as_ref(), &prepared, number))?;
        let issued = per_second(threads, count, |number| ca.issue(issued, number))?;
        let share = issued / signed.min(records);
        // What the lines cost beyond the two commits that the acts need anyway.
        let cost = (1.0 / lines - 2.0 / numbers).max(0.0) * records;
        println!(
            "  {threads:9}  {numbers:9.0}  {records:10.0}  {issued:8.0}  {share:14.2}  {:7.1} %",
            100.0 * cost
        );
    }
    Ok(())
}

/// The smallest act there is.
fn number(store: &dyn Store) -> impl Fn(usize) -> Result<()> + Sync {
    let list = ListId::Bci("bench".to_owned());
    move |_| Ok(store.next_number(&list).map(drop)?)
}

/// What an issuance records, with nothing signed.
fn record(store: &dyn Store, prepared: &[IssuedCertificate], number: usize) -> Result<()> {
    let issued = prepared.get(number).context("a certificate")?;
    store.record_intents(std::slice::from_ref(&issued.intent), &samples::acting())?;
    Ok(store.record_issued(std::slice::from_ref(issued), None, &samples::acting())?)
}

/// The lines of an issuance in the audit log, in two acts as there.
fn log(store: &dyn Store, prepared: &[IssuedCertificate], number: usize) -> Result<()> {
    let issued = prepared.get(number).context("a certificate")?;
    let acting = samples::acting();
    store.note(&[AuditEntry::of_intent(&acting, &issued.intent)])?;
    Ok(store.note(&[AuditEntry::of_issued(&acting, issued)])?)
}

/// Requests at the same time.
const THREADS: [usize; 3] = [1, 8, 64];
