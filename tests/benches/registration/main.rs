//! Registrations per second by role and suite, and where the CA spends its time on one.
//!
//! `cargo bench -p e2e --bench registration`: one run, one process, for each suite a real data
//! folder and SQLite on disk. Ratios hold, absolutes do not: they are this machine's.
//!
//! ```text
//! house      the CA: a data folder, and what its private keys do alone
//! entity     the other side: whole registrations over SET messages
//! keys       keys for it, made before anything is measured
//! rate       how many registrations a second
//! stages     where the time goes
//! ```

#![expect(clippy::print_stdout, reason = "the tables are what a benchmark is for")]

mod entity;
mod house;
mod keys;
mod rate;
mod sample;
mod stages;

use anyhow::Result;
use ca_core::Suite;
use ca_core::profile::Role;

use crate::house::House;
use crate::keys::Stock;

fn main() -> Result<()> {
    println!(
        "SQLite on disk (synchronous FULL), {} cores, both sides in one process, \
         {REGISTRATIONS} registrations a line",
        cores()
    );
    for suite in [Suite::Modern, Suite::Set1997] {
        measure(suite)?;
    }
    Ok(())
}

fn measure(suite: Suite) -> Result<()> {
    let home = tempfile::tempdir()?;
    let house = House::establish(home.path(), suite)?;
    let threads = [1, cores(), 16];
    let mut stock = Stock::make(suite, (threads.len() + 1) * REGISTRATIONS)?;
    let bare = rate::bare(&house)?;
    rate::heading();
    let mut tables = Vec::new();
    for role in ROLES {
        let best = bare.registrations(role);
        println!("{role}: its private-key operations alone would allow {best:.0}/s");
        for threads in threads {
            rate::line(&house, role, threads, best, stock.take(role, REGISTRATIONS)?)?;
        }
        tables.push((role, stages::measured(&house, role, stock.take(role, REGISTRATIONS)?)?));
    }
    stages::print(suite, &tables);
    Ok(())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Who registers.
const ROLES: [Role; 3] = [Role::Cardholder, Role::Merchant, Role::Gateway];
/// Registrations per line.
const REGISTRATIONS: usize = 192;
