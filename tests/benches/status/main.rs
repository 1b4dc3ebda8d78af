//! The status of many certificates: memory, start-up, questions, and what one more revocation
//! costs.
//!
//! `cargo bench -p e2e --bench status -- 100000 1000000`: a hierarchy is made for each number, its
//! store filled as by `load fill`, one certificate in ten revoked, and thrown away after. `--keep
//! FOLDER` keeps them there and uses them again.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ca_core::status::{Indexed, SerialStatus, StatusIndex, compare};
use ca_core::store::conformance::samples;
use ca_core::store::{CaId, Revocation, RevocationReason, Store};
use ca_core::{Suite, UnixTime};
use ca_server::data::{Folder, InitOrder};
use e2e::fill::{self, Filler};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (mut numbers, mut keep) = (Vec::new(), None);
    while let Some(argument) = arguments.next() {
        if argument == "--keep" {
            keep = Some(PathBuf::from(arguments.next().context("--keep FOLDER")?));
        } else {
            numbers.push(argument.parse::<u64>().context("numbers of certificates")?);
        }
    }
    if numbers.is_empty() {
        numbers.push(10_000);
    }
    let thrown_away = tempfile::tempdir()?;
    let folder = keep.as_deref().unwrap_or_else(|| thrown_away.path());
    for number in numbers {
        measure(folder, number)?;
    }
    Ok(())
}

fn measure(folder: &Path, number: u64) -> Result<()> {
    let path = folder.join(format!("status-{number}"));
    if !path.exists() {
        create(&path)?;
    }
    let filler = Filler::open(&path, None)?;
    filler.certificates(number)?;
    filler.revoked(number / 10, number)?;
    drop(filler);
    let megabytes = fs::metadata(Folder::at(&path).database())?.len() >> 20;
    println!("{number} certificates, one in ten revoked, {megabytes} MiB on disk");
    let store: Arc<dyn Store> = Arc::new(fill::open(&path)?);
    let before = resident()?;
    let indexed = Indexed::new(Arc::clone(&store));
    let (loaded, _) = timed(|| indexed.follow())?;
    let (index, after) = (indexed.current()?, resident()?);
    let size = index.size();
    let held = (size.living + size.revoked).max(1) as f64;
    println!("  load                {:>10.3} s", loaded.as_secs_f64());
    println!("  allocated           {:>10.2} octets per certificate", size.octets as f64 / held);
    let grown = after.saturating_sub(before) as f64;
    println!("  process grew by     {:>10.2} octets per certificate", grown / held);

    let (compared, mismatches) = timed(|| compare(index, store.as_ref(), 10))?;
    println!("  compare with store  {:>10.3} s", compared.as_secs_f64());
    anyhow::ensure!(mismatches.is_empty(), "mismatches: {mismatches:?}");

    let (asked, revoked) =
        timed(|| anyhow::Ok((0..QUESTIONS).filter(|n| is_revoked(index, n * 7 % number)).count()))?;
    let each = asked.as_secs_f64() * 1e9 / QUESTIONS as f64;
    println!("  one question        {each:>10.0} ns, serial made included ({revoked} revoked)");
    let (followed, ()) = timed(|| (0..1_000).try_for_each(|_| indexed.follow().map(drop)))?;
    println!("  follow, no change   {:>10.1} us", followed.as_secs_f64() * 1e6 / 1e3);
    revoke_more(&indexed, store.as_ref(), number)
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

/// The CCA of [`create`].
fn issuer() -> CaId {
    CaId::new("sample-cca").unwrap_or_else(|| unreachable!("a good identifier"))
}

fn is_revoked(index: &StatusIndex, number: u64) -> bool {
    fill::serial(number)
        .is_ok_and(|serial| matches!(index.status(&issuer(), &serial), SerialStatus::Revoked(_)))
}

/// Revokes through the bare store and through the index, in turns: the sync of the disk is in both.
fn revoke_more(indexed: &Indexed, store: &dyn Store, number: u64) -> Result<()> {
    let mut spent = [Duration::ZERO; 2];
    let mut done = [0_u32; 2];
    let living = (0..number).filter(|number| {
        let status = fill::serial(*number).map(|serial| indexed.status(&issuer(), &serial));
        matches!(status, Ok(Ok(SerialStatus::Good)))
    });
    for (turn, number) in living.take(REVOCATIONS).enumerate() {
        let serial = fill::serial(number)?;
        let revocation = Revocation::new(NOW, RevocationReason::Superseded);
        let by: &dyn Store = if turn % 2 == 0 { store } else { indexed };
        let (time, ()) = timed(|| by.revoke(&issuer(), &serial, &revocation, &samples::acting()))?;
        spent[turn % 2] += time;
        done[turn % 2] += 1;
    }
    let each = |turn: usize| spent[turn].as_secs_f64() * 1e6 / f64::from(done[turn].max(1));
    println!("  revoke, store alone {:>10.0} us", each(0));
    println!("  revoke, indexed     {:>10.0} us", each(1));
    Ok(())
}

fn timed<T, E>(act: impl FnOnce() -> Result<T, E>) -> Result<(Duration, T), E> {
    let begin = Instant::now();
    let done = act()?;
    Ok((begin.elapsed(), done))
}

/// Memory of this process, in octets (proc(5): the second number of statm is pages).
fn resident() -> Result<u64> {
    let text = fs::read_to_string("/proc/self/statm")?;
    let pages = text.split(' ').nth(1).context("statm")?;
    Ok(pages.parse::<u64>()? * 4096)
}

/// Any time will do.
const NOW: UnixTime = UnixTime::from_secs(1_795_352_400);
const QUESTIONS: u64 = 1_000_000;
const REVOCATIONS: usize = 400;
