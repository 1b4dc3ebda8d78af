//! A page of the inventory by each filter that finds it, in a small store and in a large one; and
//! what each index costs where certificates are recorded.
//!
//! `cargo bench -p e2e --bench inventory -- 1000 1000000`: a hierarchy is made for each number, its
//! store filled as by `load fill`, one certificate in ten revoked, and thrown away after.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]

mod issuance;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ca_core::Suite;
use ca_core::profile::Role;
use ca_core::store::conformance::samples;
use ca_core::store::{
    CertificateQuery, CertificateRecord, CertificateState, Expires, Registration, Store, Word,
};
use ca_server::data::{Folder, InitOrder};
use e2e::fill::{self, Filler};

fn main() -> Result<()> {
    let arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let numbers: Result<Vec<u64>, _> = arguments.map(|argument| argument.parse()).collect();
    let mut numbers = numbers.context("numbers of certificates")?;
    if numbers.is_empty() {
        numbers.extend([1_000, 10_000]);
    }
    let folder = tempfile::tempdir()?;
    let mut columns = Vec::new();
    for number in &numbers {
        let path = folder.path().join(format!("inventory-{number}"));
        columns.push(measure(&path, *number)?);
    }
    print(&numbers, &columns);
    let largest = numbers.last().context("a number of certificates")?;
    issuance::measure(&folder.path().join(format!("inventory-{largest}")))
}

/// What finds, with median and 99th percentile.
type Column = Vec<(&'static str, [Duration; 2])>;

fn measure(path: &Path, number: u64) -> Result<Column> {
    create(path)?;
    let filler = Filler::open(path, None)?;
    filler.certificates(number)?;
    filler.revoked(number / 10, number)?;
    let issuer = filler.issuer().clone();
    drop(filler);
    let store = fill::open(path)?;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        // Somewhere else each time, as whoever looks does.
        let serial = fill::serial(round * 7919 % number)?;
        let record = store.certificate(&issuer, &serial)?.context("a certificate")?;
        register(&store, &record, round)?;
        for (name, query) in queries(&record, round)? {
            let begin = Instant::now();
            store.certificates(&query)?;
            times.push((name, begin.elapsed()));
        }
    }
    Ok(summed_up(&times))
}

fn create(path: &Path) -> Result<()> {
    let order = InitOrder {
        test: false,
        brands: vec!["Sample".to_owned()],
        geo: None,
        combined_ca: false,
        suite: Suite::Modern,
        policies_dir: None,
        base_url: "http://127.0.0.1:8257".to_owned(),
        passphrase: None,
    };
    Folder::at(path).create(&order, &mut |_| {})?;
    Ok(())
}

/// A registration in which the certificate was issued.
fn register(store: &dyn Store, record: &CertificateRecord, round: u64) -> Result<()> {
    let registration = Registration {
        lid_ca: lid_ca(round),
        ca: record.intent.issuer.clone(),
        issued: vec![record.intent.serial],
        ..samples::registration(1).map_err(anyhow::Error::msg)?
    };
    Ok(store.record_registration(&registration, None, &samples::acting())?)
}

fn lid_ca(round: u64) -> Vec<u8> {
    round.to_be_bytes().to_vec()
}

/// One question for each filter that finds, of 100 records where there are so many.
fn queries(
    record: &CertificateRecord,
    round: u64,
) -> Result<Vec<(&'static str, CertificateQuery)>> {
    let intent = &record.intent;
    let (_, name) = intent.subject.rsplit_once("CN=").context("a commonName")?;
    let whole = CertificateQuery::default;
    let from_here = || CertificateQuery { after: Some(record.position / 2), ..whole() };
    let (issuer, role) = (Some(intent.issuer.clone()), Some(intent.role));
    let revoked = Some(CertificateState::Revoked);
    let never = Expires { from: Some(intent.not_after.plus_days(36_500)), to: None };
    Ok(vec![
        ("no filter", from_here()),
        ("serial", CertificateQuery { serial: Some(intent.serial), ..whole() }),
        ("key", CertificateQuery { public_key: Some(intent.public_key), ..whole() }),
        ("registration", CertificateQuery { registration: Some(lid_ca(round)), ..whole() }),
        ("subject, a rare word", CertificateQuery { subject: Word::all_in(name), ..whole() }),
        (
            "subject, a word of all",
            CertificateQuery { subject: Word::all_in("example"), ..from_here() },
        ),
        ("issuer", CertificateQuery { issuer: issuer.clone(), ..from_here() }),
        ("role", CertificateQuery { role, ..from_here() }),
        ("brand", CertificateQuery { brand: intent.brand.clone(), ..from_here() }),
        ("issuer and role", CertificateQuery { issuer: issuer.clone(), role, ..from_here() }),
        ("revoked", CertificateQuery { state: revoked, ..from_here() }),
        ("issuer and revoked", CertificateQuery { issuer, state: revoked, ..from_here() }),
        ("a role, revoked", CertificateQuery { role, state: revoked, ..from_here() }),
        ("a role nobody has", CertificateQuery { role: Some(Role::Gateway), ..whole() }),
        ("nothing in all looked at", CertificateQuery { role, expires: never, ..whole() }),
    ])
}

/// Of the times of each filter, median and 99th percentile.
fn summed_up(times: &[(&'static str, Duration)]) -> Column {
    let mut column: Column = Vec::new();
    for (name, _) in times {
        if column.iter().any(|(known, _)| known == name) {
            continue;
        }
        let own = times.iter().filter(|(other, _)| other == name);
        let mut own: Vec<Duration> = own.map(|(_, spent)| *spent).collect();
        own.sort_unstable();
        let at = |share: usize| own.get(own.len() * share / 100).copied().unwrap_or_default();
        column.push((*name, [at(50), at(99)]));
    }
    column
}

fn print(numbers: &[u64], columns: &[Column]) {
    let heads: Vec<String> =
        numbers.iter().map(|number| format!("{number:>9} median      p99")).collect();
    println!("{:26}{}   ratio of medians, last to first", "found by, us", heads.concat());
    let Some(first) = columns.first() else { return };
    for (place, (name, _)) in first.iter().enumerate() {
        let cells = columns.iter().filter_map(|column| column.get(place));
        let times: Vec<[f64; 2]> =
            cells.map(|(_, times)| times.map(|time| time.as_secs_f64() * 1e6)).collect();
        let text: Vec<String> =
            times.iter().map(|[median, p99]| format!("{median:>16.0} {p99:>8.0}")).collect();
        let medians = times.first().zip(times.last()).map(|(a, b)| b[0] / a[0]);
        println!("{name:26}{}   {:.2}", text.concat(), medians.unwrap_or(f64::NAN));
    }
}

const ROUNDS: u64 = 200;
