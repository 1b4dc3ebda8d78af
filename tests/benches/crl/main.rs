//! CRLs of many entries: from nothing, after one more revocation, into the store, and by a peer.
//!
//! `cargo bench -p e2e --bench crl -- 10 10000 1000000`: each number in a process of its own, so
//! that its peak of memory is its own. The CA has an RSA-3072 key; serial numbers have 16 octets,
//! every entry a reason. Hashing, the signature and its verification are in every figure of a list.
//! `openssl ca -gencrl` makes a list of the same entries, from its text file.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]

mod house;
mod meter;
mod peer;

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use ca_core::status::StatusIndex;
use ca_core::store::conformance::samples;
use ca_core::store::{ListId, PublishedList, Store as _};
use ca_core::wire::Crl;
use ca_core::{Octets, Part};
use ca_server::store::SqliteStore;

use crate::house::House;
use crate::meter::{Spent, peak_beyond};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    match arguments.as_slice() {
        [] => alone(&["10".to_owned(), "10000".to_owned()]),
        [alone, number] if alone == ALONE => measure(number.parse().context("a number")?),
        numbers => alone(numbers),
    }
}

/// Measures each number in a process of its own.
fn alone(numbers: &[String]) -> Result<()> {
    for number in numbers {
        let status = Command::new(std::env::current_exe()?).args([ALONE, number]).status()?;
        ensure!(status.success(), "{number} entries: {status}");
    }
    Ok(())
}

fn measure(number: u64) -> Result<()> {
    let house = House::new()?;
    let index = StatusIndex::new();
    let (loaded, ()) = Spent::on(|| (0..number).try_for_each(|one| house.revoke(&index, one)))?;
    println!("{number} entries");
    line("index loaded", loaded);

    let ((from_nothing, first), peak) = peak_beyond(|| Spent::on(|| house.list(&index, 1)))?;
    line("list from nothing", from_nothing);
    share("peak of memory for it", peak, &first);

    let (mut more, mut last, mut new) = (Vec::new(), first.clone(), 0);
    let ((), peak) = peak_beyond(|| {
        for round in 0..ROUNDS {
            let act = || {
                house.revoke(&index, number + round)?;
                house.list(&index, round + 2)
            };
            let (spent, list) = Spent::on(act)?;
            new = new.max(unshared(&last, &list));
            last = list;
            more.push(spent);
        }
        anyhow::Ok(())
    })?;
    line("one more, median", Spent::median(&mut more));
    line("one more, slowest", more.last().copied().unwrap_or_default());
    share("peak of memory for it", peak, &last);
    println!("  new parts of {:<5} {new:>20}", last.parts().len());
    let read = Crl::from_der(&last.whole())?;
    ensure!(read.len() as u64 == number + ROUNDS, "{} entries", read.len());
    drop(read);
    store(first, last)?;
    peer::measure(number)
}

/// Records the first list, and the last over it.
fn store(first: Octets, last: Octets) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(&folder.path().join("lists.db"))?;
    let list = |number, der| PublishedList {
        list: ListId::Crl(house::issuer()),
        number,
        der,
        this_update: house::NOW,
        next_update: house::NOW.plus_days(30),
    };
    let (first, last) = (list(1, first), list(2, last));
    line("recorded first", Spent::on(|| store.record_list(&first, &samples::acting()))?.0);
    line("recorded again", Spent::on(|| store.record_list(&last, &samples::acting()))?.0);
    Ok(())
}

/// How many parts of `after` are not in `before`.
fn unshared(before: &Octets, after: &Octets) -> usize {
    let mut old = before.parts().iter().peekable();
    let shared = |part: &&Part| {
        let mut ahead = old.clone();
        let found = ahead.any(|one| one.is_same(part));
        if found {
            old = ahead;
        }
        found
    };
    after.parts().len() - after.parts().iter().filter(shared).count()
}

fn line(what: &str, spent: Spent) {
    let (wall, processor) = (spent.wall.as_secs_f64() * 1e3, spent.processor.as_secs_f64() * 1e3);
    println!("  {what:<22} {wall:>12.2} ms {processor:>12.2} ms of this thread");
}

/// Memory against the octets of a list.
fn share(what: &str, octets: u64, list: &Octets) {
    let length = list.len();
    println!("  {what:<22} {octets:>12} octets, {:.3} of {length}", octets as f64 / length as f64);
}

/// The argument that says: in this process.
const ALONE: &str = "--alone";
/// Revocations one by one.
const ROUNDS: u64 = 31;
